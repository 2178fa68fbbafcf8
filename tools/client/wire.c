#include "tools/client/wire.h"

#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "schema/mem.h"

enum { KEY_TEXT_SIZE = 41, PATH_SIZE = 4096, LINGER_MS = 1000 };

struct wire {
    void *context;
    void *socket;
    zmq_msg_t last; /* whose bytes the caller holds */
};

static bool s_read_key(const char *path, char ret_key[KEY_TEXT_SIZE])
{
    char line[KEY_TEXT_SIZE + 1] = "";
    uint8_t key[32];
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(line, sizeof line, file) != NULL;
    if (file != NULL)
        fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    bool good = read && strlen(line) == KEY_TEXT_SIZE - 1 && zmq_z85_decode(key, line) != NULL;
    if (good)
        memcpy(ret_key, line, KEY_TEXT_SIZE);
    explicit_bzero(line, sizeof line);
    explicit_bzero(key, sizeof key);
    return good;
}

static bool s_set_keys(const wire_t *wire, const char *key, const char *broker_key)
{
    char path[PATH_SIZE], own[KEY_TEXT_SIZE], public_key[KEY_TEXT_SIZE], broker[KEY_TEXT_SIZE];
    snprintf(path, sizeof path, "%s.secret", key);
    bool good = broker_key != NULL && s_read_key(path, own) && s_read_key(broker_key, broker) &&
                zmq_curve_public(public_key, own) == 0 &&
                zmq_setsockopt(wire->socket, ZMQ_CURVE_SECRETKEY, own, KEY_TEXT_SIZE) == 0 &&
                zmq_setsockopt(wire->socket, ZMQ_CURVE_PUBLICKEY, public_key, KEY_TEXT_SIZE) == 0 &&
                zmq_setsockopt(wire->socket, ZMQ_CURVE_SERVERKEY, broker, KEY_TEXT_SIZE) == 0;
    explicit_bzero(own, sizeof own);
    return good;
}

err_t wire_open(const char *door, const char *key, const char *broker_key, wire_t **ret_wire)
{
    int linger = LINGER_MS;
    wire_t *wire = mem_new(wire_t);
    wire->context = zmq_ctx_new();
    wire->socket = zmq_socket(wire->context, ZMQ_DEALER);
    zmq_msg_init(&wire->last);
    zmq_setsockopt(wire->socket, ZMQ_LINGER, &linger, sizeof linger);
    bool good =
        (key == NULL || s_set_keys(wire, key, broker_key)) && zmq_connect(wire->socket, door) == 0;
    if (good)
        *ret_wire = TAKE(wire);
    wire_close(&wire);
    return good ? ERR_OK : ERR_INVALID;
}

void wire_close(wire_t **wire_p)
{
    wire_t *wire = *wire_p;
    if (wire == NULL)
        return;
    *wire_p = NULL;
    zmq_msg_close(&wire->last);
    zmq_close(wire->socket);
    zmq_ctx_term(wire->context);
    mem_free(wire);
}

void wire_send(wire_t *wire, buf_t *message)
{
    zmq_send(wire->socket, message->data, message->len, ZMQ_DONTWAIT);
    buf_reset(message);
}

bool wire_receive(wire_t *wire, int timeout_ms, slice_t *ret_message)
{
    zmq_pollitem_t item = {.socket = wire->socket, .events = ZMQ_POLLIN};
    if (zmq_poll(&item, 1, timeout_ms) <= 0 ||
        zmq_msg_recv(&wire->last, wire->socket, ZMQ_DONTWAIT) < 0)
        return false;
    *ret_message = slice_new(zmq_msg_data(&wire->last), zmq_msg_size(&wire->last));
    return true;
}
