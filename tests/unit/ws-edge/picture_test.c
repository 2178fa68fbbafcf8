/* picture_test.c - data URIs to the letter, and the names under which pictures are served. */
#include "ws-edge/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "schema/mem.h"

#define ID "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* The signature of PNG, of JPEG, and of WebP. */
#define PNG "iVBORw0KGgo="
#define JPEG "/9j/4A=="
#define WEBP "UklGRgAAAABXRUJQ"

static err_t s_read(arena_t *arena, const char *uri, picture_t *ret_picture)
{
    const char *problem = NULL;
    err_t err = picture_read(slice_of(uri), arena, ret_picture, &problem);
    assert_true((err == ERR_OK) == (problem == NULL));
    return err;
}

static void test_a_picture_is_what_its_content_says(void **state)
{
    static const struct {
        const char *uri, *suffix;
        size_t bytes;
    } rows[] = {
        {"data:image/png;base64," PNG, "-8.png", 8},
        {"data:image/png;base64," JPEG, "-4.jpg", 4},
        {"data:text/html;charset=x;base64," WEBP, "-12.webp", 12},
        {"data:;base64," PNG, "-8.png", 8},
    };
    arena_t *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        picture_t picture;
        assert_int_equal(s_read(arena, rows[i].uri, &picture), ERR_OK);
        assert_int_equal(picture.content.len, rows[i].bytes);
        slice_t name = slice_from(picture.url, strlen("/api/photos/"));
        assert_true(slice_is(slice_from(name, strlen(ID)), rows[i].suffix));
        slice_t id;
        uint64_t size;
        const char *type;
        assert_true(picture_named(name, &id, &size, &type));
        assert_int_equal(size, rows[i].bytes);
    }
    arena_destroy(&arena);
}

static void test_a_form_makes_spaces_of_plus_signs(void **state)
{
    arena_t *arena = arena_new();
    picture_t plus, space;
    (void)state;
    assert_int_equal(s_read(arena, "data:image/jpeg;base64,/9j/+w==", &plus), ERR_OK);
    assert_int_equal(s_read(arena, "data:image/jpeg;base64,/9j/ w==", &space), ERR_OK);
    assert_true(slice_eq(plus.url, space.url));
    arena_destroy(&arena);
}

static void test_what_is_no_data_uri_of_a_picture_is_refused(void **state)
{
    static const char *const uris[] = {
        "data:",
        "data:,",
        "data:image/png," PNG,
        "data:image/png;base64",
        "data:image/png;base64,",
        "data:image/png;base64,iVBORw0KGgo",
        "data:image/png;base64,iVBOR_0KGgo=",
        "data:image/png;base6," PNG,
        "data:image/png;base64,PHN2Zz4=",
        "data:image/gif;base64,R0lGODlh",
    };
    arena_t *arena = arena_new();
    picture_t picture;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(uris); i++)
        assert_int_equal(s_read(arena, uris[i], &picture), ERR_INVALID);
    assert_false(picture_is_data(SLICE_LIT("https://x/data:")));
    arena_destroy(&arena);
}

/* Up to the last byte, and not one more. */
static void test_a_picture_has_a_largest_size(void **state)
{
    (void)state;
    for (size_t more = 0; more < 4; more++) {
        size_t len = PICTURE_BYTES_MAX + more;
        uint8_t *content = mem_zeroed(len);
        buf_t uri = {0};
        picture_t picture;
        arena_t *arena = arena_new();
        memcpy(content, "\xff\xd8\xff", 3);
        buf_append_text(&uri, "data:image/jpeg;base64,");
        crypto_base64(&uri, slice_new(content, len));
        buf_append_byte(&uri, '\0');
        assert_int_equal(s_read(arena, (const char *)uri.data, &picture),
                         more == 0 ? ERR_OK : ERR_INVALID);
        arena_destroy(&arena);
        buf_free(&uri);
        mem_free(content);
    }
}

static void test_only_such_names_are_pictures(void **state)
{
    static const char *const names[] = {
        "",
        ID,
        ID "-",
        ID "-.png",
        ID "-0.png",
        ID "-8",
        ID "-8.gif",
        ID "-8.pngx",
        ID "-8x.png",
        ID "8.png",
        ID "-12345678.png",
        ID "-99999999999999999999.png",
    };
    slice_t id;
    uint64_t size;
    const char *type;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_false(picture_named(slice_of(names[i]), &id, &size, &type));
    assert_true(picture_named(SLICE_LIT(ID "-1234567.webp"), &id, &size, &type));
    assert_true(slice_is(id, ID));
    assert_int_equal(size, 1234567);
    assert_string_equal(type, "image/webp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_picture_is_what_its_content_says),
        cmocka_unit_test(test_a_form_makes_spaces_of_plus_signs),
        cmocka_unit_test(test_what_is_no_data_uri_of_a_picture_is_refused),
        cmocka_unit_test(test_a_picture_has_a_largest_size),
        cmocka_unit_test(test_only_such_names_are_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
