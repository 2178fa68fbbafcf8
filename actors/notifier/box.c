/* box.c - an inbox's rows.
 *
 * A box's own row is its numbers in their order, eight bytes each. */
#include "actors/notifier/box.h"

enum {
    STEPS_MAX = 64, /* empty places that one notification looks at, for the oldest */
};

/* ---- how it stands ---- */

err_t box_get(turn_t *turn, uint64_t account, box_t *ret_box)
{
    slice_t value = {0};
    err_t err = row_get_bytes(turn, row_key1('b', account), &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    *ret_box = (box_t){
        .last = row_number(value, 0),
        .first = row_number(value, 8),
        .count = row_number(value, 16),
        .unread = row_number(value, 24),
        .read_to = row_number(value, 32),
        .read_time = (int64_t)row_number(value, 40),
        .cleared_to = row_number(value, 48),
    };
    return ERR_OK;
}

void box_put(turn_t *turn, uint64_t account, const box_t *box)
{
    row_put_numbers(turn, row_key1('b', account),
                    ROW_NUMBERS(box->last, box->first, box->count, box->unread, box->read_to,
                                (uint64_t)box->read_time, box->cleared_to));
}

/* ---- what is in it ---- */

err_t box_find(turn_t *turn, const box_t *box, uint64_t account, uint64_t id,
               notification_t *ret_notification)
{
    const void *row;
    err_t err = row_get(turn, row_key2('n', account, id), shape_notification(), &row);
    if (err == ERR_OK)
        *ret_notification = *(const notification_t *)row;
    bool cleared = err == ERR_OK && ret_notification->place <= box->cleared_to;
    return cleared ? ERR_NOT_FOUND : err;
}

err_t box_find_open(turn_t *turn, const box_t *box, uint64_t account, uint64_t room,
                    notification_t *ret_notification)
{
    uint64_t id;
    err_t err = row_get_number(turn, row_key2('o', account, room), &id);
    if (err == ERR_OK)
        err = id == 0 ? ERR_NOT_FOUND : box_find(turn, box, account, id, ret_notification);
    bool read = err == ERR_OK && box_read_time(box, ret_notification) != 0;
    return read ? ERR_NOT_FOUND : err;
}

int64_t box_read_time(const box_t *box, const notification_t *notification)
{
    if (notification->read != 0)
        return notification->read;
    return notification->place <= box->read_to ? box->read_time : 0;
}

/* ---- changing it ---- */

static void s_put(turn_t *turn, uint64_t account, const notification_t *notification)
{
    row_put(turn, row_key2('n', account, notification->id), shape_notification(), notification);
}

/* It grows no more; another may grow with the same room by now. */
static void s_close(turn_t *turn, uint64_t account, const notification_t *notification)
{
    uint64_t open;
    row_key_t key = row_key2('o', account, notification->room);
    if (row_found(row_get_number(turn, key, &open)) && open == notification->id)
        row_delete(turn, key);
}

static void s_take_out(turn_t *turn, box_t *box, uint64_t account,
                       const notification_t *notification)
{
    bool unread = box_read_time(box, notification) == 0 && notification->place > box->cleared_to;
    box->unread -= unread && box->unread > 0;
    box->count--;
    row_delete(turn, row_key2('n', account, notification->id));
    row_delete(turn, row_key2('i', account, notification->place));
    s_close(turn, account, notification);
}

/* The oldest place with a notification, a few steps from where it was last time. */
static void s_drop_oldest(turn_t *turn, box_t *box, uint64_t account)
{
    const box_t all = {0}; /* what was put away is found, too */
    notification_t oldest;
    uint64_t id = 0;
    for (int steps = 0; id == 0 && steps < STEPS_MAX && box->first < box->last; steps++)
        (void)row_found(row_get_number(turn, row_key2('i', account, ++box->first), &id));
    if (id != 0 && row_found(box_find(turn, &all, account, id, &oldest)))
        s_take_out(turn, box, account, &oldest);
}

void box_keep(turn_t *turn, box_t *box, uint64_t account, const notification_t *notification)
{
    notification_t before;
    bool grown = row_found(box_find(turn, box, account, notification->id, &before));
    if (grown && before.place != notification->place)
        row_delete(turn, row_key2('i', account, before.place));
    box->count += !grown;
    box->last = notification->place;
    s_put(turn, account, notification);
    row_put_number(turn, row_key2('i', account, notification->place), notification->id);
    if (notification->kind == notice_kind_MESSAGE && !grown)
        row_put_number(turn, row_key2('o', account, notification->room), notification->id);
    if (box->count > LIMIT_INBOX)
        s_drop_oldest(turn, box, account);
}

void box_read(turn_t *turn, box_t *box, uint64_t account, uint64_t id, int64_t time)
{
    notification_t notification;
    if (!row_found(box_find(turn, box, account, id, &notification)) ||
        box_read_time(box, &notification) != 0)
        return;
    box->unread -= box->unread > 0;
    notification.read = time;
    s_put(turn, account, &notification);
    s_close(turn, account, &notification);
}

void box_drop(turn_t *turn, box_t *box, uint64_t account, uint64_t id)
{
    notification_t notification;
    if (row_found(box_find(turn, box, account, id, &notification)))
        s_take_out(turn, box, account, &notification);
}
