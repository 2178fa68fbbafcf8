/* codec_shown_test.c - MessagePack as clients see it and may say it: what JSON has, and
 * nothing else. */
#include "schema/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/pack.h"
#include "tests/unit/schema/specimen.h"

enum { ROUNDS = 20 };

static arena_t *s_arena;
static buf_t s_out;

static int s_setup(void **state)
{
    (void)state;
    s_arena = arena_new();
    return 0;
}

static int s_teardown(void **state)
{
    (void)state;
    arena_destroy(&s_arena);
    buf_free(&s_out);
    return 0;
}

/* ---- every shape ---- */

static err_t s_count_member(void *ctx, const char *name, const json_node_t *value)
{
    ++*(size_t *)ctx;
    (void)name;
    (void)value;
    return ERR_OK;
}

/* There and back, and it holds no pair more than JSON does. */
static void s_through_shown(const shape_t *shape, specimen_t how)
{
    fault_t fault = {0};
    void *seen = arena_alloc(s_arena, shape->size);
    const void *object = specimen_new(shape, how, s_arena);
    const json_node_t *root;
    size_t members = 0;
    s_out.len = 0;
    codec_put_json(&s_out, shape, object);
    assert_int_equal(json_parse(buf_slice(&s_out), &root), ERR_OK);
    assert_int_equal(json_each(root, s_count_member, &members), ERR_OK);
    assert_int_equal(codec_shown_pairs(shape, object), members);
    json_free(&root);
    s_out.len = 0;
    codec_pack_shown(&s_out, shape, object);
    err_t err = codec_set_packed(seen, buf_slice(&s_out), shape, s_arena, &fault);
    if (err != ERR_OK)
        fail_msg("%s: %s: %s", shape->name, fault.field, fault.problem);
    if (!specimen_equal(shape, object, seen, false))
        fail_msg("%s came back otherwise", shape->name);
}

static void s_shape_through_shown(const shape_t *shape)
{
    if (shape_has_secrets(shape))
        return;
    s_through_shown(shape, SPECIMEN_LEAST);
    s_through_shown(shape, SPECIMEN_MOST);
    for (int i = 0; i < ROUNDS; i++)
        s_through_shown(shape, SPECIMEN_RANDOM);
    arena_reset(s_arena);
}

static void test_every_shape_survives_a_clients_messagepack(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_through_shown);
}

/* All of a struct, as the bus packs it: a client's reader refuses what is hidden. */
static void s_shape_hides(const shape_t *shape)
{
    fault_t fault = {0};
    bool hides = false;
    for (size_t i = 0; i < shape->count; i++)
        hides |= shape->fields[i].need == NEED_HID;
    s_out.len = 0;
    codec_pack(&s_out, shape, specimen_new(shape, SPECIMEN_MOST, s_arena));
    void *seen = arena_alloc(s_arena, shape->size);
    if (hides)
        assert_int_equal(codec_set_packed(seen, buf_slice(&s_out), shape, s_arena, &fault),
                         ERR_UNKNOWN_FIELD);
    arena_reset(s_arena);
}

static void test_a_client_cannot_give_hidden_fields(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_hides);
}

/* ---- what a client may not say ---- */

/* A map of one pair, whose value is packed already. */
static err_t s_read(const shape_t *shape, const char *name, slice_t value, fault_t *fault)
{
    void *object = arena_alloc(s_arena, shape->size);
    *fault = (fault_t){0};
    s_out.len = 0;
    pack_map(&s_out, 1);
    pack_str(&s_out, slice_of(name));
    buf_append(&s_out, value);
    return codec_set_packed(object, buf_slice(&s_out), shape, s_arena, fault);
}

static void test_values_are_held_to_what_json_allows(void **state)
{
    static const struct {
        const char *name;
        slice_t value;
        err_t err;
    } rows[] = {
        {"room", SLICE_LIT("\x05"), ERR_OK},
        {"room", SLICE_LIT("\xc0"), ERR_OK}, /* nil: not given */
        {"room", SLICE_LIT("\x00"), ERR_INVALID},
        {"room", SLICE_LIT("\xa1x"), ERR_INVALID},
        {"room", SLICE_LIT("\xff"), ERR_INVALID},
        {"room", SLICE_LIT("\xcf\x00\x1f\xff\xff\xff\xff\xff\xff"), ERR_OK},
        {"room", SLICE_LIT("\xcf\x00\x20\x00\x00\x00\x00\x00\x00"), ERR_INVALID},
        {"colour", SLICE_LIT("\xa3red"), ERR_UNKNOWN_FIELD},
        {"files", SLICE_LIT("\x90"), ERR_OK},
        {"files", SLICE_LIT("\x9b\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"), ERR_INVALID},
        {"files", SLICE_LIT("\xdd\x05\xf5\xe1\x00"), ERR_INVALID},
    };
    fault_t fault;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        err_t err = s_read(shape_room_post_call(), rows[i].name, rows[i].value, &fault);
        if (err != rows[i].err)
            fail_msg("row %zu: %s", i, err_info(err)->name);
        if (err != ERR_OK)
            assert_string_equal(fault.field, rows[i].name);
    }
    assert_int_equal(s_read(shape_room_create_call(), "kind", SLICE_LIT("\xa5round"), &fault),
                     ERR_INVALID);
}

static void test_what_is_no_map_is_malformed(void **state)
{
    static const slice_t bytes[] = {
        SLICE_LIT(""),     SLICE_LIT("\xc0"),     SLICE_LIT("\x90"),
        SLICE_LIT("\x81"), SLICE_LIT("\x80\x80"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bytes); i++) {
        fault_t fault = {0};
        void *object = arena_alloc(s_arena, shape_room_get_call()->size);
        assert_int_equal(codec_set_packed(object, bytes[i], shape_room_get_call(), s_arena, &fault),
                         ERR_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape_survives_a_clients_messagepack),
        cmocka_unit_test(test_a_client_cannot_give_hidden_fields),
        cmocka_unit_test(test_values_are_held_to_what_json_allows),
        cmocka_unit_test(test_what_is_no_map_is_malformed),
    };
    return cmocka_run_group_tests(tests, s_setup, s_teardown);
}
