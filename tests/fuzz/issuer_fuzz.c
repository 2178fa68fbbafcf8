/* issuer_fuzz.c - any bytes as a foreign issuer's token: as they are, and as the header
 * and, behind the first line end, the claims of one that is signed.
 *
 * What counts names its bearer and has an end that lies ahead. */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "actors/crypto.h"
#include "schema/mem.h"
#include "ws-edge/issuer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char s_secret[] = "a secret of more than thirty-two bytes";
static const int64_t s_now = INT64_C(1790000000) * 1000000; /* µs */

static issuer_t *s_open(void)
{
    char path[] = "/tmp/kith-fuzz-XXXXXX";
    issuer_t *issuer = NULL;
    int fd = mkstemp(path);
    bool written = fd >= 0 && write(fd, s_secret, sizeof s_secret - 1) == sizeof s_secret - 1;
    issuer_options_t options = {.name = "them", .audience = "us", .secret_file = path};
    err_t err = written ? issuer_open(&options, &issuer) : ERR_STORAGE;
    close(fd);
    unlink(path);
    if (err != ERR_OK)
        abort();
    return issuer;
}

static void s_check(const issuer_t *issuer, slice_t token, arena_t *arena)
{
    session_adopt_call_t adopt = {0};
    const char *why = NULL;
    if (issuer_check(issuer, token, s_now, arena, &adopt, &why) == ERR_OK)
        assert(adopt.subject.len > 0 && adopt.expires > s_now);
    else
        assert(why != NULL);
}

static void s_sign(slice_t header, slice_t claims, buf_t *out)
{
    uint8_t signature[CRYPTO_HMAC_SIZE];
    crypto_base64url(out, header);
    buf_append_byte(out, '.');
    crypto_base64url(out, claims);
    crypto_hmac(slice_of(s_secret), buf_slice(out), signature);
    buf_append_byte(out, '.');
    crypto_base64url(out, slice_new(signature, sizeof signature));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static issuer_t *issuer;
    if (issuer == NULL)
        issuer = s_open();
    arena_t *arena = arena_new();
    buf_t token = {0};
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t len = end != NULL ? (size_t)(end - data) : size;
    s_check(issuer, slice_new(data, size), arena);
    s_sign(slice_new(data, len), slice_from(slice_new(data, size), end != NULL ? len + 1 : len),
           &token);
    s_check(issuer, buf_slice(&token), arena);
    buf_free(&token);
    arena_destroy(&arena);
    return 0;
}
