/* world.c - what the notifier keeps of other actors' events: who is in which room, who may
 * write to whom, who was here.  Who people are is in actors/person.c. */
#include "actors/notifier/crowd.h"
#include "actors/notifier/mute.h"
#include "actors/notifier/notifier.h"
#include "schema/text.h"

/* ---- people ---- */

void world_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *event = body;
    person_apply_registered(turn, record, body);
    if (event->verified)
        digest_prove(turn, event->id, record->time);
}

void world_apply_proven(turn_t *turn, const record_t *record, const void *body)
{
    digest_prove(turn, ((const email_verified_event_t *)body)->account, record->time);
}

void world_apply_unproven(turn_t *turn, const record_t *record, const void *body)
{
    digest_disprove(turn, ((const email_changed_event_t *)body)->account);
    (void)record;
}

/* Whoever signs in is here; an API key is nobody. */
void world_apply_opened(turn_t *turn, const record_t *record, const void *body)
{
    const session_opened_event_t *event = body;
    if (event->scopes.len == 0)
        digest_see(turn, event->account, record->time);
}

void world_apply_seen(turn_t *turn, const record_t *record, const void *body)
{
    digest_see(turn, ((const account_seen_event_t *)body)->account, record->time);
}

void world_apply_gone(turn_t *turn, const record_t *record, const void *body)
{
    person_apply_gone(turn, record, body);
    digest_disprove(turn, ((const account_deleted_event_t *)body)->account);
}

/* ---- rooms ---- */

void world_apply_created(turn_t *turn, const record_t *record, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    crowd_begin(turn, room->id);
    if (room->kind == room_kind_DIRECT)
        row_put_number(turn, row_key_pair('d', room->first, room->second), room->id);
    (void)record;
}

/* A second `joined` gives somebody who is in the room another role. */
void world_apply_joined(turn_t *turn, const record_t *record, const void *body)
{
    const membership_t *member = ((const room_joined_event_t *)body)->member;
    crowd_add(turn, member->room, member->account);
    (void)record;
}

void world_apply_left(turn_t *turn, const record_t *record, const void *body)
{
    const room_left_event_t *left = body;
    mute_forget(turn, left->account, left->room);
    crowd_remove(turn, left->room, left->account);
    (void)record;
}

void world_apply_deleted(turn_t *turn, const record_t *record, const void *body)
{
    crowd_end(turn, ((const room_deleted_event_t *)body)->room);
    (void)record;
}

/* In a direct room nobody else is there, and its first message is the one that counts; in
 * a large one nobody is told. */
void world_apply_posted(turn_t *turn, const record_t *record, const void *body)
{
    const message_t *message = ((const room_posted_event_t *)body)->message;
    crowd_t crowd;
    here_t here;
    if (message->first != 0 && message->seq == 1)
        row_put_mark(turn, row_key1('D', message->room));
    if (message->first != 0 || !row_found(crowd_get(turn, message->room, &crowd)) || crowd.large ||
        !row_found(here_get(turn, message->room, &here)))
        return;
    here.seq = message->seq;
    here_put(turn, message->room, &here, message->sender, record->time);
}

void world_apply_marked(turn_t *turn, const record_t *record, const void *body)
{
    const read_marker_t *marker = ((const room_marked_event_t *)body)->marker;
    here_t here;
    if (row_found(here_get(turn, marker->room, &here)) && here.seq > 0)
        here_put(turn, marker->room, &here, marker->account, record->time);
}

void world_apply_edited(turn_t *turn, const record_t *record, const void *body)
{
    const message_edited_event_t *event = body;
    row_put_bytes(turn, row_key2('x', event->room, event->seq),
                  text_cut(event->text, LIMIT_NOTICE));
    (void)record;
}

void world_apply_taken_back(turn_t *turn, const record_t *record, const void *body)
{
    const message_deleted_event_t *event = body;
    row_put_mark(turn, row_key2('x', event->room, event->seq));
    (void)record;
}

/* ---- who may write to whom ---- */

void world_apply_matched(turn_t *turn, const record_t *record, const void *body)
{
    const people_matched_event_t *event = body;
    row_put_mark(turn, row_key_pair('M', event->account, event->by));
    (void)record;
}

void world_apply_unliked(turn_t *turn, const record_t *record, const void *body)
{
    const people_unliked_event_t *event = body;
    if (event->matched)
        row_delete(turn, row_key_pair('M', event->account, event->by));
    (void)record;
}

void world_apply_connected(turn_t *turn, const record_t *record, const void *body)
{
    const people_connected_event_t *event = body;
    row_put_number(turn, row_key_pair('c', event->account, event->by), CHAT_OPEN);
    (void)record;
}

void world_apply_disconnected(turn_t *turn, const record_t *record, const void *body)
{
    const people_disconnected_event_t *event = body;
    row_put_number(turn, row_key_pair('c', event->account, event->by), CHAT_CLOSED);
    (void)record;
}

void world_apply_blocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_blocked_event_t *event = body;
    row_put_mark(turn, row_key2('B', event->by, event->account));
    (void)record;
}

void world_apply_unblocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_unblocked_event_t *event = body;
    row_delete(turn, row_key2('B', event->by, event->account));
    (void)record;
}
