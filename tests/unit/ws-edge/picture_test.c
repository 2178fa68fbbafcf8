/* picture_test.c - data URIs to the letter. */
#include "ws-edge/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "actors/photo.h"
#include "schema/mem.h"

/* As short as may be: a PNG, a JPEG, a WebP and a GIF. */
#define PNG                                                                                        \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg" \
    "gg=="
#define JPEG "/9j/2gAC"
#define WEBP "UklGRgwAAABXRUJQVlA4IAAAAAA="
#define GIF "R0lGODlhAQABAAAAACwAAAAAAQABAAACADs="

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
        const char *uri, *type;
        size_t bytes;
    } rows[] = {
        {"data:image/png;base64," PNG, "image/png", 70},
        {"data:image/png;base64," JPEG, "image/jpeg", 6},
        {"data:text/html;charset=x;base64," WEBP, "image/webp", 20},
        {"data:;base64," PNG, "image/png", 70},
    };
    arena_t *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        picture_t picture;
        file_t kept;
        assert_int_equal(s_read(arena, rows[i].uri, &picture), ERR_OK);
        assert_int_equal(picture.content.len, rows[i].bytes);
        assert_true(photo_at(picture.url, &kept));
        assert_true(slice_eq(kept.id, picture.file.id));
        assert_true(slice_is(kept.type, rows[i].type));
        assert_int_equal(kept.size, rows[i].bytes);
    }
    arena_destroy(&arena);
}

static void test_a_form_makes_spaces_of_plus_signs(void **state)
{
    arena_t *arena = arena_new();
    picture_t plus, space;
    (void)state;
    assert_int_equal(s_read(arena, "data:image/jpeg;base64,/9j/2gAC++++", &plus), ERR_OK);
    assert_int_equal(s_read(arena, "data:image/jpeg;base64,/9j/2gAC  ++", &space), ERR_OK);
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
        "data:image/png;base64,iVBORw0KGgo=",
        "data:image/png;base64,iVBOR_0KGgo=",
        "data:image/png;base6," PNG,
        "data:image/png;base64,PHN2Zz4=",
        ("data:image/gif;base64," GIF),
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
        size_t len = LIMIT_PHOTO + more;
        uint8_t *content = mem_zeroed(len);
        buf_t uri = {0};
        picture_t picture;
        arena_t *arena = arena_new();
        memcpy(content, "\xff\xd8\xff\xda\0\x02", 6);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_picture_is_what_its_content_says),
        cmocka_unit_test(test_a_form_makes_spaces_of_plus_signs),
        cmocka_unit_test(test_what_is_no_data_uri_of_a_picture_is_refused),
        cmocka_unit_test(test_a_picture_has_a_largest_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
