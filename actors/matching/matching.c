/* matching.c - the matching actor: profiles, who likes whom, who may chat, who is reported,
 * and whom to recommend.
 *
 * What people do to each other is an event of two accounts; who hears of it live is whom
 * it is done to, or for what nobody is told (dislikes, blocks) who does it.  Other actors
 * act on these events: the room actor opens and closes direct rooms, the session actor
 * hides presence and bans, the notifier tells. */
#include "actors/matching/matching.h"

#include "actors/matching/keep.h"
#include "actors/matching/match.h"
#include "actors/matching/soft.h"

static const call_row_t s_calls[] = {
    {CALL_profile_update, matching_decide_update},
    {CALL_photo_add, matching_decide_photo_add},
    {CALL_photo_remove, matching_decide_photo_remove},
    {CALL_photo_set_main, matching_decide_photo_main},
    {CALL_photo_offer, matching_query_photo_offer},
    {CALL_photo_get, matching_query_photo},
    {CALL_photo_show, matching_query_photo_show},
    {CALL_photo_unused, matching_query_photos_unused},
    {CALL_people_visit, matching_decide_visit},
    {CALL_people_like, matching_decide_like},
    {CALL_people_unlike, matching_decide_unlike},
    {CALL_people_dislike, matching_decide_dislike},
    {CALL_people_connect, matching_decide_connect},
    {CALL_people_disconnect, matching_decide_disconnect},
    {CALL_people_block, matching_decide_block},
    {CALL_people_unblock, matching_decide_unblock},
    {CALL_people_report, matching_decide_report},
    {CALL_report_resolve, matching_decide_resolve},
    {CALL_profile_get, matching_query_profile},
    {CALL_profile_list, matching_query_profiles},
    {CALL_people_recommend, matching_query_recommend},
    {CALL_people_why_not, matching_query_why_not},
    {CALL_people_visits, matching_query_visits},
    {CALL_people_likes, matching_query_likes},
    {CALL_people_matches, matching_query_matches},
    {CALL_people_blocks, matching_query_blocks},
    {CALL_people_tags, matching_query_tags},
    {CALL_report_list, matching_query_reports},
    {CALL_ticket_open, matching_decide_ticket},
    {CALL_ticket_close, matching_decide_ticket_close},
    {CALL_ticket_get, matching_query_ticket},
    {CALL_queue_list, matching_query_queues},
};

static const event_row_t s_events[] = {
    {EVENT_profile_updated, matching_apply_updated, NULL},
    {EVENT_people_visited, matching_apply_visited, NULL},
    {EVENT_people_liked, matching_apply_liked, NULL},
    {EVENT_people_unliked, matching_apply_unliked, NULL},
    {EVENT_people_disliked, matching_apply_disliked, NULL},
    {EVENT_people_matched, matching_apply_matched, NULL},
    {EVENT_people_connected, matching_apply_connected, NULL},
    {EVENT_people_disconnected, matching_apply_disconnected, NULL},
    {EVENT_people_blocked, matching_apply_blocked, NULL},
    {EVENT_people_unblocked, matching_apply_unblocked, NULL},
    {EVENT_people_withdrawn, matching_apply_withdrawn, NULL},
    {EVENT_people_reported, matching_apply_reported, NULL},
    {EVENT_report_resolved, matching_apply_resolved, NULL},
    {EVENT_ticket_opened, matching_apply_ticket, NULL},
    {EVENT_ticket_closed, matching_apply_ticket_closed, NULL},
    {EVENT_match_made, matching_apply_match, NULL},
    {EVENT_ticket_matched, matching_apply_ticket_matched, NULL},
    {EVENT_account_registered, matching_apply_registered, NULL},
    {EVENT_account_renamed, person_apply_renamed, NULL},
    {EVENT_role_changed, person_apply_role, NULL},
    {EVENT_session_opened, matching_apply_opened, NULL},
    {EVENT_bot_scoped, matching_apply_scoped, NULL},
    {EVENT_account_seen, matching_apply_seen, matching_react_seen},
    {EVENT_account_banned, matching_apply_banned, matching_react_banned},
    {EVENT_account_unbanned, matching_apply_unbanned, NULL},
    {EVENT_account_deleted, person_apply_gone, matching_react_gone},
    {EVENT_room_created, matching_apply_room, matching_react_room},
};

static void s_tick(turn_t *turn)
{
    match_round(turn);
    bond_round(turn, &((matching_soft_t *)turn_soft(turn))->doubts);
}

/* Who waits for a match is looked at as time passes, whether anybody says anything or not. */
static bool s_awake(const void *ctx)
{
    const matching_soft_t *soft = ctx;
    return soft->lobby != NULL && lobby_count(soft->lobby) > 0;
}

const actor_row_t matching_actor = {
    .owner = owner_MATCHING,
    .name = "matching",
    .calls = s_calls,
    .call_count = COUNT_OF(s_calls),
    .events = s_events,
    .event_count = COUNT_OF(s_events),
    .tick = s_tick,
    .tick_ms = MATCH_EVERY_MS,
    .awake = s_awake,
    .settled = soft_settled,
    .warm = soft_warm,
    .soft_size = sizeof(matching_soft_t),
    .soft_close = soft_close,
    .soft_keep = matching_keep,
    .soft_restore = matching_restore,
    .format = 3,
};
