/* notifier.c - the notifier: what people should know, for each an inbox; mails and pushes.
 *
 *   another actor's event ── react ──> notified: kept for whom it is for, and shown to them
 *   link.asked ── react ──> mail.queued ── tick ── postman ── tick ──> mail.tried
 *   notified ── not read for a while ── digest.due ──> account.away ── react ──> mail.queued
 *   notified ──> webhook.queued, if somebody wants them, and so on
 *   notified ──> waits for the person's browsers (push.h) ── postman ── tick ──> push.tried
 *
 * It is in nobody's way: a post is on disk and with its readers before the notifier looks at
 * it, and whoever mails has a thread of its own. */
#include "actors/notifier/notifier.h"

#include "actors/notifier/keep.h"

static const call_row_t s_calls[] = {
    {CALL_notification_send, notifier_decide_send},
    {CALL_notification_tell, notifier_decide_tell},
    {CALL_notification_read, notifier_decide_read},
    {CALL_notification_clear, notifier_decide_clear},
    {CALL_notification_prefer, notifier_decide_prefer},
    {CALL_notification_unsubscribe, notifier_decide_unsubscribe},
    {CALL_notification_mute, mute_decide},
    {CALL_notification_mutes, mute_query},
    {CALL_webhook_retry, notifier_decide_retry},
    {CALL_webhook_failed, notifier_query_failed},
    {CALL_notification_list, notifier_query_list},
    {CALL_notification_unread, notifier_query_unread},
    {CALL_notification_preferences, notifier_query_preferences},
    {CALL_push_subscribe, push_decide_subscribe},
    {CALL_push_unsubscribe, push_decide_unsubscribe},
    {CALL_push_list, push_query_list},
    {CALL_push_key, push_query_key},
    {CALL_notifier_metrics, push_query_metrics},
};

static const event_row_t s_events[] = {
    {EVENT_notified, notifier_apply_notified, NULL},
    {EVENT_notification_seen, notifier_apply_seen, NULL},
    {EVENT_notification_cleared, notifier_apply_cleared, NULL},
    {EVENT_notification_preferred, notifier_apply_preferred, NULL},
    {EVENT_notification_muted, mute_apply, NULL},
    {EVENT_digest_due, digest_apply_due, NULL},
    {EVENT_mail_queued, mail_apply_queued, NULL},
    {EVENT_mail_tried, mail_apply_tried, NULL},
    {EVENT_webhook_queued, hook_apply_queued, NULL},
    {EVENT_webhook_tried, hook_apply_tried, NULL},
    {EVENT_push_subscribed, push_apply_subscribed, NULL},
    {EVENT_push_unsubscribed, push_apply_unsubscribed, NULL},
    {EVENT_push_tried, push_apply_tried, NULL},
    {EVENT_link_asked, NULL, mail_react_link},
    {EVENT_account_away, NULL, digest_react_away},
    {EVENT_account_registered, world_apply_registered, NULL},
    {EVENT_email_changed, world_apply_unproven, NULL},
    {EVENT_email_verified, world_apply_proven, NULL},
    {EVENT_session_opened, world_apply_opened, NULL},
    {EVENT_account_seen, world_apply_seen, NULL},
    {EVENT_session_renewed, push_apply_renewed, NULL},
    {EVENT_session_closed, NULL, push_react_closed},
    {EVENT_sessions_revoked, NULL, push_react_revoked},
    {EVENT_presence_changed, NULL, NULL},
    {EVENT_account_renamed, person_apply_renamed, NULL},
    {EVENT_role_changed, person_apply_role, NULL},
    {EVENT_account_deleted, world_apply_gone, NULL},
    {EVENT_room_created, world_apply_created, NULL},
    {EVENT_room_joined, world_apply_joined, NULL},
    {EVENT_room_left, world_apply_left, NULL},
    {EVENT_room_deleted, world_apply_deleted, notifier_react_deleted},
    {EVENT_room_posted, world_apply_posted, notifier_react_posted},
    {EVENT_room_marked, world_apply_marked, notifier_react_marked},
    {EVENT_message_edited, world_apply_edited, NULL},
    {EVENT_message_deleted, world_apply_taken_back, NULL},
    {EVENT_people_visited, NULL, notifier_react_visited},
    {EVENT_people_liked, NULL, notifier_react_liked},
    {EVENT_people_unliked, world_apply_unliked, notifier_react_unliked},
    {EVENT_people_matched, world_apply_matched, notifier_react_matched},
    {EVENT_ticket_matched, NULL, notifier_react_ticket},
    {EVENT_people_connected, world_apply_connected, notifier_react_connected},
    {EVENT_people_disconnected, world_apply_disconnected, NULL},
    {EVENT_people_blocked, world_apply_blocked, notifier_react_blocked},
    {EVENT_people_unblocked, world_apply_unblocked, NULL},
    {EVENT_people_reported, NULL, notifier_react_reported},
    {EVENT_report_resolved, NULL, notifier_react_resolved},
};

static void s_open(void *ctx, const actor_options_t *options)
{
    notifier_soft_t *soft = ctx;
    soft->mailroom = options->mail != NULL ? mailroom_new(options->mail) : NULL;
    if (options->mail != NULL)
        soft->digests = (digest_pace_t){options->mail->digest_after, options->mail->digest_every};
    soft->hooks = options->hooks != NULL ? hooks_new(options->hooks) : NULL;
    soft->pushes = options->pushes != NULL ? pushes_new(options->pushes) : NULL;
    present_open(&soft->present);
}

static void s_close(void *ctx)
{
    notifier_soft_t *soft = ctx;
    mailroom_destroy(&soft->mailroom);
    hooks_destroy(&soft->hooks);
    pushes_destroy(&soft->pushes);
    present_close(&soft->present);
}

static void s_tick(turn_t *turn)
{
    notifier_soft_t *soft = turn_soft(turn);
    digest_tick(turn, &soft->digests);
    if (soft->mailroom != NULL)
        mailroom_tick(turn, soft->mailroom);
    if (soft->hooks != NULL)
        hooks_tick(turn, soft->hooks);
    if (soft->pushes != NULL)
        pushes_tick(turn, soft->pushes, &soft->present);
}

static void s_hear(void *ctx, const record_t *record)
{
    present_hear(&((notifier_soft_t *)ctx)->present, record);
}

static bool s_settled(void *ctx, const record_t *record)
{
    notifier_soft_t *soft = ctx;
    if (soft->mailroom != NULL)
        mailroom_settled(soft->mailroom, record);
    return false; /* nothing is warmed up */
}

const pushes_t *notifier_pushes(turn_t *turn)
{
    return ((const notifier_soft_t *)turn_soft(turn))->pushes;
}

enum { TICK_MS = 100 /* whoever carries something is soon back for more */ };

const actor_row_t notifier_actor = {
    .owner = owner_NOTIFIER,
    .format = 3,
    .name = "notifier",
    .calls = s_calls,
    .call_count = COUNT_OF(s_calls),
    .events = s_events,
    .event_count = COUNT_OF(s_events),
    .tick = s_tick,
    .tick_ms = TICK_MS,
    .soft_size = sizeof(notifier_soft_t),
    .soft_open = s_open,
    .soft_close = s_close,
    .soft_keep = notifier_keep,
    .soft_restore = notifier_restore,
    .settled = s_settled,
    .heard = s_hear,
};
