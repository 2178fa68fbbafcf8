/* recommend.c - people to get to know, and why somebody is not among them.
 *
 * A page's cursor is the time of its first page and the rank of its last person: the next
 * page begins behind that rank and reckons ages and recency as of that time, so that
 * nobody comes twice or is left out because others come and go. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/matching/date.h"
#include "actors/matching/matching.h"
#include "actors/matching/soft.h"
#include "actors/matching/trait.h"
#include "actors/matching/sight.h"

enum { PAGE_DEFAULT = 20, FAME_MOST = 1000, CURSOR_SIZE = LIMIT_PEOPLE_CURSOR };

/* The filters, which both calls have. */
typedef struct filter {
    uint64_t age_min;
    uint64_t age_max;
    uint64_t distance_max;
    uint64_t fame_min;
    uint64_t fame_max;
    slice_t tags;
    bool any;
} filter_t;

#define FILTER_OF(ask)                                                                         \
    {                                                                                          \
        (ask)->age_min, (ask)->age_max, (ask)->distance_max, (ask)->fame_min, (ask)->fame_max, \
            (ask)->tags, (ask)->any                                                            \
    }

/* ---- the question ---- */

static size_t s_put_tags(ids_t traits, uint32_t tags[LIMIT_TAGS])
{
    for (size_t i = 0; i < traits.count; i++)
        tags[i] = (uint32_t)traits.items[i];
    return traits.count;
}

static err_t s_filter(turn_t *turn, const filter_t *filter, trial_t *trial)
{
    ids_t tags;
    int64_t today = date_of_time(trial->now);
    if (traits_read(filter->tags, turn_arena(turn), &tags) != ERR_OK)
        return turn_refuse(turn, ERR_INVALID, "`tags`: are too many");
    if (filter->distance_max > 0 && !spot_known(trial->spot))
        return turn_refuse(turn, ERR_INVALID, "`distance_max`: your profile has no position");
    trial->any = filter->any;
    trial->km_max = (uint32_t)filter->distance_max;
    trial->fame_min = (uint32_t)filter->fame_min;
    trial->fame_max = filter->fame_max > 0 ? (uint32_t)filter->fame_max : FAME_MOST;
    trial->tag_count = s_put_tags(tags, trial->tags);
    if (filter->age_min > 0)
        trial->born_last = date_born_by(today, filter->age_min);
    if (filter->age_max > 0)
        trial->born_first = date_born_by(today, filter->age_max + 1) + 1;
    return ERR_OK;
}

static err_t s_trial(turn_t *turn, const call_t *call, const filter_t *filter, int64_t now,
                     trial_t *ret_trial)
{
    standing_row_t standing;
    err_t err = rows_standing(turn, call->principal, &standing);
    if (err != ERR_OK)
        return err;
    trial_t trial = {
        .now = now,
        .account = call->principal,
        .gender = (uint32_t)standing.gender,
        .preference = (uint32_t)standing.preference,
        .born = standing.born,
        .spot = spot_of(standing.lat, standing.lon),
    };
    trial.own_tag_count = s_put_tags(standing.tags, trial.own_tags);
    *ret_trial = trial;
    return s_filter(turn, filter, ret_trial);
}

/* ---- cursors ---- */

static slice_t s_cursor(turn_t *turn, const trial_t *trial, rank_t last)
{
    return arena_printf(turn_arena(turn), "%" PRId64 ".%" PRIu32 ".%" PRIu64, trial->now, last.key,
                        last.account);
}

/* Times that were not yet are none of ours. */
static bool s_read_cursor(turn_t *turn, slice_t text, int64_t *ret_now, rank_t *ret_after)
{
    char copy[4 * CURSOR_SIZE + 1];
    int end = 0;
    if (text.len >= sizeof copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    bool read = sscanf(copy, "%18" SCNd64 ".%9" SCNu32 ".%18" SCNu64 "%n", ret_now, &ret_after->key,
                       &ret_after->account, &end) == 3;
    return read && (size_t)end == text.len && *ret_now > 0 && *ret_now <= turn_now(turn);
}

/* ---- recommendations ---- */

static err_t s_make(const sight_t *sight, const trial_t *trial, const found_t *found,
                    recommendation_t *ret_recommendation)
{
    profile_t *profile = arena_new_of(turn_arena(sight->turn), profile_t);
    why_t *why = arena_new_of(turn_arena(sight->turn), why_t);
    err_t err = sight_profile(sight, found->rank.account, profile);
    *why = trial_why(trial, &found->candidate);
    *ret_recommendation = (recommendation_t){
        .profile = profile,
        .score = why_score(why),
        .why = why,
        .common_tags = trial_common_tags(trial, &found->candidate),
    };
    return err;
}

static err_t s_answer(turn_t *turn, const call_t *call, const trial_t *trial, size_t limit,
                      const found_t *found, size_t count)
{
    recommendation_t *people = arena_alloc(turn_arena(turn), count * sizeof *people + 1);
    recommendation_list_t answer = {.people = {people, 0}};
    sight_t sight;
    err_t err = sight_open(turn, call, &sight);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        err = s_make(&sight, trial, &found[i], &people[answer.people.count]);
        answer.people.count += err == ERR_OK;
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    if (count == limit)
        answer.next = s_cursor(turn, trial, found[count - 1].rank);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}

err_t matching_query_recommend(turn_t *turn, const call_t *call, const void *body)
{
    const people_recommend_call_t *ask = body;
    const filter_t filter = FILTER_OF(ask);
    wanted_t wanted = {.limit = ask->limit > 0 ? ask->limit : PAGE_DEFAULT,
                       .continued = ask->cursor.len > 0};
    found_t *found = arena_alloc(turn_arena(turn), wanted.limit * sizeof *found);
    int64_t now = turn_now(turn);
    crowd_t *crowd;
    trial_t trial;
    if (wanted.continued && !s_read_cursor(turn, ask->cursor, &now, &wanted.after))
        return turn_refuse(turn, ERR_INVALID, "`cursor`: is none of ours");
    err_t err = s_trial(turn, call, &filter, now, &trial);
    if (err == ERR_OK)
        err = rows_apart(turn, call->principal,
                         ask->any ? APART_BLOCKED : APART_BLOCKED | APART_OTHERWISE, &wanted.apart);
    if (err == ERR_OK)
        err = soft_crowd(turn, &crowd);
    if (err != ERR_OK)
        return err;
    trial.sort = ask->sort != people_sort_NONE ? ask->sort : people_sort_BEST;
    size_t count = crowd_search(crowd, &trial, &wanted, found);
    return s_answer(turn, call, &trial, wanted.limit, found, count);
}

/* ---- why not ---- */

static uint32_t s_rule(bool kept_out, people_rule_t rule)
{
    return kept_out ? UINT32_C(1) << rule : 0;
}

/* The rules between these two, whatever is asked for. */
static uint32_t s_rules_between(const meeting_t *meeting, bool any)
{
    const stance_t *mine = &meeting->mine;
    return s_rule(!meeting->standing.filled, people_rule_NO_PROFILE) |
           s_rule(meeting->standing.hidden, people_rule_HIDDEN) |
           s_rule(mine->blocked != 0, people_rule_BLOCKED) |
           s_rule(!any && mine->reported != 0, people_rule_REPORTED) |
           s_rule(!any && mine->liked != 0, people_rule_LIKED) |
           s_rule(!any && mine->disliked != 0, people_rule_DISLIKED);
}

static void s_answer_rules(turn_t *turn, uint64_t account, uint32_t rules)
{
    hiding_t *hidings = arena_alloc(turn_arena(turn), 32 * sizeof *hidings);
    size_t count = 0;
    for (uint32_t rule = 1; rule < 32; rule++)
        if (rules & UINT32_C(1) << rule)
            hidings[count++].rule = (people_rule_t)rule;
    turn_answer(turn, &(why_not_t){
                          .account = account,
                          .recommended = count == 0,
                          .rules = {hidings, count},
                      });
}

static err_t s_why_not(turn_t *turn, const meeting_t *meeting, const trial_t *trial)
{
    uint32_t rules = s_rules_between(meeting, trial->any);
    standing_row_t standing = meeting->standing;
    candidate_t candidate;
    standing.hidden = false; /* is a rule of its own */
    if (candidate_make(meeting->other, &standing, meeting->person, &candidate))
        rules |= trial_rules(trial, &candidate);
    s_answer_rules(turn, meeting->other, rules);
    return ERR_OK;
}

/* Somebody whom the asker may see, or blocks: that is what they want to know.  Who blocks the
 * asker, is banned or hides is nobody, as everywhere, but to moderators. */
static err_t s_find(turn_t *turn, const call_t *call, uint64_t account, meeting_t *ret_meeting)
{
    sight_t sight;
    err_t err = sight_open(turn, call, &sight);
    if (err == ERR_OK)
        err = meeting_find(turn, call, account, ret_meeting);
    if (err != ERR_OK || sight.staff)
        return err;
    err = meeting_check(turn, ret_meeting);
    return err == ERR_BLOCKED ? ERR_OK : err;
}

err_t matching_query_why_not(turn_t *turn, const call_t *call, const void *body)
{
    const people_why_not_call_t *ask = body;
    const filter_t filter = FILTER_OF(ask);
    meeting_t meeting;
    trial_t trial;
    if (ask->account == call->principal) {
        s_answer_rules(turn, ask->account, s_rule(true, people_rule_SELF));
        return ERR_OK;
    }
    err_t err = s_find(turn, call, ask->account, &meeting);
    if (err == ERR_OK)
        err = s_trial(turn, call, &filter, turn_now(turn), &trial);
    return err == ERR_OK ? s_why_not(turn, &meeting, &trial) : err;
}
