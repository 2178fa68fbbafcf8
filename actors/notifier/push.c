/* push.c - pushes: who is due, who carries them, and what becomes of them.
 *
 * The round goes through the waiting room, a part of it each tick, and goes on there in the next.
 * One push is on its way to a browser at a time, so that they come in order and a slow service
 * keeps its own waiting.  Endpoints are strangers' words: one that has not taken its last push
 * gets SHY_MAX of the postmen at most, and what does not answer is tried ever more rarely. */
#include "actors/notifier/push.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "actors/crypto.h"
#include "actors/dispatch.h"
#include "actors/ledger.h"
#include "actors/log.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/outgoing.h"
#include "actors/notifier/push_order.h"
#include "actors/notifier/push_row.h"
#include "actors/notifier/push_seal.h"
#include "actors/notifier/push_vapid.h"
#include "schema/mem.h"

enum {
    POSTMEN = POSTMEN_MAX,
    SHY_MAX = 2,
    WALK_MAX = 500,
    TRIES_MAX = 12, /* in a row, more than a day; then nobody is there any more */
    STEP = 1024,    /* messages are padded to multiples of it */
    HEADER_SIZE = 64,
};

static const outgoing_t s_times = {.back_off = (int64_t)10 * 1000000, .called = "push to"};

/* What a postman is on the way with. */
typedef struct flight {
    uint64_t subscription; /* 0: nothing */
    push_waiting_t what;
    bool shy;
} flight_t;

struct pushes {
    const push_options_t *options;
    vapid_t *vapid;
    postmen_t *postmen;
    flight_t flights[POSTMEN];
    uint64_t place; /* in the waiting room, of whom the round has visited last */
    uint64_t outcomes[DELIVERY_COUNT_]; /* how often each came of a push */
};

/* ---- endpoints ---- */

static bool s_is_listed(const char *hosts, const char *host)
{
    size_t len = strlen(host);
    for (const char *at = hosts + strspn(hosts, ", "); *at != '\0'; at += strspn(at, ", ")) {
        size_t word = strcspn(at, ", ");
        if (word == len && strncasecmp(at, host, len) == 0)
            return true;
        at += word;
    }
    return false;
}

const char *pushes_fault(const pushes_t *pushes, const char *endpoint)
{
    dispatch_place_t place;
    if (dispatch_find(endpoint, &place) != ERR_OK || !place.secure)
        return "`endpoint`: is no URL of https";
    if (s_is_listed(pushes->options->trusted, place.host))
        return NULL;
    if (place.literal || !place.usual)
        return "`endpoint`: is not at a host with a name, on the port of https";
    return NULL;
}

/* ---- on a postman's thread ---- */

static void s_judge(err_t err, const dispatch_answer_t *answer, delivery_t *delivery)
{
    char reason[POSTMAN_REASON_SIZE];
    int status = answer->status;
    bool later = status == 408 || status == 429 || status >= 500;
    snprintf(reason, sizeof reason, "the answer was %d", status);
    delivery->wait_s = answer->wait_s;
    if (err == ERR_FORBIDDEN)
        postman_fail(delivery, DELIVERY_GONE, "its host is inside");
    else if (err != ERR_OK)
        postman_fail(delivery, DELIVERY_LATER, "there was no answer");
    else if (status == 404 || status == 410)
        postman_fail(delivery, DELIVERY_GONE, "it is known no more");
    else if (status < 200 || status > 299)
        postman_fail(delivery, later ? DELIVERY_LATER : DELIVERY_NEVER, reason);
}

/* Padded, so that its length does not tell a like from a letter. */
static void s_seal(const push_order_t *order, buf_t *body)
{
    uint8_t salt[PUSH_SALT_SIZE];
    elliptic_t *pair = elliptic_new();
    const push_seal_t seal = {order->point, order->auth, pair, salt};
    size_t size = (order->message.len + STEP - 1) / STEP * STEP;
    crypto_random(salt, sizeof salt);
    err_t err =
        push_seal(&seal, order->message, size < PUSH_PLAIN_MAX ? size : PUSH_PLAIN_MAX, body);
    assert(err == ERR_OK); /* the point was looked at when it came */
    elliptic_destroy(&pair);
}

static void s_post(const pushes_t *pushes, const push_order_t *order, const char *endpoint,
                   const atomic_bool *stop, delivery_t *delivery)
{
    char life[HEADER_SIZE], topic[HEADER_SIZE], urgency[HEADER_SIZE];
    const push_options_t *options = pushes->options;
    buf_t body = {0}, vapid = {0};
    dispatch_place_t place;
    dispatch_answer_t answer = {0};
    err_t err = dispatch_find(endpoint, &place);
    assert(err == ERR_OK); /* the same */
    bool trusted = s_is_listed(options->trusted, place.host);
    snprintf(life, sizeof life, "TTL: %llu", (unsigned long long)order->life);
    snprintf(topic, sizeof topic, "Topic: %.*s", SLICE_ARG(order->topic));
    snprintf(urgency, sizeof urgency, "Urgency: %.*s", SLICE_ARG(order->urgency));
    buf_append_text(&vapid, "Authorization: ");
    vapid_put(pushes->vapid, place.origin, (int64_t)time(NULL), &vapid);
    buf_append_byte(&vapid, '\0');
    s_seal(order, &body);
    const dispatch_t dispatch = {
        .url = endpoint,
        .headers = {life, topic, urgency, "Content-Encoding: aes128gcm",
                    "Content-Type: application/octet-stream", (const char *)vapid.data},
        .body = buf_slice(&body),
        .wary = !trusted,
        .authorities = trusted && *options->authorities != '\0' ? options->authorities : NULL,
        .stop = stop,
    };
    err = dispatch_post(&dispatch, &answer);
    s_judge(err, &answer, delivery);
    buf_free(&body);
    buf_free(&vapid);
}

static void s_carry(const void *ctx, slice_t bytes, const atomic_bool *stop, delivery_t *delivery)
{
    const void *order;
    fault_t fault;
    arena_t *arena = arena_new();
    err_t err = codec_unpack(bytes, shape_push_order(), arena, &fault, &order);
    assert(err == ERR_OK);
    slice_t endpoint = arena_copy(arena, ((const push_order_t *)order)->endpoint);
    s_post(ctx, order, (const char *)endpoint.ptr, stop, delivery);
    arena_destroy(&arena);
}

/* ---- opening and closing ---- */

pushes_t *pushes_new(const push_options_t *options)
{
    pushes_t *pushes = mem_new(pushes_t);
    pushes->options = options;
    err_t err = ERR_OK;
    if (!options->mute) {
        dispatch_start();
        err = vapid_open(options->data, options->contact, &pushes->vapid);
    }
    if (err == ERR_OK)
        pushes->postmen = postmen_new(POSTMEN, options->mute ? NULL : s_carry, pushes);
    else
        log_error("notifier", "nothing is pushed: %s", err_info(err)->name);
    if (pushes->postmen == NULL)
        pushes_destroy(&pushes);
    return pushes;
}

void pushes_destroy(pushes_t **pushes_p)
{
    pushes_t *pushes = *pushes_p;
    if (pushes == NULL)
        return;
    *pushes_p = NULL;
    postmen_destroy(&pushes->postmen);
    vapid_close(&pushes->vapid);
    mem_free(pushes);
}

slice_t pushes_key(const pushes_t *pushes)
{
    return vapid_key(pushes->vapid);
}

void pushes_keep(const pushes_t *pushes, arena_t *arena, notifier_tape_t *kept)
{
    tape_flight_t *flights = arena_alloc(arena, POSTMEN * sizeof *flights);
    size_t count = 0;
    for (size_t i = 0; i < POSTMEN; i++) {
        const flight_t *flight = &pushes->flights[i];
        if (flight->subscription != 0)
            flights[count++] = (tape_flight_t){.subscription = flight->subscription,
                                               .shy = flight->shy,
                                               .id = flight->what.id,
                                               .time = flight->what.time};
    }
    kept->push_place = pushes->place;
    kept->flights = (list_t){flights, count};
}

void pushes_restore(pushes_t *pushes, const notifier_tape_t *kept)
{
    const tape_flight_t *flights = kept->flights.items;
    uint64_t numbers[POSTMEN];
    size_t count = 0;
    for (; count < kept->flights.count && count < POSTMEN; count++) {
        const tape_flight_t *flight = &flights[count];
        numbers[count] = flight->subscription;
        pushes->flights[count] = (flight_t){.subscription = flight->subscription,
                                            .what = {.id = flight->id, .time = flight->time},
                                            .shy = flight->shy};
    }
    pushes->place = kept->push_place;
    postmen_restore(pushes->postmen, (ids_t){numbers, count});
}

/* ---- on the way ---- */

static flight_t *s_flight(pushes_t *pushes, uint64_t subscription)
{
    size_t i = 0;
    while (pushes->flights[i].subscription != subscription)
        i++;
    assert(i < POSTMEN);
    return &pushes->flights[i];
}

static size_t s_shy(const pushes_t *pushes)
{
    size_t count = 0;
    for (size_t i = 0; i < POSTMEN; i++)
        count += pushes->flights[i].subscription != 0 && pushes->flights[i].shy;
    return count;
}

/* ---- what came of it ---- */

static void s_emit_tried(turn_t *turn, const push_row_t *row, const push_waiting_t *what, bool sent,
                         int64_t due, const char *reason)
{
    turn_emit(turn, EVENT_push_tried, 0, row->account,
              &(push_tried_event_t){
                  .account = row->account,
                  .subscription = row->subscription->id,
                  .notification = what->id,
                  .time = what->time,
                  .sent = sent,
                  .due = due,
                  .reason = slice_of(reason),
              });
}

/* As the service asks, but no sooner than we would by ourselves. */
static int64_t s_due(turn_t *turn, const push_row_t *row, int64_t wait_s)
{
    int64_t now = turn_now(turn);
    int64_t asked = wait_s < 24 * 3600 ? now + wait_s * 1000000 : push_order_end(now);
    int64_t ours = outgoing_due(&s_times, row->tries, INT64_MAX, now);
    return asked > ours ? asked : ours;
}

static void s_note(turn_t *turn, pushes_t *pushes, const delivery_t *delivery)
{
    flight_t *flight = s_flight(pushes, delivery->number);
    const push_waiting_t what = flight->what;
    const push_row_t *row;
    flight->subscription = 0;
    pushes->outcomes[delivery->outcome]++;
    if (!row_found(push_row_get(turn, delivery->number, &row)))
        return;
    bool later = delivery->outcome == DELIVERY_LATER, sent = delivery->outcome == DELIVERY_SENT;
    bool failed = later && row->tries + 1 >= TRIES_MAX;
    int64_t due = later && !failed ? s_due(turn, row, delivery->wait_s) : 0;
    if (!sent)
        outgoing_warn(&s_times, delivery->number, slice_of(delivery->reason), due);
    if (failed || delivery->outcome == DELIVERY_GONE)
        push_end(turn, delivery->number, failed ? push_end_FAILED : push_end_GONE);
    else
        s_emit_tried(turn, row, &what, sent, due, delivery->reason);
}

/* ---- the round ---- */

static void s_send(turn_t *turn, pushes_t *pushes, const push_row_t *row,
                   const push_waiting_t *what)
{
    const push_order_t *order;
    buf_t bytes = {0};
    if (!row_found(push_order(turn, row, what, &order))) {
        s_emit_tried(turn, row, what, false, 0, "there is nothing to tell any more");
        return;
    }
    codec_pack(&bytes, shape_push_order(), order);
    postmen_give(pushes->postmen, row->subscription->id, buf_slice(&bytes));
    *s_flight(pushes, 0) =
        (flight_t){.subscription = row->subscription->id, .what = *what, .shy = !row->proven};
    buf_free(&bytes);
}

/* The oldest that is due; NULL: none is. */
static const push_waiting_t *s_ready(turn_t *turn, const pushes_t *pushes, const push_row_t *row,
                                     bool present)
{
    const push_waiting_t *items = row->waiting.items;
    int64_t wait = present ? (int64_t)pushes->options->wait_s * 1000000 : 0;
    for (size_t i = 0; i < row->waiting.count; i++)
        if (items[i].time + wait <= turn_now(turn))
            return &items[i];
    return NULL;
}

static void s_visit(turn_t *turn, pushes_t *pushes, const present_t *present, uint64_t id)
{
    const push_row_t *row;
    if (postmen_have(pushes->postmen, id) || !row_found(push_row_get(turn, id, &row)))
        return;
    if (row->subscription->expires <= turn_now(turn)) {
        push_end(turn, id, push_end_SESSION);
        return;
    }
    if (row->due > turn_now(turn) || (!row->proven && s_shy(pushes) >= SHY_MAX))
        return;
    const push_waiting_t *what = s_ready(turn, pushes, row, present_has(present, row->account));
    if (what != NULL)
        s_send(turn, pushes, row, what);
}

static void s_walk(turn_t *turn, pushes_t *pushes, const present_t *present)
{
    uint64_t count, id;
    if (!row_found(push_row_crowd(turn, &count)))
        return;
    for (uint64_t i = 0; i < count && i < WALK_MAX && postmen_free(pushes->postmen); i++) {
        pushes->place = pushes->place < count ? pushes->place + 1 : 1;
        if (row_found(push_row_at(turn, pushes->place, &id)) && id != 0)
            s_visit(turn, pushes, present, id);
    }
}

void pushes_tick(turn_t *turn, pushes_t *pushes, const present_t *present)
{
    delivery_t delivery;
    while (postmen_result(pushes->postmen, turn, &delivery))
        s_note(turn, pushes, &delivery);
    s_walk(turn, pushes, present);
}

/* ---- what is counted ---- */

static void s_count(const pushes_t *pushes, uint64_t waiting, ledger_t *ledger)
{
    static const char *const labels[DELIVERY_COUNT_] = {
        [DELIVERY_SENT] = "outcome=\"sent\"",
        [DELIVERY_LATER] = "outcome=\"later\"",
        [DELIVERY_NEVER] = "outcome=\"never\"",
        [DELIVERY_GONE] = "outcome=\"gone\"",
    };
    ledger_one(ledger, metric_kind_GAUGE, "kith_push_waiting_browsers",
               "Browsers for which a push waits", waiting);
    ledger_family(
        ledger, metric_kind_COUNTER, "kith_pushes_total",
        "Pushes that were tried: taken, to be tried again, refused, or for nobody any more", false);
    for (size_t i = 0; i < DELIVERY_COUNT_; i++)
        ledger_value(ledger, labels[i], pushes->outcomes[i]);
}

err_t push_query_metrics(turn_t *turn, const call_t *call, const void *body)
{
    ledger_t ledger = {.arena = turn_arena(turn)};
    const pushes_t *pushes = notifier_pushes(turn);
    uint64_t waiting;
    (void)call, (void)body;
    err_t err = push_row_crowd(turn, &waiting);
    if (err == ERR_OK && pushes != NULL)
        s_count(pushes, waiting, &ledger);
    if (err == ERR_OK)
        turn_answer(turn, &(metric_list_t){.metrics = ledger_list(&ledger)});
    ledger_free(&ledger);
    return err;
}
