/* trust.c - networks in a list, and the trail that proxies leave in a request.
 *
 * Each proxy appends to X-Forwarded-For whom it was asked by.  So the trail is read from
 * its end, and only as far as each step was written by somebody who is trusted: what
 * stands before that, a client may have written itself. */
#include "ws-edge/trust.h"

#include <string.h>
#include <strings.h>

#include "schema/mem.h"

enum { IPV4_PREFIX = 96, BITS_MAX = 128 };

typedef struct network {
    address_t address;
    unsigned bits; /* of the address that count */
} network_t;

struct trust {
    network_t networks[TRUST_MAX];
    size_t count;
    bool unix_socket;
};

/* ---- networks ---- */

/* "/24"; as many digits as a prefix has at most. */
static bool s_read_bits(slice_t text, unsigned max, unsigned *ret_bits)
{
    unsigned bits = 0;
    if (text.len == 0 || text.len > 3)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        bits = bits * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *ret_bits = bits;
    return bits <= max;
}

static bool s_read_network(slice_t word, network_t *ret_network)
{
    const uint8_t *slash = memchr(word.ptr, '/', word.len);
    size_t len = slash != NULL ? (size_t)(slash - word.ptr) : word.len;
    if (!address_read(slice_new(word.ptr, len), &ret_network->address))
        return false;
    unsigned first = address_is_ipv4(&ret_network->address) ? IPV4_PREFIX : 0;
    unsigned bits = BITS_MAX - first;
    if (slash != NULL && !s_read_bits(slice_from(word, len + 1), bits, &bits))
        return false;
    ret_network->bits = first + bits;
    return true;
}

static bool s_add(trust_t *trust, slice_t word)
{
    if (slice_is(word, "unix"))
        return trust->unix_socket = true;
    return trust->count < TRUST_MAX && s_read_network(word, &trust->networks[trust->count]) &&
           ++trust->count > 0;
}

err_t trust_read(const char *text, trust_t **ret_trust, slice_t *ret_fault)
{
    trust_t *trust = mem_new(trust_t);
    const char *at = text != NULL ? text : "";
    for (size_t len; *(at += strspn(at, ", ")) != '\0'; at += len) {
        len = strcspn(at, ", ");
        if (s_add(trust, slice_new(at, len)))
            continue;
        *ret_fault = slice_new(at, len);
        trust_destroy(&trust);
        return ERR_INVALID;
    }
    *ret_trust = trust;
    return ERR_OK;
}

void trust_destroy(trust_t **trust_p)
{
    mem_free(*trust_p);
    *trust_p = NULL;
}

static bool s_inside(const network_t *network, const address_t *address)
{
    unsigned bytes = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->address.bytes, address->bytes, bytes) != 0)
        return false;
    uint8_t mask = (uint8_t)(0xff00 >> rest);
    return rest == 0 || ((network->address.bytes[bytes] ^ address->bytes[bytes]) & mask) == 0;
}

bool trust_has(const trust_t *trust, const address_t *address)
{
    if (trust == NULL || address->kind != ADDRESS_IP)
        return trust != NULL && address->kind == ADDRESS_UNIX && trust->unix_socket;
    for (size_t i = 0; i < trust->count; i++)
        if (s_inside(&trust->networks[i], address))
            return true;
    return false;
}

/* ---- the trail ---- */

static bool s_is_named(const header_t *header, const char *name)
{
    return header->name.len == strlen(name) &&
           strncasecmp((const char *)header->name.ptr, name, header->name.len) == 0;
}

static slice_t s_trimmed(slice_t text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = slice_from(text, 1);
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Take the last item off a list with commas. */
static slice_t s_take_last(slice_t *list)
{
    const uint8_t *comma = list->len > 0 ? memrchr(list->ptr, ',', list->len) : NULL;
    size_t len = comma != NULL ? (size_t)(comma - list->ptr) : 0;
    slice_t last = slice_from(*list, comma != NULL ? len + 1 : 0);
    list->len = len;
    return s_trimmed(last);
}

/* Some proxies add the port: "192.0.2.7:4711", "[2001:db8::1]:4711". */
static bool s_read_hop(slice_t word, address_t *ret_address)
{
    if (address_read(word, ret_address))
        return true;
    const uint8_t *colon = word.len > 0 ? memrchr(word.ptr, ':', word.len) : NULL;
    if (colon != NULL && word.ptr[word.len - 1] != ']')
        word.len = (size_t)(colon - word.ptr);
    if (word.len >= 2 && word.ptr[0] == '[' && word.ptr[word.len - 1] == ']')
        word = slice_new(word.ptr + 1, word.len - 2);
    return address_read(word, ret_address);
}

/* Follow one header's list to its beginning; false where the trail ends before. */
static bool s_follow_list(const trust_t *trust, slice_t list, address_t *address)
{
    while (list.len > 0) {
        if (!trust_has(trust, address) || !s_read_hop(s_take_last(&list), address))
            return false;
    }
    return true;
}

void trust_follow(const trust_t *trust, const request_t *request, sender_t *sender)
{
    bool scheme_known = false, following = true;
    if (!trust_has(trust, &sender->address))
        return;
    for (size_t i = request->header_count; i-- > 0;) {
        const header_t *header = &request->headers[i];
        slice_t list = header->value;
        if (s_is_named(header, "x-forwarded-for"))
            following = following && s_follow_list(trust, list, &sender->address);
        if (!s_is_named(header, "x-forwarded-proto") || scheme_known)
            continue;
        slice_t scheme = s_take_last(&list);
        sender->secure = scheme.len == 5 && strncasecmp((const char *)scheme.ptr, "https", 5) == 0;
        scheme_known = true;
    }
}
