/* sio.c - the header is read from left to right, each part told by its first byte.
 *
 *     type ─ 5, 6 ─> attachments '-' ┐
 *        └─ others ──────────────────┴─ '/' ─> namespace ',' ┐
 *                                     └──────────────────────┴─ digit ─> id ┐
 *                                                             └─────────────┴─> JSON
 *
 * A comma may be missing behind a namespace that ends the packet.  What kind of JSON a
 * type takes is the affair of sio_data.c. */
#include "ws-edge/sio.h"

#include <assert.h>

#include "schema/text.h"

enum { ID_DIGITS_MAX = 16 };

static const uint64_t ID_MAX = (UINT64_C(1) << 53) - 1; /* where JavaScript's numbers stop */

/* The parts of a packet of each type. */
static const struct {
    bool id;     /* may have one */
    bool needs;  /* and must */
    bool binary; /* has attachments */
} s_rules[] = {
    [SIO_CONNECT] = {0},
    [SIO_DISCONNECT] = {0},
    [SIO_EVENT] = {.id = true},
    [SIO_ACK] = {.id = true, .needs = true},
    [SIO_ERROR] = {0},
    [SIO_BINARY_EVENT] = {.id = true, .binary = true},
    [SIO_BINARY_ACK] = {.id = true, .needs = true, .binary = true},
};

bool sio_is_binary(sio_type_t type)
{
    assert(type < SIO_COUNT_);
    return s_rules[type].binary;
}

/* ---- the header ---- */

static bool s_is_digit(slice_t text)
{
    return text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9';
}

static err_t s_number_read(slice_t *rest, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t digits = 0;
    for (; s_is_digit(*rest) && digits <= ID_DIGITS_MAX; digits++) {
        number = number * 10 + (uint64_t)(rest->ptr[0] - '0');
        *rest = slice_from(*rest, 1);
    }
    if (digits == 0 || digits > ID_DIGITS_MAX || number > ID_MAX)
        return ERR_MALFORMED;
    *ret_number = number;
    return ERR_OK;
}

static err_t s_type_read(slice_t *rest, sio_packet_t *packet)
{
    if (!s_is_digit(*rest) || rest->ptr[0] >= '0' + SIO_COUNT_)
        return ERR_MALFORMED;
    packet->type = (sio_type_t)(rest->ptr[0] - '0');
    *rest = slice_from(*rest, 1);
    return ERR_OK;
}

static err_t s_attachments_read(slice_t *rest, sio_packet_t *packet)
{
    uint64_t count;
    if (!sio_is_binary(packet->type))
        return ERR_OK;
    err_t err = s_number_read(rest, &count);
    if (err != ERR_OK || !slice_starts(*rest, SLICE_LIT("-")))
        return ERR_MALFORMED;
    *rest = slice_from(*rest, 1);
    packet->attachments = (unsigned)count;
    return count > SIO_ATTACHMENTS_MAX ? ERR_TOO_LARGE : ERR_OK;
}

/* A refusal repeats it, so it has no byte that separates packets. */
static bool s_is_name(slice_t name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] < ' ')
            return false;
    return text_valid(name);
}

static err_t s_namespace_read(slice_t *rest, sio_packet_t *packet)
{
    packet->nsp = SLICE_LIT("/");
    if (!slice_starts(*rest, packet->nsp))
        return ERR_OK;

    const uint8_t *comma = memchr(rest->ptr, ',', rest->len);
    slice_t name = slice_new(rest->ptr, comma != NULL ? (size_t)(comma - rest->ptr) : rest->len);
    if (name.len > SIO_NAMESPACE_SIZE_MAX)
        return ERR_TOO_LARGE;
    *rest = slice_from(*rest, name.len + (comma != NULL));

    const uint8_t *mark = memchr(name.ptr, '?', name.len);
    packet->nsp = slice_new(name.ptr, mark != NULL ? (size_t)(mark - name.ptr) : name.len);
    if (mark != NULL)
        packet->query = slice_from(name, packet->nsp.len + 1);
    return s_is_name(name) ? ERR_OK : ERR_MALFORMED;
}

static err_t s_id_read(slice_t *rest, sio_packet_t *packet)
{
    if (!s_is_digit(*rest))
        return s_rules[packet->type].needs ? ERR_MALFORMED : ERR_OK;
    if (!s_rules[packet->type].id)
        return ERR_MALFORMED;
    packet->has_id = true;
    return s_number_read(rest, &packet->id);
}

/* No type takes other JSON than an array, an object or a text; so what is left cannot be
 * taken for another part of the header when it is written again. */
static err_t s_data_begin(slice_t rest, sio_packet_t *packet)
{
    if (rest.len == 0)
        return ERR_OK;
    uint8_t first = rest.ptr[0];
    packet->data = rest;
    return first == '[' || first == '{' || first == '"' ? ERR_OK : ERR_MALFORMED;
}

err_t sio_read(slice_t text, sio_packet_t *ret_packet)
{
    sio_packet_t packet = {0};
    err_t err = s_type_read(&text, &packet);
    if (err == ERR_OK)
        err = s_attachments_read(&text, &packet);
    if (err == ERR_OK)
        err = s_namespace_read(&text, &packet);
    if (err == ERR_OK)
        err = s_id_read(&text, &packet);
    if (err == ERR_OK)
        err = s_data_begin(text, &packet);
    if (err == ERR_OK)
        *ret_packet = packet;
    return err;
}

/* ---- writing ---- */

static bool s_is_root(slice_t nsp)
{
    return slice_is(nsp, "/");
}

void sio_put(buf_t *out, const sio_packet_t *packet)
{
    assert(packet->type < SIO_COUNT_ && packet->attachments <= SIO_ATTACHMENTS_MAX);
    assert(slice_starts(packet->nsp, SLICE_LIT("/")));
    buf_append_byte(out, (uint8_t)('0' + packet->type));
    if (sio_is_binary(packet->type)) {
        json_put_u64(out, packet->attachments);
        buf_append_byte(out, '-');
    }
    if (!s_is_root(packet->nsp) || packet->query.ptr != NULL) {
        buf_append(out, packet->nsp);
        if (packet->query.ptr != NULL)
            buf_append_byte(out, '?');
        buf_append(out, packet->query);
        buf_append_byte(out, ',');
    }
    if (packet->has_id)
        json_put_u64(out, packet->id);
    buf_append(out, packet->data);
}

void sio_connected_put(buf_t *out, eio_version_t version, slice_t nsp, slice_t sid, slice_t pid)
{
    sio_put(out, &(sio_packet_t){.type = SIO_CONNECT, .nsp = nsp});
    if (version == EIO_3)
        return;
    buf_append_byte(out, '{');
    json_put_key(out, "sid");
    json_put_text(out, sid);
    if (pid.ptr != NULL) {
        json_put_key(out, "pid");
        json_put_text(out, pid);
    }
    buf_append_byte(out, '}');
}

void sio_refused_put(buf_t *out, eio_version_t version, slice_t nsp, slice_t sentence)
{
    sio_put(out, &(sio_packet_t){.type = SIO_ERROR, .nsp = nsp});
    if (version == EIO_4)
        buf_append_text(out, "{\"message\":");
    json_put_text(out, sentence);
    if (version == EIO_4)
        buf_append_byte(out, '}');
}

void sio_placeholder_put(buf_t *out, uint64_t number)
{
    buf_append_text(out, "{\"_placeholder\":true,\"num\":");
    json_put_u64(out, number);
    buf_append_byte(out, '}');
}

void sio_offset_put(buf_t *out, slice_t offset)
{
    assert(out->len > 1 && out->data[out->len - 1] == ']');
    out->data[out->len - 1] = ',';
    json_put_text(out, offset);
    buf_append_byte(out, ']');
}
