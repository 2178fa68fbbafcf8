/* trace.c - kith trace: the biography of a message, found by its id or by its client id.
 *
 * Two walks: one finds the records that posted such a message, as a client id is unique only
 * for its sender; the other makes their biographies.  Then the edges of the running server are
 * asked for what they remember, on the bus of its folder or on another. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "schema/codec.h"
#include "schema/mem.h"
#include "tools/kith/ask.h"
#include "tools/kith/biography.h"
#include "tools/kith/command.h"
#include "tools/kith/place.h"
#include "tools/kith/walk.h"

enum { FOUND_MAX = 16 };

typedef struct trace {
    slice_t client_id;
    uint64_t message; /* 0: what was said is no number */
    biography_t *found[FOUND_MAX];
    size_t count;
    uint64_t first; /* the first record of any of them */
    arena_t *arena;
    bool damaged;
} trace_t;

static bool s_fits(trace_t *trace, const record_t *record)
{
    const void *body;
    fault_t fault;
    if (record->type != EVENT_room_posted)
        return false;
    if (slice_eq(record->client_id, trace->client_id))
        return true;
    if (trace->message == 0)
        return false;
    arena_reset(trace->arena);
    return codec_unpack(record->body, shape_room_posted_event(), trace->arena, &fault, &body) ==
               ERR_OK &&
           ((const room_posted_event_t *)body)->message->id == trace->message;
}

static bool s_find(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    trace_t *trace = ctx;
    (void)hash;
    if (s_fits(trace, record)) {
        biography_t *biography = biography_new(record);
        if (biography != NULL)
            trace->found[trace->count++] = biography;
    }
    return trace->count < FOUND_MAX;
}

static bool s_follow(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    const trace_t *trace = ctx;
    (void)hash;
    for (size_t i = 0; i < trace->count; i++)
        biography_take(trace->found[i], record);
    return true;
}

/* Damage is told once, and what can be read is shown all the same. */
static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    trace_t *trace = ctx;
    if (flaw->damage && trace->count == 0)
        walk_print_flaw(flaw, "kith: ", stderr);
    trace->damaged = trace->damaged || flaw->damage;
}

static void s_print(const options_t *options, const trace_t *trace)
{
    buf_t out = {0};
    for (size_t i = 0; i < trace->count; i++) {
        if (options->json)
            biography_put_json(trace->found[i], &out);
        else
            biography_put(trace->found[i], &out);
    }
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

/* ---- the edges ---- */

static void s_on_told(void *ctx, const bus_told_event_t *told)
{
    if (told->trace != NULL)
        biography_see(ctx, told->edge, told->trace);
}

static void s_ask_edges(peer_t *peer, biography_t *biography, arena_t *arena)
{
    const message_t *message = biography_message(biography);
    ids_t members = biography_members(biography);
    edges_count_t count;
    bus_ask_call_t question = {
        .what = edge_question_TRACE,
        .message = message->id,
        .record = biography_record(biography)->seq,
        .room = message->room,
        .posted = message->time,
        .accounts = members,
    };
    if (question.accounts.count > LIMIT_BATCH_KEYS)
        question.accounts.count = LIMIT_BATCH_KEYS;
    if (edges_ask(peer, &question, arena, s_on_told, biography, &count) == ERR_OK)
        biography_asked(biography, count);
    else
        biography_unasked(biography, "the server did not take the question");
    mem_free((void *)(uintptr_t)members.items);
}

/* Why they cannot be asked; NULL, and a peer, if they can. */
static const char *s_meet(const options_t *options, peer_t **ret_peer)
{
    char endpoint[PATH_MAX];
    if (options->bus == NULL && place_server(options->data) == 0)
        return "not asked, since no server runs on these files";
    place_join(endpoint, options->data, "bus");
    if (options->bus == NULL && access(endpoint, F_OK) != 0)
        return "not asked, since the running server's bus is not in its folder; say --bus";
    ask_endpoint(options, endpoint, sizeof endpoint);
    if (peer_connect(endpoint, options->keys, ret_peer) != ERR_OK)
        return "not asked, since nobody answers on the bus";
    return NULL;
}

static void s_hear_edges(const options_t *options, trace_t *trace)
{
    peer_t *peer = NULL;
    const char *why = s_meet(options, &peer);
    arena_reset(trace->arena);
    for (size_t i = 0; i < trace->count; i++) {
        if (peer != NULL)
            s_ask_edges(peer, trace->found[i], trace->arena);
        else
            biography_unasked(trace->found[i], why);
    }
    peer_close(&peer);
}

static bool s_trace(const options_t *options, trace_t *trace)
{
    walk_t finding = {.options = options, .eyes = {trace, s_find, s_flaw}};
    walk_t following = {.options = options, .eyes = {trace, s_follow, s_flaw}};
    if (!walk_run(&finding))
        return false;
    if (trace->count == 0) {
        fprintf(stderr, "kith: no message has the id or client id `%s`\n", options->operands[0]);
        return false;
    }
    return walk_run(&following);
}

outcome_t trace_run(const options_t *options)
{
    char *end = NULL;
    const char *what = options->operands[0];
    trace_t trace = {.client_id = slice_of(what), .arena = arena_new()};
    uint64_t number = strtoull(what, &end, 10);
    if (what[0] >= '0' && what[0] <= '9' && *end == '\0')
        trace.message = number;
    bool good = s_trace(options, &trace);
    if (good) {
        s_hear_edges(options, &trace);
        s_print(options, &trace);
    }
    for (size_t i = 0; i < trace.count; i++)
        biography_destroy(&trace.found[i]);
    arena_destroy(&trace.arena);
    return good && !trace.damaged ? OUTCOME_GOOD : OUTCOME_BAD;
}
