/* post.c - a message is said.
 *
 * A post writes as few rows as it can: the message, the room's sequence, the last id,
 * its sender's marker, and a receipt if there is a client id.  Rows for mentions,
 * threads and files are written where there are some. */
#include "actors/room/mention.h"
#include "actors/room/message.h"
#include "actors/room/read.h"
#include "actors/room/room.h"
#include "actors/room/thread.h"
#include "schema/pack.h"

/* ---- what is said ---- */

/* All of it but its place; of files the ids. */
static err_t s_draft(turn_t *turn, const room_post_call_t *post, message_t *ret_draft)
{
    const file_ref_t *refs = post->files.items;
    file_t *files = arena_alloc(turn_arena(turn), post->files.count * sizeof *files);
    for (size_t i = 0; i < post->files.count; i++)
        files[i].id = refs[i].id;
    *ret_draft = (message_t){
        .room = post->room,
        .text = post->text,
        .reply_to = post->reply_to,
        .files = {files, post->files.count},
        .client_id = post->client_id,
        .client_time = post->client_time,
        .extra = post->extra,
    };
    if (post->thread == 0)
        return ERR_OK;
    err_t err = thread_root(turn, post->room, post->thread, &ret_draft->thread);
    if (err == ERR_NOT_FOUND)
        return turn_refuse(turn, ERR_INVALID, "`thread`: is no message of this room");
    return err;
}

/* The same client id again: the first one's answer if it said the same. */
static err_t s_repeat(turn_t *turn, const receipt_t *receipt, const room_post_call_t *post)
{
    const message_t *message;
    message_t draft;
    if (receipt->room != post->room)
        return ERR_CLIENT_ID_REUSED;
    err_t err = s_draft(turn, post, &draft);
    if (err == ERR_OK)
        err = row_get_message(turn, receipt->room, receipt->seq, &message);
    if (err != ERR_OK)
        return err;
    if (receipt->content != message_content(&draft))
        return ERR_CLIENT_ID_REUSED;
    message_t repeated = *message;
    repeated.repeated = true;
    turn_answer(turn, &repeated);
    return ERR_OK;
}

/* ---- its place ---- */

/* Whom it answers: the sender of that message, or whoever began the thread. */
static err_t s_answer(turn_t *turn, const room_t *room, message_t *message)
{
    const message_t *answered;
    uint64_t seq = message->reply_to != 0 ? message->reply_to : message->thread;
    if (seq > room->seq)
        return turn_refuse(turn, ERR_INVALID, "`reply_to`: is no message of this room");
    if (seq == 0)
        return ERR_OK; /* as most do */
    err_t err = row_get_message(turn, room->id, seq, &answered);
    if (err == ERR_OK)
        message->answers = answered->sender;
    return err;
}

static err_t s_mention(turn_t *turn, const room_t *room, uint64_t account,
                       const membership_t *membership, message_t *message)
{
    mentions_t mentions;
    room_rank_t rank = ROOM_RANK_NONE;
    err_t err = ERR_OK;
    if (memchr(message->text.ptr, '@', message->text.len) == NULL)
        return ERR_OK; /* as most are */
    err = room_rank(turn, room, account, membership, &rank);
    if (err == ERR_OK)
        err = mention_find(turn, room->id, message->text, rank >= ROOM_RANK_MODERATOR, &mentions);
    if (err != ERR_OK)
        return err;
    message->mentions = mentions.accounts;
    message->everyone = mentions.everyone;
    return ERR_OK;
}

static err_t s_place(turn_t *turn, const room_t *room, uint64_t account, message_t *message)
{
    const person_t *person;
    uint64_t last_id;
    err_t err = person_get(turn, account, &person);
    if (err == ERR_OK)
        err = row_get_number(turn, row_counter_key('M'), &last_id);
    if (err != ERR_OK)
        return err;
    message->id = last_id + 1;
    message->seq = room->seq + 1;
    message->first = room->first;
    message->second = room->second;
    message->sender = account;
    message->login = person->login;
    message->username = person->username;
    message->uuid = person->uuid;
    message->time = turn_now(turn);
    return ERR_OK;
}

/* ---- saying it ---- */

/* What bots make of it.  A retry says again what was sent, so the receipt is of that. */
static err_t s_judge(turn_t *turn, message_t *message, slice_t *ret_content)
{
    const message_t sent = *message;
    uint8_t content[sizeof(uint64_t)];
    err_t err = room_judged(turn, &message->text);
    if (err != ERR_OK || slice_eq(sent.text, message->text))
        return err;
    wide_put64(content, message_content(&sent));
    *ret_content = arena_copy(turn_arena(turn), slice_new(content, sizeof content));
    return ERR_OK;
}

static err_t s_say(turn_t *turn, const call_t *call, const room_t *room,
                   const membership_t *membership, const room_post_call_t *post)
{
    message_t message;
    room_posted_event_t posted = {.message = &message};
    err_t err = s_draft(turn, post, &message);
    if (err == ERR_OK)
        err = s_judge(turn, &message, &posted.content);
    if (err == ERR_OK)
        err = s_answer(turn, room, &message);
    if (err == ERR_OK)
        err = room_files(turn, room->id, &post->files, &message.files);
    if (err == ERR_OK)
        err = s_mention(turn, room, call->principal, membership, &message);
    if (err == ERR_OK)
        err = s_place(turn, room, call->principal, &message);
    if (err != ERR_OK)
        return err;

    if (membership == NULL && room->kind == room_kind_OPEN) /* who speaks in it hears it */
        room_emit_joined(turn, &(membership_t){.room = room->id,
                                               .account = call->principal,
                                               .role = room_role_READER,
                                               .joined = turn_now(turn)});
    turn_emit(turn, EVENT_room_posted, room->id, 0, &posted);
    turn_answer(turn, &message);
    return ERR_OK;
}

err_t room_decide_post(turn_t *turn, const call_t *call, const void *body)
{
    const room_post_call_t *post = body;
    const receipt_t *receipt;
    const membership_t *membership;
    room_t room;

    err_t err = room_receipt(turn, call->principal, EVENT_room_posted, post->client_id, &receipt);
    if (err == ERR_OK)
        return s_repeat(turn, receipt, post);
    if (err != ERR_NOT_FOUND)
        return err;

    err = room_readable(turn, post->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = room_may_post(turn, &room, call->principal, membership);
    if (err != ERR_OK)
        return err;
    return s_say(turn, call, &room, membership, post);
}

static uint64_t s_content(const room_posted_event_t *event)
{
    return event->content.len == sizeof(uint64_t) ? wide_get64(event->content.ptr)
                                                  : message_content(event->message);
}

void room_apply_posted(turn_t *turn, const record_t *record, const void *body)
{
    const room_posted_event_t *event = body;
    const message_t *message = event->message;
    row_put_member(turn, row_key2('M', message->room, message->seq), record, "message");
    row_put_number(turn, row_counter_key('M'), message->id);
    read_speak(turn, message, record->time);
    mention_put(turn, message);
    thread_grow(turn, message);
    room_files_used(turn, message->room, &message->files);
    if (record->client_id.len > 0)
        room_keep_receipt(turn, record,
                          &(receipt_t){
                              .time = record->time,
                              .room = message->room,
                              .seq = message->seq,
                              .content = s_content(event),
                          });
}
