/* protocol_mosquitto.c - mosquitto: MQTT 3.1.1 inside binary frames, QoS 0.
 *
 * A byte stream, like NATS'.  A room is a topic, and the sender subscribes to
 * it.  Names of packets and their bytes: MQTT 3.1.1, chapters 2 and 3. */
#include "tools/bench/fail.h"
#include "tools/bench/frame.h"
#include "tools/bench/protocol.h"

enum {
    MQTT_CONNECT = 0x10,
    MQTT_CONNACK = 0x20,
    MQTT_PUBLISH = 0x30,
    MQTT_SUBSCRIBE = 0x82,
    MQTT_SUBACK = 0x90,
    MQTT_KIND = 0xf0,
    MQTT_CLEAN_SESSION = 0x02,
    MQTT_LEVEL = 4, /* 3.1.1 */
    NOT_YET = 0,
};

static void s_put_u16(buf_t *out, size_t value)
{
    buf_append_byte(out, (uint8_t)(value >> 8));
    buf_append_byte(out, (uint8_t)value);
}

static void s_put_text(buf_t *out, slice_t text)
{
    s_put_u16(out, text.len);
    buf_append(out, text);
}

/* A packet's first byte and its length, seven bits a byte, lowest first. */
static void s_put_packet(buf_t *out, uint8_t kind, slice_t body)
{
    buf_append_byte(out, kind);
    size_t len = body.len;
    for (; len > 127; len >>= 7)
        buf_append_byte(out, (uint8_t)(128 | (len & 127)));
    buf_append_byte(out, (uint8_t)len);
    buf_append(out, body);
}

static void s_put_topic(const client_t *client, buf_t *out)
{
    buf_t topic = {0};
    buf_printf(&topic, "room/%u", client->room);
    s_put_text(out, buf_slice(&topic));
    buf_free(&topic);
}

static void s_greet(client_t *client)
{
    buf_t body = {0}, packet = {0};
    s_put_text(&body, slice_of("MQTT"));
    buf_append_byte(&body, MQTT_LEVEL);
    buf_append_byte(&body, MQTT_CLEAN_SESSION);
    s_put_u16(&body, 0); /* no keep-alive */
    s_put_u16(&body, 0); /* the server may choose a client id */
    s_put_packet(&packet, MQTT_CONNECT, buf_slice(&body));
    client_send_frame(client, buf_slice(&packet));
    buf_free(&body);
    buf_free(&packet);
}

static void s_subscribe(client_t *client)
{
    buf_t body = {0}, packet = {0};
    s_put_u16(&body, 1); /* packet id */
    s_put_topic(client, &body);
    buf_append_byte(&body, 0); /* QoS */
    s_put_packet(&packet, MQTT_SUBSCRIBE, buf_slice(&body));
    client_send_frame(client, buf_slice(&packet));
    buf_free(&body);
    buf_free(&packet);
}

static void s_take_connack(client_t *client, slice_t body)
{
    if (body.len < 2 || body.ptr[1] != 0)
        fail("mosquitto refused client %u", client->number);
    if (client->swarm->plan.in_rooms)
        s_subscribe(client);
    else
        client_ready(client);
}

static void s_take_packet(client_t *client, uint8_t kind, slice_t body)
{
    switch (kind & MQTT_KIND) {
    case MQTT_PUBLISH:
        protocol_delivered(client, body);
        return;
    case MQTT_CONNACK:
        s_take_connack(client, body);
        return;
    case MQTT_SUBACK:
        client_ready(client);
        return;
    default:
        fail("mosquitto sent a packet of kind %#x", kind);
    }
}

static size_t s_take_one(client_t *client, slice_t bytes)
{
    size_t head = 1, len = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (head >= bytes.len || shift > 21)
            return NOT_YET;
        uint8_t digit = bytes.ptr[head++];
        len |= (size_t)(digit & 127) << shift;
        if (digit < 128)
            break;
    }
    if (bytes.len - head < len)
        return NOT_YET;
    s_take_packet(client, bytes.ptr[0], slice_new(bytes.ptr + head, len));
    return head + len;
}

static size_t s_take(client_t *client, slice_t bytes)
{
    size_t taken = 0;
    for (size_t len = 1; len > 0 && taken < bytes.len; taken += len)
        len = s_take_one(client, slice_from(bytes, taken));
    return taken;
}

static void s_render(client_t *client, slice_t payload, buf_t *out)
{
    buf_t body = {0};
    s_put_topic(client, &body);
    buf_append(&body, payload);
    s_put_packet(out, MQTT_PUBLISH, buf_slice(&body));
    buf_free(&body);
}

const protocol_t protocol_mosquitto = {
    .name = "mosquitto",
    .subprotocol = "mqtt",
    .opcode = FRAME_BINARY,
    .greet = s_greet,
    .take = s_take,
    .render = s_render,
};
