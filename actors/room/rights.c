/* rights.c - who may see a room, and who may act on whom in it.
 *
 *   ADMIN      the system, admins and operators: see every room, act on everyone
 *   OWNER      owners of the room
 *   MODERATOR  moderators of the room; the staff's in open rooms and in those that they
 *              are in, but for direct ones
 *   MEMBER     whoever else is in it
 *   NONE       everyone else
 *
 * One acts on lower ranks only, so that nobody is put out by their equal.  Mutes and
 * bans end by the turn's time: nothing has to happen when they do.  A mute outlives its
 * membership, or leaving would lift it.
 *
 * The direct room of two of whom one blocks the other is shut to both: it is read and
 * written by neither.  Where the chat was merely closed, it is read. */
#include "actors/room/room.h"
#include "actors/room/tie.h"

#include <time.h>

/* ---- seeing ---- */

static err_t s_role(turn_t *turn, uint64_t account, role_t *ret_role)
{
    const person_t *person;
    *ret_role = account == 0 ? role_SYSTEM : role_USER; /* 0: an operator */
    err_t err = person_get(turn, account, &person);
    if (err == ERR_OK && person->role != role_NONE)
        *ret_role = person->role;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static bool s_sees_all(role_t role)
{
    return role == role_ADMIN || role == role_SYSTEM;
}

/* Somebody who is not in the room and names it by its id.  What opens by its gid has let
 * in, as readers, those who have shown that. */
static err_t s_sees(turn_t *turn, const room_t *room, uint64_t account)
{
    role_t role;
    bool open = room->kind == room_kind_OPEN;
    if (open && !room->by_gid)
        return ERR_OK;
    err_t err = s_role(turn, account, &role);
    if (err == ERR_OK && !s_sees_all(role) && !(open && role == role_MODERATOR))
        err = ERR_NOT_FOUND;
    return err;
}

err_t room_readable(turn_t *turn, uint64_t id, uint64_t account, room_t *ret_room,
                    const membership_t **ret_membership)
{
    const membership_t *membership = NULL;
    err_t err = row_get_room(turn, id, ret_room);
    if (err != ERR_OK)
        return err;
    err = row_get_membership(turn, id, account, &membership);
    if (err == ERR_OK && ret_room->kind == room_kind_DIRECT)
        err = tie_check_block(turn, ret_room->first, ret_room->second);
    else if (err == ERR_NOT_FOUND)
        err = s_sees(turn, ret_room, account);
    if (err == ERR_OK)
        *ret_membership = membership;
    return err;
}

err_t room_knows(turn_t *turn, uint64_t account)
{
    const person_t *person;
    err_t err = person_get(turn, account, &person);
    return err == ERR_OK && person->gone ? ERR_NOT_FOUND : err;
}

/* ---- ranks ---- */

static room_rank_t s_rank_in(const membership_t *membership)
{
    if (membership == NULL)
        return ROOM_RANK_NONE;
    switch (membership->role) {
    case room_role_OWNER:
        return ROOM_RANK_OWNER;
    case room_role_MODERATOR:
        return ROOM_RANK_MODERATOR;
    case room_role_MEMBER:
    case room_role_READER:
    case room_role_NONE:
        return ROOM_RANK_MEMBER;
    }
    return ROOM_RANK_MEMBER;
}

err_t room_rank(turn_t *turn, const room_t *room, uint64_t account, const membership_t *membership,
                room_rank_t *ret_rank)
{
    role_t role;
    room_rank_t rank = s_rank_in(membership);
    err_t err = s_role(turn, account, &role);
    if (err != ERR_OK)
        return err;
    if (s_sees_all(role))
        rank = ROOM_RANK_ADMIN;
    else if (role == role_MODERATOR && room->kind != room_kind_DIRECT && rank < ROOM_RANK_MODERATOR)
        rank = ROOM_RANK_MODERATOR;
    *ret_rank = rank;
    return ERR_OK;
}

err_t room_ranked(turn_t *turn, uint64_t id, uint64_t account, room_t *ret_room,
                  room_rank_t *ret_rank)
{
    const membership_t *own;
    err_t err = room_readable(turn, id, account, ret_room, &own);
    return err == ERR_OK ? room_rank(turn, ret_room, account, own, ret_rank) : err;
}

err_t room_needs_rank(turn_t *turn, room_rank_t rank, room_rank_t least)
{
    if (rank >= least)
        return ERR_OK;
    return turn_refuse(turn, ERR_FORBIDDEN,
                       least == ROOM_RANK_OWNER ? "for owners of the room"
                                                : "for owners and moderators of the room");
}

/* ---- mutes and bans ---- */

/* "until 2026-01-31T12:00:00Z", or "for good". */
static const char *s_until(turn_t *turn, const char *what, int64_t until)
{
    struct tm utc;
    char text[40] = "";
    time_t seconds = until / 1000000;
    if (until == 0 || gmtime_r(&seconds, &utc) == NULL)
        return (const char *)arena_printf(turn_arena(turn), "%s for good", what).ptr;
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return (const char *)arena_printf(turn_arena(turn), "%s until %s", what, text).ptr;
}

bool room_ban_holds(const turn_t *turn, const room_ban_t *ban)
{
    return ban->until == 0 || ban->until > turn_now(turn);
}

err_t room_not_banned(turn_t *turn, uint64_t room, uint64_t account)
{
    const void *row;
    err_t err = row_get(turn, row_key2('B', room, account), shape_room_ban(), &row);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    const room_ban_t *ban = row;
    if (!room_ban_holds(turn, ban))
        return ERR_OK;
    return turn_refuse(turn, ERR_FORBIDDEN, s_until(turn, "banned from this room", ban->until));
}

err_t room_muted_until(turn_t *turn, uint64_t room, uint64_t account,
                       const membership_t *membership, int64_t *ret_until)
{
    uint64_t away = 0;
    err_t err = ERR_OK;
    if (membership == NULL)
        err = row_get_number(turn, row_key2('U', room, account), &away);
    if (err == ERR_OK)
        *ret_until = membership != NULL ? membership->muted_until : (int64_t)away;
    return err;
}

err_t room_may_post(turn_t *turn, const room_t *room, uint64_t account,
                    const membership_t *membership)
{
    int64_t until;
    err_t err = membership == NULL ? room_not_banned(turn, room->id, account) : ERR_OK;
    if (err == ERR_OK && room->kind == room_kind_DIRECT)
        err = tie_check(turn, room->first, room->second);
    if (err == ERR_OK)
        err = room_muted_until(turn, room->id, account, membership, &until);
    if (err == ERR_OK && until > turn_now(turn))
        err = turn_refuse(turn, ERR_FORBIDDEN, s_until(turn, "muted in this room", until));
    return err;
}
