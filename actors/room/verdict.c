/* verdict.c - what bots that judge had to say of a message before it came here.
 *
 * The broker has asked them, and has put what they said into the command's envelope; so deciding
 * asks nobody, and does the same whenever it is done again.  A verdict changes nothing of who may
 * speak where: it is looked at behind all that, and a message that was said already is answered
 * as before, whatever they say of its retry. */
#include "actors/room/room.h"

static err_t s_veto(turn_t *turn, const verdict_t *verdict)
{
    slice_t reason = arena_printf(turn_arena(turn), "%.*s", SLICE_ARG(verdict->reason));
    if (verdict->bot == 0)
        return turn_refuse(turn, ERR_UNAVAILABLE, "no bot has judged this in time");
    return turn_refuse(turn, ERR_VETOED, reason.len > 0 ? (const char *)reason.ptr : NULL);
}

err_t room_judged(turn_t *turn, slice_t *text)
{
    const verdict_t *verdict = turn_verdict(turn);
    if (verdict == NULL)
        return ERR_OK;
    if (verdict->ruling == ruling_VETO)
        return s_veto(turn, verdict);
    if (verdict->ruling == ruling_TRANSFORM)
        *text = verdict->text;
    return ERR_OK;
}
