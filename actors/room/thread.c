/* thread.c - messages that belong to another one.
 *
 * A thread is named by the message that began it.  Its messages have their place in the
 * room's own order like all others; a mark for each tells which they are.  There are no
 * threads within threads: whoever names a message inside one means that thread. */
#include "actors/room/thread.h"

#include "actors/room/message.h"
#include "actors/room/room.h"

enum { THREAD_DEFAULT = 50 };

err_t thread_root(turn_t *turn, uint64_t room, uint64_t seq, uint64_t *ret_root)
{
    const message_t *message;
    err_t err = row_get_message(turn, room, seq, &message);
    if (err == ERR_OK)
        *ret_root = message->thread != 0 ? message->thread : seq;
    return err;
}

void thread_grow(turn_t *turn, const message_t *message)
{
    annex_t annex;
    if (message->thread == 0)
        return;
    if (!row_found(message_annex(turn, message->room, message->thread, &annex)))
        return;
    annex.replies++;
    message_put_annex(turn, message->room, &annex);
    row_put_mark(turn, row_key3('t', message->room, message->thread, message->seq));
}

err_t room_query_thread(turn_t *turn, const call_t *call, const void *body)
{
    const room_thread_call_t *wish = body;
    const membership_t *membership;
    room_t room;
    uint64_t root;
    ids_t seqs;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = thread_root(turn, room.id, wish->seq, &root);
    if (err != ERR_OK)
        return err;
    row_range_t range = row_range3('t', room.id, root, wish->after);
    size_t limit = wish->limit > 0 ? wish->limit : THREAD_DEFAULT;
    err = row_list_last(turn, &range, limit, &seqs);
    return err == ERR_OK ? message_answer_list(turn, room.id, seqs, call->principal) : err;
}
