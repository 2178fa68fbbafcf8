/* main.c - kith-search: how long a search takes at the server.
 *
 *   kith-search DIR MESSAGES     DIR is made and kept; one that is there is asked again
 *
 * The actor's own stage applies MESSAGES messages and then answers questions, one after the
 * other, as it does behind the bus: from the call's bytes to the reply's.  Half of what is
 * said is said in room 1, the rest in ROOMS others, a few messages in the quiet room. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "actors/crypto.h"
#include "actors/stage.h"
#include "tools/bench/latency.h"
#include "tests/bench/search/talk.h"

enum {
    EXIT_USAGE = 2,
    ROOMS = 1000,
    QUIET = ROOMS + 1,
    QUIET_EVERY = 50 * 1000,       /* messages */
    LONE = 1000,                   /* the account that is in none but the quiet room */
    BUSY,                          /* only in room 1 */
    SOME,                          /* in 100 rooms, not in room 1 */
    ALL,                           /* in all of them */
    QUESTIONS = 300,               /* of a kind */
    FLUSH_BYTES = 4 * 1024 * 1024, /* as in actors/actor.c */
    DEADLINE_MS = 20,
};

/* Said in every message of room 1, and nowhere else. */
#define LOUD "hallelujah"

typedef struct bench {
    store_t *store;
    stage_t *stage;
    talk_t talk;
    buf_t bytes;
    buf_t text;
    uint64_t seq;
    uint64_t seqs[QUIET + 1];
    unsigned messages;
} bench_t;

static void s_must(err_t err)
{
    if (err == ERR_OK)
        return;
    fprintf(stderr, "kith-search: %s\n", err_info(err)->sentence);
    exit(EXIT_FAILURE);
}

static int64_t s_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- filling ---- */

static void s_tell(bench_t *bench, event_number_t event, const void *body)
{
    const event_type_t *type = event_type((uint16_t)event);
    record_t record = {.type = type->number, .version = 1, .actor = owner_ROOM, .time = 1};
    buf_reset(&bench->bytes);
    record_begin(&bench->bytes, &record);
    codec_pack(&bench->bytes, type->shape(), body);
    record_end(&bench->bytes);
    record_number(bench->bytes.data, ++bench->seq, 1);
    slice_t in = buf_slice(&bench->bytes);
    s_must(record_read(&in, &record));
    s_must(stage_record(bench->stage, &record));
    if (store_waiting(bench->store) > FLUSH_BYTES)
        s_must(stage_flush(bench->stage));
}

static void s_join(bench_t *bench, uint64_t account, uint64_t room)
{
    membership_t member = {.room = room, .account = account, .role = room_role_MEMBER, .joined = 1};
    s_tell(bench, EVENT_room_joined, &(room_joined_event_t){.member = &member});
}

static uint64_t s_room(bench_t *bench, unsigned number)
{
    if (number % QUIET_EVERY == 0)
        return QUIET;
    return number % 2 ? 1 : 2 + talk_number(&bench->talk, ROOMS - 1);
}

static void s_say(bench_t *bench, unsigned number)
{
    uint64_t room = s_room(bench, number);
    buf_reset(&bench->text);
    talk_message(&bench->talk, &bench->text, number);
    if (room == 1)
        buf_append_text(&bench->text, " " LOUD);
    message_t message = {
        .id = number,
        .room = room,
        .seq = ++bench->seqs[room],
        .sender = 1 + number % 500,
        .login = SLICE_LIT("somebody"),
        .username = SLICE_LIT("Somebody"),
        .text = buf_slice(&bench->text),
        .time = 1790000000000000 + number,
        .client_id = SLICE_LIT("c-0123456789"),
    };
    s_tell(bench, EVENT_room_posted, &(room_posted_event_t){.message = &message});
}

static void s_fill(bench_t *bench)
{
    int64_t begun = s_now_ns();
    s_join(bench, LONE, QUIET);
    s_join(bench, BUSY, 1);
    for (uint64_t room = 2; room <= 101; room++)
        s_join(bench, SOME, room);
    for (uint64_t room = 1; room <= ROOMS; room++)
        s_join(bench, ALL, room);
    for (unsigned number = 1; number <= bench->messages; number++)
        s_say(bench, number);
    s_must(stage_flush(bench->stage));
    double seconds = (double)(s_now_ns() - begun) / 1e9;
    printf("indexed %u messages in %.1f s: %.0f a second, on one thread\n\n", bench->messages,
           seconds, bench->messages / seconds);
}

/* ---- asking ---- */

static void s_common(bench_t *bench)
{
    buf_append_text(&bench->text, TALK_COMMON);
}

static void s_word(bench_t *bench)
{
    talk_word(&bench->talk, &bench->text);
}

static void s_rare(bench_t *bench)
{
    talk_rank(&bench->text, 50 * 1000 + talk_number(&bench->talk, 40 * 1000));
}

static void s_unique(bench_t *bench)
{
    talk_unique(&bench->text, 4 * (unsigned)talk_number(&bench->talk, bench->messages / 4));
}

static void s_unique_beginning(bench_t *bench)
{
    buf_append_text(&bench->text, "n");
}

static void s_letter(bench_t *bench)
{
    buf_append_byte(&bench->text, (uint8_t)('a' + talk_number(&bench->talk, 26)));
}

static void s_two_words(bench_t *bench)
{
    s_word(bench);
    buf_append_byte(&bench->text, ' ');
    s_word(bench);
}

static void s_five_words(bench_t *bench)
{
    for (int i = 0; i < 5; i++) {
        s_word(bench);
        buf_append_byte(&bench->text, ' ');
    }
}

static void s_beginning(bench_t *bench)
{
    s_word(bench);
    bench->text.len = bench->text.len > 3 ? 3 : bench->text.len;
}

static void s_loud(bench_t *bench)
{
    buf_append_text(&bench->text, LOUD);
}

static void s_nothing(bench_t *bench)
{
    buf_append_text(&bench->text, "the n zzz");
}

static const struct kind {
    const char *name;
    void (*make)(bench_t *bench);
} s_kinds[] = {
    {"a word of every message", s_common},
    {"a word of room 1 alone", s_loud},
    {"a word, often or seldom", s_word},
    {"a rare word", s_rare},
    {"a word of one message", s_unique},
    {"a beginning of 250,000 words", s_unique_beginning},
    {"one letter", s_letter},
    {"three letters", s_beginning},
    {"two words", s_two_words},
    {"five words", s_five_words},
    {"two of all, one of none", s_nothing},
};

static const struct asker {
    const char *name;
    uint64_t account;
} s_askers[] = {
    {"1 quiet room", LONE},
    {"1 room of half", BUSY},
    {"100 rooms", SOME},
    {"1,000 rooms", ALL},
};

/* One question; how many hits, and whether it has been answered whole. */
static uint64_t s_ask(bench_t *bench, uint64_t account, arena_t *arena)
{
    call_t call = {.type = CALL_search_messages, .corr = 1, .principal = account, .session = 1};
    search_messages_call_t wish = {.text = buf_slice(&bench->text)};
    buf_reset(&bench->bytes);
    call_begin(&bench->bytes, &call);
    codec_pack(&bench->bytes, shape_search_messages_call(), &wish);
    slice_t in = buf_slice(&bench->bytes);
    s_must(call_read(&in, &call));
    stage_call(bench->stage, &call);

    reply_t reply;
    fault_t fault;
    const void *body;
    slice_t out = buf_slice(stage_out(bench->stage));
    s_must(reply_read(&out, &reply));
    s_must(reply.status);
    arena_reset(arena);
    s_must(codec_unpack(reply.body, shape_hit_list(), arena, &fault, &body));
    buf_reset(stage_out(bench->stage));
    return ((const hit_list_t *)body)->messages.count;
}

/* A line of the table; whether its p99 is below the deadline. */
static bool s_measure(bench_t *bench, const struct kind *kind, const struct asker *asker)
{
    static latency_t times;
    uint64_t hits = 0;
    arena_t *arena = arena_new();
    latency_reset(&times);
    for (int i = 0; i < QUESTIONS; i++) {
        buf_reset(&bench->text);
        kind->make(bench);
        int64_t begun = s_now_ns();
        hits += s_ask(bench, asker->account, arena);
        latency_add(&times, (uint64_t)(s_now_ns() - begun));
    }
    arena_destroy(&arena);
    double p99 = (double)latency_at(&times, 0.99) / 1e6;
    printf("| %s | %s | %.1f | %.2f | %.2f | %.2f |\n", kind->name, asker->name,
           (double)hits / QUESTIONS, (double)latency_at(&times, 0.5) / 1e6, p99,
           (double)times.max_ns / 1e6);
    return p99 < DEADLINE_MS;
}

static bool s_ask_all(bench_t *bench)
{
    bool met = true;
    printf("| asked for | by somebody in | hits | p50 ms | p99 ms | max ms |\n"
           "|---|---|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < sizeof s_kinds / sizeof *s_kinds; i++)
        for (size_t j = 0; j < sizeof s_askers / sizeof *s_askers; j++)
            met = s_measure(bench, &s_kinds[i], &s_askers[j]) && met;
    printf("\np99 below %d ms: %s\n", DEADLINE_MS, met ? "met" : "MISSED");
    return met;
}

int main(int argc, char **argv)
{
    bench_t bench = {.talk = {1}};
    if (argc != 3) {
        fprintf(stderr, "usage: kith-search DIR MESSAGES (see tests/bench/search/run)\n");
        return EXIT_USAGE;
    }
    s_must(crypto_start());
    bench.messages = (unsigned)strtoul(argv[2], NULL, 10);
    s_must(store_open(argv[1], &bench.store));
    s_must(store_expect(bench.store, search_actor.format));
    bench.stage = stage_new(&search_actor, bench.store);
    if (store_applied(bench.store) == 0)
        s_fill(&bench);
    bool met = s_ask_all(&bench);
    stage_destroy(&bench.stage);
    store_close(&bench.store);
    buf_free(&bench.bytes);
    buf_free(&bench.text);
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
