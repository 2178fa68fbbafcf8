/* main.c - kith-seal: what it costs that the journal has what is personal sealed.
 *
 *   kith-seal FOLDER [ROUNDS]
 *
 * Each round writes messages of 100 letters into two fresh journals, and reads them back: in
 * the one they have an author, in the other they are nobody's, so nothing in them is sealed, as
 * it was before there were keys.  Which goes first changes from round to round.  Printed are
 * medians of records for each second of the thread's processor time, and microseconds of it a
 * record, whatever else the machine does.  Appends are of 64 records, unsynced.  The folder is
 * emptied again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/clock.h"
#include "actors/crypto.h"
#include "broker/journal.h"
#include "schema/codec.h"
#include "schema/envelope.h"

enum { RECORDS = 64 * 1500, BATCH = 64, ACCOUNTS = 1000, ROUNDS_MAX = 99, PAGE = 256 * 1024 };

typedef struct figures {
    double append[ROUNDS_MAX]; /* records a second */
    double read[ROUNDS_MAX];
} figures_t;

static void s_must(err_t err, const char *what)
{
    if (err == ERR_OK)
        return;
    fprintf(stderr, "kith-seal: %s: %s\n", what, err_info(err)->name);
    exit(EXIT_FAILURE);
}

static void s_put_message(buf_t *out, uint64_t seq, uint64_t sender)
{
    static const char text[] = "The quick brown fox jumps over the lazy dog, and the lazy dog does "
                               "nothing about it, as lazy dogs do.";
    const message_t message = {
        .id = seq,
        .room = 1 + seq % 100,
        .seq = seq,
        .sender = 1 + seq % ACCOUNTS,
        .login = SLICE_LIT("somebody"),
        .username = SLICE_LIT("Somebody Else"),
        .text = SLICE_LIT(text),
        .time = (int64_t)seq,
        .client_id = SLICE_LIT("0123456789abcdef"),
        .uuid = SLICE_LIT("00000000-0000-0000-0000-000000000000"),
    };
    const record_t record = {
        .type = EVENT_room_posted,
        .version = 1,
        .seq = seq,
        .epoch = 1,
        .actor = owner_ROOM,
        .time = (int64_t)seq,
        .principal = sender,
        .room = message.room,
        .client_id = message.client_id,
    };
    record_begin(out, &record);
    codec_pack(out, shape_room_posted_event(), &(room_posted_event_t){&message});
    record_end(out);
}

static double s_append_all(journal_t *journal, bool sealed)
{
    buf_t batch = {0};
    int64_t took = 0;
    for (uint64_t seq = 0; seq < RECORDS; seq += BATCH) {
        batch.len = 0;
        for (uint64_t next = seq + 1; next <= seq + BATCH; next++)
            s_put_message(&batch, next, sealed ? 1 + next % ACCOUNTS : 0);
        int64_t start = clock_us(CLOCK_THREAD_CPUTIME_ID);
        s_must(journal_append(journal, batch.data, batch.len, seq), "appending");
        took += clock_us(CLOCK_THREAD_CPUTIME_ID) - start;
    }
    buf_free(&batch);
    return RECORDS / (double)took * 1e6;
}

static double s_read_all(journal_t *journal)
{
    buf_t page = {0};
    int64_t start = clock_us(CLOCK_THREAD_CPUTIME_ID);
    for (uint64_t next = 1; next <= journal_head(journal);) {
        page.len = 0;
        s_must(journal_read(journal, next, PAGE, &page, &next), "reading");
    }
    buf_free(&page);
    return RECORDS / (double)(clock_us(CLOCK_THREAD_CPUTIME_ID) - start) * 1e6;
}

/* Everything in the folder is this program's. */
static void s_empty(const char *folder)
{
    char command[1024];
    snprintf(command, sizeof command, "rm -rf -- '%s'/kith-seal", folder);
    if (system(command) != 0) /* NOLINT(cert-env33-c): a fixed program on a folder of ours */
        fprintf(stderr, "kith-seal: %s/kith-seal is left behind\n", folder);
}

static void s_measure(const char *folder, bool sealed, int round, figures_t *figures)
{
    char data[512], path[600];
    journal_t *journal = NULL;
    snprintf(data, sizeof data, "%s/kith-seal", folder);
    snprintf(path, sizeof path, "%s/journal", data);
    if (mkdir(data, 0700) != 0)
        s_must(ERR_STORAGE, data);
    s_must(journal_open(path, &(journal_options_t){.unsynced = true}, &journal), "opening");
    figures->append[round] = s_append_all(journal, sealed);
    figures->read[round] = s_read_all(journal);
    journal_close(&journal);
    s_empty(folder);
}

static int s_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double s_median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, s_compare);
    return values[count / 2];
}

static void s_print(const char *what, double plain, double sealed)
{
    printf("%-8s %10.0f %10.0f %8.2f\n", what, plain, sealed, 1e6 / sealed - 1e6 / plain);
}

int main(int argc, char **argv)
{
    static figures_t plain, sealed;
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX || crypto_start() != ERR_OK) {
        fprintf(stderr, "usage: kith-seal FOLDER [ROUNDS]\n");
        return 2;
    }
    for (int round = 0; round < rounds; round++) {
        s_measure(argv[1], round % 2 == 0, round, round % 2 == 0 ? &sealed : &plain);
        s_measure(argv[1], round % 2 != 0, round, round % 2 != 0 ? &sealed : &plain);
    }
    printf("%-8s %10s %10s %8s\n", "rec/cpu-s", "plain", "sealed", "us each");
    s_print("append", s_median(plain.append, rounds), s_median(sealed.append, rounds));
    s_print("read", s_median(plain.read, rounds), s_median(sealed.read, rounds));
    return 0;
}
