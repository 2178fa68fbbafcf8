/* token.h - tokens: signed slips of paper that say which session is asking.
 *
 * The door of libjwt.  A token is a JWT (RFC 7519) signed with HS256 and nothing else;
 * the key lies in the data folder, readable by its owner only, and is made at the
 * first start.  Whether the session still stands is the gate's affair (gate.h). */
#ifndef ACTORS_TOKEN_H
#define ACTORS_TOKEN_H

#include "schema/arena.h"
#include "schema/err.h"
#include "schema/type.h"

typedef struct mint mint_t;

/* Who asks: the account and session of a token that was checked; 0 for a stranger. */
typedef struct who {
    uint64_t account;
    uint64_t session;
} who_t;

enum { TOKEN_SIZE_MAX = 4096, MINT_KEY_MIN = 32, MASK_SIZE = 32 };

/* Read FOLDER/token.key, or make it.  ERR_INVALID for a key that is too short or that
 * others can read; what is wrong has been logged. */
MUST_CHECK err_t mint_open(const char *folder, mint_t **ret_mint);
void mint_close(mint_t **mint_p);

/* A token for a session; `now_us` is wall-clock time.  In the arena. */
slice_t token_make(const mint_t *mint, const signed_in_t *session, int64_t now_us, arena_t *arena);

/* Whose token this is.  ERR_UNAUTHENTICATED, and *ret_why in a few words. */
MUST_CHECK err_t token_check(const mint_t *mint, slice_t token, int64_t now_us, who_t *ret_who,
                             const char **ret_why);

/* A secret derived from the key, for what only has to look like a secret. */
slice_t mint_mask(const mint_t *mint);

#endif
