/* report.c - people tell the moderators of people; moderators decide.
 *
 * A ban is the session actor's to make: it reacts to the decision.  Whoever is reported is
 * told nothing; who has reported is told what became of it. */
#include "actors/matching/keys.h"
#include "actors/matching/matching.h"
#include "actors/matching/meeting.h"

enum { LIST_DEFAULT = 50 };

/* ---- reporting ---- */

/* The report of the same person by the same one that still waits; ERR_NOT_FOUND. */
static err_t s_waiting(turn_t *turn, const meeting_t *meeting, const report_t **ret_report)
{
    if (meeting->mine.report == 0)
        return ERR_NOT_FOUND;
    err_t err = rows_report(turn, meeting->mine.report, ret_report);
    return err == ERR_OK && (*ret_report)->outcome != report_outcome_NONE ? ERR_NOT_FOUND : err;
}

static err_t s_report(turn_t *turn, const meeting_t *meeting, const people_report_call_t *ask)
{
    uint64_t last;
    err_t err = row_get_number(turn, rows_counter_key('R'), &last);
    if (err != ERR_OK)
        return err;
    report_t report = {
        .id = last + 1,
        .account = meeting->other,
        .by = meeting->self,
        .reason = ask->reason,
        .text = ask->text,
        .time = turn_now(turn),
    };
    turn_emit(turn, EVENT_people_reported, 0, 0, &(people_reported_event_t){.report = &report});
    turn_answer(turn, &report);
    return ERR_OK;
}

err_t matching_decide_report(turn_t *turn, const call_t *call, const void *body)
{
    const people_report_call_t *ask = body;
    const report_t *waiting;
    meeting_t meeting;
    err_t err = meeting_find(turn, call, ask->account, &meeting);
    if (err != ERR_OK)
        return err;
    err = s_waiting(turn, &meeting, &waiting);
    if (err == ERR_OK)
        turn_answer(turn, waiting);
    return err == ERR_NOT_FOUND ? s_report(turn, &meeting, ask) : err;
}

void matching_apply_reported(turn_t *turn, const record_t *record, const void *body)
{
    const report_t *report = ((const people_reported_event_t *)body)->report;
    stance_t stance = rows_own_stance(turn, report->by, report->account);
    stance.reported = record->time;
    stance.report = report->id;
    row_put_number(turn, rows_counter_key('R'), report->id);
    row_put(turn, row_key1('r', report->id), shape_report(), report);
    row_put_mark(turn, row_key1('o', report->id));
    rows_put_stance(turn, report->by, report->account, &stance);
    rows_keep_apart(turn, report->by, report->account);
}

/* ---- deciding ---- */

static bool s_is_admin(role_t role)
{
    return role == role_ADMIN || role == role_SYSTEM;
}

/* The role of whoever asks; ERR_FORBIDDEN below a moderator's.  0 is an operator. */
static err_t s_moderator(turn_t *turn, const call_t *call, role_t *ret_role)
{
    const person_t *person;
    *ret_role = role_SYSTEM;
    if (call->principal == 0)
        return ERR_OK;
    err_t err = person_get(turn, call->principal, &person);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_FORBIDDEN : err;
    bool moderates = false;
    *ret_role = person->role;
    if (person->role == role_MODERATOR || s_is_admin(person->role))
        return ERR_OK;
    *ret_role = role_MODERATOR;
    err = keys_moderate(turn, call->session, &moderates);
    return err == ERR_OK && !moderates ? ERR_FORBIDDEN : err;
}

/* Nobody bans themselves or the system; moderators ban no staff. */
static err_t s_may_ban(turn_t *turn, const call_t *call, role_t role, uint64_t account)
{
    const person_t *person;
    err_t err = person_get(turn, account, &person);
    if (err != ERR_OK)
        return err;
    if (account == call->principal)
        return turn_refuse(turn, ERR_FORBIDDEN, "the account is one's own");
    if (person->role == role_SYSTEM)
        return turn_refuse(turn, ERR_FORBIDDEN, "the account is the system's");
    if (!s_is_admin(role) && (person->role == role_MODERATOR || person->role == role_ADMIN))
        return turn_refuse(turn, ERR_FORBIDDEN, "the account is a moderator's or an admin's");
    return ERR_OK;
}

static err_t s_check_resolve(turn_t *turn, const call_t *call, role_t role,
                             const report_resolve_call_t *ask, const report_t *report)
{
    if (ask->until != 0 && ask->outcome != report_outcome_BANNED)
        return turn_refuse(turn, ERR_INVALID, "`until`: is for bans");
    if (ask->until != 0 && ask->until <= turn_now(turn))
        return turn_refuse(turn, ERR_INVALID, "`until`: is over");
    if (ask->outcome != report_outcome_BANNED)
        return ERR_OK;
    return s_may_ban(turn, call, role, report->account);
}

static void s_resolve(turn_t *turn, const call_t *call, const report_resolve_call_t *ask,
                      const report_t *report)
{
    report_t resolved = *report;
    resolved.outcome = ask->outcome;
    resolved.moderator = call->principal;
    resolved.note = ask->note;
    resolved.resolved = turn_now(turn);
    turn_emit(turn, EVENT_report_resolved, 0, report->by,
              &(report_resolved_event_t){
                  .report = report->id,
                  .account = report->account,
                  .by = report->by,
                  .outcome = ask->outcome,
                  .moderator = call->principal,
                  .until = ask->until,
                  .note = ask->note,
              });
    turn_answer(turn, &resolved);
}

err_t matching_decide_resolve(turn_t *turn, const call_t *call, const void *body)
{
    const report_resolve_call_t *ask = body;
    const report_t *report;
    role_t role;
    err_t err = s_moderator(turn, call, &role);
    if (err == ERR_OK)
        err = rows_report(turn, ask->report, &report);
    if (err != ERR_OK)
        return err;
    if (report->outcome == ask->outcome) {
        turn_answer(turn, report);
        return ERR_OK;
    }
    if (report->outcome != report_outcome_NONE)
        return turn_refuse(turn, ERR_INVALID, "`report`: is decided already");
    err = s_check_resolve(turn, call, role, ask, report);
    if (err == ERR_OK)
        s_resolve(turn, call, ask, report);
    return err;
}

void matching_apply_resolved(turn_t *turn, const record_t *record, const void *body)
{
    const report_resolved_event_t *event = body;
    const report_t *report;
    if (!row_found(rows_report(turn, event->report, &report)))
        return;
    report_t resolved = *report;
    resolved.outcome = event->outcome;
    resolved.moderator = event->moderator;
    resolved.note = event->note;
    resolved.resolved = record->time;
    row_put(turn, row_key1('r', event->report), shape_report(), &resolved);
    row_delete(turn, row_key1('o', event->report));
    if (event->outcome == report_outcome_DISMISSED)
        return;
    standing_row_t standing = rows_own_standing(turn, event->account);
    standing.upheld++;
    rows_put_standing(turn, event->account, &standing);
}

/* ---- the queue ---- */

static err_t s_make_waiting(turn_t *turn, slice_t key, slice_t value, void *item)
{
    const report_t *report;
    (void)value;
    err_t err = rows_report(turn, row_number(key, 1), &report);
    if (err == ERR_OK)
        *(report_t *)item = *report;
    return err;
}

err_t matching_query_reports(turn_t *turn, const call_t *call, const void *body)
{
    const report_list_call_t *ask = body;
    row_range_t range = row_range1(ask->all ? 'r' : 'o', ask->after);
    size_t limit = ask->limit > 0 ? ask->limit : LIST_DEFAULT;
    report_list_t answer = {0};
    role_t role;
    err_t err = s_moderator(turn, call, &role);
    if (err == ERR_OK && ask->all)
        err = row_list(turn, &range, shape_report(), limit, &answer.reports);
    else if (err == ERR_OK)
        err = row_make_list(turn, &range, s_make_waiting, sizeof(report_t), limit, &answer.reports);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}
