/* line_test.c - every event there and back, byte for byte; what no member can carry, too. */
#include "tools/kith/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "schema/pack.h"
#include "tests/unit/schema/specimen.h"

enum { ROUNDS = 10 };

typedef struct world {
    line_t *line;
    arena_t *arena;
    buf_t record;
    buf_t text;
    buf_t back;
    uint8_t hash[HASH_SIZE];
} world_t;

static int s_setup(void **state)
{
    static world_t world;
    world = (world_t){.line = line_new(NULL), .arena = arena_new()};
    *state = &world;
    return crypto_start() == ERR_OK ? 0 : -1;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    line_destroy(&world->line);
    arena_destroy(&world->arena);
    buf_free(&world->record);
    buf_free(&world->text);
    buf_free(&world->back);
    return 0;
}

/* ---- records ---- */

static record_t s_envelope(void)
{
    return (record_t){
        .type = EVENT_room_posted,
        .version = 1,
        .seq = 1 + specimen_dice(1000000),
        .epoch = 1 + specimen_dice(9),
        .cause = specimen_dice(2) * 17,
        .causer = (uint8_t)(specimen_dice(2) * owner_NOTIFIER),
        .actor = owner_ROOM,
        .time = (int64_t)specimen_dice(2000000000) * 1000000,
        .principal = specimen_dice(100),
        .room = specimen_dice(100),
        .account = specimen_dice(100),
        .client_id = SLICE_LIT("c-\"7\" \xc3\xa4"),
    };
}

/* The record with that body, sealed behind some other. */
static void s_make(world_t *world, const record_t *envelope, slice_t body)
{
    uint8_t previous[HASH_SIZE];
    crypto_random(previous, sizeof previous);
    world->record.len = 0;
    record_begin(&world->record, envelope);
    buf_append(&world->record, body);
    record_end(&world->record);
    record_seal(world->record.data, world->record.len, previous);
    crypto_blake256(buf_slice(&world->record), world->hash);
}

static record_t s_record(const world_t *world)
{
    record_t record;
    slice_t in = buf_slice(&world->record);
    assert_int_equal(record_read(&in, &record), ERR_OK);
    return record;
}

static line_place_t s_place(const record_t *record)
{
    line_place_t place = {
        .seq = record->seq, .epoch = record->epoch, .begun = true, .hashed = true};
    memcpy(place.previous, record->previous, HASH_SIZE);
    return place;
}

/* The line gives the record back; whether it needed the bytes for that. */
static bool s_there_and_back(world_t *world)
{
    record_t record = s_record(world);
    line_place_t place = s_place(&record);
    fault_t fault = {0};
    world->text.len = world->back.len = 0;
    line_put(world->line, &world->text, &record, world->hash);
    assert_int_equal(world->text.data[world->text.len - 1], '\n');
    assert_null(memchr(world->text.data, '\n', world->text.len - 1));
    err_t err = line_read(world->line, buf_slice(&world->text), &place, &world->back, &fault);
    if (err != ERR_OK)
        fail_msg("%.*s: %s %s", SLICE_ARG(buf_slice(&world->text)), fault.field, fault.problem);
    assert_true(slice_eq(buf_slice(&world->back), buf_slice(&world->record)));
    assert_int_equal(place.seq, record.seq + 1);
    assert_memory_equal(place.previous, world->hash, HASH_SIZE);
    buf_append_byte(&world->text, '\0');
    return strstr((const char *)world->text.data, "\"record\":") != NULL;
}

/* ---- tests ---- */

static void s_one(world_t *world, const event_type_t *type, specimen_t how)
{
    buf_t body = {0};
    record_t envelope = s_envelope();
    envelope.type = type->number;
    envelope.version = type->version;
    envelope.actor = (uint8_t)type->owner;
    codec_pack(&body, type->shape(), specimen_new(type->shape(), how, world->arena));
    s_make(world, &envelope, buf_slice(&body));
    if (s_there_and_back(world))
        fail_msg("%s needs its bytes: %.*s", type->name, SLICE_ARG(buf_slice(&world->text)));
    arena_reset(world->arena);
    buf_free(&body);
}

static void test_every_event_survives(void **state)
{
    for (const event_type_t *type = event_types(); type->shape != NULL; type++) {
        if ((type->flags & EVENT_VOLATILE) != 0)
            continue;
        s_one(*state, type, SPECIMEN_LEAST);
        for (int i = 0; i < ROUNDS; i++)
            s_one(*state, type, SPECIMEN_RANDOM);
    }
}

static void s_assert_bytes_needed(world_t *world, const record_t *envelope, slice_t body,
                                  const char *why)
{
    s_make(world, envelope, body);
    if (!s_there_and_back(world))
        fail_msg("%s: the bytes are missing", why);
}

static void test_what_members_cannot_carry_has_its_bytes(void **state)
{
    world_t *world = *state;
    buf_t seen = {0};
    record_t envelope = s_envelope();
    envelope.type = EVENT_account_seen;
    codec_pack(&seen, shape_account_seen_event(),
               specimen_new(shape_account_seen_event(), SPECIMEN_LEAST, world->arena));
    slice_t body = buf_slice(&seen);

    record_t odd = envelope;
    odd.type = 511;
    s_assert_bytes_needed(world, &odd, body, "an event that is not known");
    odd = envelope;
    odd.version = 99;
    s_assert_bytes_needed(world, &odd, body, "a version that is not known");
    odd = envelope;
    odd.actor = 99;
    s_assert_bytes_needed(world, &odd, body, "an actor that is not known");
    odd = envelope;
    odd.key_id = 7;
    s_assert_bytes_needed(world, &odd, body, "sealed");
    odd = envelope;
    odd.account = UINT64_MAX;
    s_assert_bytes_needed(world, &odd, body, "a number that JSON cannot carry");
    odd = envelope;
    odd.client_id = SLICE_LIT("\xff\xfe");
    s_assert_bytes_needed(world, &odd, body, "a client id that is no UTF-8");
    s_assert_bytes_needed(world, &envelope, SLICE_LIT("\x81\xa5other\x01"), "another field");
    s_assert_bytes_needed(world, &envelope, SLICE_LIT("\xc0"), "no map");
    buf_free(&seen);
}

static void test_a_line_stands_in_its_place(void **state)
{
    world_t *world = *state;
    fault_t fault;
    s_one(world, event_type(EVENT_room_posted), SPECIMEN_RANDOM);
    record_t record = s_record(world);
    slice_t text = slice_new(world->text.data, world->text.len - 1);
    world->back.len = 0;

    line_place_t place = s_place(&record);
    place.seq++;
    assert_int_equal(line_read(world->line, text, &place, &world->back, &fault), ERR_INVALID);
    assert_string_equal(fault.field, "seq");
    place = s_place(&record);
    place.epoch++;
    assert_int_equal(line_read(world->line, text, &place, &world->back, &fault), ERR_INVALID);
    assert_string_equal(fault.field, "epoch");
    place = s_place(&record);
    place.previous[0] ^= 1;
    assert_int_equal(line_read(world->line, text, &place, &world->back, &fault), ERR_INVALID);
    assert_string_equal(fault.field, "hash");
    assert_int_equal(world->back.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_event_survives),
        cmocka_unit_test(test_what_members_cannot_carry_has_its_bytes),
        cmocka_unit_test(test_a_line_stands_in_its_place),
    };
    return cmocka_run_group_tests(tests, s_setup, s_teardown);
}
