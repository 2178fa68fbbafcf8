/* type_test.c - the tables themselves: numbers and names are unique, bounds make
 * sense, rows are found, and what must stay secret cannot leave. */
#include "schema/type.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "schema/err.h"
#include "schema/text.h"
#include "tests/unit/schema/specimen.h"

/* ---- calls and events ---- */

static void test_calls_are_found_by_number_and_name(void **state)
{
    (void)state;
    for (const call_type_t *type = call_types(); type->shape != NULL; type++) {
        assert_ptr_equal(call_type(type->number), type); /* so no number comes twice */
        assert_ptr_equal(call_type_named(slice_of(type->name)), type);
        assert_string_equal(type->shape()->name, type->name);
        assert_true(type->number > 0 && type->number < 512);
        assert_non_null(type->answer());
    }
    assert_null(call_type(0));
    assert_null(call_type(255));
    assert_null(call_type(UINT16_MAX));
    assert_null(call_type_named(SLICE_LIT("room.pos")));
    assert_null(call_type_named(SLICE_LIT("")));
}

static void test_events_are_found_by_number(void **state)
{
    (void)state;
    for (const event_type_t *type = event_types(); type->shape != NULL; type++) {
        assert_ptr_equal(event_type(type->number), type);
        assert_string_equal(type->shape()->name, type->name);
        assert_true(type->version > 0);
        assert_null(call_type(type->number)); /* one space of numbers, easier to read */
    }
    assert_null(event_type(0));
    assert_null(event_type(UINT16_MAX));
}

static void test_event_names_are_unique(void **state)
{
    (void)state;
    for (const event_type_t *one = event_types(); one->shape != NULL; one++)
        for (const event_type_t *other = one + 1; other->shape != NULL; other++)
            assert_string_not_equal(one->name, other->name);
}

/* Whoever hears a room's events from a join on must be able to see that join. */
static void test_event_flags_make_sense(void **state)
{
    (void)state;
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        if (type->flags & EVENT_FOLLOW)
            assert_true(type->flags & EVENT_SHOWN && !(type->flags & EVENT_VOLATILE));
}

/* Else a bot with that scope would never hear of it. */
static void test_what_is_shown_is_heard_in_a_scope_of_its_own(void **state)
{
    const uint32_t observe = scopes_set(scopes_observe);
    (void)state;
    for (const event_type_t *type = event_types(); type->shape != NULL; type++) {
        unsigned scoped = 0;
        if (!(type->flags & EVENT_SHOWN))
            continue;
        assert_true(scopes_hear(observe, type));
        for (const scope_t *scope = scopes(); scope->name != NULL; scope++)
            scoped += scopes_hear(scopes_set(slice_of(scope->name)), type);
        assert_int_equal(scoped, 2); /* and `observe` */
    }
}

/* ---- fields ---- */

static void s_check_field(const shape_t *shape, const field_t *field)
{
    assert_ptr_equal(shape_field(shape, slice_of(field->name)), field); /* unique */
    assert_true(field->offset < shape->size);
    assert_true(field->doc[0] != '\0');
    if (field->max != 0 && field->min > field->max)
        fail_msg("%s.%s has no possible value", shape->name, field->name);
    assert_true((field->kind == KIND_OBJECT || field->kind == KIND_LIST) == (field->shape != NULL));
    assert_true((field->kind == KIND_CHOICE) == (field->choices != NULL));
}

static void s_check_shape(const shape_t *shape)
{
    assert_true(shape->doc[0] != '\0');
    for (size_t i = 0; i < shape->count; i++)
        s_check_field(shape, &shape->fields[i]);
    assert_null(shape_field(shape, SLICE_LIT("no such field")));
}

static void test_every_field_is_sound(void **state)
{
    (void)state;
    specimen_each_shape(s_check_shape);
}

static void s_check_kept(const shape_t *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        if (shape->fields[i].need == NEED_SEC)
            fail_msg("%s.%s would be kept, and is secret", shape->name, shape->fields[i].name);
}

/* Events are journaled, entities stored, answers sent: only calls may carry secrets. */
static void test_secrets_are_in_calls_only(void **state)
{
    (void)state;
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        s_check_kept(type->shape());
    for (shape_fn *const *shape = entity_shapes(); *shape != NULL; shape++)
        s_check_kept((*shape)());
}

static void test_passwords_are_secret_and_verifiers_hidden(void **state)
{
    (void)state;
    for (const call_type_t *type = call_types(); type->shape != NULL; type++) {
        const field_t *field = shape_field(type->shape(), SLICE_LIT("password"));
        if (field != NULL)
            assert_int_equal(field->need, NEED_SEC);
    }
    for (const event_type_t *type = event_types(); type->shape != NULL; type++) {
        const field_t *field = shape_field(type->shape(), SLICE_LIT("verifier"));
        if (field != NULL)
            assert_int_equal(field->need, NEED_HID);
    }
}

/* ---- words ---- */

static void s_check_words(choices_fn *set)
{
    int expected = 1;
    for (const choice_t *choice = set(); choice->word != NULL; choice++, expected++) {
        assert_int_equal(choice->number, expected);
        assert_int_equal(choice_number(set, slice_of(choice->word)), choice->number);
        assert_string_equal(choice_word(set, choice->number), choice->word);
    }
    assert_string_equal(choice_word(set, 0), "");
    assert_string_equal(choice_word(set, expected), "");
    assert_int_equal(choice_number(set, SLICE_LIT("")), 0);
    assert_int_equal(choice_number(set, SLICE_LIT("no such word")), 0);
}

static void test_words_and_numbers_are_one_to_one(void **state)
{
    (void)state;
#define CHOICE_SET(set, ...) s_check_words(choices_##set);
#include "schema/choices.def"
#undef CHOICE_SET
}

/* ---- errors ---- */

static bool s_close_code_fits(const err_info_t *info)
{
    return (info->close_code >= 1000 && info->close_code < 1016) ||
           (info->close_code >= 4000 && info->close_code < 5000);
}

static void test_errors_have_all_that_clients_need(void **state)
{
    (void)state;
    for (int err = 0; err < ERR_COUNT_; err++) {
        const err_info_t *info = err_info((err_t)err);
        assert_true(info->status >= 200 && info->status < 600);
        assert_true(s_close_code_fits(info));
        assert_true(text_valid(slice_of(info->sentence)) && info->sentence[0] != '\0');
        for (int other = err + 1; other < ERR_COUNT_; other++)
            assert_string_not_equal(info->name, err_info((err_t)other)->name);
    }
    assert_ptr_equal(err_info(ERR_COUNT_), err_info(ERR_INTERNAL));
    assert_ptr_equal(err_info((err_t)-1), err_info(ERR_INTERNAL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_are_found_by_number_and_name),
        cmocka_unit_test(test_events_are_found_by_number),
        cmocka_unit_test(test_event_names_are_unique),
        cmocka_unit_test(test_event_flags_make_sense),
        cmocka_unit_test(test_what_is_shown_is_heard_in_a_scope_of_its_own),
        cmocka_unit_test(test_every_field_is_sound),
        cmocka_unit_test(test_secrets_are_in_calls_only),
        cmocka_unit_test(test_passwords_are_secret_and_verifiers_hidden),
        cmocka_unit_test(test_words_and_numbers_are_one_to_one),
        cmocka_unit_test(test_errors_have_all_that_clients_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
