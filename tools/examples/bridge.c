/* bridge.c DOOR KEY BROKER ROOM DOOR KEY BROKER ROOM - say in the second room, which may be another
 * server's, what others say in the first; for both ways run it twice.
 *
 *     cc -o bridge bridge.c $(pkg-config --cflags --libs kith) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/client/kith.h" /* installed: <kith.h> */

enum { TEXT_SIZE = 4 * 16384, NAME_SIZE = 256 };

typedef struct bridge {
    uint64_t from; /* rooms */
    uint64_t to;
    kith_t *there;
} bridge_t;

static int s_carry(const bridge_t *bridge, uint64_t seq, const char *name, const char *text)
{
    static char said[TEXT_SIZE + NAME_SIZE + 2], quoted[2 * sizeof said], body[3 * sizeof said];
    snprintf(said, sizeof said, "%s: %s", name, text);
    if (!kith_quote(said, quoted, sizeof quoted))
        return 0;
    snprintf(body, sizeof body,
             "{\"room\":%" PRIu64 ",\"text\":%s,\"client_id\":\"bridge-%" PRIu64 "-%" PRIu64 "\"}",
             bridge->to, quoted, bridge->from, seq);
    return kith_call(bridge->there, "room.post", body, NULL);
}

/* What the bridge itself has said is not carried back. */
static int s_on_event(void *ctx, kith_t *bot, const kith_event_t *event)
{
    static char name[NAME_SIZE], text[TEXT_SIZE];
    const bridge_t *bridge = ctx;
    uint64_t sender;
    if (event->room != bridge->from || !kith_number(event->body, "message.sender", &sender) ||
        sender == kith_account(bot) ||
        !kith_text(event->body, "message.username", name, sizeof name) ||
        !kith_text(event->body, "message.text", text, sizeof text))
        return 0;
    return s_carry(bridge, event->seq, name, text);
}

static int s_connect(char *const *place, kith_t **ret_bot)
{
    kith_options_t options = {.door = place[0], .key = place[1], .broker_key = place[2]};
    int outcome = kith_connect(&options, ret_bot);
    if (outcome != KITH_OK)
        fprintf(stderr, "bridge: %s: %d %s %s\n", place[0], outcome, kith_status(*ret_bot),
                kith_detail(*ret_bot));
    return outcome;
}

int main(int argc, char **argv)
{
    kith_t *here = NULL;
    bridge_t bridge = {0};
    if (argc != 9) {
        fprintf(stderr, "usage: bridge DOOR KEY BROKER ROOM DOOR KEY BROKER ROOM\n");
        return 2;
    }
    bridge.from = strtoull(argv[4], NULL, 10);
    bridge.to = strtoull(argv[8], NULL, 10);
    int outcome = s_connect(argv + 1, &here);
    if (outcome == KITH_OK)
        outcome = s_connect(argv + 5, &bridge.there);
    if (outcome == KITH_OK)
        outcome = kith_follow(here, kith_head(here), "room.posted");
    if (outcome == KITH_OK)
        outcome = kith_run(here, s_on_event, &bridge);
    fprintf(stderr, "bridge: %d\n", outcome);
    kith_close(&here);
    kith_close(&bridge.there);
    return 1;
}
