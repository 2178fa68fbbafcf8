/* watch.c - an operator who asks every millisecond.
 *
 * That the index has caught up shows in a read of one room from the very beginning:
 * its pages come only once the index knows the whole journal. */
#include "tests/bench/start/watch.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actors/bus.h"
#include "schema/codec.h"
#include "schema/envelope.h"

enum { PATIENCE_MS = 120 * 1000, ANSWER_MS = 60 * 1000, PAUSE_US = 1000 };

typedef struct operator
{
    bus_t *bus;
    arena_t *arena; /* of the last answer */
}
operator_t;

static int64_t s_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The bus tries again after a tenth of a second only: so look for its file first. */
static err_t s_await_socket(const char *endpoint)
{
    static const char scheme[] = "ipc://";
    if (strncmp(endpoint, scheme, sizeof scheme - 1) != 0)
        return ERR_INVALID;
    for (int i = 0; i < PATIENCE_MS; i++) {
        if (access(endpoint + sizeof scheme - 1, F_OK) == 0)
            return ERR_OK;
        usleep(PAUSE_US);
    }
    return ERR_TIMEOUT;
}

static err_t s_read_answer(operator_t *operator, slice_t message, const void **ret_answer)
{
    reply_t reply;
    fault_t fault;
    err_t err = reply_read(&message, &reply);
    if (err == ERR_OK)
        err = reply.status;
    if (err != ERR_OK)
        return err;
    slice_t body = arena_copy(operator->arena, reply.body);
    return codec_unpack(body, call_type(reply.type)->answer(), operator->arena, &fault, ret_answer);
}

static err_t s_ask(operator_t *operator, call_number_t number, const void *body,
                   const void **ret_answer)
{
    buf_t out = {0};
    uint32_t peer;
    slice_t message;
    arena_reset(operator->arena);
    call_begin(&out, &(call_t){.type = (uint16_t)number, .corr = 1});
    codec_pack(&out, call_type((uint16_t)number)->shape(), body);
    err_t err = bus_send(operator->bus, &out);
    buf_free(&out);
    if (err != ERR_OK)
        return err;
    bus_wait(&operator->bus, 1, ANSWER_MS);
    if (!bus_receive(operator->bus, &peer, &message))
        return ERR_TIMEOUT;
    return s_read_answer(operator, message, ret_answer);
}

static err_t s_await_ready(operator_t *operator, watch_times_t * times)
{
    for (;;) {
        const void *answer;
        err_t err = s_ask(operator, CALL_bus_status, &(bus_status_call_t){}, &answer);
        if (err != ERR_OK)
            return err;
        const bus_state_t *state = answer;
        times->head = state->head;
        if (state->ready)
            break;
        usleep(PAUSE_US);
    }
    times->ready = s_now();
    return ERR_OK;
}

static err_t s_await_index(operator_t *operator, watch_times_t * times)
{
    const uint64_t rooms[] = {1};
    const void *answer;
    bus_read_call_t read = {.from = 1, .rooms = {rooms, 1}};
    err_t err = s_ask(operator, CALL_bus_read, &read, &answer);
    times->indexed = s_now();
    return err;
}

static err_t s_watch(operator_t *operator, watch_times_t * times)
{
    const void *answer;
    err_t err =
        s_ask(operator, CALL_bus_hello, &(bus_hello_call_t){.role = peer_role_OPERATOR}, &answer);
    times->answered = s_now();
    if (err == ERR_OK)
        err = s_await_ready(operator, times);
    return err == ERR_OK ? s_await_index(operator, times) : err;
}

err_t watch_run(const char *endpoint, watch_times_t *ret_times)
{
    operator_t operator= {0};
    err_t err = s_await_socket(endpoint);
    if (err == ERR_OK)
        err = bus_connect(endpoint, NULL, &operator.bus);
    if (err != ERR_OK)
        return err;
    operator.arena = arena_new();
    err = s_watch(&operator, ret_times);
    arena_destroy(&operator.arena);
    bus_close(&operator.bus);
    return err;
}
