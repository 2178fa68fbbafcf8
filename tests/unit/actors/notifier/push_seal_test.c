/* push_seal_test.c - the example of RFC 8291, appendix A, byte for byte; and what is padded. */
#include "actors/notifier/push_seal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "actors/crypto.h"

static const char MESSAGE[] = "When I grow up, I want to be a watermelon";
static const char BODY[] =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN";

enum { HEAD_SIZE = PUSH_SALT_SIZE + 4 + 1 + ELLIPTIC_POINT_SIZE };

/* The keys of the example. */
typedef struct example {
    buf_t point, auth, salt;
    elliptic_t *pair;
} example_t;

static slice_t s_read(const char *text, buf_t *out)
{
    assert_int_equal(crypto_base64url_read(slice_of(text), out), ERR_OK);
    return buf_slice(out);
}

static example_t s_example(void)
{
    example_t example = {0};
    buf_t number = {0};
    s_read(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        &example.point);
    s_read("BTBZMqHH6r4Tts7J_aSIgg", &example.auth);
    s_read("DGv6ra1nlYgDCS1FRnbzlw", &example.salt);
    assert_int_equal(
        elliptic_of(s_read("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", &number), &example.pair),
        ERR_OK);
    buf_free(&number);
    return example;
}

static void s_end(example_t *example)
{
    buf_free(&example->point);
    buf_free(&example->auth);
    buf_free(&example->salt);
    elliptic_destroy(&example->pair);
}

static push_seal_t s_seal(const example_t *example)
{
    return (push_seal_t){
        .point = buf_slice(&example->point),
        .auth = buf_slice(&example->auth),
        .pair = example->pair,
        .salt = example->salt.data,
    };
}

static void test_the_example_of_the_standard(void **state)
{
    example_t example = s_example();
    const push_seal_t seal = s_seal(&example);
    buf_t out = {0}, text = {0};
    (void)state;
    assert_int_equal(push_seal(&seal, slice_of(MESSAGE), 0, &out), ERR_OK);
    crypto_base64url(&text, buf_slice(&out));
    assert_true(slice_is(buf_slice(&text), BODY));
    buf_free(&out);
    buf_free(&text);
    s_end(&example);
}

static void test_a_short_message_is_padded(void **state)
{
    const size_t sizes[] = {0, sizeof MESSAGE - 2, sizeof MESSAGE, 1000, PUSH_PLAIN_MAX};
    example_t example = s_example();
    const push_seal_t seal = s_seal(&example);
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        buf_t out = {0};
        size_t content = sizes[i] > sizeof MESSAGE - 1 ? sizes[i] : sizeof MESSAGE - 1;
        assert_int_equal(push_seal(&seal, slice_of(MESSAGE), sizes[i], &out), ERR_OK);
        assert_int_equal(out.len, HEAD_SIZE + content + 1 + ELLIPTIC_TAG_SIZE);
        assert_true(out.len <= PUSH_RECORD_SIZE);
        buf_free(&out);
    }
    s_end(&example);
}

static void test_a_key_that_is_none(void **state)
{
    example_t example = s_example();
    push_seal_t seal = s_seal(&example);
    buf_t out = {0};
    (void)state;
    example.point.data[7] ^= 1;
    assert_int_equal(push_seal(&seal, slice_of(MESSAGE), 0, &out), ERR_INVALID);
    seal.point.len--;
    assert_int_equal(push_seal(&seal, slice_of(MESSAGE), 0, &out), ERR_INVALID);
    assert_int_equal(out.len, 0);
    s_end(&example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_example_of_the_standard),
        cmocka_unit_test(test_a_short_message_is_padded),
        cmocka_unit_test(test_a_key_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
