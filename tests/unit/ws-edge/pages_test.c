/* pages_test.c - which pages are kept, whose, and for how long. */
#include "ws-edge/pages.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "schema/mem.h"

static const page_id_t s_id = {.account = 1, .room = 2, .limit = 50};

static void s_put(pages_t *pages, page_id_t id, uint64_t as_of, const char *shown)
{
    pages_put(pages, &id, &(page_t){.as_of = as_of, .tag = "tag", .shown = slice_of(shown)});
}

/* What is kept, as of when; 0: nothing is. */
static uint64_t s_as_of(pages_t *pages, page_id_t id)
{
    const page_t *page = pages_take(pages, &id);
    uint64_t as_of = page != NULL ? page->as_of : 0;
    page_release(&page);
    return as_of;
}

static void test_a_page_is_kept_for_its_own_question(void **state)
{
    (void)state;
    pages_t *pages = pages_new();
    s_put(pages, s_id, 7, "seven");
    const page_t *page = pages_take(pages, &s_id);
    assert_true(slice_is(page->shown, "seven"));
    assert_string_equal(page->tag, "tag");
    page_release(&page);
    assert_null(page);

    static const page_id_t others[] = {
        {.account = 2, .room = 2, .limit = 50},
        {.account = 1, .room = 3, .limit = 50},
        {.account = 1, .room = 2},
        {.dialect = (const struct dialect *)1, .account = 1, .room = 2, .limit = 50},
        {.account = 2, .room = 1, .limit = 50},
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_equal(s_as_of(pages, others[i]), 0);
    pages_destroy(&pages);
}

static void test_a_page_that_is_held_outlives_its_successor(void **state)
{
    (void)state;
    pages_t *pages = pages_new();
    s_put(pages, s_id, 7, "seven");
    const page_t *held = pages_take(pages, &s_id);
    s_put(pages, s_id, 8, "eight");
    assert_int_equal(s_as_of(pages, s_id), 8);
    assert_true(slice_is(held->shown, "seven"));
    pages_destroy(&pages);
    assert_true(slice_is(held->shown, "seven"));
    page_release(&held);
    page_release(&held);
}

static void test_who_was_not_asked_for_the_longest_makes_room(void **state)
{
    enum { PAGE_BYTES = PAGES_BYTES_MAX / 8 - 1024 };
    (void)state;
    pages_t *pages = pages_new();
    char *shown = mem_zeroed(PAGE_BYTES + 1);
    memset(shown, 'x', PAGE_BYTES);
    for (uint64_t room = 1; room <= 8; room++)
        s_put(pages, (page_id_t){.room = room}, room, shown);
    assert_int_equal(s_as_of(pages, (page_id_t){.room = 1}), 1);
    s_put(pages, (page_id_t){.room = 9}, 9, shown);
    assert_int_equal(s_as_of(pages, (page_id_t){.room = 1}), 1);
    assert_int_equal(s_as_of(pages, (page_id_t){.room = 2}), 0);
    assert_int_equal(s_as_of(pages, (page_id_t){.room = 9}), 9);
    mem_free(shown);
    pages_destroy(&pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_is_kept_for_its_own_question),
        cmocka_unit_test(test_a_page_that_is_held_outlives_its_successor),
        cmocka_unit_test(test_who_was_not_asked_for_the_longest_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
