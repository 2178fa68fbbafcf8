#include "actors/session/view.h"

#include "actors/session/blocks.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"
#include "actors/session/staff.h"

account_t view_whole(turn_t *turn, const account_row_t *row)
{
    bool online = session_online(turn, row);
    return (account_t){
        .id = row->id,
        .login = row->login,
        .username = row->username,
        .email = row->email,
        .created = row->created,
        .online = online,
        .last_seen = online ? 0 : row->last_seen,
        .uuid = row->uuid,
        .role = row->role != role_NONE ? row->role : role_USER,
        .verified = row->verified,
        .banned = row->banned_until > turn_now(turn),
        .deleted = row->deleted,
    };
}

account_t view_own(turn_t *turn, const account_row_t *row)
{
    account_t shown = view_whole(turn, row);
    shown.banned = false;
    return shown;
}

err_t view_open(turn_t *turn, const call_t *call, view_t *ret_view)
{
    rank_t rank;
    err_t err = staff_rank(turn, call, &rank);
    if (err != ERR_OK)
        return err;
    *ret_view = (view_t){turn, call->principal, rank >= RANK_MODERATOR, {0}};
    return ret_view->staff ? ERR_OK : circle_open(turn, call->principal, &ret_view->circle);
}

/* What another person sees. */
static err_t s_show(const view_t *view, const account_row_t *row, account_t *ret_account)
{
    bool blocked, meets, reveals;
    err_t err = blocks_between(view->turn, row->id, view->account, &blocked);
    if (err == ERR_OK && blocked)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = circle_meets(&view->circle, row->id, &meets);
    if (err == ERR_OK)
        err = circle_shows(view->turn, row->id, view->account, &reveals);
    if (err != ERR_OK)
        return err;
    account_t shown = view_own(view->turn, row);
    shown.verified = false;
    if (!reveals && !session_reveals_emails(view->turn))
        shown.email = (slice_t){0};
    if (!meets) {
        shown.online = false;
        shown.last_seen = 0;
    }
    *ret_account = shown;
    return ERR_OK;
}

err_t view_account(const view_t *view, const account_row_t *row, account_t *ret_account)
{
    if (view->staff)
        *ret_account = view_whole(view->turn, row);
    else if (row->id == view->account)
        *ret_account = view_own(view->turn, row);
    else
        return s_show(view, row, ret_account);
    return ERR_OK;
}
