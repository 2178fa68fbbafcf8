#include "ws-edge/magic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

#define IS(content, type) assert_string_equal(magic_type(SLICE_LIT(content), true), type)

static void test_formats_are_known_by_their_first_bytes(void **state)
{
    (void)state;
    IS("\xff\xd8\xff\xe0", "image/jpeg");
    IS("\x89PNG\r\n\x1a\n", "image/png");
    IS("GIF89a", "image/gif");
    IS("RIFF....WEBPVP8 ", "image/webp");
    IS("RIFF....WAVEfmt ", "audio/wav");
    IS("....ftypisom", "video/mp4");
    IS("....ftypM4A ", "audio/mp4");
    IS("\x1a\x45\xdf\xa3", "video/webm");
    IS("OggS", "audio/ogg");
    IS("ID3\x03", "audio/mpeg");
    IS("%PDF-1.7", "application/pdf");
    IS("PK\x03\x04", "application/zip");
}

static void test_half_a_signature_is_none(void **state)
{
    (void)state;
    IS("\xff\xd8", "application/octet-stream");
    IS("RIFF....WEB", "text/plain");
    IS("....ftyp\x01", "video/mp4");
    IS("", "application/octet-stream");
}

static void test_what_a_browser_would_run_is_text(void **state)
{
    (void)state;
    IS("<!doctype html><script>alert(1)</script>", "text/plain");
    IS("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", "text/plain");
    IS("caf\xc3\xa9\r\n\t", "text/plain");
}

static void test_what_is_no_text_is_bytes(void **state)
{
    (void)state;
    IS("a\0b", "application/octet-stream");
    IS("a\x1b[0m", "application/octet-stream");
    IS("caf\xe9", "application/octet-stream");
    IS("caf\xc3", "application/octet-stream");
}

static void test_a_character_may_be_cut_at_the_end_of_the_head(void **state)
{
    static const char *const texts[] = {"caf\xc3", "a\xe2\x82", "a\xf0\x9f\x98", "a\xf0"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_string_equal(magic_type(slice_of(texts[i]), false), "text/plain");
    assert_string_equal(magic_type(SLICE_LIT("a\xff"), true), "application/octet-stream");
    assert_string_equal(magic_type(SLICE_LIT("\xe9t\xe9"), false), "application/octet-stream");
}

static void test_lists_of_types(void **state)
{
    slice_t list = SLICE_LIT("application/zip video/*");
    (void)state;
    assert_true(magic_listed(SLICE_LIT("application/zip"), list));
    assert_true(magic_listed(SLICE_LIT("video/mp4"), list));
    assert_false(magic_listed(SLICE_LIT("video"), list));
    assert_false(magic_listed(SLICE_LIT("audio/mp4"), list));
    assert_false(magic_listed(SLICE_LIT("application/zi"), list));
    assert_false(magic_listed(SLICE_LIT("image/png"), (slice_t){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats_are_known_by_their_first_bytes),
        cmocka_unit_test(test_half_a_signature_is_none),
        cmocka_unit_test(test_what_a_browser_would_run_is_text),
        cmocka_unit_test(test_what_is_no_text_is_bytes),
        cmocka_unit_test(test_a_character_may_be_cut_at_the_end_of_the_head),
        cmocka_unit_test(test_lists_of_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
