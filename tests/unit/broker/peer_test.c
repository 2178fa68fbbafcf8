/* peer_test.c - the registry against a table of who hears what. */
#include "broker/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"

enum { PEERS = 10, KEYS = 12, STEPS = 60 * 1000 };

static const char *const s_prefixes[] = {"", "room.", "room.posted", "account.", "session.opened"};
enum { PREFIXES = COUNT_OF(s_prefixes) };

typedef struct world {
    registry_t *registry;
    peer_t *peers[PEERS]; /* NULL: not there */
    bool rooms[PEERS][KEYS];
    bool accounts[PEERS][KEYS];
    bool types[PEERS][PREFIXES];
    uint64_t marks;
} world_t;

static size_t s_random(size_t below)
{
    return (size_t)random() % below;
}

static void s_come_or_go(world_t *world, size_t i)
{
    if (world->peers[i] == NULL) {
        world->peers[i] = registry_add(world->registry, 1000 + i);
        assert_int_equal(world->peers[i]->role, peer_role_NONE);
        return;
    }
    registry_remove(world->registry, &world->peers[i]);
    assert_null(world->peers[i]);
    memset(world->rooms[i], 0, sizeof world->rooms[i]);
    memset(world->accounts[i], 0, sizeof world->accounts[i]);
    memset(world->types[i], 0, sizeof world->types[i]);
}

static void s_hear(world_t *world, size_t i)
{
    size_t key = 1 + s_random(KEYS - 1), prefix = s_random(PREFIXES);
    switch (s_random(3)) {
    case 0:
        registry_hear_room(world->registry, world->peers[i], key);
        world->rooms[i][key] = true;
        return;
    case 1:
        registry_hear_account(world->registry, world->peers[i], key);
        world->accounts[i][key] = true;
        return;
    case 2:
        registry_hear_type(world->registry, world->peers[i], slice_of(s_prefixes[prefix]));
        world->types[i][prefix] = true;
        return;
    }
}

static void s_leave(world_t *world, size_t i)
{
    size_t key = 1 + s_random(KEYS - 1);
    if (s_random(2) == 0) {
        registry_leave_room(world->registry, world->peers[i], key);
        world->rooms[i][key] = false;
    } else {
        registry_leave_account(world->registry, world->peers[i], key);
        world->accounts[i][key] = false;
    }
}

static bool s_hears(const world_t *world, size_t i, const event_type_t *type, size_t room,
                    size_t account)
{
    for (size_t prefix = 0; prefix < PREFIXES; prefix++)
        if (world->types[i][prefix] &&
            slice_starts(slice_of(type->name), slice_of(s_prefixes[prefix])))
            return true;
    return (room > 0 && world->rooms[i][room]) || (account > 0 && world->accounts[i][account]);
}

/* Each who hears it has it once. */
static void s_publish(world_t *world)
{
    static const event_number_t events[] = {EVENT_room_posted, EVENT_room_joined, EVENT_room_left,
                                            EVENT_account_registered, EVENT_session_opened};
    const event_type_t *type = event_type((uint16_t)events[s_random(COUNT_OF(events))]);
    bool follows = (type->flags & EVENT_FOLLOW) != 0;
    size_t room = follows ? 1 + s_random(KEYS - 1) : s_random(KEYS);
    size_t account = follows ? 1 + s_random(KEYS - 1) : s_random(KEYS);
    for (size_t i = 0; follows && i < PEERS; i++)
        world->rooms[i][room] |= world->accounts[i][account];
    registry_publish(world->registry, type, room, account, SLICE_LIT("record"), ++world->marks);
    for (size_t i = 0; i < PEERS; i++) {
        if (world->peers[i] == NULL)
            continue;
        bool hears = s_hears(world, i, type, room, account);
        assert_int_equal(world->peers[i]->out.len, hears ? strlen("record") : 0);
        buf_reset(&world->peers[i]->out);
    }
}

typedef struct walk {
    size_t count;
    const world_t *world;
} walk_t;

static void s_walk(void *ctx, peer_t *peer)
{
    walk_t *walk = ctx;
    walk->count++;
    assert_ptr_equal(registry_find(walk->world->registry, peer->id), peer);
}

static void s_check(const world_t *world)
{
    walk_t walk = {.world = world};
    size_t there = 0;
    for (size_t i = 0; i < PEERS; i++) {
        there += world->peers[i] != NULL;
        assert_ptr_equal(registry_find(world->registry, 1000 + i), world->peers[i]);
    }
    registry_each(world->registry, s_walk, &walk);
    assert_int_equal(walk.count, there);
    assert_int_equal(registry_count(world->registry), there);
}

static void s_test_against_a_model(void **state)
{
    world_t *world = mem_new(world_t);
    (void)state;
    srandom(1);
    world->registry = registry_new();
    for (int step = 0; step < STEPS; step++) {
        size_t i = s_random(PEERS), what = s_random(20);
        if (what == 0)
            s_come_or_go(world, i);
        else if (what < 5 && world->peers[i] != NULL)
            s_hear(world, i);
        else if (what < 10 && world->peers[i] != NULL)
            s_leave(world, i);
        else
            s_publish(world);
        s_check(world);
    }
    registry_destroy(&world->registry);
    assert_null(world->registry);
    mem_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_against_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
