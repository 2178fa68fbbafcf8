/* ticket.c - base64url of
 *
 *     version 1 | sid 20 | account 8 | session 8 | expires 8 | scopes 4 | via 4 | HMAC 16
 *
 * with numbers in network order. */
#include "ws-edge/ticket.h"

#include <assert.h>

#include "actors/crypto.h"

enum {
    VERSION = 1,
    FACTS_SIZE = 1 + TUNNEL_SID_SIZE + 8 + 8 + 8 + 4 + 4,
    MAC_SIZE = 16,
    TICKET_SIZE = FACTS_SIZE + MAC_SIZE,
};

static const char s_purpose[] = "who comes back to Socket.IO";

static void s_sign(const mint_t *mint, slice_t facts, uint8_t mac[MAC_SIZE])
{
    uint8_t whole[CRYPTO_HMAC_SIZE];
    mint_sign(mint, s_purpose, facts, whole);
    memcpy(mac, whole, MAC_SIZE);
}

static void s_put(buf_t *out, uint64_t number, unsigned size)
{
    while (size-- > 0)
        buf_append_byte(out, (uint8_t)(number >> 8 * size));
}

static uint64_t s_take(slice_t *rest, unsigned size)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < size; i++)
        number = number << 8 | rest->ptr[i];
    *rest = slice_from(*rest, size);
    return number;
}

void ticket_put(buf_t *out, const mint_t *mint, const ticket_t *ticket)
{
    uint8_t mac[MAC_SIZE];
    buf_t bytes = {0};
    s_put(&bytes, VERSION, 1);
    buf_append(&bytes, slice_new(ticket->sid, sizeof ticket->sid));
    s_put(&bytes, ticket->who.account, 8);
    s_put(&bytes, ticket->who.session, 8);
    s_put(&bytes, (uint64_t)ticket->who.expires, 8);
    s_put(&bytes, ticket->who.scopes, 4);
    s_put(&bytes, ticket->who.via, 4);
    assert(bytes.len == FACTS_SIZE);
    s_sign(mint, buf_slice(&bytes), mac);
    buf_append(&bytes, slice_new(mac, sizeof mac));
    crypto_base64url(out, buf_slice(&bytes));
    buf_free(&bytes);
}

static ticket_t s_read(slice_t rest)
{
    ticket_t ticket = {0};
    memcpy(ticket.sid, rest.ptr, sizeof ticket.sid);
    rest = slice_from(rest, sizeof ticket.sid);
    ticket.who.account = s_take(&rest, 8);
    ticket.who.session = s_take(&rest, 8);
    ticket.who.expires = (int64_t)s_take(&rest, 8);
    ticket.who.scopes = (uint32_t)s_take(&rest, 4);
    ticket.who.via = (uint32_t)s_take(&rest, 4);
    return ticket;
}

err_t ticket_read(const mint_t *mint, slice_t text, ticket_t *ret_ticket)
{
    uint8_t mac[MAC_SIZE];
    buf_t bytes = {0};
    err_t err = text.len <= TICKET_SIZE * 2 ? crypto_base64url_read(text, &bytes) : ERR_MALFORMED;
    bool ours = err == ERR_OK && bytes.len == TICKET_SIZE && bytes.data[0] == VERSION;
    if (ours) {
        s_sign(mint, slice_new(bytes.data, FACTS_SIZE), mac);
        ours =
            crypto_equal(slice_new(mac, sizeof mac), slice_new(bytes.data + FACTS_SIZE, MAC_SIZE));
    }
    if (ours)
        *ret_ticket = s_read(slice_new(bytes.data + 1, FACTS_SIZE - 1));
    buf_free(&bytes);
    return ours ? ERR_OK : ERR_UNAUTHENTICATED;
}
