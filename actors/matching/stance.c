/* stance.c - how people stand to each other: visits, likes, dislikes and blocks.
 *
 * Said again, each of them does nothing and succeeds.  A like that meets the other's is a
 * match, which ends with either like; a block ends nothing, so that taking it back brings
 * everything back. */
#include "actors/matching/bond.h"
#include "actors/matching/matching.h"
#include "actors/matching/meeting.h"

static const int64_t VISIT_EVERY_US = INT64_C(60) * 1000 * 1000;

/* The relation as it is after what was emitted: its rows are pending. */
static err_t s_answer(turn_t *turn, const call_t *call, uint64_t other)
{
    meeting_t meeting;
    err_t err = meeting_find(turn, call, other, &meeting);
    if (err == ERR_OK)
        meeting_answer(turn, &meeting);
    return ERR_OK; /* it is done, whatever became of the answer */
}

/* One more or one less in a count of somebody's standing, which lies at that offset; not
 * while the stance behind it counts for nothing. */
static void s_tally(turn_t *turn, uint64_t account, const stance_t *stance, size_t offset,
                    bool more)
{
    if (stance->withdrawn)
        return;
    standing_row_t standing = rows_own_standing(turn, account);
    uint64_t *count = (uint64_t *)(void *)((uint8_t *)&standing + offset);
    *count = more ? *count + 1 : *count - (*count > 0);
    rows_put_standing(turn, account, &standing);
}

/* ---- visits ---- */

err_t matching_decide_visit(turn_t *turn, const call_t *call, const void *body)
{
    meeting_t meeting;
    uint64_t other = ((const people_visit_call_t *)body)->account;
    err_t err = bond_check(turn, call->principal);
    if (err == ERR_OK)
        err = meeting_see(turn, call, other, &meeting);
    if (err == ERR_OK && turn_now(turn) - meeting.mine.visited >= VISIT_EVERY_US)
        turn_emit(turn, EVENT_people_visited, 0, other,
                  &(people_visited_event_t){.account = other, .by = call->principal});
    return err;
}

void matching_apply_visited(turn_t *turn, const record_t *record, const void *body)
{
    const people_visited_event_t *event = body;
    stance_t stance = rows_own_stance(turn, event->by, event->account);
    bond_begin(turn, event->by, event->account, &stance);
    if (stance.visit == 0)
        s_tally(turn, event->account, &stance, offsetof(standing_row_t, visits), true);
    rows_delete_encounter(turn, ENCOUNTERS_VISITS, event->account, stance.visit);
    stance.visited = record->time;
    stance.visit = rows_count_up(turn, 'E');
    rows_put_stance(turn, event->by, event->account, &stance);
    rows_put_encounter(turn, ENCOUNTERS_VISITS, event->account, stance.visit, event->by,
                       record->time);
}

/* ---- likes ---- */

static void s_emit_unliked(turn_t *turn, const meeting_t *meeting)
{
    turn_emit(turn, EVENT_people_unliked, 0, meeting->other,
              &(people_unliked_event_t){
                  .account = meeting->other,
                  .by = meeting->self,
                  .matched = meeting->mine.matched != 0,
              });
}

static void s_emit_disliked(turn_t *turn, const meeting_t *meeting, bool on)
{
    turn_emit(turn, EVENT_people_disliked, 0, meeting->self,
              &(people_disliked_event_t){meeting->other, meeting->self, on});
}

err_t matching_decide_like(turn_t *turn, const call_t *call, const void *body)
{
    meeting_t meeting;
    uint64_t other = ((const people_like_call_t *)body)->account;
    err_t err = bond_check(turn, call->principal);
    if (err == ERR_OK)
        err = meeting_see(turn, call, other, &meeting);
    if (err != ERR_OK)
        return err;
    if (meeting.mine.disliked != 0)
        s_emit_disliked(turn, &meeting, false);
    if (meeting.mine.liked == 0)
        turn_emit(turn, EVENT_people_liked, 0, other,
                  &(people_liked_event_t){.account = other, .by = call->principal});
    if (meeting.mine.liked == 0 && meeting.theirs.liked != 0)
        turn_emit(turn, EVENT_people_matched, 0, other,
                  &(people_matched_event_t){.account = other, .by = call->principal});
    return s_answer(turn, call, other);
}

err_t matching_decide_unlike(turn_t *turn, const call_t *call, const void *body)
{
    meeting_t meeting;
    uint64_t other = ((const people_unlike_call_t *)body)->account;
    err_t err = meeting_find(turn, call, other, &meeting);
    if (err != ERR_OK)
        return err;
    if (meeting.mine.liked != 0)
        s_emit_unliked(turn, &meeting);
    if (meeting.mine.disliked != 0)
        s_emit_disliked(turn, &meeting, false);
    return s_answer(turn, call, other);
}

err_t matching_decide_dislike(turn_t *turn, const call_t *call, const void *body)
{
    meeting_t meeting;
    uint64_t other = ((const people_dislike_call_t *)body)->account;
    err_t err = meeting_see(turn, call, other, &meeting);
    if (err != ERR_OK)
        return err;
    if (meeting.mine.liked != 0)
        s_emit_unliked(turn, &meeting);
    if (meeting.mine.disliked == 0)
        s_emit_disliked(turn, &meeting, true);
    return s_answer(turn, call, other);
}

void matching_apply_liked(turn_t *turn, const record_t *record, const void *body)
{
    const people_liked_event_t *event = body;
    stance_t stance = rows_own_stance(turn, event->by, event->account);
    bond_begin(turn, event->by, event->account, &stance);
    stance.liked = record->time;
    stance.like = rows_count_up(turn, 'E');
    rows_put_stance(turn, event->by, event->account, &stance);
    rows_put_encounter(turn, ENCOUNTERS_LIKES, event->account, stance.like, event->by,
                       record->time);
    rows_put_encounter(turn, ENCOUNTERS_GIVEN, event->by, stance.like, event->account,
                       record->time);
    rows_keep_apart(turn, event->by, event->account);
    s_tally(turn, event->account, &stance, offsetof(standing_row_t, likes), true);
}

/* ---- matches: both have the same number ---- */

static void s_tally_match(turn_t *turn, uint64_t account, uint64_t other, bool more)
{
    stance_t theirs = rows_own_stance(turn, other, account);
    s_tally(turn, account, &theirs, offsetof(standing_row_t, matches), more);
}

static void s_begin_match(turn_t *turn, uint64_t account, uint64_t other, uint64_t number,
                          int64_t time)
{
    stance_t stance = rows_own_stance(turn, account, other);
    stance.matched = time;
    stance.match = number;
    rows_put_stance(turn, account, other, &stance);
    rows_put_encounter(turn, ENCOUNTERS_MATCHES, account, number, other, time);
    s_tally_match(turn, account, other, true);
}

static void s_end_match(turn_t *turn, uint64_t account, uint64_t other)
{
    stance_t stance = rows_own_stance(turn, account, other);
    rows_delete_encounter(turn, ENCOUNTERS_MATCHES, account, stance.match);
    stance.matched = 0;
    stance.match = 0;
    rows_put_stance(turn, account, other, &stance);
    s_tally_match(turn, account, other, false);
}

void matching_apply_matched(turn_t *turn, const record_t *record, const void *body)
{
    const people_matched_event_t *event = body;
    uint64_t number = rows_count_up(turn, 'E');
    s_begin_match(turn, event->account, event->by, number, record->time);
    s_begin_match(turn, event->by, event->account, number, record->time);
}

void matching_apply_unliked(turn_t *turn, const record_t *record, const void *body)
{
    const people_unliked_event_t *event = body;
    (void)record;
    if (event->matched) {
        s_end_match(turn, event->by, event->account);
        s_end_match(turn, event->account, event->by);
    }
    stance_t stance = rows_own_stance(turn, event->by, event->account);
    rows_delete_encounter(turn, ENCOUNTERS_LIKES, event->account, stance.like);
    rows_delete_encounter(turn, ENCOUNTERS_GIVEN, event->by, stance.like);
    stance.liked = 0;
    stance.like = 0;
    rows_put_stance(turn, event->by, event->account, &stance);
    rows_keep_apart(turn, event->by, event->account);
    s_tally(turn, event->account, &stance, offsetof(standing_row_t, likes), false);
}

void matching_apply_disliked(turn_t *turn, const record_t *record, const void *body)
{
    const people_disliked_event_t *event = body;
    stance_t stance = rows_own_stance(turn, event->by, event->account);
    stance.disliked = event->on ? record->time : 0;
    rows_put_stance(turn, event->by, event->account, &stance);
    rows_keep_apart(turn, event->by, event->account);
}

/* ---- blocks ---- */

err_t matching_decide_block(turn_t *turn, const call_t *call, const void *body)
{
    meeting_t meeting;
    uint64_t other = ((const people_block_call_t *)body)->account;
    err_t err = bond_check(turn, call->principal);
    if (err == ERR_OK)
        err = meeting_find(turn, call, other, &meeting);
    if (err != ERR_OK)
        return err;
    if (meeting.mine.blocked == 0)
        turn_emit(turn, EVENT_people_blocked, 0, call->principal,
                  &(people_blocked_event_t){.account = other, .by = call->principal});
    return s_answer(turn, call, other);
}

err_t matching_decide_unblock(turn_t *turn, const call_t *call, const void *body)
{
    meeting_t meeting;
    uint64_t other = ((const people_unblock_call_t *)body)->account;
    err_t err = meeting_find(turn, call, other, &meeting);
    if (err != ERR_OK)
        return err;
    if (meeting.mine.blocked != 0)
        turn_emit(turn, EVENT_people_unblocked, 0, call->principal,
                  &(people_unblocked_event_t){.account = other, .by = call->principal});
    return s_answer(turn, call, other);
}

void matching_apply_blocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_blocked_event_t *event = body;
    stance_t stance = rows_own_stance(turn, event->by, event->account);
    bond_begin(turn, event->by, event->account, &stance);
    stance.blocked = record->time;
    stance.block = rows_count_up(turn, 'E');
    rows_put_stance(turn, event->by, event->account, &stance);
    rows_put_encounter(turn, ENCOUNTERS_BLOCKS, event->by, stance.block, event->account,
                       record->time);
    rows_keep_apart(turn, event->by, event->account);
    s_tally(turn, event->account, &stance, offsetof(standing_row_t, blocks), true);
}

void matching_apply_unblocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_unblocked_event_t *event = body;
    stance_t stance = rows_own_stance(turn, event->by, event->account);
    (void)record;
    rows_delete_encounter(turn, ENCOUNTERS_BLOCKS, event->by, stance.block);
    stance.blocked = 0;
    stance.block = 0;
    rows_put_stance(turn, event->by, event->account, &stance);
    rows_keep_apart(turn, event->by, event->account);
    s_tally(turn, event->account, &stance, offsetof(standing_row_t, blocks), false);
}
