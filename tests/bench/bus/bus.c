#include "tests/bench/bus/bus.h"

#include <stdbool.h>
#include <string.h>
#include <zmq.h>

#include "tools/bench/fail.h"

void *bus_socket(run_t *run, int type)
{
    const int none = 0;
    void *socket = zmq_socket(run->context, type);
    if (socket == NULL)
        fail("a socket: %s", zmq_strerror(zmq_errno()));
    zmq_setsockopt(socket, ZMQ_SNDHWM, &none, sizeof none);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof none);
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    return socket;
}

void *bus_connected(run_t *run, int type)
{
    void *socket = bus_socket(run, type);
    if (zmq_connect(socket, run->endpoint) != 0)
        fail("%s: %s", run->endpoint, zmq_strerror(zmq_errno()));
    return socket;
}

void *bus_bound(run_t *run, int type)
{
    void *socket = bus_socket(run, type);
    if (zmq_bind(socket, run->endpoint) != 0)
        fail("%s: %s", run->endpoint, zmq_strerror(zmq_errno()));
    return socket;
}

void bus_put(void *socket, const void *bytes, size_t len, int flags)
{
    if (zmq_send(socket, bytes, len, flags) < 0)
        fail("sending: %s", zmq_strerror(zmq_errno()));
}

unsigned bus_take_one(run_t *run, void *socket)
{
    zmq_msg_t msg;
    (void)run;
    zmq_msg_init(&msg);
    bool taken = zmq_msg_recv(&msg, socket, ZMQ_DONTWAIT) >= 0;
    while (taken && zmq_msg_more(&msg))
        if (zmq_msg_recv(&msg, socket, 0) < 0)
            fail("receiving: %s", zmq_strerror(zmq_errno()));
    zmq_msg_close(&msg);
    return taken ? 1 : 0;
}

const char *bus_message(void)
{
    static char message[MESSAGE_BYTES + 1];
    if (message[0] == '\0')
        memset(message, 'm', MESSAGE_BYTES);
    return message;
}
