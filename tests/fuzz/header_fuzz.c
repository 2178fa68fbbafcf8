/* header_fuzz.c - any request's headers as those that somebody reads more closely: Range,
 * If-None-Match, Origin, X-Forwarded-For, and lists of networks as the settings have them.
 *
 * A range lies in its file; only an origin that is allowed is named, and whatever is put into a
 * reply is a line. */
#include <assert.h>

#include "schema/mem.h"
#include "ws-edge/etag.h"
#include "ws-edge/magic.h"
#include "ws-edge/origin.h"
#include "ws-edge/range.h"
#include "ws-edge/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_try_range(slice_t header, uint64_t size)
{
    range_t range = range_read(header);
    uint64_t first, count;
    if (range_fit(&range, size, &first, &count))
        assert(count > 0 && first < size && count <= size - first);
}

static void s_try_origin(const request_t *request)
{
    static origins_t *origins;
    buf_t lines = {0};
    if (origins == NULL)
        origins = origins_new("https://chat.example.org", "https://a.example https://b.example");
    slice_t origin = origin_of(origins, request);
    assert(origin.len <= ORIGIN_SIZE_MAX);
    for (size_t i = 0; i < origin.len; i++)
        assert(origin.ptr[i] > ' ' && origin.ptr[i] < 0x7f);
    (void)origin_trusts_cookie(origins, request);
    origin_put_headers(&lines, origin);
    origin_put_preflight(&lines, request);
    for (size_t i = 0; i < lines.len; i++)
        assert(lines.data[i] != '\n' || (i > 0 && lines.data[i - 1] == '\r'));
    buf_free(&lines);
}

static void s_try_sender(const request_t *request)
{
    static trust_t *trust;
    slice_t fault;
    char words[ADDRESS_TEXT_SIZE];
    if (trust == NULL && trust_read("10.0.0.0/8 fd00::/8 unix", &trust, &fault) != ERR_OK)
        assert(false);
    sender_t sender = {.address = address_of_ipv4((const uint8_t[]){10, 0, 0, 1})};
    trust_follow(trust, request, &sender);
    assert(sender.address.kind == ADDRESS_IP);
    address_write(&sender.address, words);
}

/* The same bytes, as an operator might write them. */
static void s_try_networks(slice_t input)
{
    trust_t *trust = NULL;
    slice_t fault = {0};
    char *text = mem_zeroed(input.len + 1);
    memcpy(text, input.ptr, input.len);
    if (trust_read(text, &trust, &fault) != ERR_OK)
        assert(fault.len > 0 && trust == NULL);
    trust_destroy(&trust);
    mem_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    request_t request = {0};
    size_t scanned = 0;
    slice_t input = slice_new(data, size);
    size_t head = request_head_size(input, &scanned);
    s_try_networks(input);
    (void)magic_type(input, true);
    if (head == 0)
        return 0;
    uint8_t *path = mem_grow(NULL, head);
    if (request_parse(slice_new(data, head), path, &request) == ERR_OK) {
        s_try_range(request_header(&request, "range"), size);
        (void)etag_names(request_header(&request, "if-none-match"), SLICE_LIT("abc"));
        s_try_origin(&request);
        s_try_sender(&request);
    }
    mem_free(path);
    return 0;
}
