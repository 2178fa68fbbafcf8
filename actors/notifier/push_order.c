/* push_order.c - from an entry of the inbox to an order for a postman.
 *
 * The message is the event `notified`, as a client that is connected hears it.  The topic is a
 * hash under the browser's own secret: the push service sees that two pushes are of one entry,
 * and nothing of how many there are or who else has them. */
#include "actors/notifier/push_order.h"

#include "actors/crypto.h"
#include "actors/notifier/box.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/push_seal.h"
#include "schema/pack.h"
#include "schema/text.h"

static const int64_t LIFE = (int64_t)24 * 3600 * 1000000; /* µs */

int64_t push_order_end(int64_t time)
{
    return time + LIFE;
}

/* ---- what ---- */

static slice_t s_write(turn_t *turn, const notified_event_t *event)
{
    buf_t message = {0};
    buf_append_text(&message, "{\"type\":\"notified\",\"data\":");
    codec_put_json(&message, shape_notified_event(), event);
    buf_append_byte(&message, '}');
    slice_t copy = arena_copy(turn_arena(turn), buf_slice(&message));
    buf_free(&message);
    return copy;
}

/* A text may need six bytes a character, of which the message has no room for all. */
static slice_t s_message(turn_t *turn, notified_event_t *event)
{
    slice_t message = s_write(turn, event);
    for (size_t len = LIMIT_NOTICE / 2; message.len > PUSH_PLAIN_MAX; len /= 2) {
        event->text = text_cut(event->text, len);
        message = s_write(turn, event);
    }
    return message;
}

static notified_event_t s_event(uint64_t account, const notification_t *entry, uint64_t unread)
{
    return (notified_event_t){
        .id = entry->id,
        .account = account,
        .kind = entry->kind,
        .from = entry->from,
        .from_login = entry->from_login,
        .from_username = entry->from_username,
        .room = entry->room,
        .seq = entry->seq,
        .text = entry->text,
        .count = entry->count,
        .mention = entry->mention,
        .time = entry->time,
        .place = entry->place,
        .unread = unread,
    };
}

/* ---- how ---- */

static slice_t s_topic(turn_t *turn, const push_row_t *row, uint64_t id)
{
    uint8_t number[8], hash[CRYPTO_BLAKE128_SIZE];
    buf_t text = {0};
    wide_put64(number, id);
    crypto_blake128(row->auth, slice_new(number, sizeof number), hash);
    crypto_base64url(&text, slice_new(hash, sizeof hash));
    slice_t copy = arena_copy(turn_arena(turn), buf_slice(&text));
    buf_free(&text);
    return copy;
}

/* What is said to somebody wakes their device; what is thought of them can wait for it. */
static slice_t s_urgency(notice_kind_t kind)
{
    switch (kind) {
    case notice_kind_MESSAGE:
    case notice_kind_NOTE:
        return SLICE_LIT("high");
    case notice_kind_LIKE:
    case notice_kind_UNLIKE:
    case notice_kind_VISIT:
        return SLICE_LIT("low");
    case notice_kind_MATCH:
    case notice_kind_CONNECT:
    case notice_kind_SYSTEM:
    case notice_kind_REPORT:
    case notice_kind_DIGEST:
    case notice_kind_FAKE:
    case notice_kind_NONE:
        break;
    }
    return SLICE_LIT("normal");
}

err_t push_order(turn_t *turn, const push_row_t *row, const push_waiting_t *what,
                 const push_order_t **ret_order)
{
    push_order_t *order = arena_new_of(turn_arena(turn), push_order_t);
    int64_t left = push_order_end(what->time) - turn_now(turn);
    notification_t entry;
    box_t box;
    err_t err = notifier_see(turn, row->account, what->id, &entry);
    if (err == ERR_OK && (entry.read != 0 || left <= 0))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = box_get(turn, row->account, &box);
    if (err != ERR_OK)
        return err;
    notified_event_t event = s_event(row->account, &entry, box.unread);
    *order = (push_order_t){
        .endpoint = row->subscription->endpoint,
        .point = row->point,
        .auth = row->auth,
        .topic = s_topic(turn, row, what->id),
        .urgency = s_urgency(entry.kind),
        .life = (uint64_t)left / 1000000,
        .message = s_message(turn, &event),
    };
    *ret_order = order;
    return ERR_OK;
}
