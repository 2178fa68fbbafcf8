/* pin.c - messages that a room keeps in sight.
 *
 * A room has few pins, so they lie in one row, which decide can count. */
#include "actors/room/pin.h"

#include "actors/room/message.h"
#include "actors/room/room.h"

static err_t s_pins(turn_t *turn, uint64_t room, ids_t *ret_pins)
{
    const void *row;
    err_t err = row_get(turn, row_key1('p', room), shape_pins(), &row);
    *ret_pins = err == ERR_OK ? ((const pins_t *)row)->messages : (ids_t){0};
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* In a direct room both may, elsewhere those who look after it. */
static err_t s_check_right(turn_t *turn, const call_t *call, const message_target_t *target)
{
    bool direct = target->room.kind == room_kind_DIRECT && target->membership != NULL;
    bool moderated = false;
    err_t err = message_moderated(turn, call, target, &moderated);
    if (err == ERR_OK && !direct && !moderated)
        return turn_refuse(turn, ERR_FORBIDDEN, "owners and moderators pin messages");
    return err;
}

static err_t s_pin(turn_t *turn, const call_t *call, uint64_t room, uint64_t seq, bool on)
{
    message_target_t target;
    ids_t pins;
    err_t err = message_reach_standing(turn, call, room, seq, &target);
    if (err == ERR_OK)
        err = s_check_right(turn, call, &target);
    if (err == ERR_OK)
        err = s_pins(turn, room, &pins);
    if (err != ERR_OK)
        return err;
    bool pinned = target.annex.pinned != 0;
    if (on && !pinned && pins.count >= LIMIT_PINS)
        return turn_refuse(turn, ERR_TOO_MANY, "this room has all the pins that it can have");
    if (pinned != on)
        turn_emit(
            turn, EVENT_message_pinned, room, 0,
            &(message_pinned_event_t){.room = room, .seq = seq, .by = call->principal, .on = on});
    return message_answer(turn, room, seq, call->principal);
}

err_t message_decide_pin(turn_t *turn, const call_t *call, const void *body)
{
    const message_pin_call_t *pin = body;
    return s_pin(turn, call, pin->room, pin->seq, true);
}

err_t message_decide_unpin(turn_t *turn, const call_t *call, const void *body)
{
    const message_unpin_call_t *unpin = body;
    return s_pin(turn, call, unpin->room, unpin->seq, false);
}

/* The pins with or without one, in order. */
static void s_put_pins(turn_t *turn, uint64_t room, uint64_t seq, bool on)
{
    ids_t pins;
    if (!row_found(s_pins(turn, room, &pins)))
        return;
    uint64_t *seqs = arena_alloc(turn_arena(turn), (pins.count + 1) * sizeof *seqs);
    size_t count = 0, from = 0;
    while (from < pins.count && pins.items[from] < seq)
        seqs[count++] = pins.items[from++];
    if (on)
        seqs[count++] = seq;
    for (; from < pins.count; from++)
        if (pins.items[from] != seq)
            seqs[count++] = pins.items[from];
    row_put(turn, row_key1('p', room), shape_pins(), &(pins_t){.messages = {seqs, count}});
}

void pin_set(turn_t *turn, uint64_t room, annex_t *annex, int64_t pinned)
{
    annex->pinned = pinned;
    s_put_pins(turn, room, annex->seq, pinned != 0);
}

void message_apply_pinned(turn_t *turn, const record_t *record, const void *body)
{
    const message_pinned_event_t *event = body;
    annex_t annex;
    if (!row_found(message_annex(turn, event->room, event->seq, &annex)))
        return;
    pin_set(turn, event->room, &annex, event->on ? record->time : 0);
    message_put_annex(turn, event->room, &annex);
}

err_t room_query_pins(turn_t *turn, const call_t *call, const void *body)
{
    const room_pins_call_t *wish = body;
    const membership_t *membership;
    room_t room;
    ids_t pins;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = s_pins(turn, room.id, &pins);
    return err == ERR_OK ? message_answer_list(turn, room.id, pins, call->principal) : err;
}
