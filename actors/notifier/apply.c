/* apply.c - what the notifier's own events change. */
#include "actors/crypto.h"
#include "actors/notifier/box.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/told.h"
#include "schema/pack.h"

/* ---- news ---- */

bool notifier_told_once(notice_kind_t kind)
{
    return kind == notice_kind_VISIT || kind == notice_kind_LIKE || kind == notice_kind_UNLIKE;
}

row_key_t notifier_once_key(uint64_t account, uint64_t from, notice_kind_t kind)
{
    return row_key3('v', account, from, (uint64_t)kind);
}

row_key_t notifier_receipt_key(uint64_t account, notice_kind_t kind, slice_t client_id)
{
    row_key_t key = row_key2('k', account, (uint64_t)kind);
    row_key_add(&key, client_id);
    return key;
}

uint64_t notifier_content(uint64_t account, slice_t text)
{
    uint8_t number[8], hash[CRYPTO_BLAKE128_SIZE];
    wide_put64(number, account);
    crypto_blake128(slice_new(number, sizeof number), text, hash);
    return wide_get64(hash);
}

/* Notes and words of the server's own may have a client id, all else has none.  The row is
 * two numbers: when it was, and what was said. */
static void s_keep_receipt(turn_t *turn, const record_t *record, const notified_event_t *event)
{
    if (record->client_id.len == 0)
        return;
    row_put_numbers(
        turn, notifier_receipt_key(record->principal, event->kind, record->client_id),
        ROW_NUMBERS((uint64_t)record->time, notifier_content(event->account, event->text)));
}

static notification_t s_notification(const notified_event_t *event)
{
    return (notification_t){
        .id = event->id,
        .kind = event->kind,
        .from = event->from,
        .from_login = event->from_login,
        .from_username = event->from_username,
        .room = event->room,
        .seq = event->seq,
        .text = event->text,
        .count = event->count,
        .mention = event->mention,
        .time = event->time,
        .place = event->place,
        .since = event->since,
    };
}

/* One that grows has a number that was given before. */
static void s_count(turn_t *turn, uint64_t id)
{
    uint64_t last;
    if (row_found(row_get_number(turn, notifier_counter('n'), &last)) && id > last)
        row_put_number(turn, notifier_counter('n'), id);
}

/* By speaking, somebody has read what they were told of the room. */
static void s_read(turn_t *turn, uint64_t account, uint64_t id, int64_t time)
{
    box_t box;
    if (!row_found(box_get(turn, account, &box)))
        return;
    box_read(turn, &box, account, id, time);
    box_put(turn, account, &box);
    digest_see(turn, account, time);
    push_read(turn, account, id);
}

void notifier_apply_notified(turn_t *turn, const record_t *record, const void *body)
{
    const notified_event_t *event = body;
    notification_t notification = s_notification(event);
    box_t box;
    if (event->id == 0 || !row_found(box_get(turn, event->account, &box)))
        return;
    box.unread = event->unread;
    box_keep(turn, &box, event->account, &notification);
    box_put(turn, event->account, &box);
    s_count(turn, event->id);
    s_keep_receipt(turn, record, event);
    if (event->crowd)
        told_put(turn, event->room, event->account, event->time);
    digest_note(turn, event->account, record->time);
    if (event->reads != 0)
        s_read(turn, event->from, event->reads, record->time);
    push_told(turn, event);
    if (notifier_told_once(event->kind))
        row_put_number(turn, notifier_once_key(event->account, event->from, event->kind),
                       (uint64_t)event->time);
}

/* ---- what people do with it ---- */

void notifier_apply_seen(turn_t *turn, const record_t *record, const void *body)
{
    const notification_seen_event_t *event = body;
    notification_t notification;
    box_t box;
    if (!row_found(box_get(turn, event->account, &box)))
        return;
    if (event->id == 0) {
        box.read_to = box.last;
        box.read_time = record->time;
        box.unread = 0;
    } else if (row_found(box_find(turn, &box, event->account, event->id, &notification))) {
        box_read(turn, &box, event->account, event->id, record->time);
        told_remove(turn, notification.room, event->account);
    }
    box_put(turn, event->account, &box);
    digest_see(turn, event->account, record->time);
    push_read(turn, event->account, event->id);
}

void notifier_apply_cleared(turn_t *turn, const record_t *record, const void *body)
{
    const notification_cleared_event_t *event = body;
    box_t box;
    if (!row_found(box_get(turn, event->account, &box)))
        return;
    if (event->id == 0) {
        box.cleared_to = box.last;
        box.unread = 0;
    } else {
        box_drop(turn, &box, event->account, event->id);
    }
    box_put(turn, event->account, &box);
    if (box.unread == 0)
        digest_see(turn, event->account, record->time);
    push_read(turn, event->account, event->id);
}

void notifier_apply_preferred(turn_t *turn, const record_t *record, const void *body)
{
    const notification_preferred_event_t *event = body;
    uint8_t wishes[WISHES_SIZE] = {0};
    slice_t before;
    row_key_t key = row_key1('p', event->account);
    if (row_found(row_get_bytes(turn, key, &before)))
        memcpy(wishes, before.ptr, before.len < WISHES_SIZE ? before.len : WISHES_SIZE);
    wishes[event->kind] = (uint8_t)event->wish;
    if (event->push != notice_wish_NONE)
        wishes[WISHES_OF_PUSHES + event->kind] = (uint8_t)event->push;
    row_put_bytes(turn, key, slice_new(wishes, sizeof wishes));
    (void)record;
}
