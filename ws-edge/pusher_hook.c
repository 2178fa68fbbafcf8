/* pusher_hook.c - two queues, held and ready, and the body that is under way.
 *
 * What is held is found by a hash of what would undo it: a channel that is occupied again
 * by its name, a member who is back by channel and name.  All are held equally long, so the
 * front of the queue is the first whose time is over. */
#include "ws-edge/pusher_hook.h"

#include <assert.h>

#include "actors/crypto.h"
#include "schema/json.h"
#include "schema/map.h"
#include "schema/mem.h"

typedef struct note {
    uint64_t key;      /* of what is held; 0: it is not */
    uint64_t ready_us; /* of what is held */
    buf_t json;
    TAILQ_ENTRY(note) in_queue;
} note_t;

TAILQ_HEAD(note_list, note);

struct pusher_hook {
    struct note_list held;
    struct note_list ready;
    map_t *by_key; /* those that are held */
    size_t count;
    size_t bytes;
    size_t lost;
    buf_t body; /* empty: none is under way */
    bool posting;
    unsigned tries;
    uint64_t first_us; /* when the body was tried first */
    uint64_t again_us; /* not before */
};

static const uint64_t s_second = 1000000; /* µs */

pusher_hook_t *pusher_hook_new(void)
{
    pusher_hook_t *hook = mem_new(pusher_hook_t);
    TAILQ_INIT(&hook->held);
    TAILQ_INIT(&hook->ready);
    hook->by_key = map_new();
    return hook;
}

static void s_free(pusher_hook_t *hook, struct note_list *list, note_t *note)
{
    TAILQ_REMOVE(list, note, in_queue);
    hook->count--;
    hook->bytes -= note->json.len;
    buf_free(&note->json);
    mem_free(note);
}

static void s_release(pusher_hook_t *hook, note_t *note)
{
    map_remove(hook->by_key, note->key);
    note->key = 0;
}

void pusher_hook_destroy(pusher_hook_t **hook_p)
{
    pusher_hook_t *hook = *hook_p;
    if (hook == NULL)
        return;
    while (!TAILQ_EMPTY(&hook->held))
        s_free(hook, &hook->held, TAILQ_FIRST(&hook->held));
    while (!TAILQ_EMPTY(&hook->ready))
        s_free(hook, &hook->ready, TAILQ_FIRST(&hook->ready));
    assert(hook->count == 0 && hook->bytes == 0);
    map_destroy(&hook->by_key);
    buf_free(&hook->body);
    mem_free(hook);
    *hook_p = NULL;
}

/* ---- what happened ---- */

static const char *const s_names[] = {
#define NEWS(id, name) [PUSHER_NEWS_##id] = (name),
    PUSHER_NEWS(NEWS)
#undef NEWS
};

static void s_put_text(buf_t *out, const char *name, slice_t text)
{
    if (text.ptr != NULL)
        json_put_text_member(out, name, text);
}

static void s_put(buf_t *out, const pusher_news_t *news)
{
    buf_append_byte(out, '{');
    s_put_text(out, "name", slice_of(s_names[news->kind]));
    s_put_text(out, "channel", news->channel);
    s_put_text(out, "event", news->event);
    s_put_text(out, "data", news->data);
    s_put_text(out, "socket_id", news->socket_id);
    s_put_text(out, "user_id", news->user);
    buf_append_byte(out, '}');
}

/* The same for what holds and for what undoes it; neither part has a byte 0. */
static uint64_t s_key(const pusher_news_t *news)
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    buf_t text = {0};
    uint64_t key;
    buf_append(&text, news->channel);
    buf_append_byte(&text, 0);
    buf_append(&text, news->user);
    crypto_blake128((slice_t){0}, buf_slice(&text), hash);
    buf_free(&text);
    memcpy(&key, hash, sizeof key);
    return key;
}

static bool s_ends(pusher_news_kind_t kind)
{
    return kind == PUSHER_NEWS_VACATED || kind == PUSHER_NEWS_MEMBER_REMOVED;
}

static bool s_begins(pusher_news_kind_t kind)
{
    return kind == PUSHER_NEWS_OCCUPIED || kind == PUSHER_NEWS_MEMBER_ADDED;
}

/* Whether it was away for so short a time that nobody need know. */
static bool s_undoes(pusher_hook_t *hook, const pusher_news_t *news)
{
    note_t *note = s_begins(news->kind) ? map_get(hook->by_key, s_key(news)) : NULL;
    if (note == NULL)
        return false;
    s_release(hook, note);
    s_free(hook, &hook->held, note);
    return true;
}

static bool s_has_room(const pusher_hook_t *hook)
{
    return hook->count < PUSHER_HOOK_EVENTS_MAX && hook->bytes < PUSHER_HOOK_BYTES_MAX;
}

void pusher_hook_note(pusher_hook_t *hook, const pusher_news_t *news, uint64_t now_us)
{
    if (s_undoes(hook, news))
        return;
    if (!s_has_room(hook)) {
        hook->lost++;
        return;
    }
    note_t *note = mem_new(note_t);
    s_put(&note->json, news);
    hook->count++;
    hook->bytes += note->json.len;
    uint64_t key = s_ends(news->kind) ? s_key(news) : 0;
    if (key == 0 || map_get(hook->by_key, key) != NULL) {
        TAILQ_INSERT_TAIL(&hook->ready, note, in_queue);
        return;
    }
    note->key = key;
    note->ready_us = now_us + PUSHER_HOOK_HOLD_S * s_second;
    map_put(hook->by_key, key, note);
    TAILQ_INSERT_TAIL(&hook->held, note, in_queue);
}

size_t pusher_hook_lost(pusher_hook_t *hook)
{
    size_t lost = hook->lost;
    hook->lost = 0;
    return lost;
}

/* ---- bodies ---- */

static void s_let_go(pusher_hook_t *hook, uint64_t now_us)
{
    note_t *note;
    while ((note = TAILQ_FIRST(&hook->held)) != NULL && note->ready_us <= now_us) {
        s_release(hook, note);
        TAILQ_REMOVE(&hook->held, note, in_queue);
        TAILQ_INSERT_TAIL(&hook->ready, note, in_queue);
    }
}

static void s_write(pusher_hook_t *hook, uint64_t now_us, uint64_t time_ms)
{
    note_t *note;
    buf_printf(&hook->body, "{\"time_ms\":%llu,\"events\":[", (unsigned long long)time_ms);
    for (size_t i = 0; i < PUSHER_HOOK_BATCH_MAX && (note = TAILQ_FIRST(&hook->ready)) != NULL;
         i++) {
        buf_append_text(&hook->body, i > 0 ? "," : "");
        buf_append(&hook->body, buf_slice(&note->json));
        s_free(hook, &hook->ready, note);
    }
    buf_append_text(&hook->body, "]}");
    hook->tries = 0;
    hook->first_us = hook->again_us = now_us;
}

bool pusher_hook_next(pusher_hook_t *hook, uint64_t now_us, uint64_t time_ms, slice_t *ret_body)
{
    s_let_go(hook, now_us);
    if (hook->posting)
        return false;
    if (hook->body.len == 0 && !TAILQ_EMPTY(&hook->ready))
        s_write(hook, now_us, time_ms);
    if (hook->body.len == 0 || hook->again_us > now_us)
        return false;
    hook->posting = true;
    *ret_body = buf_slice(&hook->body);
    return true;
}

/* One second, two, four, and so on. */
static uint64_t s_pause(unsigned tries)
{
    uint64_t pause = tries < 5 ? UINT64_C(1) << tries : PUSHER_HOOK_PAUSE_S;
    return pause * s_second;
}

bool pusher_hook_done(pusher_hook_t *hook, bool taken, uint64_t now_us)
{
    assert(hook->posting);
    hook->posting = false;
    hook->again_us = now_us + s_pause(hook->tries++);
    bool over = hook->again_us - hook->first_us > PUSHER_HOOK_TRIES_S * s_second;
    if (taken || over)
        buf_reset(&hook->body);
    return taken || !over;
}
