#include "ws-edge/wire.h"

void wire_opened(void *user, socket_t *socket)
{
    wire_t *wire = user;
    wire->events->opened(wire, socket);
}

void wire_message(void *user, bool text, slice_t payload)
{
    wire_t *wire = user;
    wire->events->message(wire, text, payload);
}

void wire_closed(void *user, int code)
{
    wire_t *wire = user;
    wire->events->closed(wire, code);
}
