/* push_subscribe.c - browsers that are told by Web Push: who has which, and until when.
 *
 *   push.subscribe ──> subscribed ──> push.unsubscribe, or its session ends ──> unsubscribed
 *                          └── the push service knows it no more ──────────────────┘
 *
 * A subscription belongs to the session that made it: whoever signs out on a device, or has a
 * device signed out, reads nothing there any more.  A browser has one endpoint, so one that
 * comes again takes its own place, and that of whoever was signed in there before. */
#include "actors/crypto.h"
#include "actors/elliptic.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/push_row.h"
#include "actors/notifier/push_seal.h"

/* ---- what a browser says ---- */

static err_t s_read_bytes(turn_t *turn, slice_t text, size_t len, slice_t *ret_bytes)
{
    buf_t bytes = {0};
    err_t err = crypto_base64url_read(text, &bytes);
    if (err == ERR_OK && bytes.len != len)
        err = ERR_INVALID;
    if (err == ERR_OK)
        *ret_bytes = arena_copy(turn_arena(turn), buf_slice(&bytes));
    buf_free(&bytes);
    return err;
}

static err_t s_read(turn_t *turn, const push_subscribe_call_t *wish, push_subscribed_event_t *event)
{
    const pushes_t *pushes = notifier_pushes(turn);
    const char *fault =
        pushes_fault(pushes, (const char *)arena_copy(turn_arena(turn), wish->endpoint).ptr);
    if (fault != NULL)
        return turn_refuse(turn, ERR_INVALID, fault);
    if (s_read_bytes(turn, wish->p256dh, ELLIPTIC_POINT_SIZE, &event->point) != ERR_OK ||
        !elliptic_is_point(event->point))
        return turn_refuse(turn, ERR_INVALID, "`p256dh`: is no public key of P-256 as base64url");
    if (s_read_bytes(turn, wish->auth, PUSH_AUTH_SIZE, &event->auth) != ERR_OK)
        return turn_refuse(turn, ERR_INVALID, "`auth`: is not 16 bytes as base64url");
    return ERR_OK;
}

/* ---- subscribing ---- */

static void s_emit_end(turn_t *turn, const push_row_t *row, push_end_t reason)
{
    turn_emit(turn, EVENT_push_unsubscribed, 0, row->account,
              &(push_unsubscribed_event_t){
                  .account = row->account, .id = row->subscription->id, .reason = reason});
}

void push_end(turn_t *turn, uint64_t id, push_end_t reason)
{
    const push_row_t *row;
    if (row_found(push_row_get(turn, id, &row)))
        s_emit_end(turn, row, reason);
}

/* The row with this endpoint; NULL: there is none. */
static err_t s_find(turn_t *turn, slice_t endpoint, const push_row_t **ret_row)
{
    uint64_t id;
    *ret_row = NULL;
    err_t err = push_row_of(turn, endpoint, &id);
    if (err == ERR_OK && id != 0)
        err = push_row_get(turn, id, ret_row);
    return err;
}

/* Whether it says nothing that is not known. */
static bool s_is_repeated(const push_row_t *row, const push_subscribed_event_t *event)
{
    const push_subscription_t *old = row->subscription, *new = event->subscription;
    return old->session == new->session &&
           old->expires >= new->expires &&slice_eq(row->point, event->point) &&
           slice_eq(row->auth, event->auth) && slice_eq(old->device, new->device);
}

/* One more of the person's, in the place of whoever had the endpoint before (NULL: nobody). */
static err_t s_add(turn_t *turn, const push_row_t *before, const push_subscribed_event_t *event,
                   push_subscription_t *subscription)
{
    ids_t ids;
    err_t err = push_row_next(turn, &subscription->id);
    if (err == ERR_OK)
        err = push_row_ids(turn, event->account, &ids);
    if (err != ERR_OK)
        return err;
    if (before != NULL)
        s_emit_end(turn, before, push_end_MOVED);
    if (ids.count >= LIMIT_PUSH_SUBSCRIPTIONS)
        push_end(turn, ids.items[0], push_end_OLDEST);
    turn_emit(turn, EVENT_push_subscribed, 0, event->account, event);
    return ERR_OK;
}

static err_t s_subscribe(turn_t *turn, const push_row_t *before,
                         const push_subscribed_event_t *event, push_subscription_t *subscription)
{
    if (before == NULL || before->account != event->account)
        return s_add(turn, before, event, subscription);
    subscription->id = before->subscription->id;
    if (s_is_repeated(before, event))
        *subscription = *before->subscription;
    else
        turn_emit(turn, EVENT_push_subscribed, 0, event->account, event);
    return ERR_OK;
}

err_t push_decide_subscribe(turn_t *turn, const call_t *call, const void *body)
{
    const push_subscribe_call_t *wish = body;
    const push_row_t *before;
    push_subscription_t subscription = {
        .endpoint = wish->endpoint,
        .device = wish->device,
        .session = call->session,
        .created = turn_now(turn),
        .expires = wish->expires,
    };
    push_subscribed_event_t event = {.account = call->principal, .subscription = &subscription};
    if (notifier_pushes(turn) == NULL)
        return turn_refuse(turn, ERR_NOT_FOUND, "this server does not push");
    if (call->session == 0 || wish->expires <= turn_now(turn))
        return turn_refuse(turn, ERR_FORBIDDEN, "only a session of a person's has subscriptions");
    err_t err = s_read(turn, wish, &event);
    if (err == ERR_OK)
        err = s_find(turn, wish->endpoint, &before);
    if (err == ERR_OK)
        err = s_subscribe(turn, before, &event, &subscription);
    if (err == ERR_OK)
        turn_answer(turn, &subscription);
    return err;
}

/* ---- unsubscribing ---- */

/* Somebody else's is none. */
err_t push_decide_unsubscribe(turn_t *turn, const call_t *call, const void *body)
{
    const push_unsubscribe_call_t *wish = body;
    const push_row_t *row = NULL;
    if ((wish->id == 0) == (wish->endpoint.len == 0))
        return turn_refuse(turn, ERR_INVALID, "`id` or `endpoint`: one of the two");
    err_t err =
        wish->id != 0 ? push_row_get(turn, wish->id, &row) : s_find(turn, wish->endpoint, &row);
    if (err == ERR_OK && (row == NULL || row->account != call->principal))
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        s_emit_end(turn, row, push_end_ASKED);
    return err;
}

/* ---- the end of a session ---- */

/* Those of its sessions from one number to below another, but for one that is kept. */
static void s_end_sessions(turn_t *turn, uint64_t account, uint64_t from, uint64_t below,
                           uint64_t kept)
{
    const push_row_t *row;
    ids_t ids;
    if (!row_found(push_row_ids(turn, account, &ids)))
        return;
    for (size_t i = 0; i < ids.count; i++) {
        if (!row_found(push_row_get(turn, ids.items[i], &row)))
            continue;
        uint64_t session = row->subscription->session;
        if (session >= from && session < below && session != kept)
            s_emit_end(turn, row, push_end_SESSION);
    }
}

void push_react_closed(turn_t *turn, const record_t *record, const void *body)
{
    const session_closed_event_t *event = body;
    (void)record;
    s_end_sessions(turn, event->account, event->session, event->session + 1, 0);
}

/* A new password, a ban, the end of an account: all sessions below a number, but for one. */
void push_react_revoked(turn_t *turn, const record_t *record, const void *body)
{
    const sessions_revoked_event_t *event = body;
    (void)record;
    s_end_sessions(turn, event->account, 0, event->session, event->kept);
}

/* ---- apply ---- */

void push_apply_subscribed(turn_t *turn, const record_t *record, const void *body)
{
    const push_subscribed_event_t *event = body;
    const push_row_t *old;
    push_row_t row = {0};
    (void)record;
    if (row_found(push_row_get(turn, event->subscription->id, &old)))
        row = *old;
    row.account = event->account;
    row.subscription = event->subscription;
    row.point = event->point;
    row.auth = event->auth;
    push_row_join(turn, &row);
}

void push_apply_unsubscribed(turn_t *turn, const record_t *record, const void *body)
{
    const push_row_t *row;
    (void)record;
    if (row_found(push_row_get(turn, ((const push_unsubscribed_event_t *)body)->id, &row)))
        push_row_remove(turn, row);
}

/* Its subscriptions last longer, too. */
void push_apply_renewed(turn_t *turn, const record_t *record, const void *body)
{
    const session_renewed_event_t *event = body;
    const push_row_t *found;
    ids_t ids;
    (void)record;
    if (!row_found(push_row_ids(turn, event->account, &ids)))
        return;
    for (size_t i = 0; i < ids.count; i++) {
        if (!row_found(push_row_get(turn, ids.items[i], &found)) ||
            found->subscription->session != event->session)
            continue;
        push_row_t row = *found;
        push_subscription_t subscription = *found->subscription;
        subscription.expires = event->expires;
        row.subscription = &subscription;
        push_row_put(turn, &row);
    }
}

/* ---- queries ---- */

err_t push_query_list(turn_t *turn, const call_t *call, const void *body)
{
    push_subscription_t items[LIMIT_PUSH_SUBSCRIPTIONS];
    size_t count = 0;
    ids_t ids;
    (void)body;
    err_t err = push_row_ids(turn, call->principal, &ids);
    for (size_t i = 0; i < ids.count && err == ERR_OK; i++) {
        const push_row_t *row;
        err = push_row_get(turn, ids.items[i], &row);
        if (err == ERR_OK && row->subscription->expires > turn_now(turn))
            items[count++] = *row->subscription;
    }
    if (err == ERR_OK)
        turn_answer(turn, &(push_subscription_list_t){.subscriptions = {items, count}});
    return err;
}

err_t push_query_key(turn_t *turn, const call_t *call, const void *body)
{
    const pushes_t *pushes = notifier_pushes(turn);
    (void)call, (void)body;
    if (pushes == NULL)
        return turn_refuse(turn, ERR_NOT_FOUND, "this server does not push");
    turn_answer(turn, &(push_key_t){.key = pushes_key(pushes)});
    return ERR_OK;
}
