/* session_fuzz.c - the sessions of several connections, among each other, from the handshake on:
 * what they say, what happens in their rooms, how calls and news overtake one another, sessions
 * that end, slow readers, and a broker that goes away.
 *
 * The input is steps, a line each: a letter, digits that choose, perhaps a text.
 *
 *   c A D S  somebody with account A comes, in dialect D, and resumes after sequence S
 *   h C      connection C hangs up          f C text  it says so      p C R  it posts in room R
 *   j A R    account A joins a room         l A R     leaves          s A R  says something
 *   o A      its session ends               z C       C reads slowly, or no longer does
 *   b N, e N the broker, the edge, takes N of what waits
 *   w        what is deserted is let go     d         the broker goes, or is back
 *   k        the journal's beginning is cut
 *
 * Promised to each connection of the native dialect that has its welcome: what its account has
 * to see comes once, in order, and nothing else; nothing comes after its end, or that of its
 * session; each call is answered once.  What the other dialects say is well-formed, and says
 * nothing after the end either. */
#include <assert.h>

#include "actors/crypto.h"
#include "actors/log.h"
#include "schema/pack.h"
#include "schema/transcribe.h"
#include "tests/fuzz/small_edge.h"
#include "ws-edge/socket_queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CALLERS = 6, POSTS_MAX = 64, OWN_IDS = 1000, SWEEP_US = 6 * 1000 * 1000 };

/* One connection. */
typedef struct caller {
    outlet_t outlet;
    client_t *client; /* NULL: there is none */
    const dialect_t *dialect;
    uint64_t account;
    bool native;
    bool resumes;
    bool slow;
    bool closed;
    bool welcome;
    uint64_t since; /* it resumes after this sequence */
    uint64_t seen;  /* it was shown all that it had to be up to here */
    uint32_t posts;
    bool answered[POSTS_MAX];
} caller_t;

typedef struct run {
    small_edge_t *edge;
    caller_t callers[CALLERS];
    uint64_t session[BROKER_ACCOUNTS + 1]; /* that is good */
} run_t;

static run_t *s_run;

static const dialect_id_t s_dialects[] = {
    DIALECT_native,  DIALECT_native_msgpack,   DIALECT_native_events,
    DIALECT_chatapi, DIALECT_chatbackend_line,
};

/* ---- what they are shown ---- */

static caller_t *s_of(const outlet_t *outlet)
{
    return (caller_t *)((uintptr_t)outlet - offsetof(caller_t, outlet));
}

static void s_see_welcome(caller_t *caller, const json_node_t *frame)
{
    uint64_t as_of;
    bool resumed;
    bool whole = json_u64(json_member(frame, "as_of"), &as_of) &&
                 json_bool(json_member(json_member(frame, "body"), "resumed"), &resumed);
    assert(whole && !caller->welcome);
    assert(!resumed || (caller->resumes && as_of == caller->since));
    caller->welcome = true;
    caller->seen = as_of;
}

static void s_see_answer(caller_t *caller, uint64_t id)
{
    if (id >= POSTS_MAX)
        return; /* to what the input had it say */
    assert(id < caller->posts && !caller->answered[id]);
    caller->answered[id] = true;
}

/* Nothing before it was owed and did not come. */
static void s_see_event(caller_t *caller, uint64_t seq)
{
    const small_broker_t *broker = s_run->edge->broker;
    assert(caller->welcome && seq > caller->seen && seq <= broker->head);
    assert(broker->deeds[seq].witnesses & 1u << caller->account);
    while (++caller->seen < seq)
        assert(!small_broker_owes(broker, caller->seen, caller->account));
}

static void s_see(caller_t *caller, const json_node_t *frame)
{
    uint64_t number;
    slice_t type;
    bool typed = json_text(json_member(frame, "type"), &type);
    assert(typed);
    if (slice_is(type, "welcome"))
        s_see_welcome(caller, frame);
    else if (json_u64(json_member(frame, "id"), &number))
        s_see_answer(caller, number);
    else if (json_u64(json_member(frame, "seq"), &number))
        s_see_event(caller, number);
}

/* The frame as JSON, whatever it was; a line and an event end with a line feed. */
static slice_t s_json(const caller_t *caller, const body_t *frame, buf_t *out)
{
    slice_t bytes = body_slice(frame);
    if (caller->dialect->framing == FRAMING_TEXT)
        return frame_payload(bytes);
    if (caller->dialect->framing == FRAMING_BINARY) {
        slice_t in = frame_payload(bytes);
        err_t err = transcribe(out, &in, NULL);
        assert(err == ERR_OK && in.len == 0);
        return buf_slice(out);
    }
    if (caller->dialect->framing == FRAMING_STREAM) {
        const uint8_t *data = memmem(bytes.ptr, bytes.len, "\ndata: ", 7);
        assert(data != NULL);
        bytes = slice_from(bytes, (size_t)(data - bytes.ptr) + 7);
    }
    while (bytes.len > 0 && bytes.ptr[bytes.len - 1] == '\n')
        bytes.len--;
    return bytes;
}

static void s_send(outlet_t *outlet, body_t *frame)
{
    caller_t *caller = s_of(outlet);
    const json_node_t *json = NULL;
    buf_t text = {0};
    assert(!caller->closed);
    err_t err = json_parse(s_json(caller, frame, &text), &json);
    assert(err == ERR_OK);
    if (caller->native)
        s_see(caller, json);
    json_free(&json);
    buf_free(&text);
}

static void s_close(outlet_t *outlet, int code, const char *reason)
{
    caller_t *caller = s_of(outlet);
    assert(!caller->closed && code >= 1000 && code < 5000);
    assert(reason == NULL || strlen(reason) <= 123);
    caller->closed = true;
}

static size_t s_queued(const outlet_t *outlet)
{
    return s_of(outlet)->slow ? SIZE_MAX : 0;
}

static uint64_t s_waits_us(const outlet_t *outlet)
{
    (void)outlet;
    return 0;
}

static const outlet_verbs_t s_outlet = {
    .send = s_send, .close = s_close, .queued = s_queued, .waits_us = s_waits_us};

/* ---- steps ---- */

/* The next digit of the line, from 0 to `count` - 1. */
static uint64_t s_digit(slice_t *line, uint64_t count)
{
    if (line->len == 0)
        return 0;
    uint64_t digit = (uint8_t)(line->ptr[0] - '0');
    *line = slice_from(*line, 1);
    return digit % count;
}

static uint64_t s_account(slice_t *line)
{
    return 1 + s_digit(line, BROKER_ACCOUNTS);
}

static uint64_t s_room(slice_t *line)
{
    return 1 + s_digit(line, BROKER_ROOMS);
}

static void s_hang_up(caller_t *caller)
{
    if (caller->client == NULL)
        return;
    client_gone(caller->client, 1006);
    *caller = (caller_t){0};
}

static void s_come(run_t *run, caller_t *caller, slice_t line)
{
    uint64_t account = s_account(&line);
    dialect_id_t dialect = s_dialects[s_digit(&line, COUNT_OF(s_dialects))];
    bearer_t bearer = {
        .who = {.account = account, .session = run->session[account], .expires = INT64_MAX}};
    greeting_t greeting = {.resume = line.len > 0, .since = s_digit(&line, BROKER_DEEDS_MAX)};
    bool stranger = dialects[dialect]->anonymous;
    if (run->edge->away || !gate_passes(run->edge->edge.gate, account, bearer.who.session))
        return;
    *caller = (caller_t){
        .outlet = {&s_outlet},
        .dialect = dialects[dialect],
        .account = account,
        .native = dialect == DIALECT_native || dialect == DIALECT_native_msgpack ||
                  dialect == DIALECT_native_events,
        .resumes = greeting.resume,
        .since = greeting.since,
    };
    caller->client = client_new(run->edge->edge.clients, dialect, stranger ? NULL : &bearer,
                                stranger ? &(greeting_t){.from_now = true} : &greeting, 1);
    client_open(caller->client, &caller->outlet);
}

static void s_say(caller_t *caller, slice_t text)
{
    bool is_text = caller->dialect->framing == FRAMING_TEXT;
    if (caller->dialect->frame != NULL)
        client_say(caller->client, is_text, text);
}

/* Its own frames have ids of their own, so that answers to them are known. */
static void s_say_input(caller_t *caller, slice_t text)
{
    const json_node_t *frame;
    uint64_t id = 0;
    if (caller->native && json_parse(text, &frame) == ERR_OK) {
        (void)!json_u64(json_member(frame, "id"), &id);
        json_free(&frame);
        if (id < OWN_IDS)
            return;
    } else if (caller->dialect->framing == FRAMING_BINARY) {
        return;
    }
    s_say(caller, text);
}

static void s_say_post(caller_t *caller, uint64_t room)
{
    buf_t frame = {0};
    if (!caller->native || caller->dialect->frame == NULL || caller->posts == POSTS_MAX)
        return;
    if (caller->dialect->framing == FRAMING_TEXT) {
        buf_printf(&frame,
                   "{\"id\":%u,\"type\":\"room.post\",\"body\":{\"room\":%u,\"text\":\"x\"}}",
                   caller->posts, (unsigned)room);
    } else {
        pack_map(&frame, 3);
        pack_str(&frame, SLICE_LIT("id"));
        pack_u64(&frame, caller->posts);
        pack_str(&frame, SLICE_LIT("type"));
        pack_str(&frame, SLICE_LIT("room.post"));
        pack_str(&frame, SLICE_LIT("body"));
        codec_pack(&frame, shape_room_post_call(),
                   &(room_post_call_t){.room = room, .text = SLICE_LIT("x")});
    }
    caller->posts++;
    s_say(caller, buf_slice(&frame));
    buf_free(&frame);
}

/* A step of one connection. */
static void s_step_of(run_t *run, uint8_t kind, slice_t line)
{
    caller_t *caller = &run->callers[s_digit(&line, CALLERS)];
    if (kind == 'c' && caller->client == NULL)
        s_come(run, caller, line);
    if (caller->client == NULL)
        return;
    if (kind == 'h')
        s_hang_up(caller);
    else if (kind == 'f' && !caller->closed)
        s_say_input(caller, line);
    else if (kind == 'p' && !caller->closed)
        s_say_post(caller, s_room(&line));
    else if (kind == 'z')
        caller->slow = !caller->slow;
}

/* A step in a room. */
static void s_step_in(run_t *run, uint8_t kind, slice_t line)
{
    small_broker_t *broker = run->edge->broker;
    uint64_t account = s_account(&line), room = s_room(&line);
    if (kind == 'j')
        small_broker_join(broker, room, account);
    else if (kind == 'l')
        small_broker_leave(broker, room, account);
    else
        small_broker_post(broker, room, account);
}

static void s_take(run_t *run, bool edge, uint64_t count)
{
    while (count-- > 0)
        if (!(edge ? small_edge_take : small_edge_ask)(run->edge))
            break;
}

static void s_end_session(run_t *run, uint64_t account)
{
    small_broker_end(run->edge->broker, account, run->session[account]);
    run->session[account] += BROKER_ACCOUNTS;
}

static void s_cut(small_broker_t *broker)
{
    if (broker->head > broker->first)
        broker->first++;
}

static void s_step(run_t *run, uint8_t kind, slice_t line)
{
    if (strchr("chfpz", kind) != NULL)
        s_step_of(run, kind, line);
    else if (strchr("jls", kind) != NULL)
        s_step_in(run, kind, line);
    else if (kind == 'o')
        s_end_session(run, s_account(&line));
    else if (kind == 'b' || kind == 'e')
        s_take(run, kind == 'e', 1 + s_digit(&line, 10));
    else if (kind == 'w')
        small_edge_sweep(run->edge, SWEEP_US);
    else if (kind == 'd')
        small_edge_switch(run->edge);
    else if (kind == 'k')
        s_cut(run->edge->broker);
    small_edge_turn(run->edge);
}

/* ---- what holds ---- */

/* Whoever's session has ended, as far as the edge knows, is closed or nobody. */
static void s_check_ends(const run_t *run)
{
    for (size_t i = 0; i < CALLERS; i++) {
        const client_t *client = run->callers[i].client;
        if (client == NULL || client->who.account == 0)
            continue;
        bool passes = gate_passes(run->edge->edge.gate, client->who.account, client->who.session);
        assert(passes || client->state == CLIENT_CLOSING);
    }
}

/* All that waits anywhere comes to its end. */
static void s_settle(run_t *run)
{
    bool more = true;
    for (size_t i = 0; i < CALLERS; i++)
        run->callers[i].slow = false;
    while (more) {
        small_edge_turn(run->edge);
        more = small_edge_ask(run->edge) || small_edge_take(run->edge);
    }
}

/* Nothing is missing once all has come. */
static void s_check_whole(run_t *run, const caller_t *caller)
{
    if (caller->client == NULL || caller->closed)
        return;
    assert(caller->client->state == CLIENT_LIVE && caller->client->waiting == 0);
    if (!caller->native)
        return;
    assert(caller->welcome);
    for (uint32_t i = 0; i < caller->posts; i++)
        assert(caller->answered[i]);
    for (uint64_t seq = caller->seen + 1; seq <= run->edge->broker->head; seq++)
        assert(!small_broker_owes(run->edge->broker, seq, caller->account));
}

/* Nobody is online who has no connection. */
static void s_check_presence(const run_t *run)
{
    for (size_t account = 1; account <= BROKER_ACCOUNTS; account++)
        assert(!run->edge->online[account]);
}

static void s_end(run_t *run)
{
    if (!run->edge->away)
        s_settle(run);
    for (size_t i = 0; i < CALLERS; i++)
        s_check_whole(run, &run->callers[i]);
    for (size_t i = 0; i < CALLERS; i++)
        s_hang_up(&run->callers[i]);
    s_check_presence(run);
    small_edge_free(&run->edge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t rest = slice_new(data, size);
    run_t run = {0};
    err_t err = crypto_start();
    assert(err == ERR_OK);
    log_set_level(LOG_LEVEL_ERROR);
    s_run = &run;
    run.edge = small_edge_new();
    for (uint64_t account = 1; account <= BROKER_ACCOUNTS; account++)
        run.session[account] = account;
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
        if (len > 0)
            s_step(&run, rest.ptr[0], slice_new(rest.ptr + 1, len - 1));
        s_check_ends(&run);
        rest = slice_from(rest, len < rest.len ? len + 1 : len);
    }
    s_end(&run);
    return 0;
}
