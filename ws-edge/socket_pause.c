/* socket_pause.c - whom we do not read for a while.
 *
 * libwebsockets keeps the rest of the read in which a pause began, READ_SIZE at most; what is
 * behind stays in the kernel, and so does the client's end.  So whoever has ended its side
 * is read to that end without further pauses, or it would seem to be there for as long
 * as they last.
 *
 * Invariants: a socket is in the list `paused` if it is `paused`; none in CLOSING is, since
 * its peer's close frame is waited for. */
#include "ws-edge/socket_parts.h"

#include <poll.h>

void socket_hear(socket_t *socket, slice_t payload)
{
    sockets_t *sockets = socket->sockets;
    sockets->heard = socket;
    sockets->events.on_message(socket->user, socket->text, payload);
    sockets->heard = NULL;
}

void sockets_pause(sockets_t *sockets, unsigned ms)
{
    socket_t *socket = sockets->heard;
    if (socket == NULL || socket->paused || socket->ended || socket->state != SOCKET_OPEN)
        return;
    socket->paused = true;
    socket->read_us = loop_now_us(sockets->loop) + ms * UINT64_C(1000);
    TAILQ_INSERT_TAIL(&sockets->paused, socket, in_paused);
    lws_rx_flow_control(socket->wsi, 0);
}

void socket_drop_pause(socket_t *socket)
{
    if (socket->paused)
        TAILQ_REMOVE(&socket->sockets->paused, socket, in_paused);
    socket->paused = false;
}

void socket_end_pause(socket_t *socket)
{
    if (!socket->paused)
        return;
    socket_drop_pause(socket);
    lws_rx_flow_control(socket->wsi, 1);
}

/* Whether the client has ended its side, or the connection is broken. */
static bool s_has_ended(const socket_t *socket)
{
    struct pollfd end = {.fd = lws_get_socket_fd(socket->wsi), .events = POLLRDHUP};
    return poll(&end, 1, 0) > 0;
}

void sockets_end_pauses(sockets_t *sockets)
{
    socket_t *socket = TAILQ_FIRST(&sockets->paused);
    while (socket != NULL) {
        socket_t *next = TAILQ_NEXT(socket, in_paused);
        if (socket->read_us <= sockets->now_us) {
            socket->ended = s_has_ended(socket);
            socket_end_pause(socket);
        }
        socket = next;
    }
}
