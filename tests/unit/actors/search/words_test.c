/* words_test.c - what a text can be found by, in many scripts. */
#include "actors/search/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "schema/buf.h"
#include "schema/mem.h"
#include "schema/text.h"

static int s_open(void **state)
{
    *state = arena_new();
    return 0;
}

static int s_close(void **state)
{
    arena_destroy((arena_t **)state);
    return 0;
}

/* The words in one line, ascending. */
static void s_expect(words_t words, const char *line)
{
    buf_t joined = {0};
    for (size_t i = 0; i < words.count; i++) {
        if (i > 0)
            buf_append_byte(&joined, ' ');
        buf_append(&joined, words.items[i]);
    }
    buf_append_byte(&joined, 0);
    assert_string_equal((const char *)joined.data, line);
    buf_free(&joined);
}

static void s_expect_words(arena_t *arena, const char *text, const char *line)
{
    s_expect(words_of(slice_of(text), arena), line);
}

static void s_test_letters_and_digits_are_words(void **state)
{
    s_expect_words(*state, "To be, or not to be?", "be not or to");
    s_expect_words(*state, "v2.10 it's foo_bar @ann #tag", "10 ann bar foo it s tag v2");
    s_expect_words(*state, "", "");
    s_expect_words(*state, " \t\n!?.,;:-()[]{}<>\"'`~@#$%^&*+=|\\/_", "");
}

static void s_test_case_and_accents_do_not_count(void **state)
{
    s_expect_words(*state, "ÉCOLE École e\u0301cole", "ecole");
    s_expect_words(*state, "Straße STRASSE", "strasse");
    s_expect_words(*state, "Ærø Łódź İstanbul ııı Đà Nẵng", "aero da iii istanbul lodz nang");
    s_expect_words(*state, "ΑΘΉΝΑ Αθήνα σοφός ΣΟΦΌΣ", "αθηνα σοφοσ");
    s_expect_words(*state, "Ёлка ЁЛКА елка", "елка");
    s_expect_words(*state, "ＫＩＴＨ４２", "kith42");
    s_expect_words(*state, "Հայաստան", "հայաստան");
}

static void s_test_vowel_points_do_not_count(void **state)
{
    s_expect_words(*state, "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f",
                   "\u0645\u062d\u0645\u062f");
    s_expect_words(*state, "\u0623\u062d\u0645\u062f", "\u0627\u062d\u0645\u062f");
    s_expect_words(*state, "\u05e9\u05b8\u05dc\u05d5\u05b9\u05dd", "\u05e9\u05dc\u05d5\u05dd");
    s_expect_words(*state, "\u0661\u0662\u0663", "123");
}

static void s_test_scripts_without_spaces_give_a_word_a_character(void **state)
{
    s_expect_words(*state, "你好世界", "世界 你好 好世 界");
    s_expect_words(*state, "東京タワー", "タワ ワー ー 京タ 東京");
    s_expect_words(*state, "iPhone手机 ok", "iphone ok 手机 机");
    s_expect_words(*state, "ไทย", "ทย ย ไท");
    s_expect_words(*state, "한국어 만세", "만세 한국어");
}

static void s_test_pictures_are_words(void **state)
{
    s_expect_words(*state, "party🎉now", "now party 🎉");
    s_expect_words(*state, "👍🏽", "👍");
    s_expect_words(*state, "❤\ufe0f", "❤");
}

static void s_test_long_words_are_cut(void **state)
{
    s_expect_words(*state, "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop");
    s_expect_words(*state, "ääääääääääääääääää", "aaaaaaaaaaaaaaaa");
    s_expect_words(*state, "aaaaaaaaaaaaaaaß", "aaaaaaaaaaaaaaas");
}

static void s_test_long_texts_are_cut(void **state)
{
    buf_t text = {0};
    for (int i = 0; i < 3 * WORDS_MAX; i++)
        buf_printf(&text, "w%d ", i);
    assert_int_equal(words_of(buf_slice(&text), *state).count, WORDS_MAX);
    buf_reset(&text);
    for (int i = 0; i < 3 * WORDS_MAX; i++)
        buf_append_text(&text, i % 2 ? "你" : "好");
    assert_int_equal(words_of(buf_slice(&text), *state).count, 2);
    buf_free(&text);
}

static void s_test_a_question_leaves_out_what_it_asks_anyway(void **state)
{
    s_expect(words_asked(SLICE_LIT("he hello world wor"), *state), "hello world");
    s_expect(words_asked(SLICE_LIT("你好"), *state), "你好 好");
}

static void s_test_beginnings_end_between_characters(void **state)
{
    (void)state;
    assert_int_equal(word_beginning(SLICE_LIT("añb"), 1), 1);
    assert_int_equal(word_beginning(SLICE_LIT("añb"), 2), 3);
    assert_int_equal(word_beginning(SLICE_LIT("añb"), 9), 4);
    assert_int_equal(word_beginning(SLICE_LIT(""), 1), 0);
}

/* Every code point there is, alone and between letters: well-formed, within bounds, and a
 * word stands for itself. */
static void s_test_words_of_words_are_the_same(void **state)
{
    arena_t *arena = *state;
    for (uint32_t point = 1; point <= 0x10ffff; point += point < 0x3000 ? 1 : 7) {
        if (point >= 0xd800 && point <= 0xdfff)
            continue;
        char text[16];
        arena_reset(arena);
        int len = point < 0x80      ? snprintf(text, sizeof text, "a%cb", (char)point)
                  : point < 0x800   ? snprintf(text, sizeof text, "a%c%cb", 0xc0 | point >> 6,
                                               0x80 | (point & 0x3f))
                  : point < 0x10000 ? snprintf(text, sizeof text, "a%c%c%cb", 0xe0 | point >> 12,
                                               0x80 | (point >> 6 & 0x3f), 0x80 | (point & 0x3f))
                                    : snprintf(text, sizeof text, "a%c%c%c%cb", 0xf0 | point >> 18,
                                               0x80 | (point >> 12 & 0x3f),
                                               0x80 | (point >> 6 & 0x3f), 0x80 | (point & 0x3f));
        words_t words = words_of(slice_new(text, (size_t)len), arena);
        assert_true(words.count > 0);
        for (size_t i = 0; i < words.count; i++) {
            words_t again = words_of(words.items[i], arena);
            assert_true(text_valid(words.items[i]) && words.items[i].len <= WORD_BYTES);
            assert_true(again.count > 0 && slice_eq(again.items[0], words.items[i]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_letters_and_digits_are_words),
        cmocka_unit_test(s_test_case_and_accents_do_not_count),
        cmocka_unit_test(s_test_vowel_points_do_not_count),
        cmocka_unit_test(s_test_scripts_without_spaces_give_a_word_a_character),
        cmocka_unit_test(s_test_pictures_are_words),
        cmocka_unit_test(s_test_long_words_are_cut),
        cmocka_unit_test(s_test_long_texts_are_cut),
        cmocka_unit_test(s_test_a_question_leaves_out_what_it_asks_anyway),
        cmocka_unit_test(s_test_beginnings_end_between_characters),
        cmocka_unit_test(s_test_words_of_words_are_the_same),
    };
    return cmocka_run_group_tests(tests, s_open, s_close);
}
