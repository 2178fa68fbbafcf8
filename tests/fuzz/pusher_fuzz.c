/* pusher_fuzz.c - any bytes, read as names of Pusher's, claims to sign, and signed requests.
 *
 * The lines of the input are two claims, a socket id, a channel and data each, and then a
 * request's path and query.  Two claims that are not the same never have the same
 * signature, and no request passes that was not signed. */
#include <assert.h>

#include "ws-edge/pusher.h"
#include "ws-edge/pusher_sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const pusher_app_t s_app = {SLICE_LIT("278d425bdf160c739803"), SLICE_LIT("not its secret")};

/* A line off the front; an empty one is an absent value. */
static slice_t s_line(slice_t *rest)
{
    const uint8_t *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    slice_t line = len > 0 ? slice_new(rest->ptr, len) : (slice_t){0};
    *rest = slice_from(*rest, len + (end != NULL));
    return line;
}

static pusher_claim_t s_claim(slice_t *rest)
{
    pusher_claim_t claim = {.socket_id = s_line(rest)};
    claim.channel = s_line(rest);
    claim.data = s_line(rest);
    return claim;
}

static void s_name(slice_t name)
{
    pusher_channel_t channel = {0};
    pusher_code_t code = PUSHER_CODE_COUNT_;
    if (pusher_channel_read(name, &channel) == ERR_OK) {
        assert(slice_eq(channel.name, name));
        assert(name.ptr != NULL && name.len <= PUSHER_CHANNEL_SIZE_MAX);
        assert(memchr(name.ptr, ':', name.len) == NULL);
        assert((channel.kind == PUSHER_USER) == (name.ptr[0] == '#'));
        assert(!pusher_kind_spoken(channel.kind) || pusher_kind_signed(channel.kind));
    }
    (void)pusher_client_event_valid(name);
    if (!pusher_protocol_fits(name, &code))
        assert(pusher_code_info(code)->closes);
}

static void s_sign(const pusher_claim_t *one, const pusher_claim_t *other)
{
    buf_t auth = {0};
    bool same = slice_eq(one->socket_id, other->socket_id) &&
                slice_eq(one->channel, other->channel) && slice_eq(one->data, other->data);
    if (pusher_auth_put(&auth, &s_app, one) == ERR_OK) {
        assert(pusher_auth_fits(&s_app, one, buf_slice(&auth)));
        assert(pusher_auth_fits(&s_app, other, buf_slice(&auth)) == same);
    }
    assert(auth.len == 0 || pusher_socket_id_valid(one->socket_id));
    buf_free(&auth);
}

static void s_request(slice_t path, slice_t query, slice_t body)
{
    pusher_request_t request = {SLICE_LIT("POST"), path, query, body};
    arena_t *arena = arena_new();
    err_t err = pusher_request_check(&s_app, &request, 1353088179, arena);
    assert(err == ERR_MALFORMED || err == ERR_BAD_CREDENTIALS);
    arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t rest = slice_new(data, size);
    pusher_claim_t one = s_claim(&rest);
    pusher_claim_t other = s_claim(&rest);
    s_name(one.channel);
    s_name(other.channel);
    s_sign(&one, &other);
    slice_t path = s_line(&rest);
    s_request(path, s_line(&rest), rest);
    return 0;
}
