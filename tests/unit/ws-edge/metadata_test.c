/* metadata_test.c - real pictures, before and after somebody wrote beside them where they were. */
#include "ws-edge/metadata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

/* Four bytes of a marker and what Exif begins with, then ten of TIFF, behind them a count. */
static const uint8_t s_on_its_side[] = "\xff\xe1\0\x22"
                                       "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06"
                                       "\0\0\0\0\0";

static buf_t s_read(const char *name)
{
    enum { PICTURE_MAX = 64 * 1024 };
    char path[4096];
    buf_t bytes = {0};
    const char *unit = strstr(__FILE__, "unit/ws-edge/");
    snprintf(path, sizeof path, "%.*simages/%s", (int)(unit - __FILE__), __FILE__, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    bytes.len = fread(buf_reserve(&bytes, PICTURE_MAX), 1, PICTURE_MAX, file);
    fclose(file);
    assert_true(bytes.len > 0 && bytes.len < PICTURE_MAX);
    return bytes;
}

static buf_t s_strip(slice_t picture)
{
    buf_t out = {0};
    assert_int_equal(metadata_strip(picture, &out), ERR_OK);
    return out;
}

static bool s_has(const buf_t *bytes, const char *text)
{
    return bytes->len > 0 && memmem(bytes->data, bytes->len, text, strlen(text)) != NULL;
}

static void test_what_an_encoder_makes_stays_as_it_is(void **state)
{
    static const char *const names[] = {"plain.jpg",  "plain.png",  "plain.gif",
                                        "plain.webp", "moving.png", "moving.webp"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        buf_t picture = s_read(names[i]), left = s_strip(buf_slice(&picture));
        assert_true(slice_eq(buf_slice(&left), buf_slice(&picture)));
        buf_free(&picture);
        buf_free(&left);
    }
}

static void test_what_was_written_beside_it_goes(void **state)
{
    static const char *const kinds[] = {"jpg", "png", "gif", "webp"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        char name[32];
        snprintf(name, sizeof name, "placed.%s", kinds[i]);
        buf_t placed = s_read(name), left = s_strip(buf_slice(&placed));
        snprintf(name, sizeof name, "plain.%s", kinds[i]);
        buf_t plain = s_read(name);
        assert_true(s_has(&placed, "Somebody"));
        assert_true(slice_eq(buf_slice(&left), buf_slice(&plain)));
        buf_free(&placed);
        buf_free(&left);
        buf_free(&plain);
    }
}

static void test_which_side_is_up_is_all_that_stays_of_exif(void **state)
{
    buf_t turned = s_read("turned.jpg"), plain = s_read("plain.jpg");
    buf_t left = s_strip(buf_slice(&turned));
    size_t more = sizeof s_on_its_side;
    (void)state;
    const uint8_t *at = memmem(left.data, left.len, s_on_its_side, more);
    assert_non_null(at);
    size_t before = (size_t)(at - left.data);
    assert_int_equal(left.len, plain.len + more);
    assert_memory_equal(left.data, plain.data, before);
    assert_memory_equal(at + more, plain.data + before, plain.len - before);
    buf_t again = s_strip(buf_slice(&left));
    assert_true(slice_eq(buf_slice(&again), buf_slice(&left)));
    buf_free(&turned);
    buf_free(&plain);
    buf_free(&left);
    buf_free(&again);
}

/* Those of other byte order are read as well; one that is upright need not say so. */
static void test_a_side_is_read_in_either_byte_order(void **state)
{
    static const uint8_t little[] = "\xff\xe1\0\x22"
                                    "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0"
                                    "\0\0\0\0\0";
    buf_t plain = s_read("plain.jpg"), picture = {0};
    (void)state;
    buf_append(&picture, slice_new(plain.data, 2));
    buf_append(&picture, slice_new(little, sizeof little));
    buf_append(&picture, slice_from(buf_slice(&plain), 2));
    buf_t left = s_strip(buf_slice(&picture));
    assert_non_null(memmem(left.data, left.len, s_on_its_side, sizeof s_on_its_side));
    picture.data[2 + 28] = 1;
    buf_t upright = s_strip(buf_slice(&picture));
    assert_true(slice_eq(buf_slice(&upright), buf_slice(&plain)));
    buf_free(&plain);
    buf_free(&picture);
    buf_free(&left);
    buf_free(&upright);
}

/* A JPEG that breaks off inside a scan is shown by everybody; the others are refused. */
static void test_what_breaks_off_is_refused(void **state)
{
    static const char *const names[] = {"placed.png", "placed.gif", "placed.webp", "placed.jpg"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        buf_t picture = s_read(names[i]);
        size_t taken = 0;
        for (size_t len = 0; len < picture.len; len++) {
            buf_t out = {0};
            uint8_t *copy = mem_grow(NULL, len + 1); /* so that a sanitizer sees its end */
            memcpy(copy, picture.data, len);
            taken += metadata_strip(slice_new(copy, len), &out) == ERR_OK;
            assert_false(s_has(&out, "Somebody"));
            mem_free(copy);
            buf_free(&out);
        }
        assert_int_equal(taken > 0, i == 3);
        buf_free(&picture);
    }
}

static void test_other_files_are_no_pictures(void **state)
{
    static const char *const files[] = {"", "<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.4",
                                        "RIFF____WAVEfmt "};
    buf_t out = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_int_equal(metadata_strip(slice_of(files[i]), &out), ERR_UNSUPPORTED_TYPE);
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_an_encoder_makes_stays_as_it_is),
        cmocka_unit_test(test_what_was_written_beside_it_goes),
        cmocka_unit_test(test_which_side_is_up_is_all_that_stays_of_exif),
        cmocka_unit_test(test_a_side_is_read_in_either_byte_order),
        cmocka_unit_test(test_what_breaks_off_is_refused),
        cmocka_unit_test(test_other_files_are_no_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
