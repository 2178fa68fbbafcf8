/* unreadable.c - before a call of a test is made in earnest, it is made on rows that cannot be read.
 *
 * Linked in by --wrap (CMakeLists.txt), so that every test of an actor does it and none says so.
 * The first row that the call reads cannot be read, or has lost its last byte, then the second and so
 * on.  Held each time: damage is never taken for an answer.  It is refused as such, with nothing decided
 * and nothing told; so no rule lets anybody in because a disk is bad.
 *
 * Spared is what is in memory, because the same call has read or written it before, and what an
 * event's apply reads: that cannot fail, and ends the process instead (unreadable_in_apply). */
#include "tests/unit/actors/unreadable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/stage_parts.h"
#include "schema/envelope.h"

enum {
    RUNS_MOST = 200 /* of one call in a program: some tests make thousands */,
    KNOWN_MOST = 256
};

/* The row cannot be read, or its last byte is missing. */
typedef enum harm { HARM_UNREADABLE, HARM_CUT } harm_t;

static struct {
    size_t left; /* reads until one fails; 0: none does */
    harm_t harm;
    bool reached; /* the read that is to fail was made … */
    bool harmed;  /* … and did: what is not there cannot be cut */
    bool applying;
    bool in_apply;              /* it is apply's reads that fail, and no others */
    uint32_t known[KNOWN_MOST]; /* CRCs of the keys of rows that are in memory */
    size_t known_count;
    uint16_t runs[NUMBERS];
} s_disk;

static bool s_fails(void)
{
    if (s_disk.applying != s_disk.in_apply || s_disk.left == 0 || --s_disk.left > 0)
        return false;
    s_disk.reached = true;
    s_disk.harmed = s_disk.harm == HARM_UNREADABLE;
    return true;
}

/* True: it is known from here on, and was before. */
static bool s_know(slice_t key)
{
    uint32_t sum = crc32c(key);
    for (size_t i = 0; i < s_disk.known_count; i++)
        if (s_disk.known[i] == sum)
            return true;
    if (s_disk.known_count < KNOWN_MOST)
        s_disk.known[s_disk.known_count++] = sum;
    return false;
}

/* ---- what is wrapped ---- */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names */
err_t __real_store_get(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value);
err_t __wrap_store_get(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value);
err_t __wrap_store_get(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value)
{
    bool fails = !s_know(key) && s_fails();
    if (fails && s_disk.harmed)
        return ERR_CORRUPT;
    err_t err = __real_store_get(store, key, arena, ret_value);
    s_disk.harmed = s_disk.harmed || (fails && err == ERR_OK && ret_value->len > 0);
    if (fails && s_disk.harmed)
        ret_value->len--;
    return err;
}

void __real_store_put(store_t *store, slice_t key, slice_t value);
void __wrap_store_put(store_t *store, slice_t key, slice_t value);
void __wrap_store_put(store_t *store, slice_t key, slice_t value)
{
    (void)s_know(key);
    __real_store_put(store, key, value);
}

err_t __real_store_scan(store_t *store, slice_t from, slice_t to, bool reverse, store_each_fn *each,
                        void *ctx);
err_t __wrap_store_scan(store_t *store, slice_t from, slice_t to, bool reverse, store_each_fn *each,
                        void *ctx);
err_t __wrap_store_scan(store_t *store, slice_t from, slice_t to, bool reverse, store_each_fn *each,
                        void *ctx)
{
    bool fails = s_fails() && s_disk.harmed;
    return fails ? ERR_CORRUPT : __real_store_scan(store, from, to, reverse, each, ctx);
}

void __real_turn_emit(turn_t *turn, event_number_t event, uint64_t room, uint64_t account,
                      const void *body);
void __wrap_turn_emit(turn_t *turn, event_number_t event, uint64_t room, uint64_t account,
                      const void *body);
void __wrap_turn_emit(turn_t *turn, event_number_t event, uint64_t room, uint64_t account,
                      const void *body)
{
    s_disk.applying = true;
    __real_turn_emit(turn, event, room, account, body);
    s_disk.applying = false;
}

/* ---- the walk ---- */

/* Make the call with a read that fails in that place.  No tape has it: there it is as it was made in
 * earnest. */
static void s_make(staging_t *at, call_number_t call, const void *body, size_t place)
{
    taping_t taping = at->stage->taping;
    uint64_t ticket = at->stage->last_ticket;
    at->stage->taping = (taping_t){0};
    s_disk.reached = s_disk.harmed = false;
    s_disk.known_count = 0;
    s_disk.left = place;
    staging_send(at, call, body);
    while (staging_work(at))
        continue;
    s_disk.left = 0;
    at->stage->taping = taping;
    at->stage->last_ticket = ticket;
}

static void s_assert_refused(staging_t *at, call_number_t call, size_t place)
{
    staging_commit(at);
    assert_int_equal(at->outcome_count, 1);
    if (at->outcomes[0].status != ERR_CORRUPT || at->told_count > 0)
        fail_msg("%s: row %zu is %s: %s, and %zu events", call_type((uint16_t)call)->name, place,
                 s_disk.harm == HARM_CUT ? "cut" : "not to be read",
                 err_info(at->outcomes[0].status)->name, at->told_count);
}

/* What was decided by the way never happened. */
static void s_undo(staging_t *at)
{
    if (at->stage->unsettled.count > 0)
        staging_lose(at);
    else
        buf_reset(stage_out(at->stage));
}

/* Rows of rooms are laid out by hand: a number more or less makes another good one. */
static bool s_tells_cuts(const staging_t *at)
{
    return at->row->owner != owner_ROOM;
}

/* False: the call reads no more rows than that. */
static bool s_try(staging_t *at, call_number_t call, const void *body, size_t place, harm_t harm)
{
    s_disk.harm = harm;
    s_make(at, call, body, place);
    if (s_disk.harmed)
        s_assert_refused(at, call, place);
    else
        s_undo(at);
    return s_disk.reached;
}

/* What the test has asked with may lie in the arena of the last outcomes. */
static void s_walk(staging_t *at, call_number_t call, const void *body)
{
    arena_t *arena = at->arena;
    at->arena = arena_new();
    bool more = true;
    for (size_t place = 1; more && s_disk.runs[call]++ < RUNS_MOST; place++) {
        more = s_try(at, call, body, place, HARM_UNREADABLE);
        if (more && s_tells_cuts(at))
            (void)s_try(at, call, body, place, HARM_CUT);
    }
    arena_destroy(&at->arena);
    at->arena = arena;
}

/* Who is online is not in rows, and is changed by asking; of an import each account is refused by
 * itself; and what is under way would be lost. */
static bool s_may_walk(const staging_t *at, call_number_t call)
{
    bool soft = call == CALL_presence_announce || call == CALL_presence_set ||
                call == CALL_presence_gone || call == CALL_presence_online;
    return !soft && call != CALL_account_import && at->stage->unsettled.count == 0 &&
           stage_out(at->stage)->len == 0;
}

const outcome_t *__real_staging_ask(staging_t *at, call_number_t call, const void *body);
const outcome_t *__wrap_staging_ask(staging_t *at, call_number_t call, const void *body);
const outcome_t *__wrap_staging_ask(staging_t *at, call_number_t call, const void *body)
{
    if (s_may_walk(at, call))
        s_walk(at, call, body);
    return __real_staging_ask(at, call, body);
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* ---- in apply ---- */

/* In a process of its own; its exit code. */
static int s_code_at(staging_t *at, call_number_t call, const void *body, size_t place)
{
    enum { NO_SUCH_READ = 77 };
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        scratch_hush();
        s_disk.in_apply = true;
        s_disk.harm = HARM_UNREADABLE;
        s_make(at, call, body, place);
        exit(s_disk.reached ? EXIT_SUCCESS : NO_SUCH_READ);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) == NO_SUCH_READ ? -1 : WEXITSTATUS(status);
}

size_t unreadable_in_apply(staging_t *at, call_number_t call, const void *body)
{
    int code;
    size_t place = 1;
    while ((code = s_code_at(at, call, body, place)) == EXIT_FAILURE)
        place++;
    assert_int_equal(code, -1);
    return place - 1;
}
