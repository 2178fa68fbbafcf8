/* kith.c - a bot's side of docs/bus.md.
 *
 *   call ──> its number is waited for; events that come meanwhile go to the queue
 *   next ──> off the queue, else what comes
 *   a server that does not know us ──> hello, and follow again behind the last event that came
 *
 * The queue holds what the server's window lets through at most: an event is acknowledged only
 * when the caller has come back for the next. */
#include "tools/client/kith.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "schema/mem.h"
#include "schema/pack.h"
#include "schema/plain.h"
#include "schema/text.h"
#include "schema/transcribe.h"
#include "tools/client/convert.h"
#include "tools/client/wire.h"

enum {
    TIMEOUT_MS = 30 * 1000,
    BEAT_MS = 5 * 1000, /* of silence of the server's, until it is asked whether it is there */
    RETRY_MS = 200,     /* until a server that is not ready is asked again */
    ACK_EVENTS = 256,
    STATUS_SIZE = 64,
};

/* An event in the queue; its texts lie behind it. */
typedef struct item {
    struct item *next;
    kith_event_t event;
} item_t;

/* Oldest first. */
typedef struct queue {
    item_t *first;
    item_t **end;
} queue_t;

struct kith {
    wire_t *wire;
    uint64_t own_account; /* to say over ipc */
    int timeout_ms;
    uint64_t account;
    uint64_t head;
    buf_t out;
    buf_t body;      /* of a call, packed; kept until it is answered */
    uint64_t number; /* of the last call */
    uint64_t hello;  /* of the hello that is on its way by itself; 0: none */
    bool answered;   /* the call that is waited for, or all of them: the bot may come no more */
    char status[STATUS_SIZE];
    buf_t detail; /* these two end with a NUL */
    buf_t answer;
    bool following;
    char *types;
    bool judging;
    buf_t judged;   /* body of bot.judge, packed */
    uint64_t came;  /* sequence of the last event in the queue or before it */
    uint64_t taken; /* of the last that the caller is done with */
    uint64_t acked;
    size_t unacked; /* events that were taken since */
    queue_t events;
    queue_t questions; /* what is to be judged: somebody waits for that */
    item_t *at_hand;   /* that the caller has */
    int64_t heard;     /* ms; when the server last said anything, or was asked */
};

static int64_t s_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- saying ---- */

static void s_say(kith_t *bot, uint64_t number, const char *type, slice_t body)
{
    plain_begin_call(&bot->out, number, slice_of(type));
    buf_append(&bot->out, body);
    wire_send(bot->wire, &bot->out);
}

static void s_say_plainly(kith_t *bot, uint64_t number, const char *type, const char *field,
                          uint64_t value)
{
    buf_t body = {0};
    pack_map(&body, value > 0);
    if (value > 0) {
        pack_str(&body, slice_of(field));
        pack_u64(&body, value);
    }
    s_say(bot, number, type, buf_slice(&body));
    buf_free(&body);
}

static void s_say_hello(kith_t *bot)
{
    bot->hello = ++bot->number;
    s_say_plainly(bot, bot->hello, "bot.hello", "account", bot->own_account);
}

/* What is followed: everything behind the last event that came. */
static void s_put_wish(const kith_t *bot, buf_t *body)
{
    pack_map(body, bot->types != NULL ? 2 : 1);
    pack_str(body, SLICE_LIT("after"));
    pack_u64(body, bot->came);
    if (bot->types == NULL)
        return;
    pack_str(body, SLICE_LIT("types"));
    pack_str(body, slice_of(bot->types));
}

static void s_follow_again(kith_t *bot)
{
    buf_t body = {0};
    s_put_wish(bot, &body);
    s_say(bot, ++bot->number, "bot.follow", buf_slice(&body));
    buf_free(&body);
}

/* ---- the queue ---- */

static char *s_put_text(char **at, slice_t text)
{
    char *start = *at;
    memcpy(start, text.ptr, text.len);
    start[text.len] = '\0';
    *at += text.len + 1;
    return start;
}

static void s_put(queue_t *queue, item_t *item)
{
    *queue->end = item;
    queue->end = &item->next;
}

static item_t *s_pull(queue_t *queue)
{
    item_t *item = queue->first;
    if (item == NULL)
        return NULL;
    queue->first = item->next;
    if (queue->first == NULL)
        queue->end = &queue->first;
    return item;
}

static void s_queue(kith_t *bot, const plain_heard_t *heard)
{
    buf_t json = {0};
    slice_t body = heard->body;
    if ((heard->seq != 0 && heard->seq <= bot->came) || transcribe(&json, &body, NULL) != ERR_OK) {
        buf_free(&json);
        return;
    }
    item_t *item = mem_zeroed(sizeof *item + heard->type.len + json.len + 2);
    char *at = (char *)(item + 1);
    item->event = (kith_event_t){
        .type = s_put_text(&at, heard->type),
        .seq = heard->seq,
        .time_us = heard->time,
        .room = heard->room,
        .account = heard->account,
        .body = s_put_text(&at, buf_slice(&json)),
        .ticket = heard->judge ? heard->number : 0,
    };
    buf_free(&json);
    s_put(heard->judge ? &bot->questions : &bot->events, item);
    if (heard->seq != 0)
        bot->came = heard->seq;
}

static void s_ack(kith_t *bot)
{
    if (bot->taken <= bot->acked)
        return;
    bot->acked = bot->taken;
    bot->unacked = 0;
    s_say_plainly(bot, 0, "bot.ack", "seq", bot->acked);
}

static bool s_take(kith_t *bot, kith_event_t *ret_event)
{
    item_t *item = s_pull(&bot->questions);
    if (item == NULL)
        item = s_pull(&bot->events);
    if (item == NULL)
        return false;
    bot->at_hand = item;
    *ret_event = item->event;
    return true;
}

/* The caller is back, and done with what it had. */
static void s_done(kith_t *bot)
{
    if (bot->at_hand == NULL)
        return;
    if (bot->at_hand->event.seq != 0)
        bot->taken = bot->at_hand->event.seq;
    mem_free(bot->at_hand);
    bot->at_hand = NULL;
    if (++bot->unacked >= ACK_EVENTS || bot->events.first == NULL)
        s_ack(bot);
}

/* ---- hearing ---- */

static void s_end_text(buf_t *text)
{
    buf_append_byte(text, '\0');
}

static void s_keep_outcome(kith_t *bot, const plain_heard_t *heard)
{
    unpack_t in = {heard->body};
    slice_t body = heard->body, detail;
    snprintf(bot->status, sizeof bot->status, "%.*s", SLICE_ARG(heard->status));
    buf_reset(&bot->detail);
    buf_reset(&bot->answer);
    if (unpack_str(&in, &detail) == ERR_OK)
        buf_append(&bot->detail, detail);
    else if (transcribe(&bot->answer, &body, NULL) != ERR_OK)
        buf_reset(&bot->answer);
    s_end_text(&bot->detail);
    s_end_text(&bot->answer);
}

static void s_welcome(kith_t *bot, const plain_heard_t *heard)
{
    s_keep_outcome(bot, heard);
    bot->answered = strcmp(bot->status, "ok") != 0 && strcmp(bot->status, "unavailable") != 0;
    if (strcmp(bot->status, "ok") != 0)
        return;
    kith_number((const char *)bot->answer.data, "account", &bot->account);
    kith_number((const char *)bot->answer.data, "head", &bot->head);
    bot->acked = bot->taken;
    if (bot->following)
        s_follow_again(bot);
    if (bot->judging)
        s_say(bot, ++bot->number, "bot.judge", buf_slice(&bot->judged));
}

static void s_hear_answer(kith_t *bot, const plain_heard_t *heard, uint64_t awaited)
{
    if (heard->number == 0 && slice_is(heard->status, "ok")) {
        s_say_plainly(bot, ++bot->number, "bus.ping", NULL, 0); /* a knock */
    } else if (heard->number == bot->hello && bot->hello != 0) {
        bot->hello = 0;
        s_welcome(bot, heard);
    } else if (heard->number == awaited || heard->number == 0) {
        s_keep_outcome(bot, heard);
        bot->answered = true;
    } else if (slice_is(heard->status, "unauthenticated") && bot->hello == 0) {
        s_say_hello(bot);
    }
}

/* Take one message in, waiting until `deadline`; false if that is over. */
static bool s_hear(kith_t *bot, int64_t deadline, uint64_t awaited)
{
    slice_t message;
    plain_heard_t heard;
    int64_t now = s_now(), beat = bot->heard + BEAT_MS;
    int64_t until = deadline < beat ? deadline : beat;
    if (!wire_receive(bot->wire, (int)(until > now ? until - now : 0), &message)) {
        if (s_now() >= beat) {
            bot->heard = s_now();
            s_say_plainly(bot, ++bot->number, "bus.ping", NULL, 0);
        }
        return s_now() < deadline;
    }
    bot->heard = s_now();
    while (message.len > 0 && plain_read_heard(&message, &heard) == ERR_OK) {
        if (heard.event || heard.judge)
            s_queue(bot, &heard);
        else
            s_hear_answer(bot, &heard, awaited);
    }
    return true;
}

/* ---- calls ---- */

/* Once: KITH_OK, KITH_REFUSED, KITH_SILENT. */
static int s_call_once(kith_t *bot, const char *type, int64_t deadline)
{
    uint64_t number = ++bot->number;
    bot->answered = false;
    s_say(bot, number, type, buf_slice(&bot->body));
    while (!bot->answered)
        if (!s_hear(bot, deadline, number) && !bot->answered)
            return KITH_SILENT;
    return strcmp(bot->status, "ok") == 0 ? KITH_OK : KITH_REFUSED;
}

/* Wait until the hello that is on its way is answered, and say it again to a server that is not
 * ready. */
static int s_meet(kith_t *bot, int64_t deadline)
{
    const struct timespec pause = {.tv_nsec = RETRY_MS * 1000 * 1000};
    for (;;) {
        if (bot->hello == 0)
            s_say_hello(bot);
        while (bot->hello != 0)
            if (!s_hear(bot, deadline, UINT64_MAX) && bot->hello != 0)
                return KITH_SILENT;
        if (strcmp(bot->status, "ok") == 0)
            return KITH_OK;
        if (strcmp(bot->status, "unavailable") != 0 || s_now() >= deadline)
            return KITH_REFUSED;
        nanosleep(&pause, NULL);
    }
}

/* A call that a server did not take for not knowing us was not made: it is made again. */
static int s_call(kith_t *bot, const char *type)
{
    int64_t deadline = s_now() + bot->timeout_ms;
    int outcome = s_call_once(bot, type, deadline);
    if (outcome != KITH_REFUSED || strcmp(bot->status, "unauthenticated") != 0)
        return outcome;
    outcome = s_meet(bot, deadline);
    return outcome == KITH_OK ? s_call_once(bot, type, deadline) : outcome;
}

int kith_call(kith_t *bot, const char *type, const char *body, const char **ret_answer)
{
    buf_reset(&bot->body);
    if (convert_to_pack(slice_of(body), &bot->body) != ERR_OK)
        return KITH_WRONG;
    int outcome = s_call(bot, type);
    if (outcome == KITH_OK && ret_answer != NULL)
        *ret_answer = (const char *)bot->answer.data;
    return outcome;
}

const char *kith_status(const kith_t *bot)
{
    return bot->status;
}

const char *kith_detail(const kith_t *bot)
{
    return bot->detail.len > 0 ? (const char *)bot->detail.data : "";
}

/* ---- coming and going ---- */

int kith_connect(const kith_options_t *options, kith_t **ret_bot)
{
    kith_t *bot = mem_new(kith_t);
    bot->own_account = options->account;
    bot->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
    bot->events.end = &bot->events.first;
    bot->questions.end = &bot->questions.first;
    bot->heard = s_now();
    *ret_bot = bot;
    if (wire_open(options->door, options->key, options->broker_key, &bot->wire) != ERR_OK)
        return KITH_WRONG;
    return s_meet(bot, s_now() + bot->timeout_ms);
}

void kith_close(kith_t **bot_p)
{
    kith_t *bot = *bot_p;
    kith_event_t event;
    if (bot == NULL)
        return;
    *bot_p = NULL;
    for (bool more = true; more; more = s_take(bot, &event))
        mem_free(bot->at_hand);
    wire_close(&bot->wire);
    buf_free(&bot->out);
    buf_free(&bot->body);
    buf_free(&bot->judged);
    buf_free(&bot->detail);
    buf_free(&bot->answer);
    mem_free(bot->types);
    mem_free(bot);
}

uint64_t kith_account(const kith_t *bot)
{
    return bot->account;
}

uint64_t kith_head(const kith_t *bot)
{
    return bot->head;
}

/* ---- events ---- */

int kith_follow(kith_t *bot, uint64_t after, const char *types)
{
    mem_free(bot->types);
    bot->types = types != NULL ? mem_text(types) : NULL;
    bot->came = bot->taken = bot->acked = after;
    bot->following = false; /* until it is granted */
    buf_reset(&bot->body);
    s_put_wish(bot, &bot->body);
    int outcome = s_call(bot, "bot.follow");
    bot->following = outcome == KITH_OK;
    return outcome;
}

int kith_next(kith_t *bot, int timeout_ms, kith_event_t *ret_event)
{
    int64_t deadline = timeout_ms < 0 ? INT64_MAX : s_now() + timeout_ms;
    s_done(bot);
    bot->answered = false;
    for (bool time = true; !s_take(bot, ret_event); time = s_hear(bot, deadline, UINT64_MAX)) {
        if (bot->answered)
            return KITH_REFUSED; /* a word that nobody asked for: the end */
        if (!time)
            return KITH_OK;
    }
    return 1;
}

int kith_run(kith_t *bot, kith_event_fn *on_event, void *ctx)
{
    kith_event_t event;
    int outcome = kith_next(bot, -1, &event);
    while (outcome == 1) {
        outcome = on_event(ctx, bot, &event);
        if (outcome == 0)
            outcome = kith_next(bot, -1, &event);
        else
            return outcome;
    }
    return outcome;
}

/* ---- judging ---- */

/* Until the server knows where the bot is. */
static int s_ask_to_judge(kith_t *bot)
{
    const struct timespec pause = {.tv_nsec = RETRY_MS * 1000 * 1000};
    const int64_t deadline = s_now() + bot->timeout_ms;
    for (;;) {
        buf_reset(&bot->body);
        buf_append(&bot->body, buf_slice(&bot->judged));
        int outcome = s_call(bot, "bot.judge");
        if (outcome != KITH_REFUSED || strcmp(bot->status, "unavailable") != 0 ||
            s_now() >= deadline)
            return outcome;
        nanosleep(&pause, NULL);
    }
}

int kith_judge(kith_t *bot, const uint64_t *rooms, size_t count)
{
    buf_reset(&bot->judged);
    pack_map(&bot->judged, count > 0);
    if (count > 0) {
        pack_str(&bot->judged, SLICE_LIT("rooms"));
        pack_array(&bot->judged, count);
    }
    for (size_t i = 0; i < count; i++)
        pack_u64(&bot->judged, rooms[i]);
    bot->judging = false; /* until it is granted */
    int outcome = s_ask_to_judge(bot);
    bot->judging = outcome == KITH_OK;
    return outcome;
}

/* The words are the field of that name; NULL: none are said. */
static int s_rule(kith_t *bot, uint64_t ticket, const char *verdict, const char *field,
                  const char *words)
{
    buf_t body = {0};
    if (words != NULL && !text_valid(slice_of(words)))
        return KITH_WRONG;
    pack_map(&body, words != NULL ? 3 : 2);
    pack_str(&body, SLICE_LIT("ticket"));
    pack_u64(&body, ticket);
    pack_str(&body, SLICE_LIT("verdict"));
    pack_str(&body, slice_of(verdict));
    if (words != NULL) {
        pack_str(&body, slice_of(field));
        pack_str(&body, slice_of(words));
    }
    s_say(bot, 0, "bot.verdict", buf_slice(&body));
    buf_free(&body);
    return KITH_OK;
}

int kith_allow(kith_t *bot, uint64_t ticket)
{
    return s_rule(bot, ticket, "allow", NULL, NULL);
}

int kith_veto(kith_t *bot, uint64_t ticket, const char *reason)
{
    return s_rule(bot, ticket, "veto", "reason", reason);
}

int kith_transform(kith_t *bot, uint64_t ticket, const char *text)
{
    return s_rule(bot, ticket, "transform", "text", text);
}

/* ---- JSON ---- */

int kith_text(const char *json, const char *path, char *ret_text, size_t size)
{
    const json_node_t *root = NULL;
    slice_t text;
    bool found = json_parse(slice_of(json), &root) == ERR_OK &&
                 json_text(convert_find(root, path), &text) && text.len < size;
    if (found) {
        memcpy(ret_text, text.ptr, text.len);
        ret_text[text.len] = '\0';
    }
    json_free(&root);
    return found;
}

int kith_number(const char *json, const char *path, uint64_t *ret_number)
{
    const json_node_t *root = NULL;
    bool found = json_parse(slice_of(json), &root) == ERR_OK &&
                 json_u64(convert_find(root, path), ret_number);
    json_free(&root);
    return found;
}

int kith_quote(const char *text, char *ret_json, size_t size)
{
    buf_t json = {0};
    if (!text_valid(slice_of(text)))
        return 0;
    json_put_text(&json, slice_of(text));
    bool fits = json.len < size;
    if (fits) {
        memcpy(ret_json, json.data, json.len);
        ret_json[json.len] = '\0';
    }
    buf_free(&json);
    return fits;
}
