/* bearer.h - who holds a credential: our token, a foreign issuer's, or a session's uuid.
 *
 * Our own tokens say it themselves.  Whose the others are the session actor knows, which
 * makes an account for a foreign token if need be; the edge asks it once for each and
 * remembers, as it does whose the tokens of requests are. */
#ifndef WS_EDGE_BEARER_H
#define WS_EDGE_BEARER_H

#include "ws-edge/edge_parts.h"

typedef struct bearer {
    who_t who;
    slice_t hash;               /* of a token that is not remembered; in the edge's arena */
    uint16_t call;              /* that says who it is; 0: it is known */
    session_adopt_call_t adopt; /* of a foreign token that is good; in the edge's arena */
    session_find_call_t find;   /* of a uuid */
} bearer_t;

/* Signature, time, and whether the session still stands.  Errors: UNAUTHENTICATED with
 * *ret_why, SESSION_ENDED. */
MUST_CHECK err_t bearer_read(const edge_t *edge, slice_t credential, bearer_t *ret_bearer,
                             const char **ret_why);

/* Its token will be shown again: keep who it is until it expires, and check no signature then.
 * Whether the session still stands is asked each time all the same. */
void bearer_remember(const edge_t *edge, const bearer_t *bearer);

/* Ask whose it is; `done` hears it, once and later, with a refusal where nobody is let in.
 * An address (toll_address) that has shown too many uuids of nobody is refused here and now:
 * nothing is asked then, and nothing is heard. */
typedef void bearer_fn(void *ctx, const answer_t *answer, who_t who);
answer_t bearer_ask(edge_t *edge, const bearer_t *bearer, uint64_t address, bearer_fn *done,
                    void *ctx);

#endif
