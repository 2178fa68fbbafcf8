/* room_mentions_test.c - whom a text mentions. */
#include "tests/unit/actors/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"

static void s_test_mentions_are_whole_logins(void **state)
{
    static const struct {
        const char *text;
        const char *mentions;
    } rows[] = {
        {"hello", ""},
        {"@", ""},
        {"@@", ""},
        {"@bob", "2"},
        {"@BOB!", "2"},
        {"(@bob)", "2"},
        {"@@bob", "2"},
        {"@bob's, @alice", "2 1"},
        {"@bob @alice @bob", "2 1"},
        {"@bob@alice", "2"},
        {"@bobby and @bo", ""},
        {"mail bob@bob.org or x@bob", ""},
        {"@bob\xc3\xa9", ""},
        {"@bob\xe2\x80\xa6", "2"},
        {"\xc3\xa9@bob", ""},
        {"@dave in the crowd", ""}, /* is not here */
        {"@zo\xc3\xab smith: hi", "5"},
        {"@zo\xc3\xab", ""},
        {"@\xe5\xb0\x8f\xe6\x98\x8e\xe4\xbd\xa0\xe5\xa5\xbd", "6"},
        {"\xe4\xbd\xa0\xe5\xa5\xbd@\xe5\xb0\x8f\xe6\x98\x8e", "6"},
        {"@dot.ty-2.", "7"},
        {"@dot.ty-23", ""},
        {"@carol@example.org", "8"}, /* the longest login there is */
        {"@carol @example.org", "3"},
        {"@everyone", "all"},
        {"@room, @bob", "2 all"},
        {"@Everyone else", "all"},
        {"@everyoneelse", ""},
        {"\n@bob\n", "2"},
        {"@bob\n@alice", "2 1"},
    };
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, CAROL);
    for (uint64_t who = ZOE; who <= ADDRESS; who++)
        talk_check(ASK(at, ALICE, room_join, .room = room, .account = who), ERR_OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const message_t *message =
            talk_message(ASK(at, ALICE, room_post, .room = room, .text = slice_of(rows[i].text)));
        if (strcmp(talk_mentions(message), rows[i].mentions) != 0)
            fail_msg("%s: mentions %s, not %s", rows[i].text, talk_mentions(message),
                     rows[i].mentions);
    }
    const message_t *plain =
        talk_message(ASK(at, BOB, room_post, .room = room, .text = SLICE_LIT("@everyone @alice")));
    assert_string_equal(talk_mentions(plain), "1"); /* calling all is for moderators */
}

static void s_test_mentions_are_bounded(void **state)
{
    staging_t *at = *state;
    enum { SIZE = LIMIT_TEXT };
    char *text = mem_zeroed(SIZE + 1);
    uint64_t room = talk_room(at, room_kind_OPEN, PEOPLE);
    for (int i = 0; i < 100; i++)
        snprintf(text + strlen(text), SIZE - strlen(text), "@crowd%d ", CROWD + i);
    const message_t *message =
        talk_message(ASK(at, ALICE, room_post, .room = room, .text = slice_of(text)));
    assert_int_equal(message->mentions.count, LIMIT_MENTIONS);
    assert_int_equal(message->mentions.items[LIMIT_MENTIONS - 1], CROWD + LIMIT_MENTIONS - 1);

    int len = snprintf(text, SIZE, "@bob");
    for (size_t i = (size_t)len; i < SIZE; i++)
        text[i] = " @x"[i % 3]; /* many looks that find nobody */
    message = talk_message(ASK(at, ALICE, room_post, .room = room, .text = slice_of(text)));
    assert_string_equal(talk_mentions(message), "2");
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TALK(s_test_mentions_are_whole_logins),
        TALK(s_test_mentions_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
