#include "actors/matching/meeting.h"

static err_t s_stances(turn_t *turn, meeting_t *meeting)
{
    err_t err = rows_standing(turn, meeting->other, &meeting->standing);
    if (err == ERR_OK)
        err = rows_stance(turn, meeting->self, meeting->other, &meeting->mine);
    if (err == ERR_OK)
        err = rows_stance(turn, meeting->other, meeting->self, &meeting->theirs);
    if (err == ERR_OK)
        err = rows_chat(turn, meeting->self, meeting->other, &meeting->chat);
    return err;
}

err_t meeting_find(turn_t *turn, const call_t *call, uint64_t other, meeting_t *ret_meeting)
{
    meeting_t meeting = {.self = call->principal, .other = other};
    if (other == call->principal)
        return turn_refuse(turn, ERR_INVALID, "`account`: is yourself");
    err_t err = person_get(turn, other, &meeting.person);
    if (err == ERR_OK && meeting.person->gone)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = s_stances(turn, &meeting);
    if (err == ERR_OK)
        *ret_meeting = meeting;
    return err;
}

static bool s_shows_themselves(const meeting_t *meeting)
{
    return !meeting->standing.hidden || meeting->theirs.liked != 0 || meeting->mine.matched != 0 ||
           meeting->chat.state == chat_state_OPEN;
}

err_t meeting_check(const turn_t *turn, const meeting_t *meeting)
{
    if (meeting->theirs.blocked != 0 || meeting->person->banned_until > turn_now(turn))
        return ERR_NOT_FOUND;
    if (meeting->mine.blocked != 0)
        return ERR_BLOCKED;
    return s_shows_themselves(meeting) ? ERR_OK : ERR_NOT_FOUND;
}

err_t meeting_see(turn_t *turn, const call_t *call, uint64_t other, meeting_t *ret_meeting)
{
    err_t err = meeting_find(turn, call, other, ret_meeting);
    return err == ERR_OK ? meeting_check(turn, ret_meeting) : err;
}

/* Of somebody who blocks the asker it says what the asker has done, and nothing else. */
relation_t meeting_relation(const meeting_t *meeting)
{
    relation_t relation = {
        .account = meeting->other,
        .liked = meeting->mine.liked,
        .disliked = meeting->mine.disliked,
        .visited = meeting->mine.visited,
        .blocked = meeting->mine.blocked,
        .reported = meeting->mine.reported,
    };
    if (meeting->theirs.blocked != 0)
        return relation;
    relation.likes = meeting->theirs.liked;
    relation.visits = meeting->theirs.visited;
    relation.matched = meeting->mine.matched;
    relation.chat = meeting->chat.state;
    relation.closed_by = meeting->chat.state == chat_state_CLOSED ? meeting->chat.by : 0;
    return relation;
}

void meeting_answer(turn_t *turn, const meeting_t *meeting)
{
    relation_t relation = meeting_relation(meeting);
    turn_answer(turn, &relation);
}
