/* digest.c - kith digest */
#include <inttypes.h>
#include <stdio.h>

#include "actors/crypto.h"
#include "actors/store.h"
#include "tools/kith/command.h"
#include "tools/kith/place.h"

static void s_print(const options_t *options, const char *actor, uint64_t applied,
                    const uint8_t hash[CRYPTO_BLAKE256_SIZE])
{
    buf_t hex = {0};
    crypto_hex(&hex, slice_new(hash, CRYPTO_BLAKE256_SIZE));
    printf(options->json ? "{\"actor\":\"%s\",\"applied\":%" PRIu64 ",\"digest\":\"%.*s\"}\n"
                         : "%-8s %10" PRIu64 "  %.*s\n",
           actor, applied, SLICE_ARG(buf_slice(&hex)));
    buf_free(&hex);
}

outcome_t digest_run(const options_t *options)
{
    outcome_t outcome = OUTCOME_GOOD;
    if (!place_free(options->data))
        return OUTCOME_BAD;
    for (size_t i = 0; place_actors[i] != NULL; i++) {
        char path[PATH_MAX];
        uint8_t hash[CRYPTO_BLAKE256_SIZE];
        uint64_t applied = 0;
        place_join(path, options->data, place_actors[i]);
        err_t err = store_inspect(path, &applied, hash);
        if (err == ERR_OK) {
            s_print(options, place_actors[i], applied, hash);
            continue;
        }
        place_complain(path, err);
        outcome = OUTCOME_BAD;
    }
    return outcome;
}
