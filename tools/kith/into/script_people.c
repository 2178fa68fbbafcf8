/* script_people.c - accounts and their sessions, and what people think of each other. */
#include "tools/kith/into/script_parts.h"

/* ---- accounts ---- */

/* From this on the next session of the account is no sign-in of its own. */
static void s_expect_session(reading_t *reading, uint64_t account)
{
    reading->script->signed_in = account;
    reading->script->signed_at = reading->record->time;
}

/* Names and password are the stand-in's. */
script_verdict_t script_registered(reading_t *reading, const void *body)
{
    const account_registered_event_t *event = body;
    s_expect_session(reading, event->id);
    if (event->role == role_SYSTEM)
        return SCRIPT_FOLLOWS;
    return SAY(reading, account_register, event->id, .login = event->login,
               .username = event->username, .email = event->email);
}

script_verdict_t script_opened(reading_t *reading, const void *body)
{
    const session_opened_event_t *event = body;
    const script_t *script = reading->script;
    if (event->scopes.len > 0 || event->key.len > 0)
        return script_unsaid(reading, "API keys and bots are let in by operators");
    if (script->signed_in == event->account && script->signed_at == reading->record->time)
        return SCRIPT_FOLLOWS;
    return SAY(reading, session_open, event->account, .device = event->device);
}

script_verdict_t script_closed(reading_t *reading, const void *body)
{
    const session_closed_event_t *event = body;
    return SAY(reading, session_close, event->account, );
}

/* Otherwise it comes of a new password, a ban or the account's end. */
script_verdict_t script_revoked(reading_t *reading, const void *body)
{
    const sessions_revoked_event_t *event = body;
    if (event->kept == 0)
        return SCRIPT_FOLLOWS;
    return SAY(reading, session_revoke_others, event->account, );
}

script_verdict_t script_renewed(reading_t *reading, const void *body)
{
    const session_renewed_event_t *event = body;
    return SAY(reading, session_renew, event->account, );
}

script_verdict_t script_password(reading_t *reading, const void *body)
{
    const password_changed_event_t *event = body;
    s_expect_session(reading, event->account);
    return SAY(reading, password_change, event->account, );
}

script_verdict_t script_renamed(reading_t *reading, const void *body)
{
    const account_renamed_event_t *event = body;
    return SAY(reading, account_rename, event->account, event->username);
}

script_verdict_t script_email(reading_t *reading, const void *body)
{
    const email_changed_event_t *event = body;
    return SAY(reading, email_change, event->account, .email = event->email);
}

/* ---- what staff does to them ---- */

script_verdict_t script_verified(reading_t *reading, const void *body)
{
    const email_verified_event_t *event = body;
    reading->deed->whom = event->account;
    return SAY(reading, account_verify, 0, event->account);
}

script_verdict_t script_account_banned(reading_t *reading, const void *body)
{
    const account_banned_event_t *event = body;
    reading->deed->whom = event->account;
    return SAY(reading, account_ban, 0, event->account,
               event->until == INT64_MAX ? 0 : event->until, event->reason);
}

script_verdict_t script_account_unbanned(reading_t *reading, const void *body)
{
    const account_unbanned_event_t *event = body;
    reading->deed->whom = event->account;
    return SAY(reading, account_unban, 0, event->account);
}

script_verdict_t script_account_deleted(reading_t *reading, const void *body)
{
    const account_deleted_event_t *event = body;
    if (reading->record->principal == event->account)
        return SAY(reading, account_delete, event->account, );
    reading->deed->whom = event->account;
    return SAY(reading, account_remove, 0, event->account);
}

script_verdict_t script_online(reading_t *reading, const void *body)
{
    const online_set_event_t *event = body;
    return SAY(reading, presence_online, event->account, event->until != 0);
}

/* ---- profiles ---- */

/* Photos that are stored here stay behind. */
static list_t s_linked_photos(reading_t *reading, const profile_t *profile)
{
    const photo_t *photos = profile->photos.items;
    photo_t *linked = arena_alloc(reading->arena, profile->photos.count * sizeof *linked);
    size_t count = 0;
    for (size_t i = 0; i < profile->photos.count; i++)
        if (photos[i].id.len == 0)
            linked[count++] = photos[i];
    return (list_t){linked, count};
}

/* The names of what is empty, since an empty value alone would say nothing. */
static slice_t s_empty(reading_t *reading, const profile_update_call_t *update)
{
    bool placed = update->lat != 0 || update->lon != 0;
    return arena_printf(
        reading->arena, "%s%s%s%s%s%s%s%s%s%s%s", update->first_name.len > 0 ? "" : " first_name",
        update->last_name.len > 0 ? "" : " last_name", update->gender.len > 0 ? "" : " gender",
        update->preference.len > 0 ? "" : " preference", update->city.len > 0 ? "" : " city",
        update->birth.len > 0 ? "" : " birth", update->description.len > 0 ? "" : " description",
        update->tags.count > 0 ? "" : " tags", update->photos.count > 0 ? "" : " photos",
        placed ? "" : " position", update->hidden ? "" : " hidden");
}

script_verdict_t script_profile(reading_t *reading, const void *body)
{
    const profile_t *profile = ((const profile_updated_event_t *)body)->profile;
    profile_update_call_t update = {
        .first_name = profile->first_name,
        .last_name = profile->last_name,
        .gender = profile->gender,
        .preference = profile->preference,
        .city = profile->city,
        .birth = profile->birth,
        .description = profile->description,
        .tags = profile->tags,
        .photos = s_linked_photos(reading, profile),
        .lat = profile->lat,
        .lon = profile->lon,
        .hidden = profile->hidden,
    };
    slice_t empty = s_empty(reading, &update);
    update.clear = empty.len > 0 ? slice_from(empty, 1) : empty;
    return script_say(reading, CALL_profile_update, profile->account, &update);
}

/* ---- what people think of each other ---- */

/* Events of two: who did it, and to whom. */
#define OF_TWO(fn, event, call)                               \
    script_verdict_t fn(reading_t *reading, const void *body) \
    {                                                         \
        const event##_event_t *it = body;                     \
        reading->deed->whom = it->account;                    \
        return SAY(reading, call, it->by, it->account);       \
    }

OF_TWO(script_visited, people_visited, people_visit)
OF_TWO(script_liked, people_liked, people_like)
OF_TWO(script_unliked, people_unliked, people_unlike)
OF_TWO(script_connected, people_connected, people_connect)
OF_TWO(script_disconnected, people_disconnected, people_disconnect)
OF_TWO(script_blocked, people_blocked, people_block)
OF_TWO(script_unblocked, people_unblocked, people_unblock)

script_verdict_t script_disliked(reading_t *reading, const void *body)
{
    const people_disliked_event_t *event = body;
    reading->deed->whom = event->account;
    if (!event->on)
        return SAY(reading, people_unlike, event->by, event->account);
    return SAY(reading, people_dislike, event->by, event->account);
}

script_verdict_t script_reported(reading_t *reading, const void *body)
{
    const report_t *report = ((const people_reported_event_t *)body)->report;
    reading->deed->whom = report->account;
    return SAY(reading, people_report, report->by, report->account, report->reason, report->text);
}

/* ---- notifications ---- */

/* Of all of them only a note was said; the others say that something else was. */
script_verdict_t script_notified(reading_t *reading, const void *body)
{
    const notified_event_t *event = body;
    if (event->kind != notice_kind_NOTE || event->from != reading->record->principal)
        return SCRIPT_FOLLOWS;
    reading->deed->whom = event->account;
    return SAY(reading, notification_send, event->from, event->account, event->text,
               reading->deed->client_id);
}

static const char s_which[] = "which notification it is only the recording's server knows";

script_verdict_t script_seen(reading_t *reading, const void *body)
{
    const notification_seen_event_t *event = body;
    if (reading->record->principal != event->account)
        return SCRIPT_FOLLOWS;
    return event->id != 0 ? script_unsaid(reading, s_which)
                          : SAY(reading, notification_read, event->account, );
}

script_verdict_t script_cleared(reading_t *reading, const void *body)
{
    const notification_cleared_event_t *event = body;
    if (reading->record->principal != event->account)
        return SCRIPT_FOLLOWS;
    return event->id != 0 ? script_unsaid(reading, s_which)
                          : SAY(reading, notification_clear, event->account, );
}

script_verdict_t script_preferred(reading_t *reading, const void *body)
{
    const notification_preferred_event_t *event = body;
    return SAY(reading, notification_prefer, event->account, event->kind, event->wish, event->push);
}

script_verdict_t script_muted(reading_t *reading, const void *body)
{
    const notification_muted_event_t *event = body;
    reading->deed->room = event->room;
    return SAY(reading, notification_mute, event->account, event->room, event->wish, event->until);
}
