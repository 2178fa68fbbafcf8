#include "tests/unit/ws-edge/talker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ws-edge/fill.h"
#include "ws-edge/param.h"
#include "ws-edge/pusher_hub.h"

static void s_write_args(buf_t *out, const call_type_t *type, const void *args)
{
    buf_reset(out);
    codec_put_json(out, type->shape(), args);
    buf_append_byte(out, '\0');
}

/* ---- WebSocket ---- */

static void s_call(talk_t *talk, const call_type_t *type, const void *args, uint64_t tag)
{
    talker_t *talker = talk->ctx;
    fault_t fault;
    assert_int_equal(codec_check(type->shape(), args, &fault), ERR_OK);
    talker->type = type;
    talker->tag = tag;
    talker->calls++;
    s_write_args(&talker->args, type, args);
}

static void s_send(talk_t *talk)
{
    talker_t *talker = talk->ctx;
    buf_reset(&talker->said);
    buf_append(&talker->said, buf_slice(talk->out));
    buf_append_byte(&talker->said, '\0');
    buf_reset(talk->out);
    talker->frames++;
}

static void s_close(talk_t *talk, int code, const char *reason)
{
    talker_t *talker = talk->ctx;
    assert_non_null(reason);
    assert_true(strlen(reason) <= 123); /* RFC 6455, section 5.5 */
    talker->code = code;
}

static void s_bind(talk_t *talk, slice_t credential, uint64_t tag)
{
    talker_t *talker = talk->ctx;
    buf_reset(&talker->credential);
    buf_append(&talker->credential, credential);
    buf_append_byte(&talker->credential, '\0');
    talker->tag = tag;
    talker->binds++;
}

static void s_hear(talk_t *talk, uint64_t room, uint64_t tag)
{
    talker_t *talker = talk->ctx;
    assert_int_equal(talker->dialect->hears, HEARS_PICKED);
    talker->room = room;
    talker->tag = tag;
    talker->hears++;
}

static void s_leave(talk_t *talk, uint64_t room)
{
    talker_t *talker = talk->ctx;
    talker->left = room;
}

static const verbs_t s_verbs = {
    .call = s_call,
    .send = s_send,
    .close = s_close,
    .bind = s_bind,
    .hear = s_hear,
    .leave = s_leave,
};

talker_t *talker_new(const dialect_t *dialect)
{
    talker_t *talker = mem_new(talker_t);
    talker->dialect = dialect;
    talker->arena = arena_new();
    talker->talk = (talk_t){
        .verbs = &s_verbs,
        .ctx = talker,
        .who = {.account = 7, .session = 70},
        .state = dialect->state_size > 0 ? mem_zeroed(dialect->state_size) : NULL,
        .arena = talker->arena,
        .out = &talker->out,
    };
    return talker;
}

void talker_destroy(talker_t **talker_p)
{
    talker_t *talker = *talker_p;
    arena_destroy(&talker->arena);
    buf_free(&talker->out);
    buf_free(&talker->said);
    buf_free(&talker->args);
    buf_free(&talker->credential);
    if (talker->dialect->state_free != NULL)
        talker->dialect->state_free(talker->talk.state);
    mem_free(talker->talk.state);
    mem_free(talker);
    *talker_p = NULL;
}

void talker_hears(talker_t *talker, const char *frame)
{
    talker->dialect->frame(&talker->talk, true, slice_of(frame));
}

void talker_is_told(talker_t *talker, const char *packet)
{
    sio_packet_t read;
    const json_node_t *args;
    assert_int_equal(sio_read(slice_of(packet), &read), ERR_OK);
    assert_int_equal(sio_data_read(EIO_4, &read, &args), ERR_OK);
    utterance_t utterance = {
        .version = EIO_4,
        .name = SLICE_LIT(""),
        .args = args,
        .has_id = read.has_id,
        .id = read.id,
    };
    (void)json_text(json_item(args, 0), &utterance.name);
    talker->dialect->utter(&talker->talk, &utterance);
    json_free(&args);
}

void talker_expects_call(const talker_t *talker, const char *name, const char *args, uint64_t tag)
{
    assert_non_null(talker->type);
    assert_string_equal(talker->type->name, name);
    assert_string_equal((const char *)talker->args.data, args);
    assert_int_equal(talker->tag, tag);
}

void talker_expects_frame(const talker_t *talker, const char *frame)
{
    assert_true(talker->frames > 0);
    assert_string_equal((const char *)talker->said.data, frame);
}

/* ---- HTTP ---- */

static const route_t *s_route(const dialect_t *dialect, caller_t *caller)
{
    for (size_t i = 0; i < dialect->route_count; i++)
        if (dialect->routes[i].method == caller->request.method &&
            route_matches(&dialect->routes[i], caller->request.path, caller->params))
            return &dialect->routes[i];
    fail_msg("no route for %.*s", SLICE_ARG(caller->request.path));
    return NULL;
}

static void s_read_request(caller_t *caller, const dialect_t *dialect, const char *head,
                           const char *body)
{
    slice_t text = arena_printf(caller->arena, "%s\r\nHost: here\r\n\r\n", head);
    caller->path = arena_alloc(caller->arena, text.len);
    assert_int_equal(request_parse(text, caller->path, &caller->request), ERR_OK);
    caller->request.body = slice_of(body);
    if (dialect->forms && param_is_form(&caller->request))
        caller->visit.form = caller->request.body;
    else if (body != NULL)
        assert_int_equal(json_parse(caller->request.body, &caller->json), ERR_OK);
}

static caller_t *s_caller_new(const dialect_t *dialect, who_t who, pusher_hub_t *hub,
                              const char *head, const char *body)
{
    caller_t *caller = mem_new(caller_t);
    caller->arena = arena_new();
    s_read_request(caller, dialect, head, body);
    const route_t *route = s_route(dialect, caller);
    caller->visit = (visit_t){
        .route = route,
        .request = &caller->request,
        .params = caller->params,
        .json = caller->json,
        .form = caller->visit.form,
        .who = who,
        .hub = hub,
        .arena = caller->arena,
        .sets_cookies = true,
        .mask = SLICE_LIT("thirty-two bytes of a known mask"),
        .status = route->status != 0 ? route->status : 200,
        .headers = &caller->headers,
        .body = &caller->body,
    };
    caller->refusal.type = call_type(route->call);
    caller->err = route->ask != NULL ? route->ask(&caller->visit, &caller->refusal)
                                     : fill_call(&caller->visit, &caller->refusal);
    if (caller->err != ERR_OK) {
        caller->refusal.status = caller->err;
        dialect->refuse(&caller->visit, &caller->refusal);
    }
    return caller;
}

caller_t *caller_new(const dialect_t *dialect, const char *head, const char *body)
{
    return s_caller_new(dialect, (who_t){0}, NULL, head, body);
}

caller_t *caller_new_known(const dialect_t *dialect, const char *head, const char *body)
{
    return s_caller_new(dialect, (who_t){.account = 7, .session = 70}, NULL, head, body);
}

caller_t *caller_new_beside(const dialect_t *dialect, pusher_hub_t *hub, const char *head,
                            const char *body)
{
    return s_caller_new(dialect, (who_t){.account = 7, .session = 70}, hub, head, body);
}

void caller_destroy(caller_t **caller_p)
{
    caller_t *caller = *caller_p;
    json_free(&caller->json);
    arena_destroy(&caller->arena);
    buf_free(&caller->headers);
    buf_free(&caller->body);
    mem_free(caller);
    *caller_p = NULL;
}

/* The request is gone by then, and what was written before. */
static void s_begin_reply(caller_t *caller)
{
    caller->visit.request = NULL;
    caller->visit.call = 0;
    buf_reset(&caller->headers);
    buf_reset(&caller->body);
}

void caller_is_answered(caller_t *caller, const dialect_t *dialect, call_number_t call,
                        const void *object)
{
    answer_t answer = {.type = call_type((uint16_t)call), .as_of = 99, .object = object};
    if (answer.type->answer == shape_signed_in)
        answer.token = SLICE_LIT("the.new.token");
    s_begin_reply(caller);
    if (caller->visit.route->show != NULL)
        caller->visit.route->show(&caller->visit, &answer);
    else
        dialect->show(&caller->visit, &answer);
}

void caller_is_refused(caller_t *caller, const dialect_t *dialect, call_number_t call, err_t err,
                       const char *detail)
{
    answer_t answer = {
        .type = call_type((uint16_t)call),
        .status = err,
        .detail = slice_of(detail),
    };
    s_begin_reply(caller);
    dialect->refuse(&caller->visit, &answer);
}

void caller_expects_call(const caller_t *caller, call_number_t call, const char *args)
{
    buf_t text = {0};
    assert_int_equal(caller->err, ERR_OK);
    assert_int_equal(caller->visit.call, call);
    s_write_args(&text, call_type(caller->visit.call), caller->visit.args);
    assert_string_equal((const char *)text.data, args);
    buf_free(&text);
}

void caller_expects_body(const caller_t *caller, int status, const char *body)
{
    assert_int_equal(caller->visit.status, status);
    assert_int_equal(caller->body.len, strlen(body));
    assert_memory_equal(caller->body.data, body, strlen(body));
}
