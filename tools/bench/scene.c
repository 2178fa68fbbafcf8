#include "tools/bench/scene.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/mem.h"
#include "tools/bench/fail.h"
#include "tools/bench/http.h"
#include "tools/bench/json.h"

typedef struct target {
    char text[64];
} target_t;

static target_t s_room_target(uint64_t room, const char *rest)
{
    target_t target;
    snprintf(target.text, sizeof target.text, "/v1/rooms/%" PRIu64 "%s", room, rest);
    return target;
}

static void s_run(swarm_t *swarm, size_t count, http_request_fn *request, http_answer_fn *answer)
{
    http_run(&(http_batch_t){swarm, &swarm->plan.server, count, request, answer});
}

static void s_ignore(void *ctx, size_t number, slice_t body)
{
    (void)ctx, (void)number, (void)body;
}

/* ---- Accounts ---- */

static void s_account_request(void *ctx, size_t number, buf_t *out)
{
    const swarm_t *swarm = ctx;
    buf_t body = {0};
    buf_printf(&body, "{\"login\":\"bench-%08x-%zu\",\"password\":\"bench-password\"}",
               swarm->nonce, number);
    http_ask(out, "POST", "/v1/accounts", NULL, buf_slice(&body));
    buf_free(&body);
}

static void s_account_answer(void *ctx, size_t number, slice_t body)
{
    swarm_t *swarm = ctx;
    slice_t token = json_value(body, "\"token\"", '"');
    if (token.len == 0)
        fail("kith: an account without a token: %.*s", SLICE_ARG(body));
    swarm->clients[number].token = strndup((const char *)token.ptr, token.len);
}

void scene_sign_up(swarm_t *swarm)
{
    s_run(swarm, swarm->count, s_account_request, s_account_answer);
}

/* ---- Rooms ---- */

static const char *s_owner_token(swarm_t *swarm, size_t room)
{
    return swarm_client(swarm, (uint32_t)room, 0)->token;
}

static void s_ask_room(buf_t *out, const char *token)
{
    http_ask(out, "POST", "/v1/rooms", token, slice_of("{\"kind\":\"open\",\"name\":\"bench\"}"));
}

static void s_room_request(void *ctx, size_t number, buf_t *out)
{
    s_ask_room(out, s_owner_token(ctx, number));
}

/* The id of the first room that is spoken of; 0 for none. */
static uint64_t s_room_id(slice_t body)
{
    slice_t id = json_value(body, "\"id\"", ',');
    return id.len > 0 ? strtoull((const char *)id.ptr, NULL, 10) : 0; /* ends at the comma */
}

static void s_room_answer(void *ctx, size_t number, slice_t body)
{
    swarm_t *swarm = ctx;
    swarm->room_ids[number] = s_room_id(body);
    if (swarm->room_ids[number] == 0)
        fail("kith: a room without an id: %.*s", SLICE_ARG(body));
}

static client_t *s_joiner(swarm_t *swarm, size_t number)
{
    size_t others = swarm->plan.seats - 1;
    return swarm_client(swarm, (uint32_t)(number / others), (uint32_t)(number % others) + 1);
}

static void s_join_request(void *ctx, size_t number, buf_t *out)
{
    swarm_t *swarm = ctx;
    const client_t *client = s_joiner(swarm, number);
    target_t target = s_room_target(swarm->room_ids[client->room], "/members");
    http_ask(out, "POST", target.text, client->token, slice_of("{}"));
}

static uint64_t *s_room_ids(swarm_t *swarm)
{
    if (swarm->room_ids == NULL)
        swarm->room_ids = mem_zeroed(swarm->plan.rooms * sizeof *swarm->room_ids);
    return swarm->room_ids;
}

void scene_open_rooms(swarm_t *swarm)
{
    swarm->room_ids = s_room_ids(swarm);
    s_run(swarm, swarm->plan.rooms, s_room_request, s_room_answer);
    s_run(swarm, swarm->count - swarm->plan.rooms, s_join_request, s_ignore);
}

static void s_spare_request(void *ctx, size_t number, buf_t *out)
{
    const swarm_t *swarm = ctx;
    s_ask_room(out, swarm->clients[number % swarm->count].token);
}

void scene_open_spare_rooms(swarm_t *swarm, uint32_t count)
{
    s_run(swarm, count, s_spare_request, s_ignore);
}

/* ---- Their end ---- */

static void s_find_request(void *ctx, size_t number, buf_t *out)
{
    http_ask(out, "GET", "/v1/rooms", s_owner_token(ctx, number), slice_of(""));
}

static void s_find_answer(void *ctx, size_t number, slice_t body)
{
    swarm_t *swarm = ctx;
    swarm->room_ids[number] = s_room_id(body);
}

/* Of an owner without a room, to have one request each: his list, once more. */
static void s_delete_request(void *ctx, size_t number, buf_t *out)
{
    swarm_t *swarm = ctx;
    if (swarm->room_ids[number] == 0) {
        s_find_request(ctx, number, out);
        return;
    }
    target_t target = s_room_target(swarm->room_ids[number], "");
    http_ask(out, "DELETE", target.text, s_owner_token(swarm, number), slice_of(""));
}

void scene_close_rooms(swarm_t *swarm)
{
    swarm->room_ids = s_room_ids(swarm);
    s_run(swarm, swarm->plan.rooms, s_find_request, s_find_answer);
    s_run(swarm, swarm->plan.rooms, s_delete_request, s_ignore);
}
