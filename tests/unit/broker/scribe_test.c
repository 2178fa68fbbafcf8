/* scribe_test.c - router and scribe on a real journal: groups, pages, a full disk.
 *
 * The disk is filled in earnest: a small tmpfs of the test's own, with ballast that is
 * taken away to make room again.  That needs root, and is passed over without. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/level.h"
#include "schema/mem.h"
#include "tests/crash/cuts/disk.h"
#include "tests/unit/broker/routing.h"
#include "tests/unit/scratch.h"

enum { CALLS_MAX = 20000, PATIENCE = 3000, DISK_KB = 64 * 1024, BALLAST = 44 * 1024 * 1024 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    scribe_t *scribe;
    routing_t *routing;
    uint64_t calls;                  /* made so far; each has its number as its account key */
    uint16_t records[CALLS_MAX + 1]; /* behind each */
    err_t status[CALLS_MAX + 1];     /* told; ERR_COUNT_ before */
    uint64_t told;                   /* calls that have their reply */
    uint64_t heard;                  /* sequence of the last record that came live */
    uint64_t deliveries;             /* of the scribe */
} world_t;

/* ---- coming and going ---- */

static void s_path(const world_t *world, const char *name, char ret_path[SCRATCH_PATH_SIZE + 16])
{
    snprintf(ret_path, SCRATCH_PATH_SIZE + 16, "%s/%s", world->folder, name);
}

static journal_t *s_open_journal(const world_t *world)
{
    char path[SCRATCH_PATH_SIZE + 16];
    journal_t *journal = NULL;
    s_path(world, "journal", path);
    assert_int_equal(journal_open(path, &(journal_options_t){0}, &journal), ERR_OK);
    return journal;
}

static void s_start(world_t *world)
{
    journal_t *journal = s_open_journal(world);
    uint64_t head = journal_head(journal), epoch = journal_epoch(journal) + 1;
    assert_int_equal(journal_raise_epoch(journal, epoch), ERR_OK);
    assert_int_equal(scribe_start(&journal, world->folder, &(keeper_options_t){0}, &world->scribe),
                     ERR_OK);
    world->routing = routing_new_on(world->scribe, head, epoch);
    world->heard = head;
    routing_enter(world->routing, EDGE, peer_role_EDGE, 0);
    routing_enter(world->routing, ROOM, peer_role_ACTOR, owner_ROOM);
    routing_ask(world->routing, EDGE, CALL_bus_subscribe, 0, &(bus_subscribe_call_t){});
}

static void s_stop(world_t *world)
{
    scribe_stop(&world->scribe);
    routing_destroy(&world->routing);
}

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    bus_start();
    scratch_make(world->folder);
    s_start(world);
    srandom(1);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    s_stop(world);
    scratch_remove(world->folder);
    mem_free(world);
    return 0;
}

/* ---- calls and what comes of them ---- */

/* Decide a call in a turn of its own. */
static void s_call(world_t *world, uint16_t records, size_t padding)
{
    uint64_t number = ++world->calls;
    assert_true(number <= CALLS_MAX);
    world->records[number] = records;
    world->status[number] = ERR_COUNT_;
    routing_decide(world->routing, ROOM,
                   (made_t){
                       .corr = number,
                       .origin = EDGE,
                       .records = records,
                       .room = 1 + number % 7,
                       .account = number,
                       .padding = padding,
                   });
    routing_send(world->routing, ROOM);
    routing_flush(world->routing);
}

static void s_note(world_t *world, const heard_t *heard)
{
    if (heard->kind == ENVELOPE_RECORD) {
        assert_int_equal(heard->record.seq, world->heard + 1);
        world->heard = heard->record.seq;
    } else if (heard->reply.type == CALL_room_leave) {
        assert_int_equal(world->status[heard->reply.corr], ERR_COUNT_);
        world->status[heard->reply.corr] = heard->reply.status;
        world->told++;
    }
}

/* What the actor must know: the epoch. */
static void s_hear(world_t *world)
{
    heard_t heard;
    while ((heard = routing_hear(world->routing, EDGE)).kind != ENVELOPE_NONE)
        s_note(world, &heard);
    while ((heard = routing_hear(world->routing, ROOM)).kind != ENVELOPE_NONE)
        if (heard.kind == ENVELOPE_RECORD && heard.record.type == EVENT_bus_epoch)
            world->routing->epoch = heard.record.epoch;
}

/* A turn of the broker. */
static void s_turn(world_t *world, int wait_ms)
{
    bus_t *bus = scribe_bus(world->scribe);
    bus_wait(&bus, 1, wait_ms);
    while (scribe_deliver(world->scribe, world->routing->router))
        world->deliveries++;
    routing_flush(world->routing);
    s_hear(world);
}

static void s_settle(world_t *world)
{
    for (int i = 0; i < PATIENCE && world->told < world->calls; i++)
        s_turn(world, 20);
    assert_int_equal(world->told, world->calls);
}

/* What is on disk is what was acknowledged, and nothing that was called unknown. */
static void s_check_disk(world_t *world)
{
    static uint16_t found[CALLS_MAX + 1];
    journal_t *journal = s_open_journal(world);
    buf_t page = {0};
    record_t record;
    memset(found, 0, sizeof found);
    for (uint64_t next = 1; next <= journal_head(journal);) {
        buf_reset(&page);
        assert_int_equal(journal_read(journal, next, 1024 * 1024, &page, &next), ERR_OK);
        for (slice_t in = buf_slice(&page); in.len > 0;) {
            assert_int_equal(record_read(&in, &record), ERR_OK);
            found[record.account]++;
        }
    }
    for (uint64_t call = 1; call <= world->calls; call++)
        assert_int_equal(found[call], world->status[call] == ERR_OK ? world->records[call] : 0);
    buf_free(&page);
    journal_close(&journal);
}

/* ---- tests ---- */

static void s_test_what_is_acknowledged_is_on_disk(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 1000; i++) {
        s_call(world, (uint16_t)(1 + random() % 5), (size_t)(random() % 500));
        if (i % 50 == 0)
            s_settle(world);
    }
    s_settle(world);
    for (uint64_t call = 1; call <= world->calls; call++)
        assert_int_equal(world->status[call], ERR_OK);
    scribe_stop(&world->scribe);
    s_check_disk(world);
    routing_destroy(&world->routing);
    s_start(world);
}

static void s_test_the_last_fsync_sizes_the_next_batch(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 500; i++)
        s_call(world, 1, 100);
    s_settle(world);
    assert_in_range(world->deliveries, 1, 250);
}

static void s_test_what_was_given_is_written_before_the_end(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 300; i++)
        s_call(world, 2, 1000);
    scribe_stop(&world->scribe);
    for (uint64_t call = 1; call <= world->calls; call++)
        world->status[call] = ERR_OK;
    s_check_disk(world);
    routing_destroy(&world->routing);
    s_start(world);
}

/* Read pages until one is complete; counts the records. */
static uint64_t s_read_all(world_t *world, ids_t rooms, uint64_t from)
{
    uint64_t count = 0, last = 0;
    const bus_page_t *page = NULL;
    do {
        heard_t heard = {0};
        bus_read_call_t read = {.from = from, .rooms = rooms};
        routing_call(world->routing, EDGE, CALL_bus_read, 1, 0, &read);
        routing_send(world->routing, EDGE);
        routing_flush(world->routing);
        for (int i = 0; i < PATIENCE && heard.kind != ENVELOPE_REPLY; i++) {
            bus_t *bus = scribe_bus(world->scribe);
            heard = routing_hear(world->routing, EDGE);
            if (heard.kind != ENVELOPE_NONE)
                continue;
            bus_wait(&bus, 1, 20);
            scribe_deliver(world->scribe, world->routing->router);
            routing_flush(world->routing);
        }
        assert_int_equal(heard.reply.status, ERR_OK);
        page = heard.answer;
        record_t record;
        for (slice_t in = page->records; in.len > 0; count++) {
            assert_int_equal(record_read(&in, &record), ERR_OK);
            assert_true(record.seq > last && record.seq >= from);
            last = record.seq;
        }
        from = page->next;
    } while (!page->complete);
    return count;
}

static void s_test_pages_of_the_journal(void **state)
{
    world_t *world = *state;
    char index[SCRATCH_PATH_SIZE + 16];
    const uint64_t rooms[] = {3, 5};
    uint64_t all = 0, keyed = 0;
    for (int i = 0; i < 3000; i++) {
        s_call(world, 2, 200);
        uint64_t room = 1 + world->calls % 7;
        all += 2;
        keyed += room == 3 || room == 5 ? 2 : 0;
    }
    s_settle(world);
    s_stop(world);
    s_start(world); /* nothing in memory */
    assert_int_equal(s_read_all(world, (ids_t){0}, 1), all);
    assert_int_equal(s_read_all(world, (ids_t){rooms, 2}, 1), keyed);
    assert_int_equal(s_read_all(world, (ids_t){0}, all - 9), 10);

    s_stop(world);
    s_path(world, "index", index);
    assert_int_equal(level_destroy(index), ERR_OK);
    s_start(world); /* the index is made again before a page of keys comes */
    assert_int_equal(s_read_all(world, (ids_t){rooms, 2}, 1), keyed);

    s_stop(world);
    s_start(world); /* its log becomes a table */
    s_stop(world);
    scratch_hush();
    scratch_flip(index, ".ldb", 100);
    s_start(world); /* that is damaged: a read meets it, and is served all the same */
    assert_int_equal(s_read_all(world, (ids_t){rooms, 2}, 1), keyed);
    scratch_speak();
}

static void s_put_record(buf_t *out, uint64_t seq, uint64_t epoch)
{
    record_begin(out,
                 &(record_t){.type = EVENT_room_left, .version = 1, .seq = seq, .epoch = epoch});
    codec_pack(out, shape_room_left_event(), &(room_left_event_t){.room = seq, .account = epoch});
    record_end(out);
}

/* An append of a past epoch may lie in the queue before one of the present: it goes alone. */
static void s_test_a_stale_append_takes_no_other_along(void **state)
{
    world_t *world = *state;
    buf_t stale = {0}, fresh = {0};
    uint64_t epoch = world->routing->epoch;
    s_put_record(&stale, 1, epoch - 1);
    s_put_record(&fresh, 1, epoch);
    for (int i = 0; i < 50; i++)
        scribe_append(world->scribe, buf_slice(&stale));
    scribe_append(world->scribe, buf_slice(&fresh));
    for (int i = 0; i < PATIENCE && world->heard < 1; i++)
        s_turn(world, 20);
    assert_int_equal(world->heard, 1);
    buf_free(&stale);
    buf_free(&fresh);
}

/* ---- a disk that refuses ---- */

/* As somebody does who tries again. */
static void s_call_until_done(world_t *world)
{
    for (int i = 0; i < PATIENCE; i++) {
        s_call(world, 1, 10);
        s_settle(world);
        if (world->status[world->calls] == ERR_OK)
            return;
        s_turn(world, 20);
    }
    fail_msg("nothing is taken any more");
}

/* Some call of a commit fails, and another one as the journal is opened anew. */
static void s_refuse(world_t *world, refusal_t kind, size_t nth, refusal_t then, size_t then_nth)
{
    size_t before = disk_refused();
    disk_refuse(kind, nth, EIO);
    disk_refuse(then, then_nth, EIO);
    for (int i = 0; i < 8; i++) {
        s_call(world, 2, 3000);
        if (i % 2 == 1)
            s_settle(world);
    }
    s_settle(world);
    s_call_until_done(world);
    assert_true(disk_refused() > before);
    disk_refuse(kind, 0, 0);
    disk_refuse(then, 0, 0);
}

static void s_test_a_disk_that_refuses_costs_nothing_that_was_acknowledged(void **state)
{
    world_t *world = *state;
    s_stop(world);
    disk_watch(world->folder);
    s_start(world);
    for (size_t nth = 1; nth <= 3; nth++) {
        s_refuse(world, REFUSE_WRITE, nth, REFUSE_OPEN, 0);
        s_refuse(world, REFUSE_SYNC, nth, REFUSE_NAME, 0);
    }
    s_refuse(world, REFUSE_WRITE, 1, REFUSE_OPEN, 1);
    s_refuse(world, REFUSE_WRITE, 1, REFUSE_NAME, 1);
    s_refuse(world, REFUSE_WRITE, 1, REFUSE_SYNC, 1);
    scribe_stop(&world->scribe);
    disk_rest();
    disk_forget();
    s_check_disk(world);
    routing_destroy(&world->routing);
    s_start(world);
}

/* ---- the full disk ---- */

static int s_setup_disk(void **state)
{
    char options[32];
    world_t *world = mem_new(world_t);
    bus_start();
    scratch_make(world->folder);
    snprintf(options, sizeof options, "size=%dk", DISK_KB);
    *state = world;
    if (mount("tmpfs", world->folder, "tmpfs", 0, options) != 0) {
        print_message("no right to mount a tmpfs: the full disk is passed over\n");
        return 0;
    }
    scratch_hush();
    s_start(world);
    return 0;
}

static int s_teardown_disk(void **state)
{
    world_t *world = *state;
    if (world->routing != NULL) {
        s_stop(world);
        scratch_speak();
        umount2(world->folder, MNT_DETACH);
    }
    scratch_remove(world->folder);
    mem_free(world);
    return 0;
}

static void s_ballast(const world_t *world, bool there)
{
    char path[SCRATCH_PATH_SIZE + 16];
    static const char bytes[BALLAST];
    s_path(world, "ballast", path);
    FILE *file = there ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fwrite(bytes, 1, sizeof bytes, file);
        fclose(file);
    } else {
        unlink(path);
    }
}

static uint64_t s_count(const world_t *world, err_t status)
{
    uint64_t count = 0;
    for (uint64_t call = 1; call <= world->calls; call++)
        count += world->status[call] == status;
    return count;
}

/* Calls until the disk takes no more. */
static void s_fill(world_t *world)
{
    uint64_t refused = s_count(world, ERR_UNKNOWN_OUTCOME) + s_count(world, ERR_STORAGE);
    for (int i = 0; i < 4000; i++) {
        s_call(world, (uint16_t)(1 + i % 3), 8000);
        s_turn(world, 5);
        if (s_count(world, ERR_STORAGE) + s_count(world, ERR_UNKNOWN_OUTCOME) > refused + 20)
            return;
    }
    fail_msg("the disk was never full");
}

/* The disk fills up, room is made, and everything goes on, twice. */
static void s_test_a_full_disk(void **state)
{
    world_t *world = *state;
    if (world->routing == NULL) {
        skip();
        return; /* never reached, which not every checker knows */
    }
    for (int times = 0; times < 2; times++) {
        uint64_t epoch = world->routing->epoch;
        s_ballast(world, true);
        s_fill(world);
        uint64_t head = world->heard, done = s_count(world, ERR_OK);

        s_ballast(world, false);
        s_settle(world);
        for (int i = 0; i < 200 && s_count(world, ERR_OK) < done + 50; i++) {
            s_call(world, 1, 10);
            s_settle(world);
            s_turn(world, 20);
        }
        assert_true(s_count(world, ERR_OK) >= done + 50);
        assert_true(world->routing->epoch > epoch);
        assert_true(world->heard > head);
    }
    scribe_stop(&world->scribe);
    s_check_disk(world);
    routing_destroy(&world->routing);
    s_start(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_what_is_acknowledged_is_on_disk),
        TEST(s_test_the_last_fsync_sizes_the_next_batch),
        TEST(s_test_what_was_given_is_written_before_the_end),
        TEST(s_test_pages_of_the_journal),
        TEST(s_test_a_stale_append_takes_no_other_along),
        TEST(s_test_a_disk_that_refuses_costs_nothing_that_was_acknowledged),
        cmocka_unit_test_setup_teardown(s_test_a_full_disk, s_setup_disk, s_teardown_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
