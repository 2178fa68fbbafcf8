/* edit.c - messages are changed, and taken back.
 *
 * The journal keeps every wording; the rows have the present one.  A deleted message
 * keeps its place, its sender and its thread, and has lost all else. */
#include "actors/room/mention.h"
#include "actors/room/message.h"
#include "actors/room/pin.h"
#include "actors/room/room.h"

/* ---- deciding ---- */

static err_t s_edit(turn_t *turn, const call_t *call, const message_target_t *target,
                    const message_edit_call_t *edit)
{
    mentions_t mentions;
    bool moderated;
    slice_t text = edit->text;
    err_t err = room_judged(turn, &text);
    if (err == ERR_OK)
        err = message_moderated(turn, call, target, &moderated);
    if (err == ERR_OK)
        err = mention_find(turn, edit->room, text, moderated, &mentions);
    if (err != ERR_OK)
        return err;
    if (!slice_eq(target->message->text, text))
        turn_emit(turn, EVENT_message_edited, edit->room, 0,
                  &(message_edited_event_t){
                      .room = edit->room,
                      .seq = edit->seq,
                      .text = text,
                      .mentions = mentions.accounts,
                      .everyone = mentions.everyone,
                  });
    return message_answer(turn, edit->room, edit->seq, call->principal);
}

err_t message_decide_edit(turn_t *turn, const call_t *call, const void *body)
{
    const message_edit_call_t *edit = body;
    message_target_t target;
    err_t err = message_reach_standing(turn, call, edit->room, edit->seq, &target);
    if (err != ERR_OK)
        return err;
    if (target.message->sender != call->principal)
        return turn_refuse(turn, ERR_FORBIDDEN, "only one's own messages can be edited");
    err = room_may_post(turn, &target.room, call->principal, target.membership);
    if (err != ERR_OK)
        return err;
    return s_edit(turn, call, &target, edit);
}

err_t message_decide_delete(turn_t *turn, const call_t *call, const void *body)
{
    const message_delete_call_t *wish = body;
    message_target_t target;
    bool moderated;
    err_t err = message_reach(turn, call, wish->room, wish->seq, &target);
    if (err == ERR_OK)
        err = message_moderated(turn, call, &target, &moderated);
    if (err != ERR_OK)
        return err;
    if (target.message->sender != call->principal && !moderated)
        return turn_refuse(turn, ERR_FORBIDDEN, "others' messages are deleted by moderators");
    if (target.message->deleted == 0)
        turn_emit(turn, EVENT_message_deleted, wish->room, 0,
                  &(message_deleted_event_t){
                      .room = wish->room, .seq = wish->seq, .by = call->principal});
    return message_answer(turn, wish->room, wish->seq, call->principal);
}

/* ---- applying ---- */

static void s_put(turn_t *turn, const message_t *message)
{
    row_put(turn, row_key2('M', message->room, message->seq), shape_message(), message);
}

void message_apply_edited(turn_t *turn, const record_t *record, const void *body)
{
    const message_edited_event_t *event = body;
    const message_t *row;
    if (!row_found(row_get_message(turn, event->room, event->seq, &row)))
        return;
    message_t message = *row;
    mention_delete(turn, &message);
    message.text = event->text;
    message.mentions = event->mentions;
    message.everyone = event->everyone;
    message.edited = record->time;
    mention_put(turn, &message);
    s_put(turn, &message);
}

/* Reactions go with the annex; the rows of those who reacted stay and are never read, as
 * they cannot be found by key. */
static void s_strip_annex(turn_t *turn, uint64_t room, uint64_t seq)
{
    annex_t annex;
    if (!row_found(message_annex(turn, room, seq, &annex)))
        return;
    if (annex.pinned != 0)
        pin_set(turn, room, &annex, 0);
    annex.reactions = (list_t){0};
    message_put_annex(turn, room, &annex);
}

void message_apply_deleted(turn_t *turn, const record_t *record, const void *body)
{
    const message_deleted_event_t *event = body;
    const message_t *row;
    if (!row_found(row_get_message(turn, event->room, event->seq, &row)))
        return;
    message_t message = *row;
    mention_delete(turn, &message);
    message.text = (slice_t){0};
    message.mentions = (ids_t){0};
    message.everyone = false;
    message.files = (list_t){0};
    room_files_dropped(turn, event->room, &row->files);
    message.deleted = record->time;
    s_put(turn, &message);
    s_strip_annex(turn, event->room, event->seq);
}
