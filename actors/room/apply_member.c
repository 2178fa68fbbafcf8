/* apply_member.c - what events change of who is in a room, who is asked into it, and who
 * must stay out.
 *
 * Members and owners are counted as they come and go, since nobody counts rows.  A room
 * that is deleted leaves these rows behind: apply cannot scan, and the room that they
 * speak of is looked for whenever they are read. */
#include "actors/room/read.h"
#include "actors/room/room.h"

static void s_count(turn_t *turn, row_key_t key, bool before, bool after)
{
    uint64_t count;
    if (before == after || !row_found(row_get_number(turn, key, &count)))
        return;
    row_put_number(turn, key, after ? count + 1 : count - (count > 0));
}

static bool s_owns(const membership_t *member)
{
    return member != NULL && member->role == room_role_OWNER;
}

/* Either is NULL for somebody who is not in the room. */
static void s_recount(turn_t *turn, uint64_t room, const membership_t *before,
                      const membership_t *after)
{
    s_count(turn, row_key1('N', room), before != NULL, after != NULL);
    s_count(turn, row_key1('O', room), s_owns(before), s_owns(after));
}

static void s_put(turn_t *turn, const membership_t *member)
{
    const membership_t *before = NULL;
    row_key_t of_account = row_key2('a', member->account, member->room);
    bool known = row_found(row_get_membership(turn, member->room, member->account, &before));
    s_recount(turn, member->room, known ? before : NULL, member);
    row_put(turn, row_key2('m', member->room, member->account), shape_membership(), member);
    if (known)
        return;
    row_put_mark(turn, of_account);
    read_begin(turn, member);
}

void room_apply_joined(turn_t *turn, const record_t *record, const void *body)
{
    const membership_t *member = ((const room_joined_event_t *)body)->member;
    s_put(turn, member);
    row_delete(turn, row_key2('I', member->account, member->room));
    row_delete(turn, row_key2('U', member->room, member->account));
    (void)record;
}

void room_apply_role_changed(turn_t *turn, const record_t *record, const void *body)
{
    s_put(turn, ((const room_role_changed_event_t *)body)->member);
    (void)record;
}

void room_apply_left(turn_t *turn, const record_t *record, const void *body)
{
    const room_left_event_t *left = body;
    const membership_t *before;
    if (!row_found(row_get_membership(turn, left->room, left->account, &before)))
        return;
    s_recount(turn, left->room, before, NULL);
    read_end(turn, left->room, left->account);
    row_delete(turn, row_key2('m', left->room, left->account));
    row_delete(turn, row_key2('a', left->account, left->room));
    if (before->muted_until > record->time)
        row_put_number(turn, row_key2('U', left->room, left->account),
                       (uint64_t)before->muted_until);
}

/* ---- those outside ---- */

void room_apply_invited(turn_t *turn, const record_t *record, const void *body)
{
    const invitation_t *invitation = ((const room_invited_event_t *)body)->invitation;
    row_put(turn, row_key2('I', invitation->account, invitation->room), shape_invitation(),
            invitation);
    (void)record;
}

void room_apply_uninvited(turn_t *turn, const record_t *record, const void *body)
{
    const room_uninvited_event_t *event = body;
    row_delete(turn, row_key2('I', event->account, event->room));
    (void)record;
}

void room_apply_banned(turn_t *turn, const record_t *record, const void *body)
{
    const room_ban_t *ban = ((const room_banned_event_t *)body)->ban;
    row_put(turn, row_key2('B', ban->room, ban->account), shape_room_ban(), ban);
    row_delete(turn, row_key2('I', ban->account, ban->room));
    (void)record;
}

void room_apply_unbanned(turn_t *turn, const record_t *record, const void *body)
{
    const room_unbanned_event_t *event = body;
    row_delete(turn, row_key2('B', event->room, event->account));
    (void)record;
}
