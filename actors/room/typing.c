/* typing.c - somebody is writing, or listens: said to those who listen now, and recorded
 * nowhere.  So it tells that they are there, which is not for those whom they block. */
#include "actors/apart.h"
#include "actors/room/room.h"

/* A client repeats itself while its person writes; who falls silent is forgotten. */
static const int64_t BELIEVED = (int64_t)6 * 1000000; /* µs */

err_t room_decide_typing(turn_t *turn, const call_t *call, const void *body)
{
    const room_typing_call_t *wish = body;
    const membership_t *membership;
    apart_t apart;
    room_t room;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = room_may_post(turn, &room, call->principal, membership);
    if (err == ERR_OK)
        err = row_get_members(turn, &room);
    if (err == ERR_OK)
        err = apart_of(turn, call->principal, &apart);
    if (err != ERR_OK || room.members > LIMIT_TYPING_MEMBERS || apart.many)
        return err;
    turn_emit(turn, EVENT_room_typed, room.id, 0,
              &(room_typed_event_t){
                  .room = room.id,
                  .account = call->principal,
                  .until = wish->typing ? turn_now(turn) + BELIEVED : 0,
                  .apart = apart.accounts,
              });
    return ERR_OK;
}

/* The edge knows who listens; that they may, it has seen. */
err_t room_decide_present(turn_t *turn, const call_t *call, const void *body)
{
    const room_present_call_t *wish = body;
    const person_t *person;
    apart_t apart;
    (void)call;
    err_t err = row_has_room(turn, wish->room);
    if (err == ERR_OK)
        err = person_get(turn, wish->account, &person);
    if (err == ERR_OK)
        err = apart_of(turn, wish->account, &apart);
    if (err != ERR_OK || apart.many)
        return err;
    turn_emit(turn, EVENT_room_presence, wish->room, 0,
              &(room_presence_event_t){
                  .room = wish->room,
                  .account = wish->account,
                  .username = person->username,
                  .uuid = person->uuid,
                  .here = wish->here,
                  .apart = apart.accounts,
              });
    return ERR_OK;
}
