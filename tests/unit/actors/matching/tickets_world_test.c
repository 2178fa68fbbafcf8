/* tickets_world_test.c - the matchmaker through a long life by chance: people open and close
 * tickets, go offline, block each other and are banned, while decisions are lost and the actor
 * crashes.
 *
 * What must hold is looked up in the journal, record by record, by a model that knows nothing of
 * the actor's rows: nobody is in two matches, or in one after their ticket has ended; whoever is
 * matched accepted the others at that time; each is told once, of the right room.
 *
 * KITH_DISCONNECTS says how many disconnects there are in all (2,000); each world has some
 * thousands of them and a seed of its own, from KITH_SEED on (1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/actors/matching/asking.h"
#include "tests/unit/actors/staging.h"

enum {
    PEOPLE = 40,
    QUEUES = 2,
    SIZE_MAX_ASKED = 4,
    WORLD_DISCONNECTS = 5000,
    IN_FLIGHT = 6, /* inputs between two commits, at most */
    DISCONNECTS_DEFAULT = 2000,
};

static const int64_t SECOND_US = 1000000;

/* What the model knows of somebody. */
typedef struct player {
    arena_t *arena; /* of the ticket */
    const match_ticket_t *ticket;
    bool open;
    uint64_t match; /* that the ticket is in; 0: none */
    bool told;
    int64_t seen; /* when they last went offline */
    bool banned;
    int64_t barred; /* when they were last banned */
} player_t;

typedef struct world {
    staging_t *at;
    chance_t chance;
    player_t people[PEOPLE + 1]; /* by account */
    bool blocks[PEOPLE + 1][PEOPLE + 1];
    size_t read; /* bytes of the journal that the model has seen */
    buf_t rooms; /* matches whose room is yet to open, u64 */
    uint64_t last_room;
    uint64_t disconnects;
    uint64_t matches;
    uint64_t matched;
    uint64_t closed[8]; /* by reason */
} world_t;

static uint64_t s_below(world_t *world, uint64_t bound)
{
    return chance_below(&world->chance, bound);
}

static uint64_t s_anybody(world_t *world)
{
    return 1 + s_below(world, PEOPLE);
}

/* ---- the model reads the journal ---- */

static const void *s_body(const record_t *record, arena_t *arena)
{
    const void *body;
    fault_t fault;
    slice_t bytes = arena_copy(arena, record->body);
    err_t err = codec_unpack(bytes, event_type(record->type)->shape(), arena, &fault, &body);
    assert_int_equal(err, ERR_OK);
    return body;
}

static void s_see_opened(world_t *world, const record_t *record)
{
    player_t *person = &world->people[record->account];
    assert_false(person->open);
    arena_reset(person->arena);
    person->ticket = ((const ticket_opened_event_t *)s_body(record, person->arena))->ticket;
    person->open = true;
    person->match = 0;
    person->told = false;
}

static void s_see_closed(world_t *world, const record_t *record, const void *body)
{
    const ticket_closed_event_t *event = body;
    player_t *person = &world->people[event->account];
    assert_true(person->open);
    assert_int_equal(event->ticket, person->ticket->id);
    assert_true(event->reason != ticket_reason_EXPIRED || record->time >= person->ticket->expires);
    assert_true(event->reason != ticket_reason_LEFT ||
                (!person->ticket->stay && person->seen >= person->ticket->opened));
    assert_true(event->reason != ticket_reason_REMOVED || person->barred >= person->ticket->opened);
    person->open = false;
    world->closed[event->reason]++;
}

/* Whoever went offline, or was banned, since the ticket was opened has left; but what is heard
 * of after the match was made, and stands in the journal before it, comes too late. */
static void s_check_member(const player_t *person, const match_t *match, size_t index)
{
    const match_ticket_t *ticket = person->ticket;
    assert_true(person->open);
    assert_int_equal(ticket->id, match->tickets.items[index]);
    assert_int_equal(person->match, 0);
    assert_false(person->banned && person->barred < match->time);
    assert_false(!ticket->stay && person->seen >= ticket->opened && person->seen < match->time);
}

static void s_see_made(world_t *world, const void *body)
{
    const match_t *match = ((const match_made_event_t *)body)->match;
    const match_ticket_t *tickets[LIMIT_TICKET_SIZE];
    size_t count = match->accounts.count;
    for (size_t i = 0; i < count; i++) {
        player_t *person = &world->people[match->accounts.items[i]];
        s_check_member(person, match, i);
        tickets[i] = person->ticket;
        person->open = false;
        person->match = match->id;
        for (size_t j = 0; j < i; j++)
            assert_false(world->blocks[match->accounts.items[i]][match->accounts.items[j]] ||
                         world->blocks[match->accounts.items[j]][match->accounts.items[i]]);
    }
    assert_true(asking_match(tickets, count, match->time));
    buf_append(&world->rooms, slice_new(&match->id, sizeof match->id));
    world->matches++;
    world->matched += count;
}

static void s_see_matched(world_t *world, const void *body)
{
    const ticket_matched_event_t *event = body;
    player_t *person = &world->people[event->account];
    assert_int_equal(event->room, 1000 + event->match);
    if (person->match != event->match)
        return; /* has another ticket meanwhile */
    assert_false(person->told);
    person->told = true;
}

static void s_see_ban(world_t *world, const record_t *record, bool banned)
{
    player_t *person = &world->people[record->account];
    person->banned = banned;
    if (banned)
        person->barred = record->time;
}

static void s_see(world_t *world, const record_t *record, const void *body)
{
    const people_blocked_event_t *block = body;
    if (record->type == EVENT_ticket_opened)
        s_see_opened(world, record);
    else if (record->type == EVENT_ticket_closed)
        s_see_closed(world, record, body);
    else if (record->type == EVENT_match_made)
        s_see_made(world, body);
    else if (record->type == EVENT_ticket_matched)
        s_see_matched(world, body);
    else if (record->type == EVENT_account_seen)
        world->people[record->account].seen = record->time;
    else if (record->type == EVENT_account_banned || record->type == EVENT_account_unbanned)
        s_see_ban(world, record, record->type == EVENT_account_banned);
    else if (record->type == EVENT_people_blocked || record->type == EVENT_people_unblocked)
        world->blocks[block->by][block->account] = record->type == EVENT_people_blocked;
}

static void s_read_on(world_t *world)
{
    const buf_t *journal = &world->at->journal;
    slice_t rest = slice_from(buf_slice(journal), world->read);
    arena_t *arena = arena_new();
    record_t record;
    while (rest.len > 0) {
        assert_int_equal(record_read(&rest, &record), ERR_OK);
        s_see(world, &record, s_body(&record, arena));
    }
    arena_destroy(&arena);
    world->read = journal->len;
}

/* ---- what happens ---- */

static void s_send(world_t *world, uint64_t who, call_number_t call, const void *body)
{
    world->at->principal = who;
    staging_send(world->at, call, body);
}

static void s_open(world_t *world)
{
    asking_t asking;
    asking_make(&asking, &world->chance, SIZE_MAX_ASKED, QUEUES);
    asking.call.stay = s_below(world, 5) == 0;
    s_send(world, s_anybody(world), CALL_ticket_open, &asking.call);
}

static void s_close(world_t *world)
{
    s_send(world, s_anybody(world), CALL_ticket_close, &(ticket_close_call_t){0});
}

static void s_block(world_t *world)
{
    uint64_t one = s_anybody(world), other = s_anybody(world);
    if (s_below(world, 3) == 0)
        s_send(world, one, CALL_people_block, &(people_block_call_t){.account = other});
    else
        s_send(world, one, CALL_people_unblock, &(people_unblock_call_t){.account = other});
}

/* Of somebody who waits, if a few looks find one. */
static void s_disconnect(world_t *world)
{
    uint64_t who = s_anybody(world);
    for (int i = 0; i < 4 && !world->people[who].open; i++)
        who = s_anybody(world);
    staging_tell(world->at, EVENT_account_seen, who, &(account_seen_event_t){who});
    world->disconnects++;
}

static void s_ban(world_t *world)
{
    uint64_t who = s_anybody(world);
    if (s_below(world, 4) == 0)
        staging_tell(world->at, EVENT_account_banned, who,
                     &(account_banned_event_t){who, INT64_MAX, {0}});
    else
        staging_tell(world->at, EVENT_account_unbanned, who, &(account_unbanned_event_t){who});
}

static void s_tick(world_t *world)
{
    world->at->now += 1 + (int64_t)s_below(world, 2 * SECOND_US);
    stage_tick(world->at->stage, world->at->now);
}

static void s_open_rooms(world_t *world)
{
    const uint64_t *matches = (const uint64_t *)(const void *)world->rooms.data;
    size_t count = world->rooms.len / sizeof *matches;
    for (size_t i = 0; i < count; i++) {
        room_t room = {.id = 1000 + matches[i],
                       .gid = SLICE_LIT("abcdefgh"),
                       .creator = 1,
                       .kind = room_kind_PRIVATE,
                       .created = world->at->now,
                       .match = matches[i]};
        staging_tell(world->at, EVENT_room_created, 1, &(room_created_event_t){.room = &room});
    }
    buf_reset(&world->rooms);
}

static void s_happen(world_t *world)
{
    uint64_t what = s_below(world, 100);
    world->at->now += 1 + (int64_t)s_below(world, 1000);
    if (what < 45)
        s_open(world);
    else if (what < 52)
        s_close(world);
    else if (what < 54)
        s_block(world);
    else if (what < 84)
        s_disconnect(world);
    else if (what < 85)
        s_ban(world);
    else
        s_tick(world);
}

/* What is in flight is committed; or lost, with the actor's thread or without. */
static void s_settle(world_t *world)
{
    uint64_t fate = s_below(world, 400);
    if (fate == 0)
        staging_crash(world->at);
    else if (fate == 1)
        staging_lose(world->at);
    else if (fate == 2)
        staging_restart(world->at);
    staging_commit(world->at);
    s_read_on(world);
    s_open_rooms(world);
    staging_commit(world->at);
    s_read_on(world);
}

/* ---- a world ---- */

static void s_begin(world_t *world, uint64_t seed)
{
    char login[16];
    *world = (world_t){.at = staging_new(&matching_actor), .chance = {seed * 2654435761 + 1}};
    for (uint64_t account = 1; account <= PEOPLE; account++) {
        world->people[account].arena = arena_new();
        snprintf(login, sizeof login, "person%u", (unsigned)account);
        staging_tell(world->at, EVENT_account_registered, account,
                     &(account_registered_event_t){
                         .id = account, .login = slice_of(login), .username = slice_of(login)});
        s_send(world, account, CALL_profile_update,
               &(profile_update_call_t){
                   .gender = account % 2 ? SLICE_LIT("female") : SLICE_LIT("male"),
                   .preference = account % 3 ? SLICE_LIT("any") : SLICE_LIT("female"),
                   .age = 18 + account});
        staging_commit(world->at);
    }
}

/* All leave, and nothing is left of any ticket. */
static void s_end(world_t *world)
{
    for (uint64_t who = 1; who <= PEOPLE; who++)
        s_send(world, who, CALL_ticket_close, &(ticket_close_call_t){0}), staging_commit(world->at);
    s_read_on(world);
    s_open_rooms(world);
    staging_commit(world->at);
    s_read_on(world);
    for (uint64_t who = 1; who <= PEOPLE; who++) {
        const player_t *person = &world->people[who];
        assert_false(person->open);
        assert_true(person->match == 0 || person->told);
    }
    assert_int_equal(staging_rows(world->at, 'W'), 0);
    assert_int_equal(staging_rows(world->at, 'x'), 0);
    assert_true(staging_replays(world->at));
    for (uint64_t who = 1; who <= PEOPLE; who++)
        arena_destroy(&world->people[who].arena);
    buf_free(&world->rooms);
    staging_destroy(&world->at);
}

static void s_live(world_t *world, uint64_t seed, uint64_t disconnects)
{
    s_begin(world, seed);
    while (world->disconnects < disconnects) {
        uint64_t inputs = 1 + s_below(world, IN_FLIGHT);
        for (uint64_t i = 0; i < inputs; i++)
            s_happen(world);
        s_settle(world);
    }
    s_end(world);
}

static uint64_t s_setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void test_nobody_is_in_two_matches(void **state)
{
    uint64_t wanted = s_setting("KITH_DISCONNECTS", DISCONNECTS_DEFAULT);
    uint64_t seed = s_setting("KITH_SEED", 1);
    uint64_t left = wanted, matches = 0, matched = 0, closed[8] = {0};
    world_t world;
    (void)state;
    for (; left > 0; seed++) {
        uint64_t some = left < WORLD_DISCONNECTS ? left : WORLD_DISCONNECTS;
        s_live(&world, seed, some);
        left -= some;
        matches += world.matches;
        matched += world.matched;
        for (size_t i = 0; i < COUNT_OF(closed); i++)
            closed[i] += world.closed[i];
    }
    for (ticket_reason_t reason = ticket_reason_CANCELLED; reason <= ticket_reason_REMOVED;
         reason++)
        assert_true(closed[reason] > 0);
    assert_true(matches > wanted / 100);
    printf("%llu disconnects: %llu tickets in %llu matches; %llu left, %llu expired, "
           "%llu cancelled, %llu removed\n",
           (unsigned long long)wanted, (unsigned long long)matched, (unsigned long long)matches,
           (unsigned long long)closed[ticket_reason_LEFT],
           (unsigned long long)closed[ticket_reason_EXPIRED],
           (unsigned long long)closed[ticket_reason_CANCELLED],
           (unsigned long long)closed[ticket_reason_REMOVED]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nobody_is_in_two_matches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
