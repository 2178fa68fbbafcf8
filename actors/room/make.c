/* make.c - rooms are made. */
#include "actors/room/room.h"
#include "actors/room/tie.h"

/* Letters and digits without those that are mistaken for each other. */
static const char GID_LETTERS[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
enum { GID_SIZE = 8 };

/* A gid from eight of the input's random bytes; ERR_EXISTS if it is taken. */
static err_t s_try_gid(turn_t *turn, const uint8_t *rand, char gid[GID_SIZE + 1])
{
    uint64_t room;
    for (int i = 0; i < GID_SIZE; i++)
        gid[i] = GID_LETTERS[rand[i] % (sizeof GID_LETTERS - 1)];
    gid[GID_SIZE] = '\0';
    err_t err = row_get_number(turn, row_gid_key(slice_of(gid)), &room);
    return err == ERR_OK && room != 0 ? ERR_EXISTS : err;
}

/* Two tries out of 57^8; a third comes with the client's retry. */
static err_t s_gid(turn_t *turn, char gid[GID_SIZE + 1])
{
    err_t err = s_try_gid(turn, turn_rand(turn), gid);
    if (err == ERR_EXISTS)
        err = s_try_gid(turn, turn_rand(turn) + GID_SIZE, gid);
    return err == ERR_EXISTS ? ERR_NOT_DONE : err;
}

/* Number, name and emit the room, with the people who are in it from the start. */
static err_t s_make(turn_t *turn, room_t *room, const membership_t *members, size_t count)
{
    char *gid = arena_alloc(turn_arena(turn), GID_SIZE + 1);
    uint64_t last_id;
    err_t err = row_get_number(turn, row_counter_key('R'), &last_id);
    if (err == ERR_OK)
        err = s_gid(turn, gid);
    if (err != ERR_OK)
        return err;

    room->id = last_id + 1;
    room->gid = slice_of(gid);
    room->created = turn_now(turn);
    room->members = count;
    turn_emit(turn, EVENT_room_created, room->id, room->creator,
              &(room_created_event_t){.room = room});
    for (size_t i = 0; i < count; i++) {
        membership_t member = members[i];
        member.room = room->id;
        member.joined = room->created;
        room_emit_joined(turn, &member);
    }
    return ERR_OK;
}

static err_t s_get(turn_t *turn, uint64_t id, room_t *ret_room)
{
    err_t err = row_get_room(turn, id, ret_room);
    return err == ERR_OK ? row_get_members(turn, ret_room) : err;
}

static err_t s_repeat(turn_t *turn, const receipt_t *receipt, const room_create_call_t *create)
{
    room_t room;
    err_t err = s_get(turn, receipt->room, &room);
    if (err != ERR_OK)
        return err;
    if (room.kind != create->kind || room.by_gid != create->by_gid ||
        !slice_eq(room.name, create->name))
        return ERR_CLIENT_ID_REUSED;
    turn_answer(turn, &room);
    return ERR_OK;
}

err_t room_decide_create(turn_t *turn, const call_t *call, const void *body)
{
    const room_create_call_t *create = body;
    const receipt_t *receipt;
    if (create->kind == room_kind_DIRECT)
        return turn_refuse(turn, ERR_INVALID, "`kind`: direct rooms come from room.direct");

    err_t err =
        room_receipt(turn, call->principal, EVENT_room_created, create->client_id, &receipt);
    if (err == ERR_OK)
        return s_repeat(turn, receipt, create);
    if (err != ERR_NOT_FOUND)
        return err;

    room_t room = {
        .kind = create->kind,
        .name = create->name,
        .creator = call->principal,
        .by_gid = create->by_gid,
    };
    membership_t owner = {.account = call->principal, .role = room_role_OWNER};
    err = s_make(turn, &room, &owner, 1);
    if (err == ERR_OK)
        turn_answer(turn, &room);
    return err;
}

/* The one direct room of two people, made if need be. */
static err_t s_direct(turn_t *turn, uint64_t asker, uint64_t other, room_t *ret_room)
{
    uint64_t known;
    if (other == asker)
        return turn_refuse(turn, ERR_INVALID, "`account`: is yourself");
    err_t err = room_knows(turn, other);
    if (err == ERR_OK)
        err = tie_check_block(turn, asker, other);
    if (err == ERR_OK)
        err = row_get_number(turn, row_direct_key(asker, other), &known);
    if (err != ERR_OK)
        return err;
    if (known != 0)
        return s_get(turn, known, ret_room);

    *ret_room = (room_t){
        .kind = room_kind_DIRECT,
        .creator = asker,
        .first = asker,
        .second = other,
    };
    membership_t both[] = {
        {.account = asker, .role = room_role_MEMBER},
        {.account = other, .role = room_role_MEMBER},
    };
    return s_make(turn, ret_room, both, COUNT_OF(both));
}

err_t room_decide_direct(turn_t *turn, const call_t *call, const void *body)
{
    const room_direct_call_t *direct = body;
    room_t room;
    err_t err = s_direct(turn, call->principal, direct->account, &room);
    if (err == ERR_OK)
        turn_answer(turn, &room);
    return err;
}

err_t room_decide_request(turn_t *turn, const call_t *call, const void *body)
{
    const room_request_call_t *request = body;
    room_t room;
    err_t err = s_direct(turn, call->principal, request->account, &room);
    if (err != ERR_OK)
        return err;
    turn_emit(turn, EVENT_room_requested, 0, request->account,
              &(room_requested_event_t){
                  .account = request->account,
                  .by = call->principal,
                  .room = room.id,
                  .first = room.first,
                  .second = room.second,
              });
    turn_answer(turn, &room);
    return ERR_OK;
}

/* ---- what matching brings about ---- */

/* What else is in the way of a room is no reason to end. */
static void s_check_disk(err_t err)
{
    if (err == ERR_STORAGE || err == ERR_CORRUPT)
        row_give_up(err);
}

/* Two shall talk: their room opens, unless there is no such person any more or one blocks
 * the other by now. */
static void s_bring_together(turn_t *turn, uint64_t asker, uint64_t other)
{
    room_t room;
    err_t err = room_knows(turn, asker);
    if (err == ERR_OK)
        err = s_direct(turn, asker, other, &room);
    s_check_disk(err);
}

void room_react_matched(turn_t *turn, const record_t *record, const void *body)
{
    const people_matched_event_t *event = body;
    (void)record;
    s_bring_together(turn, event->by, event->account);
}

/* Whoever is still there, each a member: nobody has it more than others. */
void room_react_made(turn_t *turn, const record_t *record, const void *body)
{
    const match_t *match = ((const match_made_event_t *)body)->match;
    membership_t members[LIMIT_TICKET_SIZE];
    size_t count = 0;
    (void)record;
    for (size_t i = 0; i < match->accounts.count; i++)
        if (row_found(room_knows(turn, match->accounts.items[i])))
            members[count++] = (membership_t){
                .account = match->accounts.items[i],
                .role = room_role_MEMBER,
            };
    if (count == 0)
        return;
    room_t room = {
        .kind = room_kind_PRIVATE,
        .name = match->queue,
        .creator = members[0].account,
        .match = match->id,
    };
    s_check_disk(s_make(turn, &room, members, count));
}

void room_react_connected(turn_t *turn, const record_t *record, const void *body)
{
    const people_connected_event_t *event = body;
    (void)record;
    s_bring_together(turn, event->by, event->account);
}
