/* history.c - what was said in a room, page by page.
 *
 * Sequences have no gap, and ids and times rise with them; so a message is found by its
 * id or its time by halving, and needs no row to be found by.  The annexes of a page lie
 * in one range, as its messages do: a second scan brings them all. */
#include "actors/room/freshness.h"
#include "actors/room/message.h"
#include "actors/room/room.h"

enum { HISTORY_DEFAULT = 50 };

/* ---- looking for a sequence ---- */

typedef bool reached_fn(const message_t *message, uint64_t wanted);

static bool s_reached_id(const message_t *message, uint64_t id)
{
    return message->id >= id;
}

static bool s_reached_time(const message_t *message, uint64_t time)
{
    return message->time >= (int64_t)time;
}

/* The first sequence at which it is reached; one behind the last if it is at none. */
static err_t s_find(turn_t *turn, const room_t *room, reached_fn *reached, uint64_t wanted,
                    uint64_t *ret_seq)
{
    uint64_t low = 1, high = room->seq + 1;
    while (low < high) {
        const message_t *message;
        uint64_t middle = low + (high - low) / 2;
        err_t err = row_get_message(turn, room->id, middle, &message);
        if (err != ERR_OK)
            return err;
        if (reached(message, wanted))
            high = middle;
        else
            low = middle + 1;
    }
    *ret_seq = low;
    return ERR_OK;
}

static err_t s_find_id(turn_t *turn, const room_t *room, uint64_t id, uint64_t *ret_seq)
{
    const message_t *message = NULL;
    err_t err = s_find(turn, room, s_reached_id, id, ret_seq);
    if (err == ERR_OK && *ret_seq <= room->seq)
        err = row_get_message(turn, room->id, *ret_seq, &message);
    if (err == ERR_OK && (message == NULL || message->id != id))
        return turn_refuse(turn, ERR_INVALID, "`before_id`: is no message of this room");
    return err;
}

/* ---- dressing ---- */

/* Messages and annexes are both in order; few messages have one. */
static err_t s_dress(turn_t *turn, uint64_t account, message_t *messages, size_t count)
{
    list_t annexes;
    if (count == 0)
        return ERR_OK;
    uint64_t room = messages[0].room, first = messages[0].seq, last = messages[count - 1].seq;
    row_range_t range = {row_key2('X', room, first), row_key2('X', room, last + 1), false};
    err_t err = row_list(turn, &range, shape_annex(), count, &annexes);
    if (err != ERR_OK)
        return err;
    const annex_t *annex = annexes.items;
    for (size_t i = 0; i < annexes.count && err == ERR_OK; i++)
        err = message_dress(turn, account, &annex[i], &messages[annex[i].seq - first]);
    return err;
}

/* ---- pages ---- */

static row_range_t s_range(uint64_t room, uint64_t from, uint64_t to)
{
    return (row_range_t){.from = row_key2('M', room, from), .to = row_key2('M', room, to)};
}

static size_t s_limit(const room_history_call_t *wish)
{
    return wish->limit > 0 ? wish->limit : HISTORY_DEFAULT;
}

/* Where the page that is wished for lies. */
static err_t s_find_range(turn_t *turn, const room_history_call_t *wish, const room_t *room,
                          row_range_t *ret_range)
{
    uint64_t after = wish->after, since = 0;
    uint64_t before = wish->before > 0 ? wish->before : room->seq + 1;
    err_t err = ERR_OK;
    if (wish->before_id > 0)
        err = s_find_id(turn, room, wish->before_id, &before);
    if (err == ERR_OK && wish->since > 0)
        err = s_find(turn, room, s_reached_time, (uint64_t)wish->since, &since);
    if (err != ERR_OK)
        return err;
    if (since > after)
        after = since - 1;
    *ret_range = row_range2('M', room->id, after);
    ret_range->to = row_key2('M', room->id, before);
    ret_range->last = !wish->forward && wish->after == 0 && wish->since == 0;
    return ERR_OK;
}

static list_t s_join(turn_t *turn, const list_t *first, const list_t *second)
{
    size_t count = first->count + second->count;
    message_t *both = arena_alloc(turn_arena(turn), count * sizeof *both);
    if (first->count > 0)
        memcpy(both, first->items, first->count * sizeof *both);
    if (second->count > 0)
        memcpy(both + first->count, second->items, second->count * sizeof *both);
    return (list_t){both, count};
}

/* Half before the middle, half from it on. */
static err_t s_read_around(turn_t *turn, const room_history_call_t *wish, list_t *ret_messages)
{
    list_t before, after;
    size_t limit = s_limit(wish);
    row_range_t range = s_range(wish->room, 1, wish->around);
    range.last = true;
    range.bytes_max = LIMIT_PAGE_BYTES / 2;
    err_t err = row_list(turn, &range, shape_message(), limit / 2, &before);
    if (err != ERR_OK)
        return err;
    range = s_range(wish->room, wish->around, UINT64_MAX);
    range.bytes_max = LIMIT_PAGE_BYTES / 2;
    err = row_list(turn, &range, shape_message(), limit - before.count, &after);
    if (err == ERR_OK)
        *ret_messages = s_join(turn, &before, &after);
    return err;
}

/* The messages of a page, without their annexes. */
static err_t s_read(turn_t *turn, const room_history_call_t *wish, const room_t *room,
                    list_t *ret_messages)
{
    row_range_t range;
    bool other = wish->before > 0 || wish->before_id > 0 || wish->after > 0 || wish->since > 0;
    if (wish->around > 0 && other)
        return turn_refuse(turn, ERR_INVALID, "`around`: goes with `limit` only");
    if (wish->around > 0)
        return s_read_around(turn, wish, ret_messages);
    err_t err = s_find_range(turn, wish, room, &range);
    return err == ERR_OK ? row_list(turn, &range, shape_message(), s_limit(wish), ret_messages)
                         : err;
}

/* What is `mine` or not in it changes with the room too. */
static bool s_is_known(turn_t *turn, const room_history_call_t *wish)
{
    return wish->known > 0 && freshness_holds(turn_soft(turn), wish->room, wish->known);
}

err_t room_query_history(turn_t *turn, const call_t *call, const void *body)
{
    const room_history_call_t *wish = body;
    const membership_t *membership;
    list_t messages = {0};
    room_t room;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK && s_is_known(turn, wish)) {
        turn_answer(turn, &(message_list_t){.same = true});
        return ERR_OK;
    }
    if (err == ERR_OK)
        err = s_read(turn, wish, &room, &messages);
    if (err == ERR_OK) /* what was just read is in the turn's own arena */
        err = s_dress(turn, call->principal, (message_t *)messages.items, messages.count);
    if (err == ERR_OK)
        turn_answer(turn, &(message_list_t){.messages = messages});
    return err;
}
