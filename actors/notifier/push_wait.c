/* push_wait.c - what waits for a person's browsers, and until when.
 *
 * A notification that grows while it waits is one push, of how it stands when that leaves.  Each
 * browser has LIMIT_PUSHES at most; the oldest gives way. */
#include "actors/notifier/notifier.h"
#include "actors/notifier/push_row.h"
#include "actors/notifier/tell.h"

/* For each of a person's browsers; `change` says whether the row is another now. */
typedef bool change_fn(push_row_t *row, push_waiting_t *items, const void *ctx);

static void s_change(turn_t *turn, uint64_t id, change_fn *change, const void *ctx)
{
    push_waiting_t items[LIMIT_PUSHES + 1] = {0};
    const push_row_t *found;
    if (!row_found(push_row_get(turn, id, &found)))
        return;
    push_row_t row = *found;
    if (found->waiting.count > 0)
        memcpy(items, found->waiting.items, found->waiting.count * sizeof *items);
    row.waiting.items = items;
    if (change(&row, items, ctx))
        push_row_put(turn, &row);
}

static void s_change_all(turn_t *turn, uint64_t account, change_fn *change, const void *ctx)
{
    ids_t ids;
    if (!row_found(push_row_ids(turn, account, &ids)))
        return;
    for (size_t i = 0; i < ids.count; i++)
        s_change(turn, ids.items[i], change, ctx);
}

/* ---- what comes ---- */

static void s_take_out(push_row_t *row, push_waiting_t *items, size_t at)
{
    memmove(items + at, items + at + 1, (--row->waiting.count - at) * sizeof *items);
}

static bool s_append(push_row_t *row, push_waiting_t *items, const void *ctx)
{
    const push_waiting_t *fresh = ctx;
    for (size_t i = 0; i < row->waiting.count; i++)
        if (items[i].id == fresh->id) {
            s_take_out(row, items, i);
            break;
        }
    items[row->waiting.count++] = *fresh;
    if (row->waiting.count > LIMIT_PUSHES)
        s_take_out(row, items, 0);
    return true;
}

void push_told(turn_t *turn, const notified_event_t *event)
{
    const push_waiting_t fresh = {.id = event->id, .time = event->time};
    notice_wish_t wish;
    if (!row_found(tell_push_wish(turn, event->account, event->kind, &wish)))
        return;
    if (wish == notice_wish_ON || (wish == notice_wish_MENTIONS && event->mention))
        s_change_all(turn, event->account, s_append, &fresh);
}

/* ---- what goes ---- */

static bool s_forget(push_row_t *row, push_waiting_t *items, const void *ctx)
{
    uint64_t id = *(const uint64_t *)ctx;
    size_t before = row->waiting.count;
    if (id == 0)
        row->waiting.count = 0;
    for (size_t i = 0; i < row->waiting.count; i++)
        if (items[i].id == id) {
            s_take_out(row, items, i);
            break;
        }
    return row->waiting.count != before;
}

void push_read(turn_t *turn, uint64_t account, uint64_t id)
{
    s_change_all(turn, account, s_forget, &id);
}

/* What came since it was sent is another push. */
static bool s_is_done(push_row_t *row, push_waiting_t *items, const void *ctx)
{
    const push_tried_event_t *event = ctx;
    for (size_t i = 0; i < row->waiting.count; i++)
        if (items[i].id == event->notification && items[i].time == event->time) {
            s_take_out(row, items, i);
            break;
        }
    if (event->sent) {
        row->proven = true;
        row->tries = 0;
        row->due = 0;
    }
    return true;
}

static bool s_is_later(push_row_t *row, push_waiting_t *items, const void *ctx)
{
    (void)items;
    row->proven = false;
    row->tries++;
    row->due = ((const push_tried_event_t *)ctx)->due;
    return true;
}

void push_apply_tried(turn_t *turn, const record_t *record, const void *body)
{
    const push_tried_event_t *event = body;
    (void)record;
    s_change(turn, event->subscription, event->due != 0 ? s_is_later : s_is_done, event);
}
