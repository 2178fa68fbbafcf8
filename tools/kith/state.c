/* state.c - kith state: what a room, an account, an inbox was at a point of the past.
 *
 * The actors that know are put on stages of their own (cast.h), apply the journal up to that
 * point, and then answer their own queries.  So any query that a client can make can be asked
 * of any moment; the views are the usual ones.  Who was connected is in no record: of presence
 * the journal knows when somebody was last seen. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/codec.h"
#include "tools/kith/ask.h"
#include "tools/kith/cast.h"
#include "tools/kith/command.h"
#include "tools/kith/place.h"
#include "tools/kith/show.h"
#include "tools/kith/walk.h"

enum { QUERIES_MAX = 4, PARTS_MAX = 8 };

/* A query of a view: about the one that is named, or as they would ask it. */
typedef struct query {
    call_number_t call;
    const char *field; /* of the body, that gets the number; NULL: asked as that account */
    bool listed;       /* the field is a list */
} query_t;

typedef struct view {
    const char *name;
    bool of_account; /* the number may be a login instead */
    query_t queries[QUERIES_MAX];
    size_t count;
} view_t;

static const view_t s_views[] = {
    {"room",
     false,
     {{CALL_room_get, "room"}, {CALL_room_members, "room"}, {CALL_room_history, "room"}},
     3},
    {"account", true, {{CALL_account_get, "account"}, {CALL_session_list}, {CALL_room_list}}, 3},
    {"presence", true, {{CALL_presence_get, "accounts", .listed = true}}, 1},
    {"profile", true, {{CALL_profile_get, "account"}}, 1},
    {"matches", true, {{CALL_people_matches}, {CALL_people_likes}, {CALL_people_blocks}}, 3},
    {"inbox", true, {{CALL_notification_list}, {CALL_notification_unread}}, 2},
};

typedef struct state {
    const options_t *options;
    const view_t *view;      /* NULL: one query, as the operands have it */
    const call_type_t *call; /* that one */
    uint64_t until_seq;      /* the last record that counts */
    int64_t until_time;      /* or: those before the first that is later than this */
    cast_t *cast;
    cast_part_t parts[PARTS_MAX];
    size_t part_count;
    uint64_t at; /* the last record that was applied, and when it was */
    int64_t time;
    bool damaged;
    arena_t *arena;
} state_t;

/* ---- understanding ---- */

static const view_t *s_find_view(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(s_views); i++)
        if (strcmp(s_views[i].name, name) == 0)
            return &s_views[i];
    return NULL;
}

static const actor_row_t *s_actor(owner_t owner)
{
    size_t i = 0;
    while (cast_rows[i] != NULL && cast_rows[i]->owner != owner)
        i++;
    return cast_rows[i];
}

/* The place of an actor among the parts; it is one from here on. */
static size_t s_part(state_t *state, owner_t owner)
{
    const actor_row_t *row = s_actor(owner);
    size_t place = 0;
    assert(row != NULL);
    while (place < state->part_count && state->parts[place].row != row)
        place++;
    if (place == state->part_count) {
        assert(place < PARTS_MAX);
        state->parts[state->part_count++] = (cast_part_t){.row = row};
    }
    return place;
}

static void s_choose_parts(state_t *state)
{
    if (state->view == NULL) {
        s_part(state, state->call->owner);
        return;
    }
    if (state->view->of_account)
        s_part(state, owner_SESSION); /* who knows logins */
    for (size_t i = 0; i < state->view->count; i++)
        s_part(state, call_type((uint16_t)state->view->queries[i].call)->owner);
}

static bool s_understand_what(state_t *state)
{
    const char *what = state->options->operands[0];
    state->view = s_find_view(what);
    state->call = call_type_named(slice_of(what));
    bool query = state->call != NULL && state->call->query && s_actor(state->call->owner) != NULL;
    if (state->view == NULL && !query) {
        fprintf(stderr,
                "kith: `%s` is neither a view nor an actor's query; see kith state --help\n", what);
        return false;
    }
    if (state->view != NULL && state->options->operand_count < 2) {
        fprintf(stderr, "kith: say which: kith state %s %s\n", what,
                state->view->of_account ? "LOGIN, or its number" : "NUMBER");
        return false;
    }
    return true;
}

static bool s_understand_point(state_t *state)
{
    char *end = NULL;
    const char *at = state->options->at;
    state->until_seq = UINT64_MAX;
    state->until_time = INT64_MAX;
    if (at == NULL)
        return true;
    state->until_seq = strtoull(at, &end, 10);
    if (end != at && *end == '\0')
        return true;
    state->until_seq = UINT64_MAX;
    return show_read_time(at, &state->until_time);
}

/* ---- applying ---- */

static bool s_record(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    state_t *state = ctx;
    (void)hash;
    if (record->seq > state->until_seq || record->time > state->until_time)
        return false;
    cast_take(state->cast, record);
    state->at = record->seq;
    state->time = record->time;
    return !state->damaged;
}

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    state_t *state = ctx;
    if (flaw->damage)
        walk_print_flaw(flaw, "kith: ", stderr);
    state->damaged = state->damaged || flaw->damage;
}

static bool s_apply(state_t *state)
{
    walk_t walk = {.options = state->options, .eyes = {state, s_record, s_flaw}};
    bool read = walk_run(&walk);
    err_t err = cast_rest(state->cast);
    if (err != ERR_OK)
        place_complain("the temporary projections", err);
    if (state->damaged)
        fprintf(stderr, "kith: the journal is damaged; see kith journal verify\n");
    return read && err == ERR_OK && !state->damaged;
}

/* ---- asking ---- */

static bool s_read_reply(state_t *state, stage_t *stage, const call_type_t *type,
                         const void **ret_answer)
{
    reply_t reply;
    fault_t fault;
    slice_t in = buf_slice(stage_out(stage));
    err_t err = reply_read(&in, &reply);
    if (err == ERR_OK)
        err = reply.status;
    if (err == ERR_OK)
        err = codec_unpack(arena_copy(state->arena, reply.body), type->answer(), state->arena,
                           &fault, ret_answer);
    buf_reset(stage_out(stage));
    if (err != ERR_OK)
        fprintf(stderr, "kith: %s: %s\n", type->name, err_info(err)->sentence);
    return err == ERR_OK;
}

static void s_call(stage_t *stage, const call_type_t *type, const call_t *header, const void *body)
{
    buf_t bytes = {0};
    call_t call;
    call_begin(&bytes, header);
    codec_pack(&bytes, type->shape(), body);
    slice_t in = buf_slice(&bytes);
    err_t err = call_read(&in, &call);
    assert(err == ERR_OK);
    stage_call(stage, &call);
    buf_free(&bytes);
}

/* Make a query at the moment that was reached; its body is a JSON object.  False after a
 * sentence. */
static bool s_ask(state_t *state, const call_type_t *type, uint64_t principal, slice_t text,
                  const void **ret_answer)
{
    stage_t *stage = cast_stage(state->cast, s_part(state, type->owner));
    const call_t header = {
        .type = type->number, .corr = 1, .principal = principal, .time = state->time};
    const json_node_t *root = NULL;
    fault_t fault = {0};
    void *body = NULL;
    err_t err = json_parse(text, &root);
    if (err == ERR_OK)
        err = codec_from_json(root, type->shape(), UNKNOWN_REFUSED, state->arena, &fault, &body);
    if (err == ERR_OK)
        s_call(stage, type, &header, body);
    else
        fprintf(stderr, "kith: %s does not take `%.*s` %.*s\n", type->name, SLICE_ARG(text),
                SLICE_ARG(fault_text(&fault, state->arena)));
    json_free(&root);
    return err == ERR_OK && s_read_reply(state, stage, type, ret_answer);
}

static void s_tell(const state_t *state, const call_type_t *type, const void *answer)
{
    buf_t out = {0};
    if (state->options->json) {
        buf_printf(&out, "{\"at\":%" PRIu64 ",\"time\":%" PRId64 ",\"query\":\"%s\",\"answer\":",
                   state->at, state->time, type->name);
        codec_put_json(&out, type->answer(), answer);
        buf_append_text(&out, "}\n");
    } else {
        buf_printf(&out, "%s\n", type->name);
        show_object(&out, type->answer(), answer);
    }
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

/* The number of what is named; 0 after a sentence. */
static uint64_t s_named(state_t *state)
{
    const char *name = state->options->operands[1];
    const char *digits = name[0] == '#' ? name + 1 : name;
    const void *account;
    char *end = NULL;
    buf_t body = {0};
    uint64_t number = strtoull(digits, &end, 10);
    if (*digits >= '0' && *digits <= '9' && *end == '\0' &&
        (!state->view->of_account || *name == '#'))
        return number;
    if (!state->view->of_account) {
        fprintf(stderr, "kith: `%s` is no number\n", name);
        return 0;
    }
    buf_append_text(&body, "{\"login\":");
    json_put_text(&body, slice_of(name));
    buf_append_byte(&body, '}');
    bool found = s_ask(state, call_type(CALL_account_find), 0, buf_slice(&body), &account);
    buf_free(&body);
    return found ? ((const account_t *)account)->id : 0;
}

static bool s_show_query(state_t *state, const query_t *query, uint64_t number)
{
    const call_type_t *type = call_type((uint16_t)query->call);
    const void *answer;
    slice_t body = SLICE_LIT("{}");
    if (query->field != NULL)
        body = arena_printf(state->arena,
                            query->listed ? "{\"%s\":[%" PRIu64 "]}" : "{\"%s\":%" PRIu64 "}",
                            query->field, number);
    bool good = s_ask(state, type, query->field == NULL ? number : 0, body, &answer);
    if (good)
        s_tell(state, type, answer);
    return good;
}

static bool s_show_view(state_t *state)
{
    uint64_t number = s_named(state);
    bool good = number > 0;
    for (size_t i = 0; i < state->view->count && good; i++)
        good = s_show_query(state, &state->view->queries[i], number);
    return good;
}

static bool s_show_call(state_t *state)
{
    const options_t *options = state->options;
    const void *answer;
    slice_t body = slice_of(options->operand_count > 1 ? options->operands[1] : "{}");
    bool good = s_ask(state, state->call, options->as, body, &answer);
    if (good)
        s_tell(state, state->call, answer);
    return good;
}

/* ---- the whole ---- */

static void s_tell_point(const state_t *state)
{
    buf_t line = {0};
    buf_printf(&line, "after record %" PRIu64 ", of ", state->at);
    show_time(&line, state->time);
    printf("%.*s\n\n", SLICE_ARG(buf_slice(&line)));
    buf_free(&line);
}

static bool s_show(state_t *state)
{
    if (!s_apply(state))
        return false;
    if (state->at == 0) {
        fprintf(stderr, "kith: there is no record at or before that point\n");
        return false;
    }
    if (!state->options->json)
        s_tell_point(state);
    return state->view != NULL ? s_show_view(state) : s_show_call(state);
}

/* No part is to begin behind that point. */
static void s_limit_parts(state_t *state)
{
    for (size_t i = 0; i < state->part_count; i++) {
        state->parts[i].until = state->until_seq;
        state->parts[i].before = state->until_time;
    }
}

outcome_t state_run(const options_t *options)
{
    state_t state = {.options = options};
    if (!s_understand_what(&state) || !s_understand_point(&state))
        return OUTCOME_USAGE;
    s_choose_parts(&state);
    s_limit_parts(&state);
    state.arena = arena_new();
    err_t err = cast_open(options->data, state.parts, state.part_count, &state.cast);
    if (err != ERR_OK && err != ERR_TOO_OLD)
        place_complain("the temporary projections", err);
    bool good = err == ERR_OK && s_show(&state);
    cast_close(&state.cast);
    arena_destroy(&state.arena);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
