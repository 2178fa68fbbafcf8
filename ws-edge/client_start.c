/* client_start.c - a connection's way from the handshake to the live stream.
 *
 *   SHAKING ─> TUNING ─> ASKING ─> ENTERING ─┬────────────────────────────> LIVE
 *                                            └─> LOOKING ─> READING ─┬────────^
 *                                                   ^───── moved ────┘
 *
 * Nothing is missed and nothing comes twice, because the broker answers on the pipe
 * that also carries the records: what comes behind the acknowledgement of a
 * subscription is all there is, and what comes behind a page that reaches the head
 * begins where the page ends.  Until then live records are passed over, for the pages
 * contain them.
 *
 * A page holds records of all rooms that the account is in now, also those from before
 * it came; so the memberships since `next` are looked at first, and a room is hidden
 * from `next` to the record that let the account in.  If a membership changes
 * meanwhile, looking starts over from `next`.
 *
 * What was missed may be from before a block: of those from whom the account is kept apart
 * by now nothing comes, and nothing of their direct rooms.  Where there are too many to
 * tell, nothing is resumed.
 *
 * However much was missed, who resumes is heard from its welcome on: the past takes its time, and what the client
 * asks meanwhile is answered beside it.
 *
 * Who picks its rooms is live once TUNING is over.  Where its protocol has no word for when
 * a room is heard, the first one takes it back to ENTERING, with `next` as it came. */
#include <assert.h>

#include "actors/log.h"
#include "ws-edge/answer.h"
#include "ws-edge/client_parts.h"
#include "ws-edge/fan.h"

enum {
    FRAMES_MAX = 256 * 1024,     /* bytes that a client may say before it is live */
    FEED_QUEUE_MAX = 128 * 1024, /* bytes queued at a socket beyond which feeding waits */
};

static char s_first_came, s_first_left, s_hidden; /* marks in start->rooms */
static char s_is;                                 /* the one mark of the sets */

void start_begin(client_t *client, const greeting_t *greeting)
{
    start_t *start = mem_new(start_t);
    start->resume = greeting->resume || greeting->from_now;
    start->next = (greeting->from_now ? link_head(client->edge->link) : greeting->since) + 1;
    start->told = greeting->from_now; /* nothing to look back at, nothing to say */
    start->rooms = map_new();
    client->start = start;
}

void start_end(client_t *client)
{
    start_t *start = TAKE(client->start);
    if (start == NULL)
        return;
    if (client->round != 0)
        TAILQ_REMOVE(&client->clients->tuning, client, in_queue);
    else if (start->page.len > 0)
        TAILQ_REMOVE(&client->clients->reading, client, in_queue);
    client->round = 0;
    map_destroy(&start->rooms);
    map_destroy(&start->shut);
    map_destroy(&start->apart);
    buf_free(&start->page);
    buf_free(&start->frames);
    mem_free(start);
}

/* Of a call that was made in that turn; what was asked before it ceased to be somebody
 * counts no more. */
static bool s_answered(client_t *client, uint64_t turn)
{
    return client_answered(client) && client->turn == turn;
}

static void s_give_up(client_t *client, const char *during, err_t err)
{
    log_warn("edge", "a connection of account %llu does not come up, %s: %s",
             (unsigned long long)client->who.account, during, err_info(err)->name);
    if (err == ERR_CORRUPT)
        client_close(client, err_info(err)->close_code, "what was missed cannot be read");
    else
        client_close(client, err_info(ERR_UNAVAILABLE)->close_code, "try again shortly");
}

/* ---- what the client says meanwhile ---- */

bool start_waits(const client_t *client)
{
    return client->start != NULL && !client->start->heeds;
}

bool start_keep(client_t *client, slice_t frame)
{
    buf_t *frames = &client->start->frames;
    size_t len = frame.len;
    if (frames->len + sizeof len + frame.len > FRAMES_MAX)
        return false;
    buf_append(frames, slice_new(&len, sizeof len));
    buf_append(frames, frame);
    return true;
}

/* As long as it is the same one that said it. */
static void s_hear_kept(client_t *client, buf_t *frames)
{
    slice_t left = buf_slice(frames);
    uint32_t turn = client->turn;
    while (left.len > 0 && client->state != CLIENT_CLOSING && client->turn == turn) {
        size_t len;
        memcpy(&len, left.ptr, sizeof len);
        client_hear(client, client->dialect->framing == FRAMING_TEXT,
                    slice_new(left.ptr + sizeof len, len));
        left = slice_from(left, sizeof len + len);
    }
    buf_free(frames);
}

/* ---- live ---- */

static void s_go_live(client_t *client)
{
    buf_t frames = client->start->frames;
    client->start->frames = (buf_t){0};
    start_end(client);
    client->state = CLIENT_LIVE;
    past_live(client, true);
    s_hear_kept(client, &frames);
}

/* What it has said so far first, what it says from now on at once. */
static void s_heed(client_t *client)
{
    buf_t frames = client->start->frames;
    client->start->frames = (buf_t){0};
    client->start->heeds = true;
    s_hear_kept(client, &frames);
}

/* False if its dialect took the welcome as an occasion to leave. */
static bool s_welcome(client_t *client, bool resumed)
{
    uint32_t turn = client->turn;
    /* What was missed follows, so a resumed connection stands where it said it did. */
    uint64_t as_of = resumed ? client->start->next - 1 : link_head(client->edge->link);
    standing_t standing = {
        .as_of = as_of,
        .resumed = resumed,
        .first = client->start->first,
        .note = client->note,
    };
    client->start->told = true;
    client_welcome(client, &standing);
    if (resumed && client->start != NULL && client->turn == turn)
        s_heed(client);
    return client->start != NULL && client->turn == turn;
}

static void s_begin_anew(client_t *client)
{
    if (s_welcome(client, false))
        s_go_live(client);
}

/* ---- pages ---- */

static void s_look(client_t *client);

/* Ask for records from `from` on, of the account and perhaps its rooms. */
static void s_read(client_t *client, uint64_t from, bool with_rooms, waiter_fn *answer)
{
    bus_read_call_t wish = {.from = from, .accounts = {&client->who.account, 1}};
    if (with_rooms)
        wish.rooms = hall_rooms(client->edge->hall, &client->guest);
    err_t err = client_ask(client, CALL_bus_read, &wish, client->turn, answer);
    if (err != ERR_OK)
        s_give_up(client, "reading", err);
}

static err_t s_page(const client_t *client, const reply_t *reply, const bus_page_t **ret_page)
{
    fault_t fault;
    const void *page;
    arena_reset(client->edge->arena);
    if (reply->status != ERR_OK)
        return reply->status;
    err_t err = codec_unpack(reply->body, shape_bus_page(), client->edge->arena, &fault, &page);
    if (err == ERR_OK)
        *ret_page = page;
    return err;
}

static bool s_has(const map_t *set, uint64_t key)
{
    return set != NULL && map_get(set, key) != NULL;
}

bool client_is_apart(const client_t *client, uint64_t other)
{
    return client->start != NULL && s_has(client->start->apart, other);
}

/* Whether the record is hidden from this account; keeps its memberships by the way. */
static bool s_hides(const client_t *client, const record_t *record)
{
    map_t *rooms = client->start->rooms;
    if (s_has(client->start->shut, record->room))
        return true;
    if (record->account == client->who.account) {
        if (record->type == EVENT_room_joined)
            map_remove(rooms, record->room);
        else if (record->type == EVENT_room_left)
            map_put(rooms, record->room, &s_hidden);
        return false;
    }
    const void *mark = map_get(rooms, record->room);
    return mark == &s_first_came || mark == &s_hidden;
}

static void s_show(client_t *client, const record_t *record)
{
    if (s_hides(client, record)) {
        past_resume(client, record, false);
        return;
    }
    body_t *frame = fan_frame(client->edge, record, client);
    past_resume(client, record, frame != NULL);
    if (frame != NULL)
        client->outlet->verbs->send(client->outlet, frame);
    body_unref(&frame);
}

static void s_on_page(void *ctx, uint64_t tag, const reply_t *reply);

/* The page at hand is through. */
static void s_turn_page(client_t *client)
{
    start_t *start = client->start;
    buf_reset(&start->page);
    if (start->moved)
        s_look(client);
    else if (start->complete && !start->paused)
        s_go_live(client);
    else
        s_read(client, start->next, true, s_on_page);
}

/* Called for a connection that is in no queue. */
void start_read_on(client_t *client)
{
    start_t *start = client->start;
    slice_t page = buf_slice(&start->page); /* perhaps nothing was missed */
    slice_t left = page.len > 0 ? slice_from(page, start->page_at) : page;
    record_t record;
    while (left.len > 0 && client->outlet->verbs->queued(client->outlet) < FEED_QUEUE_MAX) {
        err_t err = record_read(&left, &record);
        assert(err == ERR_OK); /* looked at when it came */
        s_show(client, &record);
    }
    start->page_at = start->page.len - left.len;
    if (left.len == 0) {
        s_turn_page(client);
        return;
    }
    start->paused = true;
    TAILQ_INSERT_TAIL(&client->clients->reading, client, in_queue);
}

static bool s_well_formed(slice_t records)
{
    record_t record;
    while (records.len > 0)
        if (record_read(&records, &record) != ERR_OK)
            return false;
    return true;
}

static void s_on_page(void *ctx, uint64_t tag, const reply_t *reply)
{
    client_t *client = ctx;
    const bus_page_t *page;
    if (!s_answered(client, tag))
        return;
    err_t err = s_page(client, reply, &page);
    if (err == ERR_OK && !s_well_formed(page->records))
        err = ERR_CORRUPT;
    if (err != ERR_OK) {
        s_give_up(client, "reading what was missed", err);
        return;
    }
    start_t *start = client->start;
    if (start->moved) {
        s_look(client);
        return;
    }
    buf_append(&start->page, page->records);
    start->page_at = 0;
    start->paused = false;
    start->complete = page->complete;
    start->next = page->next;
    start_read_on(client);
}

/* ---- memberships since then ---- */

/* Only the first change of a room tells how it was before. */
static void s_note_moves(client_t *client, slice_t records)
{
    map_t *rooms = client->start->rooms;
    record_t record;
    while (records.len > 0 && record_read(&records, &record) == ERR_OK) {
        bool came = record.type == EVENT_room_joined;
        bool moved = came || record.type == EVENT_room_left;
        if (moved && map_get(rooms, record.room) == NULL)
            map_put(rooms, record.room, came ? &s_first_came : &s_first_left);
    }
}

static void s_on_look(void *ctx, uint64_t tag, const reply_t *reply)
{
    client_t *client = ctx;
    const bus_page_t *page;
    if (!s_answered(client, tag))
        return;
    start_t *start = client->start;
    err_t err = s_page(client, reply, &page);
    if (err == ERR_TOO_OLD)
        start->first = answer_first(reply);
    bool ahead = err == ERR_OK && start->next > reply->as_of + 1; /* no answer has no `as_of` */
    if (!start->told && (err == ERR_TOO_OLD || ahead)) {
        s_begin_anew(client);
    } else if (err != ERR_OK) {
        s_give_up(client, "looking back", err);
    } else if (start->moved) {
        s_look(client);
    } else if (!page->complete) {
        s_note_moves(client, page->records);
        s_read(client, page->next, false, s_on_look);
    } else {
        s_note_moves(client, page->records);
        if (!start->told && !s_welcome(client, true))
            return;
        client->state = CLIENT_READING;
        s_read(client, start->next, true, s_on_page);
    }
}

static void s_look(client_t *client)
{
    start_t *start = client->start;
    client->state = CLIENT_LOOKING;
    start->moved = false;
    map_destroy(&start->rooms);
    start->rooms = map_new();
    s_read(client, start->next, false, s_on_look);
}

/* ---- places ---- */

/* Until all that the connection's places are sent arrives here. */
static void s_await(client_t *client)
{
    client->round = hall_round(client->edge->hall, &client->guest);
    if (client->round != 0)
        TAILQ_INSERT_TAIL(&client->clients->tuning, client, in_queue);
    else
        start_tuned(client);
}

static void s_ask_rooms(client_t *client);

/* NULL where there is nobody, as nearly always. */
static void s_remember(map_t **set, ids_t ids)
{
    map_destroy(set);
    if (ids.count > 0)
        *set = map_new();
    for (size_t i = 0; i < ids.count; i++)
        map_put(*set, ids.items[i], &s_is);
}

static void s_keep_apart(start_t *start, const room_ids_t *ids)
{
    s_remember(&start->shut, ids->shut);
    s_remember(&start->apart, ids->apart);
    start->resume = start->resume && (start->told || !ids->many);
}

static void s_on_rooms(void *ctx, uint64_t tag, const reply_t *reply)
{
    client_t *client = ctx;
    edge_t *edge = client->edge;
    if (!s_answered(client, tag))
        return;
    arena_reset(edge->arena);
    answer_t answer = answer_read(reply, client->who, edge->mint, edge->arena);
    if (answer.status != ERR_OK) {
        s_give_up(client, "asking for its rooms", answer.status);
        return;
    }
    if (client->start->moved) {
        s_ask_rooms(client);
        return;
    }
    const room_ids_t *ids = answer.object;
    uint64_t now_us = loop_now_us(edge->loop);
    for (size_t i = 0; i < ids->rooms.count; i++)
        hall_enter(edge->hall, &client->guest, PLACE_ROOM, ids->rooms.items[i], now_us);
    s_keep_apart(client->start, ids);
    client->state = CLIENT_ENTERING;
    s_await(client);
}

static void s_ask_rooms(client_t *client)
{
    client->state = CLIENT_ASKING;
    client->start->moved = false;
    err_t err = client_ask(client, CALL_room_ids, &(room_ids_call_t){}, client->turn, s_on_rooms);
    if (err != ERR_OK)
        s_give_up(client, "asking for its rooms", err);
}

void start_tuned(client_t *client)
{
    if (client->state == CLIENT_TUNING && client->dialect->hears == HEARS_ALL)
        s_ask_rooms(client);
    else if (client->start->resume)
        s_look(client);
    else
        s_begin_anew(client);
}

void start_as_nobody(client_t *client)
{
    standing_t standing = {.note = client->note};
    client->state = CLIENT_LIVE;
    client_welcome(client, &standing);
}

void start_opened(client_t *client)
{
    client->state = CLIENT_TUNING;
    s_await(client);
}

/* It has asked for nothing else yet, and is welcome already. */
void start_room(client_t *client)
{
    assert(client->dialect->hears == HEARS_PICKED);
    assert(client->state == CLIENT_LIVE || client->state == CLIENT_TUNING);
    start_end(client);
    client->state = CLIENT_LIVE;
    start_again(client, client->since);
    client->since = 0;
}

void start_again(client_t *client, uint64_t next)
{
    assert(client->state == CLIENT_LIVE);
    start_begin(client, &(greeting_t){.resume = true, .since = next - 1});
    client->start->told = true;
    client->state = CLIENT_ENTERING;
    past_live(client, false);
    s_await(client);
}
