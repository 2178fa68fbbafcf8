/* hook.c - webhooks: their queue, their signature, and those that nobody took.
 *
 * One that is not taken for a day is laid aside, where staff can see it and have it sent
 * again.  The LIMIT_DEAD_HOOKS last of those are kept. */
#include "actors/notifier/hook.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "actors/crypto.h"
#include "actors/dispatch.h"
#include "actors/log.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/outgoing.h"
#include "schema/json.h"
#include "schema/mem.h"

enum {
    URLS_MAX = 8,
    SECRET_SIZE = 512,
    SECRET_MIN = 24,
    HEADER_SIZE = 128,
    ID_SIZE = 48,
    GONE = 410
};

_Static_assert((int)POSTMEN_MAX >= (int)URLS_MAX, "each server has a postman");

static const int64_t LIFE = (int64_t)24 * 3600 * 1000000; /* µs */
static const char SECRET_PREFIX[] = "whsec_";

static const outgoing_t s_hooks = {
    .places = {.row = 'H', .last = 'h', .first = 'H'},
    .back_off = (int64_t)1000000,
    .shape = shape_webhook,
    .called = "webhook",
};

struct hooks {
    char *text; /* the urls, cut in place */
    const char *urls[URLS_MAX];
    size_t url_count;
    const char *authorities; /* NULL: the system's */
    buf_t secret;
    postmen_t *postmen;
    size_t
        busy[URLS_MAX + 1]; /* postmen on the way to each, and to those no longer in the settings */
    uint64_t cursor;        /* of the walk through the queue */
};

/* ---- on a postman's thread ---- */

static void s_sign(const hooks_t *hooks, const webhook_t *hook, const char *id, long long time,
                   char header[HEADER_SIZE])
{
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    buf_t text = {0}, signature = {0};
    char head[HEADER_SIZE];
    snprintf(head, sizeof head, "%s.%lld.", id, time);
    buf_append(&text, slice_of(head));
    buf_append(&text, hook->body);
    crypto_hmac(buf_slice(&hooks->secret), buf_slice(&text), hmac);
    crypto_base64(&signature, slice_new(hmac, sizeof hmac));
    snprintf(header, HEADER_SIZE, "webhook-signature: v1,%.*s", SLICE_ARG(buf_slice(&signature)));
    buf_free(&text);
    buf_free(&signature);
}

static void s_judge(err_t err, int status, delivery_t *delivery)
{
    char reason[POSTMAN_REASON_SIZE];
    if (err != ERR_OK) {
        postman_fail(delivery, DELIVERY_LATER, "there was no answer");
    } else if (status < 200 || status > 299) {
        snprintf(reason, sizeof reason, "the answer was %d", status);
        postman_fail(delivery, status == GONE ? DELIVERY_NEVER : DELIVERY_LATER, reason);
    }
}

static void s_post(const hooks_t *hooks, const webhook_t *hook, arena_t *arena,
                   const atomic_bool *stop, delivery_t *delivery)
{
    char id[ID_SIZE], id_header[HEADER_SIZE], time_header[HEADER_SIZE], signature[HEADER_SIZE];
    dispatch_answer_t answer;
    long long now = (long long)time(NULL);
    snprintf(id, sizeof id, "%llu.%llx", (unsigned long long)hook->id,
             (unsigned long long)hook->asked);
    snprintf(id_header, sizeof id_header, "webhook-id: %s", id);
    snprintf(time_header, sizeof time_header, "webhook-timestamp: %lld", now);
    s_sign(hooks, hook, id, now, signature);
    const dispatch_t dispatch = {
        .url = (const char *)arena_printf(arena, "%.*s", SLICE_ARG(hook->url)).ptr,
        .headers = {"Content-Type: application/json", id_header, time_header, signature},
        .body = hook->body,
        .authorities = hooks->authorities,
        .stop = stop,
    };
    err_t err = dispatch_post(&dispatch, &answer);
    s_judge(err, answer.status, delivery);
}

static void s_carry(const void *ctx, slice_t order, const atomic_bool *stop, delivery_t *delivery)
{
    const void *hook;
    fault_t fault;
    arena_t *arena = arena_new();
    err_t err = codec_unpack(order, shape_webhook(), arena, &fault, &hook);
    assert(err == ERR_OK);
    s_post(ctx, hook, arena, stop, delivery);
    arena_destroy(&arena);
}

/* ---- where to, and with which secret ---- */

static void s_split(hooks_t *hooks, const char *urls)
{
    char *rest = NULL;
    hooks->text = mem_text(urls);
    for (char *at = strtok_r(hooks->text, ", ", &rest); at != NULL && hooks->url_count < URLS_MAX;
         at = strtok_r(NULL, ", ", &rest))
        hooks->urls[hooks->url_count++] = at;
}

/* A short one could be guessed. */
static bool s_read_secret(hooks_t *hooks, const char *path)
{
    char line[SECRET_SIZE] = "";
    size_t prefix = strlen(SECRET_PREFIX);
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(line, sizeof line, file) != NULL;
    if (file != NULL)
        fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    if (strncmp(line, SECRET_PREFIX, prefix) != 0)
        buf_append(&hooks->secret, slice_of(line));
    else if (crypto_base64_read(slice_of(line + prefix), &hooks->secret) != ERR_OK)
        read = false;
    explicit_bzero(line, sizeof line);
    return read && hooks->secret.len >= SECRET_MIN;
}

static bool s_open(hooks_t *hooks, const hook_options_t *options)
{
    s_split(hooks, options->urls);
    if (hooks->url_count == 0)
        return false;
    if (options->mute) {
        hooks->postmen = postmen_new(POSTMEN_MAX, NULL, hooks);
        return true;
    }
    if (!s_read_secret(hooks, options->secret_file)) {
        log_error("notifier",
                  "no webhook is sent: setting `webhook.secret_file` needs a file with "
                  "%d characters or more",
                  SECRET_MIN);
        return false;
    }
    dispatch_start();
    hooks->authorities = *options->authorities != '\0' ? options->authorities : NULL;
    hooks->postmen = postmen_new(POSTMEN_MAX, s_carry, hooks);
    return hooks->postmen != NULL;
}

hooks_t *hooks_new(const hook_options_t *options)
{
    hooks_t *hooks = mem_new(hooks_t);
    if (!s_open(hooks, options))
        hooks_destroy(&hooks);
    return hooks;
}

void hooks_destroy(hooks_t **hooks_p)
{
    hooks_t *hooks = *hooks_p;
    if (hooks == NULL)
        return;
    *hooks_p = NULL;
    postmen_destroy(&hooks->postmen);
    if (hooks->secret.data != NULL)
        explicit_bzero(hooks->secret.data, hooks->secret.size);
    buf_free(&hooks->secret);
    mem_free(hooks->text);
    mem_free(hooks);
}

void hooks_keep(const hooks_t *hooks, arena_t *arena, notifier_tape_t *kept)
{
    uint64_t *busy = arena_alloc(arena, COUNT_OF(hooks->busy) * sizeof *busy);
    for (size_t i = 0; i < COUNT_OF(hooks->busy); i++)
        busy[i] = hooks->busy[i];
    kept->hook_cursor = hooks->cursor;
    kept->hook_busy = (ids_t){busy, COUNT_OF(hooks->busy)};
    kept->hooking = postmen_keep(hooks->postmen, arena);
}

void hooks_restore(hooks_t *hooks, const notifier_tape_t *kept)
{
    for (size_t i = 0; i < COUNT_OF(hooks->busy) && i < kept->hook_busy.count; i++)
        hooks->busy[i] = kept->hook_busy.items[i];
    hooks->cursor = kept->hook_cursor;
    postmen_restore(hooks->postmen, kept->hooking);
}

/* ---- queueing ---- */

static slice_t s_body(turn_t *turn, const notified_event_t *event)
{
    buf_t body = {0};
    buf_append_text(&body, "{\"type\":\"notified\",\"time\":");
    json_put_i64(&body, turn_now(turn));
    buf_append_text(&body, ",\"data\":");
    codec_put_json(&body, shape_notified_event(), event);
    buf_append_byte(&body, '}');
    slice_t copy = arena_copy(turn_arena(turn), buf_slice(&body));
    buf_free(&body);
    return copy;
}

err_t hooks_queue(turn_t *turn, const hooks_t *hooks, const notified_event_t *event)
{
    err_t err = ERR_OK;
    webhook_t hook = {.asked = turn_now(turn), .expires = turn_now(turn) + LIFE};
    for (size_t i = 0; i < hooks->url_count && err == ERR_OK; i++) {
        err = outgoing_next(turn, &s_hooks, &hook.id);
        hook.url = slice_of(hooks->urls[i]);
        hook.body = i == 0 ? s_body(turn, event) : hook.body;
        if (err == ERR_OK)
            turn_emit(turn, EVENT_webhook_queued, 0, event->account,
                      &(webhook_queued_event_t){.webhook = &hook});
    }
    return err;
}

void hook_apply_queued(turn_t *turn, const record_t *record, const void *body)
{
    const webhook_t *hook = ((const webhook_queued_event_t *)body)->webhook;
    row_delete(turn, row_key1('L', hook->id)); /* one that is sent again */
    outgoing_put(turn, &s_hooks, hook->id, hook);
    if (record_is_redacted(record)) /* there is nothing to tell */
        outgoing_remove(turn, &s_hooks, hook->id);
}

/* ---- what came of it ---- */

/* The oldest of too many goes. */
static void s_lay_aside(turn_t *turn, const webhook_t *hook)
{
    uint64_t place;
    slice_t row;
    if (!row_found(row_get_number(turn, notifier_counter('l'), &place)))
        return;
    row_put(turn, row_key1('L', hook->id), shape_webhook(), hook);
    row_put_number(turn, notifier_counter('l'), place + 1);
    row_put_number(turn, row_key1('l', place), hook->id);
    if (place < LIMIT_DEAD_HOOKS ||
        !row_found(row_get_bytes(turn, row_key1('l', place - LIMIT_DEAD_HOOKS), &row)))
        return;
    row_delete(turn, row_key1('L', row_number(row, 0)));
    row_delete(turn, row_key1('l', place - LIMIT_DEAD_HOOKS));
}

void hook_apply_tried(turn_t *turn, const record_t *record, const void *body)
{
    const webhook_tried_event_t *event = body;
    const void *row;
    (void)record;
    if (!row_found(outgoing_get(turn, &s_hooks, event->id, &row)))
        return;
    webhook_t hook = *(const webhook_t *)row;
    hook.tries++;
    hook.due = event->due;
    hook.reason = event->reason;
    if (event->due != 0) {
        outgoing_put(turn, &s_hooks, hook.id, &hook);
        return;
    }
    outgoing_remove(turn, &s_hooks, hook.id);
    if (!event->sent)
        s_lay_aside(turn, &hook);
}

/* Each server has its share of the postmen, so that one that is dead keeps no other waiting. */
static size_t *s_busy(hooks_t *hooks, const webhook_t *hook)
{
    size_t which = 0;
    while (which < hooks->url_count && !slice_is(hook->url, hooks->urls[which]))
        which++;
    return &hooks->busy[which];
}

static void s_note(turn_t *turn, hooks_t *hooks, const delivery_t *delivery)
{
    const void *row;
    if (!row_found(outgoing_get(turn, &s_hooks, delivery->number, &row)))
        return;
    const webhook_t *hook = row;
    (*s_busy(hooks, hook))--;
    bool again = delivery->outcome == DELIVERY_LATER, sent = delivery->outcome == DELIVERY_SENT;
    webhook_tried_event_t event = {
        .id = hook->id,
        .sent = sent,
        .due = again ? outgoing_due(&s_hooks, hook->tries, hook->expires, turn_now(turn)) : 0,
        .reason = slice_of(delivery->reason),
    };
    if (!sent)
        outgoing_warn(&s_hooks, hook->id, event.reason, event.due);
    turn_emit(turn, EVENT_webhook_tried, 0, 0, &event);
}

static bool s_look(turn_t *turn, const void *item)
{
    const webhook_t *hook = item;
    hooks_t *hooks = ((const notifier_soft_t *)turn_soft(turn))->hooks;
    size_t *busy = s_busy(hooks, hook);
    bool goes = hook->due <= turn_now(turn) && *busy < POSTMEN_MAX / hooks->url_count;
    *busy += goes;
    return goes;
}

void hooks_tick(turn_t *turn, hooks_t *hooks)
{
    delivery_t delivery;
    while (postmen_result(hooks->postmen, turn, &delivery))
        s_note(turn, hooks, &delivery);
    outgoing_walk(turn, &s_hooks, s_look, hooks->postmen, &hooks->cursor);
}

/* ---- those that nobody took ---- */

err_t notifier_decide_retry(turn_t *turn, const call_t *call, const void *body)
{
    const void *row;
    err_t err = notifier_check_staff(turn, call);
    if (err == ERR_OK)
        err = row_get(turn, row_key1('L', ((const webhook_retry_call_t *)body)->id),
                      shape_webhook(), &row);
    if (err != ERR_OK)
        return err;
    webhook_t hook = *(const webhook_t *)row;
    hook.expires = turn_now(turn) + LIFE;
    hook.tries = 0;
    hook.due = 0;
    turn_emit(turn, EVENT_webhook_queued, 0, 0, &(webhook_queued_event_t){.webhook = &hook});
    return ERR_OK;
}

enum { LIST_DEFAULT = 50 };

err_t notifier_query_failed(turn_t *turn, const call_t *call, const void *body)
{
    const webhook_failed_call_t *wish = body;
    webhook_list_t answer = {0};
    row_range_t range = row_range1('L', wish->after);
    err_t err = notifier_check_staff(turn, call);
    if (err == ERR_OK)
        err = row_list(turn, &range, shape_webhook(), wish->limit > 0 ? wish->limit : LIST_DEFAULT,
                       &answer.webhooks);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}
