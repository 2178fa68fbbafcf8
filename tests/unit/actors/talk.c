#include "tests/unit/actors/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- who is there ---- */

int talk_setup(void **state)
{
    static const char *const named[] = {
        "alice",
        "Bob",
        "carol",
        "dave",
        "Zo\xc3\xab Smith",
        "\xe5\xb0\x8f\xe6\x98\x8e",
        "dot.ty-2",
        "carol@example.org",
    };
    static char crowd[PEOPLE][16];
    const char *logins[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++) {
        snprintf(crowd[i], sizeof crowd[i], "crowd%zu", i + 1);
        logins[i] = i < COUNT_OF(named) ? named[i] : crowd[i];
    }
    srandom(1);
    *state = people_new(logins, PEOPLE);
    return 0;
}

/* ---- what they do ---- */

void talk_check(const outcome_t *outcome, err_t status)
{
    assert_int_equal(outcome->status, status);
}

uint64_t talk_room(staging_t *at, room_kind_t kind, uint64_t last)
{
    const outcome_t *made = ASK(at, ALICE, room_create, .kind = kind);
    talk_check(made, ERR_OK);
    uint64_t room = ((const room_t *)made->answer)->id;
    for (uint64_t who = BOB; who <= last; who++)
        talk_check(kind == room_kind_OPEN ? ASK(at, who, room_join, .room = room)
                                          : ASK(at, ALICE, room_join, .room = room, .account = who),
                   ERR_OK);
    return room;
}

const message_t *talk_message(const outcome_t *outcome)
{
    talk_check(outcome, ERR_OK);
    return outcome->answer;
}

uint64_t talk_say(staging_t *at, uint64_t who, uint64_t room, const char *text)
{
    return talk_message(ASK(at, who, room_post, .room = room, .text = slice_of(text)))->seq;
}

unread_t talk_unread(staging_t *at, uint64_t who, uint64_t room)
{
    const outcome_t *outcome = ASK(at, who, room_unread, .room = room);
    talk_check(outcome, ERR_OK);
    const unread_list_t *list = outcome->answer;
    assert_int_equal(list->rooms.count, 1);
    return *(const unread_t *)list->rooms.items;
}

const char *talk_mentions(const message_t *message)
{
    static char text[512];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < message->mentions.count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%d", len > 0 ? " " : "",
                                (int)message->mentions.items[i]);
    if (message->everyone)
        snprintf(text + len, sizeof text - len, "%sall", len > 0 ? " " : "");
    return text;
}
