/* script.c - each kind of event is a row: what it was said by, or why nobody can say it. */
#include "tools/kith/into/script_parts.h"

#include "schema/codec.h"
#include "schema/mem.h"

typedef struct script_row {
    event_number_t event;
    script_fn *say;  /* NULL: see `why` */
    const char *why; /* no client can say it; NULL: it follows from something else */
    bool sets_scene;
} script_row_t;

#define SAID(event, fn)          \
    {                            \
        EVENT_##event, .say = fn \
    }
#define SCENE(event, fn)                             \
    {                                                \
        EVENT_##event, .say = fn, .sets_scene = true \
    }
#define UNSAID(event, why_)        \
    {                              \
        EVENT_##event, .why = why_ \
    }

/* Those that have no row follow. */
static const script_row_t s_rows[] = {
    SCENE(account_registered, script_registered),
    SAID(session_opened, script_opened),
    SAID(session_closed, script_closed),
    SAID(sessions_revoked, script_revoked),
    SAID(session_renewed, script_renewed),
    SAID(password_changed, script_password),
    SCENE(account_renamed, script_renamed),
    SAID(email_changed, script_email),
    SCENE(email_verified, script_verified),
    SCENE(account_banned, script_account_banned),
    SCENE(account_unbanned, script_account_unbanned),
    SCENE(account_deleted, script_account_deleted),
    SAID(online_set, script_online),
    UNSAID(role_changed, "roles of accounts are given by admins"),
    UNSAID(account_redacted, "people are redacted by operators"),
    UNSAID(bot_scoped, "scopes of bots are given by operators"),
    SCENE(room_created, script_created),
    SCENE(room_joined, script_joined),
    SCENE(room_left, script_left),
    SAID(room_posted, script_posted),
    SCENE(room_changed, script_changed),
    SCENE(room_deleted, script_deleted),
    SCENE(room_role_changed, script_role_changed),
    SCENE(room_invited, script_invited),
    SCENE(room_uninvited, script_uninvited),
    SCENE(room_banned, script_banned),
    SCENE(room_unbanned, script_unbanned),
    SAID(room_marked, script_marked),
    SAID(message_edited, script_edited),
    SAID(message_deleted, script_withdrawn),
    SAID(message_reacted, script_reacted),
    SAID(message_pinned, script_pinned),
    UNSAID(file_added, "the content of files is not in the journal"),
    SCENE(profile_updated, script_profile),
    SAID(people_visited, script_visited),
    SCENE(people_liked, script_liked),
    SCENE(people_unliked, script_unliked),
    SCENE(people_disliked, script_disliked),
    SCENE(people_connected, script_connected),
    SCENE(people_disconnected, script_disconnected),
    SCENE(people_blocked, script_blocked),
    SCENE(people_unblocked, script_unblocked),
    SAID(people_reported, script_reported),
    UNSAID(report_resolved, "reports are decided by moderators"),
    UNSAID(ticket_opened, "whom the matchmaker matches is the target's own affair"),
    UNSAID(ticket_closed, "whom the matchmaker matches is the target's own affair"),
    SAID(notified, script_notified),
    SAID(notification_seen, script_seen),
    SAID(notification_cleared, script_cleared),
    SCENE(notification_preferred, script_preferred),
    SCENE(notification_muted, script_muted),
    UNSAID(push_subscribed, "browsers are told by Web Push where they are"),
    UNSAID(push_unsubscribed, "browsers are told by Web Push where they are"),
};

static const script_row_t *s_row(uint16_t event)
{
    for (size_t i = 0; i < COUNT_OF(s_rows); i++)
        if (s_rows[i].event == event)
            return &s_rows[i];
    return NULL;
}

/* ---- rooms ---- */

script_room_t *script_room(const script_t *script, uint64_t room)
{
    return map_get(script->rooms, room);
}

script_t *script_new(void)
{
    script_t *script = mem_new(script_t);
    script->rooms = map_new();
    return script;
}

void script_destroy(script_t **script_p)
{
    script_t *script = TAKE(*script_p);
    size_t at = 0;
    uint64_t key;
    void *value;
    if (script == NULL)
        return;
    while (map_next(script->rooms, &at, &key, &value)) {
        script_room_t *room = value;
        mem_free(room->name);
        mem_free(room->topic);
        map_destroy(&room->roles);
        mem_free(room);
    }
    map_destroy(&script->rooms);
    mem_free(script);
}

/* ---- saying ---- */

script_verdict_t script_say(reading_t *reading, call_number_t call, uint64_t doer, const void *args)
{
    size_t size = call_type((uint16_t)call)->shape()->size;
    void *copy = arena_alloc(reading->arena, size);
    if (size > 0)
        memcpy(copy, args, size);
    reading->deed->call = call;
    reading->deed->doer = doer;
    reading->deed->args = copy;
    return SCRIPT_DEED;
}

script_verdict_t script_unsaid(reading_t *reading, const char *why)
{
    reading->why = why;
    return SCRIPT_UNSAID;
}

/* ---- reading ---- */

/* Rooms that a reaction opens are made all the same: their ids on the target must be known. */
static bool s_is_made_all_the_same(uint16_t event)
{
    return event == EVENT_room_created || event == EVENT_room_joined;
}

static script_verdict_t s_say(reading_t *reading, const script_row_t *row)
{
    const void *body = NULL;
    fault_t fault;
    slice_t copy = arena_copy(reading->arena, reading->record->body);
    const shape_t *shape = event_type(reading->record->type)->shape();
    if (codec_unpack(copy, shape, reading->arena, &fault, &body) != ERR_OK)
        return script_unsaid(reading, "its record cannot be read");
    return row->say(reading, body);
}

script_verdict_t script_read(script_t *script, const record_t *record, arena_t *arena,
                             deed_t *ret_deed, const char **ret_why)
{
    const script_row_t *row = s_row(record->type);
    reading_t reading = {script, record, arena, ret_deed, NULL};
    script_room_t *room = script_room(script, record->room);
    *ret_deed = (deed_t){
        .room = record->room,
        .kind = room != NULL ? room->kind : room_kind_NONE,
        .client_id = arena_copy(arena, record->client_id),
        .follows = record->cause != 0,
        .record = record->seq,
        .time = record->time,
    };
    if (row == NULL || (record->cause != 0 && !s_is_made_all_the_same(record->type)))
        return SCRIPT_FOLLOWS;
    ret_deed->sets_scene = row->sets_scene;
    if (row->say != NULL) {
        script_verdict_t verdict = s_say(&reading, row);
        *ret_why = reading.why;
        return verdict;
    }
    *ret_why = row->why;
    return row->why != NULL ? SCRIPT_UNSAID : SCRIPT_FOLLOWS;
}
