/* chat.c - whether two may chat.
 *
 *   none ── connect, match, first message ──> open ── disconnect ──> closed
 *                                              ^                       │
 *                                              └── connect, by whoever closed it
 *
 * The room itself is the room actor's: it opens it by what is told here, and takes no
 * message while the chat is closed. */
#include "actors/matching/matching.h"
#include "actors/matching/meeting.h"

static void s_answer(turn_t *turn, meeting_t *meeting, chat_state_t state)
{
    if (meeting->chat.state != state)
        meeting->chat = (chat_row_t){.state = state, .by = meeting->self};
    meeting_answer(turn, meeting);
}

err_t matching_decide_connect(turn_t *turn, const call_t *call, const void *body)
{
    meeting_t meeting;
    uint64_t other = ((const people_connect_call_t *)body)->account;
    err_t err = meeting_see(turn, call, other, &meeting);
    if (err != ERR_OK)
        return err;
    if (meeting.chat.state == chat_state_CLOSED && meeting.chat.by != call->principal)
        return ERR_CLOSED;
    if (meeting.chat.state != chat_state_OPEN)
        turn_emit(turn, EVENT_people_connected, 0, other,
                  &(people_connected_event_t){.account = other, .by = call->principal});
    s_answer(turn, &meeting, chat_state_OPEN);
    return ERR_OK;
}

err_t matching_decide_disconnect(turn_t *turn, const call_t *call, const void *body)
{
    meeting_t meeting;
    uint64_t other = ((const people_disconnect_call_t *)body)->account;
    err_t err = meeting_find(turn, call, other, &meeting);
    if (err != ERR_OK)
        return err;
    if (meeting.chat.state != chat_state_CLOSED)
        turn_emit(turn, EVENT_people_disconnected, 0, other,
                  &(people_disconnected_event_t){.account = other, .by = call->principal});
    s_answer(turn, &meeting, chat_state_CLOSED);
    return ERR_OK;
}

static void s_put(turn_t *turn, uint64_t one, uint64_t other, const chat_row_t *chat)
{
    row_put(turn, row_key_pair('c', one, other), shape_chat_row(), chat);
}

void matching_apply_connected(turn_t *turn, const record_t *record, const void *body)
{
    const people_connected_event_t *event = body;
    (void)record;
    s_put(turn, event->account, event->by,
          &(chat_row_t){.state = chat_state_OPEN, .by = event->by});
}

void matching_apply_disconnected(turn_t *turn, const record_t *record, const void *body)
{
    const people_disconnected_event_t *event = body;
    (void)record;
    s_put(turn, event->account, event->by,
          &(chat_row_t){.state = chat_state_CLOSED, .by = event->by});
}
