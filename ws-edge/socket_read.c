/* socket_read.c - what a connection says, made into messages.
 *
 * libwebsockets reads RX_BUFFER_SIZE bytes of a connection, however many wait, each time that the
 * loop finds some there: a buffer a connection, and most say little.  Where turns are long, since
 * much is sent in them, whoever posts to many would be heard at a few messages a turn.  So those
 * who have said about as much as one read takes are read again, one after the other, before what
 * they said goes on its way; a bounded number of times, for the others wait. */
#include "ws-edge/socket_parts.h"

#include <poll.h>

#include "schema/text.h"

enum {
    MUCH = RX_BUFFER_SIZE / 2, /* bytes in a turn: a read of short frames is half headers */
    READS_A_TURN = 64,         /* of all */
    CLOSE_TRY_LATER = 1013,
};

static void s_deliver(socket_t *socket, slice_t payload)
{
    if (socket->text && !text_valid(payload))
        socket_close(socket, LWS_CLOSE_STATUS_INVALID_PAYLOAD, "not UTF-8");
    else
        socket_hear(socket, payload);
}

static buf_t s_take_message(socket_t *socket)
{
    buf_t message = socket->message;
    socket->message = (buf_t){0};
    if (socket->begun_us != 0) {
        TAILQ_REMOVE(&socket->sockets->awaited, socket, in_awaited);
        socket->sockets->awaited_bytes -= message.len;
    }
    socket->begun_us = 0;
    return message;
}

void socket_drop_message(socket_t *socket)
{
    buf_t message = s_take_message(socket);
    buf_free(&message);
}

static void s_give_up(socket_t *socket, int code, const char *why)
{
    socket_drop_message(socket);
    socket_close(socket, code, why);
}

/* To send the beginnings of large messages costs little and holds much, so if all together are
 * too much whoever has been at it the longest gives way. */
static void s_keep(socket_t *socket, slice_t piece)
{
    sockets_t *sockets = socket->sockets;
    if (socket->begun_us == 0) {
        socket->begun_us = sockets->now_us;
        TAILQ_INSERT_TAIL(&sockets->awaited, socket, in_awaited);
    }
    buf_append(&socket->message, piece);
    sockets->awaited_bytes += piece.len;
    while (sockets->awaited_bytes > sockets->options.messages_bytes_max)
        s_give_up(TAILQ_FIRST(&sockets->awaited), CLOSE_TRY_LATER, "too much is under way");
}

/* Whoever has said MUCH in this turn may have more to say. */
static void s_note_talker(socket_t *socket, size_t len)
{
    sockets_t *sockets = socket->sockets;
    if (socket->heard_us != sockets->now_us)
        socket->said = 0;
    socket->said += (uint32_t)len;
    if (socket->said < MUCH || socket->talking)
        return;
    socket->talking = true;
    TAILQ_INSERT_TAIL(&sockets->talking, socket, in_talking);
}

void socket_receive(socket_t *socket, slice_t piece)
{
    bool first = lws_is_first_fragment(socket->wsi);
    bool final = lws_is_final_fragment(socket->wsi);

    if (socket->state == SOCKET_OPEN)
        s_note_talker(socket, piece.len);
    socket->heard_us = socket->sockets->now_us;
    if (socket->state != SOCKET_OPEN)
        return;
    if (first)
        socket->text = !lws_frame_is_binary(socket->wsi);
    if (socket->message.len + piece.len > socket->message_max) {
        s_give_up(socket, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
    } else if (final && socket->begun_us == 0) {
        s_deliver(socket, piece);
    } else {
        s_keep(socket, piece);
        if (!final || socket->begun_us == 0)
            return;
        buf_t message = s_take_message(socket);
        s_deliver(socket, buf_slice(&message));
        buf_free(&message);
    }
}

void sockets_end_slow_messages(sockets_t *sockets)
{
    uint64_t allowed_us = sockets->options.message_ms * UINT64_C(1000);
    socket_t *socket;
    while ((socket = TAILQ_FIRST(&sockets->awaited)) != NULL &&
           sockets->now_us - socket->begun_us >= allowed_us)
        s_give_up(socket, LWS_CLOSE_STATUS_POLICY_VIOLATION, "the message took too long");
}

/* ---- reading on ---- */

void socket_stop_talking(socket_t *socket)
{
    if (socket->talking)
        TAILQ_REMOVE(&socket->sockets->talking, socket, in_talking);
    socket->talking = false;
}

/* Whoever has still more to say joins the list again, behind the others. */
static void s_read_on(socket_t *socket)
{
    struct pollfd ready = {
        .fd = lws_get_socket_fd(socket->wsi), .events = POLLIN, .revents = POLLIN};
    socket_stop_talking(socket);
    socket->said = 0;
    if (socket->state == SOCKET_OPEN && !socket->paused)
        lws_service_fd(socket->sockets->context, &ready);
}

void sockets_read_on(sockets_t *sockets)
{
    socket_t *socket;
    for (int i = 0; i < READS_A_TURN && (socket = TAILQ_FIRST(&sockets->talking)) != NULL; i++)
        s_read_on(socket);
}
