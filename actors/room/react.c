/* react.c - reactions to messages.
 *
 * The annex of a message counts each kind of reaction and gives it a slot, a number that
 * is its own as long as anybody reacts so.  Who reacted is kept twice: by person, as a
 * set of slots, so that one look tells which reactions are one's own; and by slot, a
 * mark for each person, so that those who reacted so can be listed. */
#include "actors/room/message.h"
#include "actors/room/room.h"

enum { SLOTS = 64 };

_Static_assert(LIMIT_REACTIONS <= (int)SLOTS, "the slots of a person are a set in one number");

/* ---- kinds ---- */

/* The place of the kind among the reactions; their count if nobody reacted so. */
static size_t s_place(const annex_t *annex, slice_t emoji)
{
    const reaction_t *reactions = annex->reactions.items;
    size_t place = 0;
    while (place < annex->reactions.count && !slice_eq(reactions[place].emoji, emoji))
        place++;
    return place;
}

static const reaction_t *s_find(const annex_t *annex, slice_t emoji)
{
    size_t place = s_place(annex, emoji);
    return place < annex->reactions.count ? (const reaction_t *)annex->reactions.items + place
                                          : NULL;
}

/* A kind of reaction to a message in one number of a key. */
static uint64_t s_kind(uint64_t seq, uint64_t slot)
{
    return seq * LIMIT_REACTIONS + slot;
}

static uint64_t s_free_slot(const annex_t *annex)
{
    const reaction_t *reactions = annex->reactions.items;
    uint64_t taken = 0;
    for (size_t i = 0; i < annex->reactions.count; i++)
        taken |= UINT64_C(1) << reactions[i].slot;
    return (uint64_t)__builtin_ctzll(~taken);
}

/* ---- reacting ---- */

static err_t s_react(turn_t *turn, const call_t *call, const message_target_t *target,
                     slice_t emoji, bool on)
{
    uint64_t room = target->message->room, seq = target->message->seq;
    const reaction_t *reaction = s_find(&target->annex, emoji);
    if (target->membership == NULL)
        return turn_refuse(turn, ERR_FORBIDDEN, "only those in the room react");
    if (on && reaction == NULL && target->annex.reactions.count >= LIMIT_REACTIONS)
        return turn_refuse(turn, ERR_TOO_MANY,
                           "that message has all kinds of reactions it can have");

    bool mine = reaction != NULL && (target->slots >> reaction->slot & 1) != 0;
    if (mine != on)
        turn_emit(turn, EVENT_message_reacted, room, 0,
                  &(message_reacted_event_t){
                      .room = room,
                      .seq = seq,
                      .account = call->principal,
                      .emoji = emoji,
                      .on = on,
                  });
    return message_answer(turn, room, seq, call->principal);
}

err_t message_decide_react(turn_t *turn, const call_t *call, const void *body)
{
    const message_react_call_t *react = body;
    message_target_t target;
    err_t err = message_reach_standing(turn, call, react->room, react->seq, &target);
    if (err != ERR_OK)
        return err;
    return s_react(turn, call, &target, react->emoji, true);
}

err_t message_decide_unreact(turn_t *turn, const call_t *call, const void *body)
{
    const message_unreact_call_t *unreact = body;
    message_target_t target;
    err_t err = message_reach_standing(turn, call, unreact->room, unreact->seq, &target);
    if (err != ERR_OK)
        return err;
    return s_react(turn, call, &target, unreact->emoji, false);
}

/* ---- applying ---- */

/* One more, or one less, of a kind; its slot.  A kind that nobody is left of goes. */
static uint64_t s_count(turn_t *turn, annex_t *annex, slice_t emoji, bool on)
{
    size_t count = annex->reactions.count, place = s_place(annex, emoji);
    reaction_t *reactions = arena_alloc(turn_arena(turn), (count + 1) * sizeof *reactions);
    if (count > 0)
        memcpy(reactions, annex->reactions.items, count * sizeof *reactions);
    if (place == count)
        reactions[count++] = (reaction_t){.emoji = emoji, .slot = s_free_slot(annex)};
    uint64_t slot = reactions[place].slot;
    reactions[place].count += on ? 1 : (uint64_t)-1;
    if (reactions[place].count == 0)
        memmove(reactions + place, reactions + place + 1, (--count - place) * sizeof *reactions);
    annex->reactions = (list_t){reactions, count};
    return slot;
}

void message_apply_reacted(turn_t *turn, const record_t *record, const void *body)
{
    const message_reacted_event_t *event = body;
    annex_t annex;
    uint64_t slots;
    (void)record;
    if (!row_found(message_annex(turn, event->room, event->seq, &annex)) ||
        !row_found(message_slots(turn, event->room, event->seq, event->account, &slots)))
        return;
    uint64_t slot = s_count(turn, &annex, event->emoji, event->on);
    slots ^= UINT64_C(1) << slot;
    message_put_annex(turn, event->room, &annex);

    row_key_t mine = row_key3('e', event->room, event->seq, event->account);
    row_key_t mark = row_key3('E', event->room, s_kind(event->seq, slot), event->account);
    if (slots != 0)
        row_put_number(turn, mine, slots);
    else
        row_delete(turn, mine);
    if (event->on)
        row_put_mark(turn, mark);
    else
        row_delete(turn, mark);
}

/* ---- listing ---- */

static err_t s_reactors(turn_t *turn, const message_reactors_call_t *wish, uint64_t slot,
                        ids_t *ret_accounts)
{
    row_range_t range = row_range3('E', wish->room, s_kind(wish->seq, slot), wish->after);
    return row_list_last(turn, &range, room_page_limit(wish->limit), ret_accounts);
}

err_t message_query_reactors(turn_t *turn, const call_t *call, const void *body)
{
    const message_reactors_call_t *wish = body;
    message_target_t target;
    ids_t accounts = {0};
    err_t err = message_reach(turn, call, wish->room, wish->seq, &target);
    if (err != ERR_OK)
        return err;
    const reaction_t *reaction = s_find(&target.annex, wish->emoji);
    if (reaction != NULL)
        err = s_reactors(turn, wish, reaction->slot, &accounts);
    if (err == ERR_OK)
        turn_answer(turn, &(reactor_list_t){.accounts = accounts});
    return err;
}
