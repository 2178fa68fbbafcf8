/* archive.c DOOR KEY BROKER FILE - keep all that ever happened in a file, a JSON object a line.
 *
 * Started again it goes on behind the last whole line.
 *
 *     cc -o archive archive.c $(pkg-config --cflags --libs kith) */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/client/kith.h" /* installed: <kith.h> */

/* The sequence of the last whole line; what follows that line is cut off. */
static uint64_t s_last(FILE *file)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    off_t whole = 0;
    uint64_t seq = 0;
    while ((len = getline(&line, &size, file)) > 0 && line[len - 1] == '\n') {
        kith_number(line, "seq", &seq);
        whole += len;
    }
    free(line);
    if (ftruncate(fileno(file), whole) != 0)
        perror("archive");
    return seq;
}

static int s_keep(FILE *file, const kith_event_t *event)
{
    int len =
        fprintf(file,
                "{\"type\": \"%s\", \"seq\": %" PRIu64 ", \"time\": %" PRId64 ", \"room\": %" PRIu64
                ", \"account\": %" PRIu64 ", \"body\": %s}\n",
                event->type, event->seq, event->time_us, event->room, event->account, event->body);
    return len > 0 ? KITH_OK : KITH_WRONG;
}

static int s_sync(FILE *file)
{
    return fflush(file) == 0 && fsync(fileno(file)) == 0 ? KITH_OK : KITH_WRONG;
}

/* Once nothing more has come for the moment, all that did goes to the disk. */
static int s_archive(kith_t *bot, FILE *file)
{
    kith_event_t event;
    bool synced = true;
    int outcome = KITH_OK;
    while (outcome == KITH_OK) {
        int heard = kith_next(bot, synced ? -1 : 0, &event);
        if (heard < KITH_OK)
            return heard;
        synced = heard == KITH_OK;
        if (synced)
            outcome = s_sync(file);
        else if (event.seq > 0) /* 0: it is not recorded */
            outcome = s_keep(file, &event);
    }
    return outcome;
}

int main(int argc, char **argv)
{
    kith_t *bot = NULL;
    FILE *file = argc == 5 ? fopen(argv[4], "a+") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: archive DOOR KEY BROKER FILE\n");
        return 2;
    }
    kith_options_t options = {.door = argv[1], .key = argv[2], .broker_key = argv[3]};
    uint64_t last = s_last(file);
    int outcome = kith_connect(&options, &bot);
    if (outcome == KITH_OK)
        outcome = kith_follow(bot, last, NULL);
    if (outcome == KITH_OK)
        outcome = s_archive(bot, file);
    fprintf(stderr, "archive: %d %s %s\n", outcome, kith_status(bot), kith_detail(bot));
    kith_close(&bot);
    fclose(file);
    return 1;
}
