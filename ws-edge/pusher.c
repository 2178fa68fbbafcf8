/* pusher.c - what a name says about its channel is a row of s_prefixes.
 *
 * Names come from strangers and stand in what is signed, between colons; so their
 * alphabet has none. */
#include "ws-edge/pusher.h"

#include <assert.h>

#include "schema/mem.h"

/* ---- errors ---- */

static const pusher_code_info_t s_codes[] = {
#define PUSHER_CODE(id, number, closes, sentence) [PUSHER_##id] = {number, closes, sentence},
#include "ws-edge/pusher_codes.def"
#undef PUSHER_CODE
};

const pusher_code_info_t *pusher_code_info(pusher_code_t code)
{
    assert(code < PUSHER_CODE_COUNT_);
    return &s_codes[code];
}

static bool s_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t s_digits(slice_t text)
{
    size_t len = 0;
    while (len < text.len && s_is_digit(text.ptr[len]))
        len++;
    return len;
}

bool pusher_protocol_fits(slice_t protocol, pusher_code_t *ret_code)
{
    _Static_assert(PUSHER_PROTOCOL == 7, "the text below");
    if (slice_is(protocol, "7"))
        return true;
    bool number = protocol.len > 0 && s_digits(protocol) == protocol.len;
    *ret_code = protocol.ptr == NULL ? PUSHER_NO_VERSION
                : number             ? PUSHER_OTHER_VERSION
                                     : PUSHER_BAD_VERSION;
    return false;
}

/* ---- names ---- */

/* The first one that fits counts, so the longer stand before the shorter. */
static const struct {
    const char *prefix;
    pusher_kind_t kind;
    bool cache;
} s_prefixes[] = {
    {"private-encrypted-cache-", PUSHER_ENCRYPTED, true},
    {"private-encrypted-", PUSHER_ENCRYPTED, false},
    {"private-cache-", PUSHER_PRIVATE, true},
    {"private-", PUSHER_PRIVATE, false},
    {"presence-cache-", PUSHER_PRESENCE, true},
    {"presence-", PUSHER_PRESENCE, false},
    {"cache-", PUSHER_PUBLIC, true},
    {"", PUSHER_PUBLIC, false},
};

static const char s_user_prefix[] = "#server-to-user-";

static bool s_in_alphabet(uint8_t byte)
{
    uint8_t lower = byte | 0x20;
    return (lower >= 'a' && lower <= 'z') || s_is_digit(byte) ||
           (byte != '\0' && strchr("_-=@,.;", byte) != NULL);
}

static bool s_is_name(slice_t name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!s_in_alphabet(name.ptr[i]))
            return false;
    return name.len > 0;
}

static err_t s_user_read(slice_t name, pusher_channel_t *channel)
{
    *channel = (pusher_channel_t){name, PUSHER_USER};
    channel->user = slice_from(name, sizeof s_user_prefix - 1);
    return s_is_name(channel->user) ? ERR_OK : ERR_INVALID;
}

err_t pusher_channel_read(slice_t name, pusher_channel_t *ret_channel)
{
    size_t row = 0;
    if (name.len > PUSHER_CHANNEL_SIZE_MAX)
        return ERR_INVALID;
    if (slice_starts(name, slice_of(s_user_prefix)))
        return s_user_read(name, ret_channel);
    if (!s_is_name(name))
        return ERR_INVALID;
    while (!slice_starts(name, slice_of(s_prefixes[row].prefix)))
        row++;
    *ret_channel = (pusher_channel_t){name, s_prefixes[row].kind, s_prefixes[row].cache};
    return ERR_OK;
}

bool pusher_kind_signed(pusher_kind_t kind)
{
    return kind == PUSHER_PRIVATE || kind == PUSHER_ENCRYPTED || kind == PUSHER_PRESENCE;
}

/* Not where it is sealed: what a client says itself would be open there. */
bool pusher_kind_spoken(pusher_kind_t kind)
{
    return kind == PUSHER_PRIVATE || kind == PUSHER_PRESENCE;
}

bool pusher_socket_id_valid(slice_t socket_id)
{
    size_t first = s_digits(socket_id);
    if (first == 0 || first + 1 >= socket_id.len || socket_id.ptr[first] != '.')
        return false;
    slice_t second = slice_from(socket_id, first + 1);
    return s_digits(second) == second.len && socket_id.len <= PUSHER_SOCKET_ID_SIZE_MAX;
}

bool pusher_client_event_valid(slice_t event)
{
    slice_t prefix = SLICE_LIT("client-");
    return slice_starts(event, prefix) && event.len > prefix.len &&
           event.len <= PUSHER_EVENT_SIZE_MAX;
}
