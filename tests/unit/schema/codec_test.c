/* codec_test.c - every shape of the schema there and back, and every bound at its edge.
 *
 * Nothing here names a field that a table could tell: a new row of a .def file is
 * tested by being there. */
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

/* Whether the shape or one inside of it has such a field. */
static bool s_has_kind(const shape_t *shape, field_kind_t kind)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        if (field->kind == kind || (field->kind == KIND_OBJECT && s_has_kind(field->shape(), kind)))
            return true;
    }
    return false;
}

static void *s_at(void *object, const field_t *field)
{
    return (uint8_t *)object + field->offset;
}

/* ---- there and back ---- */

static err_t s_unpack(const shape_t *shape, const void *object, fault_t *fault,
                      const void **ret_object)
{
    s_out.len = 0;
    codec_pack(&s_out, shape, object);
    return codec_unpack(buf_slice(&s_out), shape, s_arena, fault, ret_object);
}

static void s_through_msgpack(const shape_t *shape, specimen_t how)
{
    const void *seen;
    fault_t fault = {0};
    const void *object = specimen_new(shape, how, s_arena);
    err_t err = s_unpack(shape, object, &fault, &seen);
    if (err != ERR_OK)
        fail_msg("%s: %s: %s", shape->name, fault.field, fault.problem);
    if (!specimen_equal(shape, object, seen, true))
        fail_msg("%s came back otherwise", shape->name);
}

static void s_shape_through_msgpack(const shape_t *shape)
{
    s_through_msgpack(shape, SPECIMEN_LEAST);
    s_through_msgpack(shape, SPECIMEN_MOST);
    for (int i = 0; i < ROUNDS; i++)
        s_through_msgpack(shape, SPECIMEN_RANDOM);
    arena_reset(s_arena);
}

static void test_every_shape_survives_msgpack(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_through_msgpack);
}

static const json_node_t *s_json(const shape_t *shape, const void *object)
{
    const json_node_t *root;
    s_out.len = 0;
    codec_put_json(&s_out, shape, object);
    if (json_parse(buf_slice(&s_out), &root) != ERR_OK)
        fail_msg("%s is no JSON: %.*s", shape->name, SLICE_ARG(buf_slice(&s_out)));
    return root;
}

static void s_through_json(const shape_t *shape, specimen_t how)
{
    void *seen;
    fault_t fault = {0};
    const void *object = specimen_new(shape, how, s_arena);
    const json_node_t *root = s_json(shape, object);
    err_t err = codec_from_json(root, shape, UNKNOWN_REFUSED, s_arena, &fault, &seen);
    if (err != ERR_OK)
        fail_msg("%s: %s: %s", shape->name, fault.field, fault.problem);
    if (!specimen_equal(shape, object, seen, false))
        fail_msg("%s came back otherwise", shape->name);
    json_free(&root);
}

/* Bytes are never read from JSON, and secrets never written to it. */
static void s_shape_through_json(const shape_t *shape)
{
    if (s_has_kind(shape, KIND_BIN) || shape_has_secrets(shape))
        return;
    s_through_json(shape, SPECIMEN_LEAST);
    s_through_json(shape, SPECIMEN_MOST);
    for (int i = 0; i < ROUNDS; i++)
        s_through_json(shape, SPECIMEN_RANDOM);
    arena_reset(s_arena);
}

static void test_every_shape_survives_json(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_through_json);
}

/* ---- what a client sees ---- */

static void s_assert_members(const shape_t *shape, const json_node_t *root)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        bool shown = field->need == NEED_REQ || field->need == NEED_OPT;
        if ((json_member(root, field->name) != NULL) != shown)
            fail_msg("%s.%s must%s be in JSON", shape->name, field->name, shown ? "" : " not");
        if (shown && field->kind == KIND_OBJECT)
            s_assert_members(field->shape(), json_member(root, field->name));
        for (size_t item = 0; shown && field->kind == KIND_LIST && item < 3; item++)
            s_assert_members(field->shape(), json_item(json_member(root, field->name), item));
    }
}

static void s_shape_is_shown(const shape_t *shape)
{
    const json_node_t *root = s_json(shape, specimen_new(shape, SPECIMEN_MOST, s_arena));
    s_assert_members(shape, root);
    json_free(&root);
    arena_reset(s_arena);
}

static void test_json_has_all_but_hidden_and_secret_fields(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_is_shown);
}

static void test_json_leaves_out_absent_optional_fields(void **state)
{
    (void)state;
    s_out.len = 0;
    codec_put_json(&s_out, shape_receipt(), &(receipt_t){.time = 5, .room = 7});
    assert_true(slice_is(buf_slice(&s_out), "{\"time\":5,\"room\":7}"));
}

/* ---- bounds ---- */

/* The object is refused for this field, by the check and by the reader. */
static void s_assert_refused(const shape_t *shape, const void *object, const field_t *field,
                             const char *why)
{
    const void *seen;
    fault_t fault = {0};
    err_t err = codec_check(shape, object, &fault);
    if (err != ERR_INVALID || fault.field == NULL || strcmp(fault.field, field->name) != 0)
        fail_msg("%s.%s is taken although it is %s", shape->name, field->name, why);
    assert_non_null(fault.problem);
    assert_int_not_equal(s_unpack(shape, object, &fault, &seen), ERR_OK);
}

static void s_assert_taken(const shape_t *shape, const void *object, const field_t *field,
                           const char *why)
{
    fault_t fault = {0};
    if (codec_check(shape, object, &fault) != ERR_OK)
        fail_msg("%s.%s is refused although it is %s", shape->name, field->name, why);
}

static void s_text_at_its_edges(const shape_t *shape, const field_t *field, void *object)
{
    slice_t *text = s_at(object, field);
    if (field->max > 0) {
        *text = specimen_text(field->max, s_arena);
        s_assert_taken(shape, object, field, "as long as it may be");
        *text = specimen_text(field->max + 1, s_arena);
        s_assert_refused(shape, object, field, "too long");
    }
    if (field->min > 1) {
        *text = specimen_text(field->min - 1, s_arena);
        s_assert_refused(shape, object, field, "too short");
    }
    if (field->min > 0) {
        *text = specimen_text(field->min, s_arena);
        s_assert_taken(shape, object, field, "as short as it may be");
    }
    *text = SLICE_LIT("12345678\xff");
    if (field->max == 0 || field->max >= text->len)
        s_assert_refused(shape, object, field, "not UTF-8");
}

static void s_number_at_its_edges(const shape_t *shape, const field_t *field, void *object)
{
    uint64_t *number = s_at(object, field);
    *number = field->max > 0 ? field->max : UINT64_MAX;
    s_assert_taken(shape, object, field, "as large as it may be");
    *number = field->max + 1;
    if (field->max > 0)
        s_assert_refused(shape, object, field, "too large");
    *number = field->min - 1;
    if (field->min > 1)
        s_assert_refused(shape, object, field, "too small");
}

static void s_items_at_their_edges(const shape_t *shape, const field_t *field, void *object)
{
    size_t item = field->kind == KIND_IDS ? sizeof(uint64_t) : field->shape()->size;
    if (field->max == 0)
        return;
    uint8_t *items = arena_alloc(s_arena, (field->max + 1) * item);
    for (size_t i = 0; field->kind == KIND_LIST && i <= field->max; i++)
        memcpy(items + i * item, specimen_new(field->shape(), SPECIMEN_LEAST, s_arena), item);
    *(list_t *)s_at(object, field) = (list_t){items, field->max};
    s_assert_taken(shape, object, field, "as many as there may be");
    *(list_t *)s_at(object, field) = (list_t){items, field->max + 1};
    s_assert_refused(shape, object, field, "too many");
}

static void s_field_at_its_edges(const shape_t *shape, const field_t *field)
{
    void *object = specimen_new(shape, SPECIMEN_LEAST, s_arena);
    switch (field->kind) {
    case KIND_STR:
        s_text_at_its_edges(shape, field, object);
        return;
    case KIND_U64:
        s_number_at_its_edges(shape, field, object);
        return;
    case KIND_LIST:
    case KIND_IDS:
        s_items_at_their_edges(shape, field, object);
        return;
    case KIND_I64:
    case KIND_TIME:
    case KIND_BOOL:
    case KIND_BIN:
    case KIND_CHOICE:
    case KIND_OBJECT:
        return; /* these have no bounds */
    }
}

static void s_shape_at_its_edges(const shape_t *shape)
{
    for (size_t i = 0; i < shape->count; i++) {
        s_field_at_its_edges(shape, &shape->fields[i]);
        arena_reset(s_arena);
    }
}

static void test_every_bound_holds_at_its_edge(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_at_its_edges);
}

/* Zero means absence where a bound or the kind forbids it as a value. */
static bool s_must_not_be_zero(const field_t *field)
{
    bool needed = field->need == NEED_REQ || field->need == NEED_SEC;
    return needed && (field->min > 0 || field->kind == KIND_CHOICE || field->kind == KIND_OBJECT);
}

static void s_shape_misses_fields(const shape_t *shape)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        size_t end = i + 1 < shape->count ? shape->fields[i + 1].offset : shape->size;
        void *object = specimen_new(shape, SPECIMEN_RANDOM, s_arena);
        memset(s_at(object, field), 0, end - field->offset);
        if (s_must_not_be_zero(field))
            s_assert_refused(shape, object, field, "missing");
        else
            s_assert_taken(shape, object, field, "not needed");
    }
    arena_reset(s_arena);
}

static void test_every_needed_field_is_missed(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_misses_fields);
}

static void test_bounds_hold_inside_of_objects_and_lists(void **state)
{
    (void)state;
    const void *seen;
    fault_t fault = {0};
    room_t *room = specimen_new(shape_room(), SPECIMEN_LEAST, s_arena);
    room->gid = SLICE_LIT("short");
    room_created_event_t created = {.room = room};
    room_list_t list = {.rooms = {room, 1}};
    assert_int_equal(s_unpack(shape_room_created_event(), &created, &fault, &seen), ERR_INVALID);
    assert_string_equal(fault.field, "gid");
    assert_int_equal(s_unpack(shape_room_list(), &list, &fault, &seen), ERR_INVALID);
    assert_string_equal(fault.field, "gid");
}

/* ---- strange input ---- */

/* A map with one pair: the field, and a value of another kind than its own. */
static void s_field_of_another_kind(const shape_t *shape, const field_t *field)
{
    const void *seen;
    fault_t fault;
    bool text = field->kind == KIND_STR || field->kind == KIND_CHOICE || field->kind == KIND_BIN;
    s_out.len = 0;
    pack_map(&s_out, 1);
    pack_str(&s_out, slice_of(field->name));
    if (text)
        pack_u64(&s_out, 5);
    else
        pack_str(&s_out, SLICE_LIT("five"));
    err_t err = codec_unpack(buf_slice(&s_out), shape, s_arena, &fault, &seen);
    if (err != ERR_MALFORMED)
        fail_msg("%s.%s takes any kind of value", shape->name, field->name);
}

static void s_shape_of_other_kinds(const shape_t *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        s_field_of_another_kind(shape, &shape->fields[i]);
    arena_reset(s_arena);
}

static void test_values_of_another_kind_are_malformed(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_of_other_kinds);
}

/* No prefix of a message is a message, and none is read past its end. */
static void s_shape_cut_short(const shape_t *shape)
{
    const void *seen;
    fault_t fault;
    s_out.len = 0;
    codec_pack(&s_out, shape, specimen_new(shape, SPECIMEN_RANDOM, s_arena));
    slice_t whole = arena_copy(s_arena, buf_slice(&s_out));
    for (size_t len = 0; len < whole.len; len += 1 + len / 16)
        assert_int_equal(codec_unpack(slice_new(whole.ptr, len), shape, s_arena, &fault, &seen),
                         ERR_MALFORMED);
    arena_reset(s_arena);
}

static void test_cut_messages_are_malformed(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_cut_short);
}

static void test_bytes_behind_a_message_are_malformed(void **state)
{
    (void)state;
    const void *seen;
    fault_t fault;
    s_out.len = 0;
    codec_pack(&s_out, shape_nothing(), &(nothing_t){});
    pack_nil(&s_out);
    assert_int_equal(codec_unpack(buf_slice(&s_out), shape_nothing(), s_arena, &fault, &seen),
                     ERR_MALFORMED);
}

static void test_unknown_fields_of_msgpack_are_passed_over(void **state)
{
    (void)state;
    const void *seen;
    fault_t fault = {0};
    s_out.len = 0;
    pack_map(&s_out, 3);
    pack_str(&s_out, SLICE_LIT("new"));
    pack_array(&s_out, 1);
    pack_map(&s_out, 0);
    pack_str(&s_out, SLICE_LIT("username"));
    pack_str(&s_out, SLICE_LIT("Ann"));
    pack_str(&s_out, SLICE_LIT("login"));
    pack_str(&s_out, SLICE_LIT("ann"));
    assert_int_equal(codec_unpack(buf_slice(&s_out), shape_person(), s_arena, &fault, &seen),
                     ERR_OK);
    assert_true(slice_is(((const person_t *)seen)->login, "ann"));
    assert_true(slice_is(((const person_t *)seen)->username, "Ann"));
}

/* What comes of a JSON text read as such a call. */
static err_t s_read(const char *text, const shape_t *shape, unknown_t unknown, fault_t *fault,
                    void **ret_object)
{
    const json_node_t *root;
    *fault = (fault_t){0};
    assert_int_equal(json_parse(slice_of(text), &root), ERR_OK);
    err_t err = codec_from_json(root, shape, unknown, s_arena, fault, ret_object);
    if (fault->field != NULL) /* it may lie in the tree */
        fault->field = (const char *)arena_copy(s_arena, slice_of(fault->field)).ptr;
    json_free(&root);
    return err;
}

static void s_assert_unread(const char *text, const shape_t *shape, err_t expected,
                            const char *field)
{
    fault_t fault;
    void *object;
    assert_int_equal(s_read(text, shape, UNKNOWN_REFUSED, &fault, &object), expected);
    if (field == NULL)
        assert_null(fault.field);
    else
        assert_string_equal(fault.field, field);
}

static void test_json_of_wrong_kinds_is_refused_by_name(void **state)
{
    (void)state;
    const shape_t *post = shape_room_post_call(), *create = shape_room_create_call();
    s_assert_unread("[]", post, ERR_INVALID, NULL);
    s_assert_unread("{\"room\":\"5\",\"text\":\"a\"}", post, ERR_INVALID, "room");
    s_assert_unread("{\"room\":5.5,\"text\":\"a\"}", post, ERR_INVALID, "room");
    s_assert_unread("{\"room\":-5,\"text\":\"a\"}", post, ERR_INVALID, "room");
    s_assert_unread("{\"room\":9007199254740992,\"text\":\"a\"}", post, ERR_INVALID, "room");
    s_assert_unread("{\"room\":99999999999999999999,\"text\":\"a\"}", post, ERR_INVALID, "room");
    s_assert_unread("{\"room\":5,\"text\":5}", post, ERR_INVALID, "text");
    s_assert_unread("{\"room\":5,\"text\":null}", post, ERR_INVALID, "text");
    s_assert_unread("{\"room\":5,\"text\":\"\"}", post, ERR_INVALID, "text");
    s_assert_unread("{\"room\":5}", post, ERR_INVALID, "text");
    s_assert_unread("{\"kind\":\"secret\"}", create, ERR_INVALID, "kind");
    s_assert_unread("{\"kind\":1}", create, ERR_INVALID, "kind");
}

static void test_unknown_fields_of_json_are_refused_or_passed_over(void **state)
{
    (void)state;
    static const char text[] = "{\"room\":5,\"text\":\"a\",\"colour\":\"red\"}";
    fault_t fault;
    void *object;
    s_assert_unread(text, shape_room_post_call(), ERR_UNKNOWN_FIELD, "colour");
    assert_int_equal(s_read(text, shape_room_post_call(), UNKNOWN_IGNORED, &fault, &object),
                     ERR_OK);
    assert_int_equal(((room_post_call_t *)object)->room, 5);
}

static void test_hidden_fields_are_unknown_to_a_client(void **state)
{
    (void)state;
    static const char text[] = "{\"id\":1,\"login\":\"a\",\"username\":\"a\",\"verifier\":\"v\"}";
    fault_t fault;
    void *object;
    s_assert_unread(text, shape_account_registered_event(), ERR_UNKNOWN_FIELD, "verifier");
    assert_int_equal(
        s_read(text, shape_account_registered_event(), UNKNOWN_IGNORED, &fault, &object), ERR_OK);
    assert_int_equal(((account_registered_event_t *)object)->verifier.len, 0);
}

/* ---- fields from texts ---- */

static void s_assert_set(const char *text, err_t expected, uint64_t value)
{
    room_post_call_t post = {0};
    fault_t fault = {0};
    const field_t *field = shape_field(shape_room_post_call(), SLICE_LIT("room"));
    assert_int_equal(codec_set_text(&post, field, slice_of(text), s_arena, &fault), expected);
    assert_true(post.room == value);
}

static void test_numbers_from_texts_are_digits_only(void **state)
{
    (void)state;
    s_assert_set("17", ERR_OK, 17);
    s_assert_set("0017", ERR_OK, 17);
    static const char *const bad[] = {
        "", " 7", "7 ", "+7", "-7", "0x7", "7.0", "1e3", "99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        s_assert_set(bad[i], ERR_INVALID, 0);
}

static err_t s_set_ids(const char *text, presence_get_call_t *ret_get)
{
    fault_t fault = {0};
    const field_t *field = shape_field(shape_presence_get_call(), SLICE_LIT("accounts"));
    return codec_set_text(ret_get, field, slice_of(text), s_arena, &fault);
}

static void test_lists_of_numbers_have_commas_between(void **state)
{
    (void)state;
    presence_get_call_t get = {0};
    assert_int_equal(s_set_ids("3,17,4", &get), ERR_OK);
    assert_int_equal(get.accounts.count, 3);
    assert_true(get.accounts.items[1] == 17);
    assert_int_equal(s_set_ids("", &get), ERR_OK);
    assert_int_equal(get.accounts.count, 0);
    static const char *const bad[] = {",", "1,", "1,,2", "1;2", "a", "1,-2", "1 2"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(s_set_ids(bad[i], &get), ERR_INVALID);
    buf_t many = {0};
    for (size_t i = 0; i <= LIMIT_PRESENCE_KEYS; i++)
        buf_append_text(&many, i > 0 ? ",1" : "1");
    buf_append_byte(&many, 0);
    assert_int_equal(s_set_ids((const char *)many.data, &get), ERR_OK);
    fault_t fault = {0};
    assert_int_equal(codec_check(shape_presence_get_call(), &get, &fault), ERR_INVALID);
    buf_free(&many);
}

static void test_fault_text_names_the_field(void **state)
{
    (void)state;
    assert_true(
        slice_is(fault_text(&(fault_t){"text", "is too long"}, s_arena), "`text`: is too long"));
    assert_true(slice_is(fault_text(&(fault_t){NULL, "no"}, s_arena), "no"));
    assert_null(fault_text(&(fault_t){0}, s_arena).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape_survives_msgpack),
        cmocka_unit_test(test_every_shape_survives_json),
        cmocka_unit_test(test_json_has_all_but_hidden_and_secret_fields),
        cmocka_unit_test(test_json_leaves_out_absent_optional_fields),
        cmocka_unit_test(test_every_bound_holds_at_its_edge),
        cmocka_unit_test(test_every_needed_field_is_missed),
        cmocka_unit_test(test_bounds_hold_inside_of_objects_and_lists),
        cmocka_unit_test(test_values_of_another_kind_are_malformed),
        cmocka_unit_test(test_cut_messages_are_malformed),
        cmocka_unit_test(test_bytes_behind_a_message_are_malformed),
        cmocka_unit_test(test_unknown_fields_of_msgpack_are_passed_over),
        cmocka_unit_test(test_json_of_wrong_kinds_is_refused_by_name),
        cmocka_unit_test(test_unknown_fields_of_json_are_refused_or_passed_over),
        cmocka_unit_test(test_hidden_fields_are_unknown_to_a_client),
        cmocka_unit_test(test_numbers_from_texts_are_digits_only),
        cmocka_unit_test(test_lists_of_numbers_have_commas_between),
        cmocka_unit_test(test_fault_text_names_the_field),
    };
    return cmocka_run_group_tests(tests, s_setup, s_teardown);
}
