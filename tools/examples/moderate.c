/* moderate.c DOOR KEY BROKER WORD - let no message pass that has the word.
 *
 *     cc -o moderate moderate.c $(pkg-config --cflags --libs kith) */
#include <stdio.h>
#include <string.h>

#include "tools/client/kith.h" /* installed: <kith.h> */

enum { TEXT_SIZE = 4 * 16384 + 1 };

static int s_on_event(void *ctx, kith_t *bot, const kith_event_t *event)
{
    static char text[TEXT_SIZE];
    const char *word = ctx;
    if (event->ticket == 0)
        return 0;
    if (kith_text(event->body, "text", text, sizeof text) && strstr(text, word) != NULL)
        return kith_veto(bot, event->ticket, "this is not said here");
    return kith_allow(bot, event->ticket);
}

int main(int argc, char **argv)
{
    kith_t *bot = NULL;
    if (argc != 5) {
        fprintf(stderr, "usage: moderate DOOR KEY BROKER WORD\n");
        return 2;
    }
    kith_options_t options = {.door = argv[1], .key = argv[2], .broker_key = argv[3]};
    int outcome = kith_connect(&options, &bot);
    if (outcome == KITH_OK)
        outcome = kith_judge(bot, NULL, 0);
    if (outcome == KITH_OK)
        outcome = kith_run(bot, s_on_event, argv[4]);
    fprintf(stderr, "moderate: %d %s %s\n", outcome, kith_status(bot), kith_detail(bot));
    kith_close(&bot);
    return 1;
}
