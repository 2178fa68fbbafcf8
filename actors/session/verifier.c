#include "actors/session/verifier.h"

#include "actors/crypto.h"

enum {
    KIB_MAX = 262144,
    LANES_MAX = 8,
    KIB_A_LANE = 8,     /* the least that Argon2 takes */
    WORK_MAX = 1048576, /* KiB times passes: about a second */
    NUMBER_MAX = 999999,
    SALT_MIN = 11, /* base64 of 8 bytes */
    HASH_MIN = 22, /* base64 of 16 bytes */
};

/* Take this text off the front. */
static bool s_skip(slice_t *text, const char *wanted)
{
    size_t len = strlen(wanted);
    if (text->len < len || memcmp(text->ptr, wanted, len) != 0)
        return false;
    *text = slice_from(*text, len);
    return true;
}

/* Take a number from 1 off the front. */
static bool s_number(slice_t *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    while (text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9' && number <= NUMBER_MAX) {
        if (number == 0 && text->ptr[0] == '0')
            return false;
        number = number * 10 + (uint64_t)(text->ptr[0] - '0');
        *text = slice_from(*text, 1);
    }
    *ret_number = number;
    return number > 0 && number <= NUMBER_MAX;
}

static bool s_is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* Take base64 without padding off the front, at least so many characters. */
static bool s_base64(slice_t *text, size_t min)
{
    size_t len = 0;
    while (len < text->len && s_is_base64(text->ptr[len]))
        len++;
    *text = slice_from(*text, len);
    return len >= min && len % 4 != 1;
}

static bool s_costs_little(uint64_t kib, uint64_t passes, uint64_t lanes)
{
    return kib >= KIB_A_LANE * lanes && kib <= KIB_MAX && lanes <= LANES_MAX &&
           kib * passes <= WORK_MAX;
}

bool verifier_good(slice_t verifier)
{
    slice_t rest = verifier;
    uint64_t kib, passes, lanes;
    return verifier.len < CRYPTO_VERIFIER_SIZE && s_skip(&rest, "$argon2id$v=19$m=") &&
           s_number(&rest, &kib) && s_skip(&rest, ",t=") && s_number(&rest, &passes) &&
           s_skip(&rest, ",p=") && s_number(&rest, &lanes) && s_skip(&rest, "$") &&
           s_base64(&rest, SALT_MIN) && s_skip(&rest, "$") && s_base64(&rest, HASH_MIN) &&
           rest.len == 0 && s_costs_little(kib, passes, lanes);
}
