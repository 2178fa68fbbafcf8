/* token.h - tokens: signed slips of paper that say who is asking, or what a link is for.
 *
 * A token is a JWT (RFC 7519) signed with HS256 and nothing else;
 * the key lies in the data folder, readable by its owner only, and is made at the
 * first start.  Whether the session still stands is the gate's affair (gate.h).
 *
 * The id of a link (verify an e-mail, reset a password) is a token too.  Its claim `use`
 * names the one thing that it is good for; a sign-in token has none, so neither does the
 * other's work.  Its nonce is in the journal, but only who has the key can sign it, so
 * the journal alone opens nothing; whether it was used is the account's row to say. */
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
    uint32_t scopes; /* all that an API key may, see scopes_set; 0: a person */
    uint32_t via;    /* the dialect that issued the session; 0: another way */
    int64_t expires; /* µs: when the token does, and whoever came in by it has to go */
} who_t;

enum { TOKEN_SIZE_MAX = 4096, MINT_KEY_MIN = 32, MASK_SIZE = 32 };

/* Read FOLDER/token.key, or make it.  ERR_INVALID for a key that is too short or that
 * others can read; what is wrong has been logged. */
MUST_CHECK err_t mint_open(const char *folder, mint_t **ret_mint);
void mint_close(mint_t **mint_p);

/* A token for a session that was issued via a dialect; `now_us` is wall-clock time.  In the
 * arena. */
slice_t token_make(const mint_t *mint, const signed_in_t *session, uint32_t via, int64_t now_us,
                   arena_t *arena);

/* Whose token this is.  ERR_UNAUTHENTICATED, and *ret_why in a few words. */
MUST_CHECK err_t token_check(const mint_t *mint, slice_t token, int64_t now_us, who_t *ret_who,
                             const char **ret_why);

/* The id of the link, good until its `expires`; in the arena. */
slice_t token_make_link(const mint_t *mint, const account_link_t *link, arena_t *arena);

/* What the id of a link for this purpose says; its texts are in the arena.
 * ERR_UNAUTHENTICATED whatever is wrong with it: nobody needs to know more. */
MUST_CHECK err_t token_check_link(const mint_t *mint, slice_t id, purpose_t purpose, int64_t now_us,
                                  arena_t *arena, account_link_t *ret_link);

/* An HMAC-SHA-256 under a key that is derived for this purpose alone. */
void mint_sign(const mint_t *mint, const char *purpose, slice_t bytes, uint8_t *ret_hmac);

/* A secret derived from the key, for what only has to look like a secret. */
slice_t mint_mask(const mint_t *mint);

#endif
