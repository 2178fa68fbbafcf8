/* message.c - reaching a message, and showing it.
 *
 * An answer shows the message as its rows are now; so a command that changed something
 * answers by reading back what its event did. */
#include "actors/room/message.h"

#include "actors/crypto.h"
#include "actors/room/room.h"
#include "schema/pack.h"

/* ---- reaching ---- */

/* All that the answer will read is read here, where a row that cannot be read still refuses. */
err_t message_reach(turn_t *turn, const call_t *call, uint64_t room, uint64_t seq,
                    message_target_t *ret_target)
{
    err_t err =
        room_readable(turn, room, call->principal, &ret_target->room, &ret_target->membership);
    if (err == ERR_OK)
        err = row_get_message(turn, room, seq, &ret_target->message);
    if (err == ERR_OK)
        err = message_annex(turn, room, seq, &ret_target->annex);
    if (err == ERR_OK)
        err = message_slots(turn, room, seq, call->principal, &ret_target->slots);
    return err;
}

err_t message_reach_standing(turn_t *turn, const call_t *call, uint64_t room, uint64_t seq,
                             message_target_t *ret_target)
{
    err_t err = message_reach(turn, call, room, seq, ret_target);
    if (err == ERR_OK && ret_target->message->deleted != 0)
        return turn_refuse(turn, ERR_INVALID, "`seq`: that message was deleted");
    return err;
}

err_t message_moderated(turn_t *turn, const call_t *call, const message_target_t *target,
                        bool *ret_moderated)
{
    room_rank_t rank;
    err_t err = room_rank(turn, &target->room, call->principal, target->membership, &rank);
    if (err == ERR_OK)
        *ret_moderated = rank >= ROOM_RANK_MODERATOR;
    return err;
}

/* ---- annexes ---- */

static row_key_t s_annex_key(uint64_t room, uint64_t seq)
{
    return row_key2('X', room, seq);
}

err_t message_annex(turn_t *turn, uint64_t room, uint64_t seq, annex_t *ret_annex)
{
    const void *row;
    err_t err = row_get(turn, s_annex_key(room, seq), shape_annex(), &row);
    if (err == ERR_OK)
        *ret_annex = *(const annex_t *)row;
    else if (err == ERR_NOT_FOUND)
        *ret_annex = (annex_t){.seq = seq};
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

void message_put_annex(turn_t *turn, uint64_t room, const annex_t *annex)
{
    bool empty = annex->replies == 0 && annex->pinned == 0 && annex->reactions.count == 0;
    if (empty)
        row_delete(turn, s_annex_key(room, annex->seq));
    else
        row_put(turn, s_annex_key(room, annex->seq), shape_annex(), annex);
}

err_t message_slots(turn_t *turn, uint64_t room, uint64_t seq, uint64_t account,
                    uint64_t *ret_slots)
{
    return row_get_number(turn, row_key3('e', room, seq, account), ret_slots);
}

/* Which reactions are the account's own. */
static err_t s_dress_mine(turn_t *turn, uint64_t account, message_t *message)
{
    size_t count = message->reactions.count;
    uint64_t slots;
    err_t err = message_slots(turn, message->room, message->seq, account, &slots);
    if (err != ERR_OK || slots == 0)
        return err;
    reaction_t *reactions = arena_alloc(turn_arena(turn), count * sizeof *reactions);
    memcpy(reactions, message->reactions.items, count * sizeof *reactions);
    for (size_t i = 0; i < count; i++)
        reactions[i].mine = (slots >> reactions[i].slot & 1) != 0;
    message->reactions.items = reactions;
    return ERR_OK;
}

err_t message_dress(turn_t *turn, uint64_t account, const annex_t *annex, message_t *message)
{
    message->replies = annex->replies;
    message->pinned = annex->pinned;
    message->reactions = annex->reactions;
    return annex->reactions.count > 0 ? s_dress_mine(turn, account, message) : ERR_OK;
}

/* ---- showing ---- */

static err_t s_see(turn_t *turn, uint64_t room, uint64_t seq, uint64_t account,
                   message_t *ret_message)
{
    const message_t *row;
    annex_t annex;
    err_t err = row_get_message(turn, room, seq, &row);
    if (err == ERR_OK)
        err = message_annex(turn, room, seq, &annex);
    if (err != ERR_OK)
        return err;
    *ret_message = *row;
    return message_dress(turn, account, &annex, ret_message);
}

err_t message_answer(turn_t *turn, uint64_t room, uint64_t seq, uint64_t account)
{
    message_t message;
    err_t err = s_see(turn, room, seq, account, &message);
    if (err == ERR_OK)
        turn_answer(turn, &message);
    return err;
}

err_t message_answer_list(turn_t *turn, uint64_t room, ids_t seqs, uint64_t account)
{
    message_t *messages = arena_alloc(turn_arena(turn), seqs.count * sizeof *messages);
    size_t count = 0, bytes = 0;
    while (count < seqs.count && bytes < LIMIT_PAGE_BYTES) {
        err_t err = s_see(turn, room, seqs.items[count], account, &messages[count]);
        if (err != ERR_OK)
            return err;
        bytes += messages[count++].text.len;
    }
    turn_answer(turn, &(message_list_t){.messages = {messages, count}});
    return ERR_OK;
}

err_t message_query_get(turn_t *turn, const call_t *call, const void *body)
{
    const message_get_call_t *get = body;
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, get->room, call->principal, &room, &membership);
    return err == ERR_OK ? message_answer(turn, get->room, get->seq, call->principal) : err;
}

err_t message_query_sent(turn_t *turn, const call_t *call, const void *body)
{
    const message_sent_call_t *sent = body;
    const receipt_t *receipt;
    const membership_t *membership;
    room_t room;
    err_t err = room_receipt(turn, call->principal, EVENT_room_posted, sent->client_id, &receipt);
    if (err == ERR_OK)
        err = room_readable(turn, receipt->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        return message_answer_list(turn, receipt->room, (ids_t){&receipt->seq, 1}, call->principal);
    if (err == ERR_NOT_FOUND)
        turn_answer(turn, &(message_list_t){0});
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- receipts ---- */

uint64_t message_content(const message_t *message)
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    const file_t *files = message->files.items;
    const uint64_t where[] = {message->room, message->reply_to, message->thread};
    crypto_blake128(slice_new(where, sizeof where), message->text, hash);
    for (size_t i = 0; i < message->files.count; i++) {
        uint8_t before[sizeof hash];
        memcpy(before, hash, sizeof hash);
        crypto_blake128(slice_new(before, sizeof before), files[i].id, hash);
    }
    return wide_get64(hash);
}
