/* sio_session_fuzz.c - a whole session of Socket.IO: what its client says by polls and on
 * WebSockets, how its calls are answered, time, and the broker's coming and going.
 *
 * The first byte chooses the version and who comes.  Then steps follow, a byte for its kind
 * and what belongs to it up to a line feed; in what is said `$` is a good token.  Whatever
 * is said back has to be packets. */
#include <assert.h>
#include <stdlib.h>

#include "actors/log.h"
#include "schema/text.h"
#include "tests/unit/ws-edge/sio_world.h"
#include "ws-edge/sio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const who_t s_ann = {
    .account = SIO_WORLD_ACCOUNT,
    .session = SIO_WORLD_SESSION,
    .expires = INT64_MAX,
};

/* ---- what is said back ---- */

static void s_check_message(slice_t text)
{
    sio_packet_t packet;
    const json_node_t *json = NULL;
    err_t err = sio_read(text, &packet);
    assert(err == ERR_OK && !sio_is_binary(packet.type));
    if (packet.data.ptr != NULL)
        err = json_parse(packet.data, &json);
    assert(err == ERR_OK);
    json_free(&json);
}

static void s_check_said(const sio_world_t *world, eio_version_t version)
{
    eio_packets_t packets = {0};
    arena_t *arena = arena_new();
    slice_t said = buf_slice(&world->said);
    if (said.len > 0) {
        err_t err = eio_payload_read(version, false, said, arena, &packets);
        assert(err == ERR_OK);
    }
    for (size_t i = 0; i < packets.count; i++)
        if (packets.items[i].type == EIO_MESSAGE)
            s_check_message(packets.items[i].data);
    arena_destroy(&arena);
}

static void s_check_frame(const sio_world_t *world, slice_t frame)
{
    eio_packet_t packet;
    arena_t *arena = arena_new();
    err_t err = eio_frame_read(world->version, false, frame, arena, &packet);
    assert(err == ERR_OK);
    if (packet.type == EIO_MESSAGE)
        s_check_message(packet.data);
    arena_destroy(&arena);
}

/* ---- steps ---- */

static void s_say(sio_world_t *world, uint8_t kind, slice_t line)
{
    buf_t text = {0};
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] == '$')
            buf_append(&text, buf_slice(&world->token));
        else
            buf_append_byte(&text, line.ptr[i]);
    if (kind == 'p')
        sio_world_posts(world, buf_slice(&text));
    else if (kind == 'f')
        sio_world_frames(world, true, buf_slice(&text));
    else if (text_valid(buf_slice(&text)))
        sio_world_hears(world, buf_slice(&text));
    buf_free(&text);
}

static const void *s_object(uint16_t type)
{
    static const room_ids_t rooms = {0};
    static const bus_page_t page = {.next = 101, .complete = true};
    static const account_t account = {
        .id = SIO_WORLD_ACCOUNT,
        .login = {(const uint8_t *)"ann", 3},
        .username = {(const uint8_t *)"Ann", 3},
    };
    static const membership_t membership = {.room = 5, .account = SIO_WORLD_ACCOUNT};
    static const room_t room = {
        .id = 5,
        .gid = {(const uint8_t *)"abcdefgh", 8},
        .kind = room_kind_OPEN,
        .creator = SIO_WORLD_ACCOUNT,
    };
    switch (type) {
    case CALL_room_ids:
        return &rooms;
    case CALL_bus_read:
        return &page;
    case CALL_account_get:
        return &account;
    case CALL_room_find:
        return &membership;
    case CALL_room_get:
        return &room;
    default:
        return NULL;
    }
}

static void s_answer(sio_world_t *world, uint8_t how)
{
    if (world->call_count == 0)
        return;
    const void *object = s_object(world->calls[0].type);
    if (how % 4 != 0 && object != NULL)
        sio_world_answers(world, ERR_OK, object);
    else
        sio_world_answers(world, how % 2 == 0 ? ERR_NOT_FOUND : ERR_TOO_OLD, NULL);
}

static void s_leave(sio_world_t *world)
{
    world->away = !world->away;
    if (world->away)
        clients_close_all(world->edge.clients, 1013, "away");
}

/* b: bytes, a: an answer, t: time, w: the broker comes or goes, o: somebody's request, d: dial,
 * h: hang up, B: bytes on the WebSocket, f: a text there, p: a POST; others: a text. */
static void s_step(sio_world_t *world, uint8_t kind, slice_t line)
{
    uint8_t first = line.len > 0 ? line.ptr[0] : 0;
    if (kind == 'b')
        sio_world_hears_bytes(world, line);
    else if (kind == 'a')
        s_answer(world, first);
    else if (kind == 't')
        sio_world_passes(world, first * UINT64_C(500000));
    else if (kind == 'w')
        s_leave(world);
    else if (kind == 'o' && world->session != NULL)
        sio_session_own(world->session, s_ann);
    else if (kind == 'd')
        sio_world_dials(world);
    else if (kind == 'h')
        sio_world_hangs_up(world);
    else if (kind == 'B')
        sio_world_frames(world, false, line);
    else
        s_say(world, kind, line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    log_set_level(LOG_LEVEL_ERROR);
    eio_version_t version = data[0] & 1 ? EIO_3 : EIO_4;
    visitor_t visitor = {.plain = data[0] & 2, .who = data[0] & 4 ? s_ann : (who_t){0}};
    sio_world_t *world = sio_world_new(version, &visitor);
    world->framed = s_check_frame;
    slice_t rest = slice_new(data + 1, size - 1);
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.ptr + 1, '\n', rest.len - 1);
        size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
        buf_reset(&world->said);
        s_step(world, rest.ptr[0], slice_new(rest.ptr + 1, len - 1));
        s_check_said(world, version);
        rest = slice_from(rest, len < rest.len ? len + 1 : len);
    }
    sio_world_free(&world);
    return 0;
}
