/* pass_test.c - a key may what is in its scopes and nothing else; people may ask anything. */
#include "ws-edge/pass.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static err_t s_call(const char *scopes, uint16_t call, const char **ret_detail)
{
    static arena_t *arena;
    who_t who = {.account = 7, .session = 70, .scopes = scopes_set(slice_of(scopes))};
    if (arena == NULL)
        arena = arena_new();
    arena_reset(arena);
    return pass_call(&who, call, arena, ret_detail);
}

static void test_people_may_ask_anything(void **state)
{
    const char *detail;
    (void)state;
    for (const call_type_t *type = call_types(); type->shape != NULL; type++)
        assert_int_equal(s_call("", type->number, &detail), ERR_OK);
}

/* Every call there is, with a key of each scope and of one that nobody knows. */
static void test_a_key_may_what_is_in_its_scope(void **state)
{
    const char *detail;
    (void)state;
    for (const call_type_t *type = call_types(); type->shape != NULL; type++) {
        const char *scope = call_scope(type->number);
        for (const scope_t *key = scopes(); key->name != NULL; key++) {
            bool good = strcmp(scope, key->name) == 0;
            assert_int_equal(s_call(key->name, type->number, &detail),
                             good ? ERR_OK : ERR_FORBIDDEN);
        }
        assert_int_equal(s_call("of the future", type->number, &detail), ERR_FORBIDDEN);
    }
}

static void test_a_refusal_names_the_scope(void **state)
{
    const char *detail;
    (void)state;
    assert_int_equal(s_call("rooms tokens", CALL_room_post, &detail), ERR_FORBIDDEN);
    assert_string_equal(detail, "this key lacks the scope `messages`");
    assert_int_equal(s_call("rooms tokens", CALL_key_create, &detail), ERR_FORBIDDEN);
    assert_string_equal(detail, "no API key may do this");
    assert_int_equal(s_call("rooms messages tokens", CALL_room_post, &detail), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people_may_ask_anything),
        cmocka_unit_test(test_a_key_may_what_is_in_its_scope),
        cmocka_unit_test(test_a_refusal_names_the_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
