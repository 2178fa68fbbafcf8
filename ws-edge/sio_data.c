/* sio_data.c - the JSON of a packet, and the attachments that belong into it.
 *
 * Sockets of 2.x and of later clients differ in what they may say when they join, so each
 * type has a row for what its data may be.  Attachments follow their packet, nothing
 * between, and the n-th of them belongs to where the JSON says `"num":n`. */
#include "ws-edge/sio.h"

#include <assert.h>

/* ---- what a packet's data may be ---- */

typedef bool s_shape_fn(eio_version_t version, const json_node_t *data);

static bool s_is_absent(eio_version_t version, const json_node_t *data)
{
    (void)version;
    return data == NULL;
}

static bool s_is_auth(eio_version_t version, const json_node_t *data)
{
    return data == NULL || (version == EIO_4 && json_is_object(data));
}

static bool s_is_array(eio_version_t version, const json_node_t *data)
{
    (void)version;
    return json_is_array(data);
}

static bool s_is_reason(eio_version_t version, const json_node_t *data)
{
    slice_t text;
    return json_text(data, &text) || (version == EIO_4 && json_is_object(data));
}

/* Names that a client's own library speaks: taken from the wire they would deceive. */
static const char *const s_reserved[] = {
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
};

static bool s_is_reserved(slice_t name)
{
    for (size_t i = 0; i < COUNT_OF(s_reserved); i++)
        if (slice_is(name, s_reserved[i]))
            return true;
    return false;
}

static bool s_is_event(eio_version_t version, const json_node_t *data)
{
    slice_t name;
    int64_t number;
    (void)version;
    const json_node_t *first = json_item(data, 0);
    return json_text(first, &name) ? !s_is_reserved(name) : json_i64(first, &number);
}

static s_shape_fn *const s_shapes[] = {
    [SIO_CONNECT] = s_is_auth,     [SIO_DISCONNECT] = s_is_absent, [SIO_EVENT] = s_is_event,
    [SIO_ACK] = s_is_array,        [SIO_ERROR] = s_is_reason,      [SIO_BINARY_EVENT] = s_is_event,
    [SIO_BINARY_ACK] = s_is_array,
};

/* ---- the places of attachments ---- */

typedef struct places {
    unsigned wanted;
    unsigned seen; /* a bit each */
} places_t;

_Static_assert(SIO_ATTACHMENTS_MAX < sizeof(unsigned) * 8, "a bit for each attachment");

bool sio_placeholder(const json_node_t *node, uint64_t *ret_number)
{
    bool is_one = false;
    return json_bool(json_member(node, "_placeholder"), &is_one) && is_one &&
           json_u64(json_member(node, "num"), ret_number);
}

static err_t s_place_take(places_t *places, uint64_t number)
{
    if (number >= places->wanted || (places->seen & 1u << number) != 0)
        return ERR_MALFORMED;
    places->seen |= 1u << number;
    return ERR_OK;
}

static err_t s_places_find(places_t *places, const json_node_t *node);

static err_t s_member_find(void *ctx, const char *name, const json_node_t *value)
{
    (void)name;
    return s_places_find(ctx, value);
}

/* As deep as json_parse lets a document be. */
static err_t s_places_find(places_t *places, const json_node_t *node)
{
    uint64_t number;
    err_t err = ERR_OK;
    if (sio_placeholder(node, &number))
        return s_place_take(places, number);
    if (json_is_object(node))
        return json_each(node, s_member_find, places);
    for (size_t i = 0; err == ERR_OK && i < json_count(node); i++)
        err = s_places_find(places, json_item(node, i));
    return err;
}

static err_t s_places_check(const json_node_t *data, unsigned attachments)
{
    places_t places = {.wanted = attachments};
    err_t err = s_places_find(&places, data);
    if (err == ERR_OK && places.seen != (1u << attachments) - 1)
        err = ERR_MALFORMED;
    return err;
}

err_t sio_data_read(eio_version_t version, const sio_packet_t *packet, const json_node_t **ret_data)
{
    assert(packet->type < SIO_COUNT_);
    const json_node_t *data = NULL;
    err_t err = packet->data.ptr != NULL ? json_parse(packet->data, &data) : ERR_OK;
    if (err != ERR_OK)
        return err;
    if (!s_shapes[packet->type](version, data))
        err = ERR_MALFORMED;
    if (err == ERR_OK && sio_is_binary(packet->type))
        err = s_places_check(data, packet->attachments);
    if (err == ERR_OK)
        *ret_data = TAKE(data);
    json_free(&data);
    return err;
}

/* ---- gathering ---- */

bool sio_gather_open(const sio_gather_t *gather)
{
    return gather->count < gather->wanted;
}

static err_t s_append(sio_gather_t *gather, slice_t bytes)
{
    if (bytes.len > EIO_PAYLOAD_MAX - gather->bytes.len)
        return ERR_TOO_LARGE;
    buf_append(&gather->bytes, bytes);
    return ERR_OK;
}

err_t sio_gather_begin(sio_gather_t *gather, slice_t text, unsigned attachments)
{
    assert(gather->wanted == 0 && attachments > 0 && attachments <= SIO_ATTACHMENTS_MAX);
    err_t err = s_append(gather, text);
    if (err != ERR_OK)
        return err;
    gather->wanted = attachments;
    gather->ends[0] = gather->bytes.len;
    return ERR_OK;
}

err_t sio_gather_add(sio_gather_t *gather, slice_t attachment)
{
    if (!sio_gather_open(gather))
        return ERR_MALFORMED;
    err_t err = s_append(gather, attachment);
    if (err == ERR_OK)
        gather->ends[++gather->count] = gather->bytes.len;
    return err;
}

slice_t sio_gather_text(const sio_gather_t *gather)
{
    assert(gather->wanted > 0 && !sio_gather_open(gather));
    return slice_new(gather->bytes.data, gather->ends[0]);
}

slice_t sio_gather_attachment(const sio_gather_t *gather, uint64_t number)
{
    assert(!sio_gather_open(gather) && number < gather->count);
    size_t from = gather->ends[number];
    return slice_new(gather->bytes.data + from, gather->ends[number + 1] - from);
}

void sio_gather_reset(sio_gather_t *gather)
{
    buf_free(&gather->bytes);
    *gather = (sio_gather_t){0};
}
