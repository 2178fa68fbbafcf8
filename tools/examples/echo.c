/* echo.c DOOR KEY BROKER - say again what follows /echo, in all rooms that the bot is in.
 *
 *     cc -o echo echo.c $(pkg-config --cflags --libs kith) */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/client/kith.h" /* installed: <kith.h> */

enum { TEXT_SIZE = 4 * 16384 };

/* The client id is made of the event, so that what is heard again is answered once. */
static int s_echo(kith_t *bot, const kith_event_t *event, const char *words)
{
    static char quoted[TEXT_SIZE], body[TEXT_SIZE + 128];
    if (!kith_quote(words, quoted, sizeof quoted))
        return 0;
    snprintf(body, sizeof body,
             "{\"room\":%" PRIu64 ",\"text\":%s,\"client_id\":\"echo-%" PRIu64 "\"}", event->room,
             quoted, event->seq);
    int outcome = kith_call(bot, "room.post", body, NULL);
    return outcome == KITH_REFUSED ? 0 : outcome; /* this room does not want it */
}

static int s_on_event(void *ctx, kith_t *bot, const kith_event_t *event)
{
    static char command[16], words[TEXT_SIZE];
    (void)ctx;
    if (!kith_text(event->body, "command", command, sizeof command) ||
        strcmp(command, "echo") != 0 || !kith_text(event->body, "words", words, sizeof words))
        return 0;
    return s_echo(bot, event, words);
}

int main(int argc, char **argv)
{
    kith_t *bot = NULL;
    if (argc != 4) {
        fprintf(stderr, "usage: echo DOOR KEY BROKER\n");
        return 2;
    }
    kith_options_t options = {.door = argv[1], .key = argv[2], .broker_key = argv[3]};
    int outcome = kith_connect(&options, &bot);
    if (outcome == KITH_OK)
        outcome = kith_follow(bot, kith_head(bot), "bot.called");
    if (outcome == KITH_OK)
        outcome = kith_run(bot, s_on_event, NULL);
    fprintf(stderr, "echo: %d %s %s\n", outcome, kith_status(bot), kith_detail(bot));
    kith_close(&bot);
    return 1;
}
