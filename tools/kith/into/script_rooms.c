/* script_rooms.c - rooms, who is in them, and what is said there. */
#include "schema/mem.h"
#include "tools/kith/into/script_parts.h"

/* ---- rooms ---- */

static char *s_keep(char *before, slice_t text)
{
    mem_free(before);
    if (text.len == 0)
        return NULL;
    char *kept = mem_zeroed(text.len + 1);
    memcpy(kept, text.ptr, text.len);
    return kept;
}

static void s_note(script_t *script, const room_t *event)
{
    script_room_t *room = mem_new(script_room_t);
    *room = (script_room_t){
        .kind = event->kind,
        .first = event->first,
        .second = event->second,
        .creator = event->creator,
        .name = s_keep(NULL, event->name),
        .topic = s_keep(NULL, event->topic),
        .roles = map_new(),
    };
    map_put(script->rooms, event->id, room);
}

script_verdict_t script_created(reading_t *reading, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    if (script_room(reading->script, room->id) == NULL)
        s_note(reading->script, room);
    reading->deed->room = room->id;
    reading->deed->kind = room->kind;
    if (room->kind != room_kind_DIRECT)
        return SAY(reading, room_create, room->creator, .kind = room->kind, .name = room->name,
                   .client_id = reading->deed->client_id, .by_gid = room->by_gid);
    reading->deed->whom = room->second;
    return SAY(reading, room_direct, room->first, .account = room->second);
}

script_verdict_t script_changed(reading_t *reading, const void *body)
{
    const room_changed_event_t *event = body;
    script_room_t *room = script_room(reading->script, event->room->id);
    if (room == NULL)
        return script_unsaid(reading, "its room is older than the journal");
    bool renamed = !slice_eq(slice_of(room->name), event->room->name);
    room->name = s_keep(room->name, event->room->name);
    room->topic = s_keep(room->topic, event->room->topic);
    if (renamed)
        return SAY(reading, room_rename, event->by, event->room->id, event->room->name);
    return SAY(reading, room_set_topic, event->by, event->room->id, event->room->topic);
}

script_verdict_t script_deleted(reading_t *reading, const void *body)
{
    const room_deleted_event_t *event = body;
    return SAY(reading, room_delete, event->by, event->room);
}

/* ---- who is in them ---- */

static room_role_t s_role(const script_room_t *room, uint64_t account)
{
    return room != NULL ? (room_role_t)(uintptr_t)map_get(room->roles, account) : room_role_NONE;
}

static void s_put_role(script_room_t *room, const membership_t *member)
{
    if (room != NULL)
        map_put(room->roles, member->account, (void *)(uintptr_t)member->role);
}

/* Whoever makes a room is in it; the two of a direct one are. */
script_verdict_t script_joined(reading_t *reading, const void *body)
{
    const membership_t *member = ((const room_joined_event_t *)body)->member;
    script_room_t *room = script_room(reading->script, member->room);
    uint64_t by = reading->record->principal;
    bool first = room != NULL && map_count(room->roles) == 0 && room->creator == member->account;
    s_put_role(room, member);
    if (first || (room != NULL && room->kind == room_kind_DIRECT))
        return SCRIPT_FOLLOWS;
    if (by == member->account && member->role == room_role_READER)
        return SAY(reading, room_enter, by, member->room);
    if (by == member->account)
        return SAY(reading, room_join, by, member->room);
    if (by == 0 && room != NULL) /* the matchmaker put them in */
        by = room->creator;
    reading->deed->whom = member->account;
    return SAY(reading, room_join, by, member->room, member->account);
}

script_verdict_t script_left(reading_t *reading, const void *body)
{
    const room_left_event_t *event = body;
    script_room_t *room = script_room(reading->script, event->room);
    if (room != NULL)
        (void)map_remove(room->roles, event->account);
    if (event->by == 0 || event->by == event->account)
        return SAY(reading, room_leave, event->account, event->room, event->account);
    reading->deed->whom = event->account;
    return SAY(reading, room_leave, event->by, event->room, event->account);
}

script_verdict_t script_role_changed(reading_t *reading, const void *body)
{
    const room_role_changed_event_t *event = body;
    const membership_t *member = event->member;
    script_room_t *room = script_room(reading->script, member->room);
    bool muted = s_role(room, member->account) == member->role;
    s_put_role(room, member);
    reading->deed->whom = member->account;
    if (muted)
        return SAY(reading, room_mute, event->by, member->room, member->account,
                   member->muted_until > reading->record->time ? member->muted_until : 0);
    return SAY(reading, room_set_role, event->by, member->room, member->account, member->role);
}

script_verdict_t script_invited(reading_t *reading, const void *body)
{
    const invitation_t *invitation = ((const room_invited_event_t *)body)->invitation;
    reading->deed->whom = invitation->account;
    return SAY(reading, room_invite, invitation->by, invitation->room, invitation->account);
}

/* An invitation that is taken ends without saying so; this one was turned down, or taken back. */
script_verdict_t script_uninvited(reading_t *reading, const void *body)
{
    const room_uninvited_event_t *event = body;
    reading->deed->whom = event->account;
    return SAY(reading, room_decline, event->by, event->room, event->account);
}

script_verdict_t script_banned(reading_t *reading, const void *body)
{
    const room_ban_t *ban = ((const room_banned_event_t *)body)->ban;
    reading->deed->whom = ban->account;
    return SAY(reading, room_ban, ban->by, ban->room, ban->account, ban->until, ban->reason);
}

script_verdict_t script_unbanned(reading_t *reading, const void *body)
{
    const room_unbanned_event_t *event = body;
    reading->deed->whom = event->account;
    return SAY(reading, room_unban, event->by, event->room, event->account);
}

/* ---- what is said there ---- */

static uint64_t s_other(const script_room_t *room, uint64_t account)
{
    if (room == NULL || room->kind != room_kind_DIRECT)
        return 0;
    return room->first == account ? room->second : room->first;
}

static const char s_redacted[] = "what was said has been redacted";

/* Files stay behind; what was said with them does not. */
script_verdict_t script_posted(reading_t *reading, const void *body)
{
    const message_t *message = ((const room_posted_event_t *)body)->message;
    if (message->text.len == 0)
        return script_unsaid(reading, s_redacted);
    reading->deed->seq = message->seq;
    reading->deed->mentions = message->mentions;
    reading->deed->whom = s_other(script_room(reading->script, message->room), message->sender);
    return SAY(reading, room_post, message->sender, .room = message->room, .text = message->text,
               .client_id = reading->deed->client_id, .reply_to = message->reply_to,
               .thread = message->thread, .client_time = message->client_time);
}

script_verdict_t script_marked(reading_t *reading, const void *body)
{
    const read_marker_t *marker = ((const room_marked_event_t *)body)->marker;
    reading->deed->room = marker->room; /* of a large room only the reader hears */
    return SAY(reading, room_read, marker->account, marker->room, marker->seq);
}

script_verdict_t script_edited(reading_t *reading, const void *body)
{
    const message_edited_event_t *event = body;
    if (event->text.len == 0)
        return script_unsaid(reading, s_redacted);
    reading->deed->mentions = event->mentions;
    return SAY(reading, message_edit, reading->record->principal, event->room, event->seq,
               event->text);
}

script_verdict_t script_withdrawn(reading_t *reading, const void *body)
{
    const message_deleted_event_t *event = body;
    return SAY(reading, message_delete, event->by, event->room, event->seq);
}

script_verdict_t script_reacted(reading_t *reading, const void *body)
{
    const message_reacted_event_t *event = body;
    if (!event->on)
        return SAY(reading, message_unreact, event->account, event->room, event->seq, event->emoji);
    return SAY(reading, message_react, event->account, event->room, event->seq, event->emoji);
}

script_verdict_t script_pinned(reading_t *reading, const void *body)
{
    const message_pinned_event_t *event = body;
    if (!event->on)
        return SAY(reading, message_unpin, event->by, event->room, event->seq);
    return SAY(reading, message_pin, event->by, event->room, event->seq);
}
