/* room_scale_test.c - one large room, and one person in many: what each operation takes.
 *
 * As a test it is small, and holds every median to 5 ms (one to 10).  As a measure it is run by
 * tests/bench/room/run, which gives the size in ROOM_SCALE ("messages rooms members") and
 * gets a table.  An operation is timed in the actor alone: from a call to its decision or
 * reply, on a store of this size that was just opened. */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "schema/mem.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOWNESS = 20 }; /* of a build that checks each byte it touches */
#else
enum { SLOWNESS = 1 };
#endif

enum {
    FLUSH_BYTES = 4 * 1024 * 1024, /* settled values that may wait, as in actors/actor.c */
    TIMES = 300,                   /* that each operation is done */
    BOUND_US = 5000 * SLOWNESS,
    OWNER = 1,
    BUSY = 2, /* is in all rooms, and mentioned in each */
    CALM = 3, /* is in all of them, too, and was not mentioned since */
    EMOJI_SEQ = 7,
    ROOT_SEQ = 9,
};

typedef struct scale {
    uint64_t messages; /* in the large room */
    uint64_t rooms;    /* of the person */
    uint64_t members;  /* of the large room */
    staging_t *at;
    uint64_t large;
    uint64_t first_room; /* of the others */
    uint64_t last_id;    /* of a message in the middle of the large room */
    int64_t middle_time;
    double wall;         /* µs by the clock, of the last operation */
    double took[TIMES];  /* µs of the processor */
    double walls[TIMES]; /* µs by the clock */
} scale_t;

/* ---- the scene ---- */

static void s_settle(scale_t *scale)
{
    staging_commit(scale->at);
    buf_reset(&scale->at->journal); /* nobody replays it here */
    if (store_waiting(scale->at->store) > FLUSH_BYTES)
        assert_int_equal(stage_flush(scale->at->stage), ERR_OK);
}

static const outcome_t *s_done(scale_t *scale, const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    buf_reset(&scale->at->journal);
    if (store_waiting(scale->at->store) > FLUSH_BYTES)
        assert_int_equal(stage_flush(scale->at->stage), ERR_OK);
    return outcome;
}

static uint64_t s_member(const scale_t *scale, uint64_t number)
{
    return 1 + number % scale->members;
}

static void s_sign_up(scale_t *scale)
{
    char login[24];
    for (uint64_t account = 1; account <= scale->members; account++) {
        snprintf(login, sizeof login, "member%d", (int)account);
        staging_tell(scale->at, EVENT_account_registered, account,
                     &(account_registered_event_t){
                         .id = account, .login = slice_of(login), .username = slice_of(login)});
    }
}

static uint64_t s_make_room(scale_t *scale)
{
    const outcome_t *made = ASK(scale->at, OWNER, room_create, .kind = room_kind_OPEN);
    return ((const room_t *)s_done(scale, made)->answer)->id;
}

static void s_fill_large(scale_t *scale)
{
    staging_t *at = scale->at;
    scale->large = s_make_room(scale);
    for (uint64_t account = 2; account <= scale->members; account++)
        s_done(scale, ASK(at, account, room_join, .room = scale->large));
    for (uint64_t i = 1; i <= scale->messages; i++) {
        bool special = i % 100 == 0;
        const outcome_t *said =
            ASK(at, special ? OWNER : s_member(scale, i), room_post, .room = scale->large,
                .text = special && i % 200 == 0 ? SLICE_LIT("@everyone come and look at this")
                        : special               ? SLICE_LIT("@member2 come and look at this")
                                                : SLICE_LIT("a text of about as many letters"),
                .thread = i > ROOT_SEQ && i % 20 == 0 ? ROOT_SEQ : 0);
        scale->last_id = ((const message_t *)s_done(scale, said)->answer)->id;
        if (i == scale->messages / 2)
            scale->middle_time = at->now;
    }
    for (uint64_t account = 1; account <= scale->members; account++)
        s_done(scale, ASK(at, account, message_react, .room = scale->large, .seq = EMOJI_SEQ,
                          .emoji = SLICE_LIT("+")));
}

static void s_fill_others(scale_t *scale)
{
    for (uint64_t i = 0; i < scale->rooms; i++) {
        uint64_t room = s_make_room(scale);
        scale->first_room = i == 0 ? room : scale->first_room;
        s_done(scale, ASK(scale->at, BUSY, room_join, .room = room));
        for (uint64_t n = 0; n < 5; n++)
            s_done(scale, ASK(scale->at, OWNER, room_post, .room = room,
                              .text = n % 2 > 0 ? SLICE_LIT("@member2") : SLICE_LIT("@room")));
        s_done(scale, ASK(scale->at, CALM, room_join, .room = room));
        for (uint64_t n = 0; n < 5; n++)
            s_done(scale, ASK(scale->at, OWNER, room_post, .room = room,
                              .text = SLICE_LIT("a text of about as many letters")));
    }
}

/* ---- operations ---- */

static double s_now_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Ask, and say how much of the processor the actor took: others may be at work here. */
static double s_time(scale_t *scale, uint64_t who, call_number_t call, const void *body)
{
    scale->at->principal = who;
    scale->at->now += 1000;
    double wall = s_now_us(CLOCK_MONOTONIC), start = s_now_us(CLOCK_THREAD_CPUTIME_ID);
    staging_send(scale->at, call, body);
    double took = s_now_us(CLOCK_THREAD_CPUTIME_ID) - start;
    scale->wall = s_now_us(CLOCK_MONOTONIC) - wall;
    s_settle(scale);
    assert_int_equal(scale->at->outcomes[0].status, ERR_OK);
    return took;
}

#define TIME(scale, who, call, ...) \
    s_time((scale), (who), CALL_##call, &(call##_call_t){__VA_ARGS__})

static uint64_t s_any_seq(const scale_t *scale)
{
    return 1 + (uint64_t)random() % scale->messages;
}

static double s_post(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, s_member(scale, (uint64_t)random()), room_post, .room = scale->large,
                .text = SLICE_LIT("a text of about as many letters"));
}

static double s_post_with_id(scale_t *scale, unsigned i)
{
    char client_id[24];
    snprintf(client_id, sizeof client_id, "client-%u", i);
    return TIME(scale, s_member(scale, (uint64_t)random()), room_post, .room = scale->large,
                .text = SLICE_LIT("a text of about as many letters"),
                .client_id = slice_of(client_id));
}

static double s_post_mentions(scale_t *scale, unsigned i)
{
    char text[1024] = "";
    for (unsigned n = 0; n < LIMIT_MENTIONS; n++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "@member%u ",
                 (unsigned)s_member(scale, i + n * 7));
    return TIME(scale, OWNER, room_post, .room = scale->large, .text = slice_of(text));
}

static double s_post_in_thread(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, OWNER, room_post, .room = scale->large, .thread = ROOT_SEQ,
                .text = SLICE_LIT("a text of about as many letters"));
}

static double s_edit(scale_t *scale, unsigned i)
{
    char text[32];
    snprintf(text, sizeof text, "edited %u", i);
    return TIME(scale, OWNER, message_edit, .room = scale->large,
                .seq = 100 * (1 + i % (unsigned)(scale->messages / 100)), .text = slice_of(text));
}

static double s_delete(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, OWNER, message_delete, .room = scale->large,
                .seq = 1 + scale->messages / 2 + (uint64_t)random() % (scale->messages / 2));
}

static double s_react(scale_t *scale, unsigned i)
{
    return TIME(scale, s_member(scale, i), message_react, .room = scale->large,
                .seq = 1 + i % (unsigned)(scale->messages / 2), .emoji = SLICE_LIT("-"));
}

static double s_react_again(scale_t *scale, unsigned i)
{
    if (i % 2 > 0)
        return TIME(scale, BUSY, message_react, .room = scale->large, .seq = EMOJI_SEQ,
                    .emoji = SLICE_LIT("+"));
    return TIME(scale, BUSY, message_unreact, .room = scale->large, .seq = EMOJI_SEQ,
                .emoji = SLICE_LIT("+"));
}

static double s_pin(scale_t *scale, unsigned i)
{
    uint64_t seq = 1 + i / 2;
    if (i % 6 == 5) /* two of three stay */
        return TIME(scale, OWNER, message_unpin, .room = scale->large, .seq = seq);
    return TIME(scale, OWNER, message_pin, .room = scale->large, .seq = 1 + seq % 90);
}

static double s_read(scale_t *scale, unsigned i)
{
    return TIME(scale, s_member(scale, i), room_read, .room = scale->large, .seq = scale->messages);
}

static double s_get(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, BUSY, message_get, .room = scale->large, .seq = s_any_seq(scale));
}

static double s_newest(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, BUSY, room_history, .room = scale->large);
}

static double s_before(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, BUSY, room_history, .room = scale->large, .before = s_any_seq(scale));
}

static double s_before_id(scale_t *scale, unsigned i)
{
    return TIME(scale, BUSY, room_history, .room = scale->large, .before_id = scale->last_id - i);
}

static double s_around(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, BUSY, room_history, .room = scale->large, .around = s_any_seq(scale));
}

static double s_since(scale_t *scale, unsigned i)
{
    return TIME(scale, BUSY, room_history, .room = scale->large, .since = scale->middle_time + i);
}

static double s_long_page(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, BUSY, room_history, .room = scale->large, .before = s_any_seq(scale),
                .limit = 1000);
}

static double s_thread(scale_t *scale, unsigned i)
{
    return TIME(scale, BUSY, room_thread, .room = scale->large, .seq = ROOT_SEQ, .after = i * 20);
}

static double s_pins(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, BUSY, room_pins, .room = scale->large);
}

static double s_reactors(scale_t *scale, unsigned i)
{
    return TIME(scale, BUSY, message_reactors, .room = scale->large, .seq = EMOJI_SEQ,
                .emoji = SLICE_LIT("+"), .after = i);
}

static double s_readers(scale_t *scale, unsigned i)
{
    return TIME(scale, BUSY, room_readers, .room = scale->large, .after = i);
}

static double s_unread(scale_t *scale, unsigned i)
{
    return TIME(scale, BUSY, room_unread, .after = scale->large + i);
}

static double s_unread_all(scale_t *scale, unsigned i)
{
    (void)i;
    return TIME(scale, BUSY, room_unread, .limit = LIMIT_UNREAD_PAGE);
}

/* A page after the other: rooms have ascending numbers. */
static double s_unread_calm(scale_t *scale, unsigned i)
{
    double took = 0;
    uint64_t listed = 0;
    (void)i;
    while (listed < scale->rooms) {
        took += TIME(scale, CALM, room_unread, .after = scale->first_room - 1 + listed,
                     .limit = LIMIT_UNREAD_PAGE);
        const unread_list_t *page = scale->at->outcomes[0].answer;
        assert_true(page->rooms.count > 0);
        listed += page->rooms.count;
    }
    return took;
}

static double s_unread_one(scale_t *scale, unsigned i)
{
    return TIME(scale, s_member(scale, i), room_unread, .room = scale->large);
}

static const struct {
    const char *name;
    double (*once)(scale_t *scale, unsigned i);
    int more; /* bounds that it is allowed besides the one */
} s_operations[] = {
    {"room.post", s_post, 0},
    {"room.post, with a client id", s_post_with_id, 0},
    {"room.post, 50 mentions", s_post_mentions, 0},
    {"room.post, in a thread", s_post_in_thread, 0},
    {"message.edit", s_edit, 0},
    {"message.delete", s_delete, 0},
    {"message.react", s_react, 0},
    {"message.react, all have done so", s_react_again, 0},
    {"message.pin", s_pin, 0},
    {"message.get", s_get, 0},
    {"room.history, newest 50", s_newest, 0},
    {"room.history, before", s_before, 0},
    {"room.history, before_id", s_before_id, 0},
    {"room.history, around", s_around, 0},
    {"room.history, since", s_since, 0},
    {"room.history, 1,000", s_long_page, 0},
    {"room.thread", s_thread, 0},
    {"room.pins", s_pins, 0},
    {"message.reactors", s_reactors, 0},
    {"room.unread, one room", s_unread_one, 0},
    {"room.unread, all rooms, no mentions", s_unread_calm, 0},
    {"room.unread, 100 rooms, mentions in all", s_unread, 0},
    {"room.unread, 250 rooms, mentions in all", s_unread_all, 1},
    {"room.readers", s_readers, 0},
    {"room.read", s_read, 0},
};

/* ---- the measure ---- */

static int s_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void s_measure(scale_t *scale, size_t operation, bool shown)
{
    for (unsigned i = 0; i < TIMES; i++) {
        scale->took[i] = s_operations[operation].once(scale, i);
        scale->walls[i] = scale->wall;
    }
    qsort(scale->took, TIMES, sizeof scale->took[0], s_compare);
    qsort(scale->walls, TIMES, sizeof scale->walls[0], s_compare);
    double median = scale->took[TIMES / 2], p99 = scale->took[TIMES * 99 / 100];
    if (shown)
        print_message("| %s | %.0f | %.0f | %.0f |\n", s_operations[operation].name, median, p99,
                      scale->walls[TIMES * 99 / 100]);
    assert_true(median < (1 + s_operations[operation].more) * BOUND_US);
}

static void s_test_every_operation_is_quick(void **state)
{
    scale_t scale = {.messages = 20000, .rooms = 100, .members = 500};
    const char *size = getenv("ROOM_SCALE");
    unsigned long long messages, rooms, members;
    (void)state;
    if (size != NULL && sscanf(size, "%llu %llu %llu", &messages, &rooms, &members) == 3)
        scale = (scale_t){.messages = messages, .rooms = rooms, .members = members};
    srandom(1);
    scale.at = staging_new(&room_actor);
    s_sign_up(&scale);
    s_fill_large(&scale);
    s_fill_others(&scale);
    staging_restart(scale.at);
    if (size != NULL)
        print_message("| operation | CPU median | p99 | clock p99 |\n|---|---:|---:|---:|\n");
    for (size_t i = 0; i < COUNT_OF(s_operations); i++)
        s_measure(&scale, i, size != NULL);
    staging_destroy(&scale.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_every_operation_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
