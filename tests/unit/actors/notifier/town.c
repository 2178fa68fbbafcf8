#include "tests/unit/actors/notifier/town.h"

#include <assert.h>
#include <stdio.h>

#include "actors/bus.h"
#include "actors/log.h"
#include "schema/mem.h"

static void s_make_room(town_t *town, uint64_t room, room_kind_t kind, uint64_t members)
{
    bool direct = kind == room_kind_DIRECT;
    TELL(town, room_created, ALICE,
         .room = &(room_t){.id = room,
                           .gid = SLICE_LIT("abcdefgh"),
                           .kind = kind,
                           .created = town->at->now,
                           .creator = ALICE,
                           .first = direct ? ALICE : 0,
                           .second = direct ? BOB : 0});
    for (uint64_t account = 1; account <= members; account++)
        TELL(town, room_joined, account,
             .member = &(membership_t){.room = room,
                                       .account = account,
                                       .role = room_role_MEMBER,
                                       .joined = town->at->now});
}

int town_setup(void **state)
{
    static char names[FOLK][8];
    const char *logins[FOLK] = {"alice", "bob", "carol", "dan"};
    town_t *town = mem_new(town_t);
    for (size_t i = DAN; i < FOLK; i++) {
        snprintf(names[i], sizeof names[i], "p%zu", i);
        logins[i] = names[i];
    }
    town->at = people_of(&notifier_actor, logins, FOLK);
    s_make_room(town, PAIR, room_kind_DIRECT, 2);
    s_make_room(town, CLUB, room_kind_PRIVATE, 3);
    s_make_room(town, SQUARE, room_kind_OPEN, FOLK);
    *state = town;
    return 0;
}

int town_teardown(void **state)
{
    town_t *town = *state;
    staging_destroy(&town->at);
    mem_free(town);
    return 0;
}

void town_tell(town_t *town, event_number_t event, uint64_t account, const void *body)
{
    staging_tell(town->at, event, account, body);
    staging_commit(town->at);
}

void town_post(town_t *town, message_t message)
{
    static uint64_t last_id;
    town->at->now += 1000000;
    message.id = ++last_id;
    message.seq = ++town->seqs[message.room];
    message.login = message.sender == ALICE ? SLICE_LIT("alice") : SLICE_LIT("bob");
    message.username = message.login;
    message.time = town->at->now;
    message.first = message.room == PAIR ? ALICE : 0;
    message.second = message.room == PAIR ? BOB : 0;
    TELL(town, room_posted, message.sender, .message = &message);
}

void town_say(town_t *town, uint64_t room, uint64_t sender, const char *text)
{
    town_post(town, (message_t){.room = room, .sender = sender, .text = slice_of(text)});
}

const notified_event_t *town_told(const town_t *town, uint64_t account)
{
    const notified_event_t *last = NULL;
    for (size_t i = 0; i < town->at->told_count; i++) {
        const told_t *told = &town->at->told[i];
        const notified_event_t *event = told->body;
        if (told->record.type == EVENT_notified && event->account == account)
            last = event;
    }
    return last;
}

const notification_list_t *town_inbox(town_t *town, uint64_t account)
{
    const outcome_t *outcome = ASK(town->at, account, notification_list, .limit = 0);
    assert(outcome->status == ERR_OK);
    return outcome->answer;
}

const notification_t *town_entry(const notification_list_t *list, size_t index)
{
    assert(index < list->notifications.count);
    return (const notification_t *)list->notifications.items + index;
}

int town_bus_start(void **state)
{
    (void)state;
    log_set_level(LOG_LEVEL_ERROR);
    bus_start();
    return 0;
}

int town_bus_stop(void **state)
{
    (void)state;
    bus_stop();
    return 0;
}
