/* blank_test.c - what is personal leaves every event, comes back as it was, and can be done
 * without. */
#include "schema/blank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/codec.h"
#include "schema/pack.h"
#include "tests/unit/schema/specimen.h"

static const slice_t s_stead = SLICE_LIT("redacted-4294967295");
static const slice_t s_name = SLICE_LIT("sealed");

typedef void each_fn(const event_type_t *type, slice_t body, arena_t *arena);

/* Every event that is recorded, as small as it may be, as large, and in between. */
static void s_each_event(each_fn *each)
{
    static const specimen_t hows[] = {SPECIMEN_LEAST, SPECIMEN_RANDOM, SPECIMEN_RANDOM,
                                      SPECIMEN_MOST};
    for (const event_type_t *type = event_types(); type->shape != NULL; type++) {
        for (size_t i = 0; i < COUNT_OF(hows) && !(type->flags & EVENT_VOLATILE); i++) {
            arena_t *arena = arena_new();
            buf_t body = {0};
            codec_pack(&body, type->shape(), specimen_new(type->shape(), hows[i], arena));
            each(type, buf_slice(&body), arena);
            buf_free(&body);
            arena_destroy(&arena);
        }
    }
}

/* What is personal taken out of the pairs, which lie in `out` then. */
static pairs_t s_take(const event_type_t *type, slice_t body, buf_t *out, buf_t *values)
{
    pairs_t pairs;
    assert_int_equal(blank_pairs(body, &pairs), ERR_OK);
    assert_int_equal(blank_take(&pairs, type->shape(), out, values), ERR_OK);
    return (pairs_t){pairs.count, buf_slice(out)};
}

static void s_there_and_back(const event_type_t *type, slice_t body, arena_t *arena)
{
    buf_t out = {0}, values = {0}, back = {0};
    (void)arena;
    pairs_t pairs = s_take(type, body, &out, &values);
    assert_int_equal(blank_fill(&pairs, buf_slice(&values), &back), ERR_OK);
    assert_true(slice_eq(buf_slice(&back), body));

    pack_nil(&values); /* one value too many */
    back.len = 0;
    assert_int_equal(blank_fill(&pairs, buf_slice(&values), &back), ERR_MALFORMED);
    buf_free(&out);
    buf_free(&values);
    buf_free(&back);
}

static void test_every_event_comes_back_as_it_was(void **state)
{
    (void)state;
    s_each_event(s_there_and_back);
}

static void s_assert_bare(const shape_t *shape, const void *object);

static void s_assert_field_bare(const field_t *field, const void *at)
{
    if (field->kind == KIND_STR && field->personal) {
        slice_t text = *(const slice_t *)at;
        assert_true(text.len == 0 || slice_eq(text, s_stead));
    } else if (field->kind == KIND_BIN && field->personal) {
        assert_int_equal(((const slice_t *)at)->len, 0);
    } else if (field->kind == KIND_OBJECT && *(const void *const *)at != NULL) {
        assert_false(field->personal);
        s_assert_bare(field->shape(), *(const void *const *)at);
    } else if (field->kind == KIND_LIST) {
        const list_t *list = at;
        assert_true(!field->personal || list->count == 0);
        for (size_t i = 0; i < list->count; i++)
            s_assert_bare(field->shape(), (const uint8_t *)list->items + i * field->shape()->size);
    } else if (field->kind == KIND_U64 && field->personal) {
        assert_int_equal(*(const uint64_t *)at, 0);
    }
}

static void s_assert_bare(const shape_t *shape, const void *object)
{
    for (size_t i = 0; i < shape->count; i++)
        s_assert_field_bare(&shape->fields[i], (const uint8_t *)object + shape->fields[i].offset);
}

/* It is still an event within every bound of its row, so every actor can apply it. */
static void s_redact(const event_type_t *type, slice_t body, arena_t *arena)
{
    buf_t out = {0}, values = {0}, bare = {0};
    const void *object;
    fault_t fault = {0};
    pairs_t pairs = s_take(type, body, &out, &values);
    assert_int_equal(blank_redact(&pairs, type->shape(), s_stead, &bare), ERR_OK);
    err_t err = codec_unpack(buf_slice(&bare), type->shape(), arena, &fault, &object);
    if (err != ERR_OK)
        fail_msg("%s: `%s` %s", type->name, fault.field, fault.problem);
    s_assert_bare(type->shape(), object);
    buf_free(&out);
    buf_free(&values);
    buf_free(&bare);
}

static void test_every_event_can_do_without(void **state)
{
    (void)state;
    s_each_event(s_redact);
}

/* Texts are sealed unless their row says otherwise: a new one is, whoever forgets to think. */
static void test_texts_are_personal_by_default(void **state)
{
    (void)state;
    assert_true(shape_field(shape_message(), SLICE_LIT("text"))->personal);
    assert_true(shape_field(shape_push_subscription(), SLICE_LIT("endpoint"))->personal);
    assert_true(shape_field(shape_profile(), SLICE_LIT("lat"))->personal);
    assert_false(shape_field(shape_profile(), SLICE_LIT("fame"))->personal);
    assert_false(shape_field(shape_room(), SLICE_LIT("gid"))->personal);
    assert_false(shape_field(shape_message(), SLICE_LIT("seq"))->personal);
}

/* The pair that holds the seal has a name of its own. */
static void test_no_event_has_a_field_of_that_name(void **state)
{
    (void)state;
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        assert_null(shape_field(type->shape(), s_name));
}

static void test_what_is_malformed_is_told(void **state)
{
    (void)state;
    static const slice_t bodies[] = {SLICE_LIT(""), SLICE_LIT("\xc0"), SLICE_LIT("\x90")};
    static const slice_t no_pairs[] = {SLICE_LIT("\xa4text"), SLICE_LIT("\xa6sealed\xa1x"),
                                       SLICE_LIT("\xa6sealed"), SLICE_LIT("")};
    buf_t out = {0};
    pairs_t pairs;
    slice_t first;
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        assert_int_equal(blank_pairs(bodies[i], &pairs), ERR_MALFORMED);
    for (size_t i = 0; i < COUNT_OF(no_pairs); i++) {
        pairs = (pairs_t){1, no_pairs[i]};
        assert_int_equal(blank_first(&pairs, s_name, &first), ERR_MALFORMED);
    }
    pairs = (pairs_t){1, SLICE_LIT("\xa4text\xd9")}; /* a head that is cut off */
    assert_int_equal(blank_take(&pairs, shape_message(), &out, &out), ERR_MALFORMED);
    assert_int_equal(blank_fill(&pairs, SLICE_LIT(""), &out), ERR_MALFORMED);
    assert_int_equal(blank_redact(&pairs, shape_message(), s_stead, &out), ERR_MALFORMED);
    pairs = (pairs_t){1, SLICE_LIT("\xa4text\xc0")}; /* a place, and no value */
    assert_int_equal(blank_fill(&pairs, SLICE_LIT(""), &out), ERR_MALFORMED);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_event_comes_back_as_it_was),
        cmocka_unit_test(test_every_event_can_do_without),
        cmocka_unit_test(test_texts_are_personal_by_default),
        cmocka_unit_test(test_no_event_has_a_field_of_that_name),
        cmocka_unit_test(test_what_is_malformed_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
