/* answer.h - replies of the bus as a dialect gets them: read, veiled, with the token. */
#ifndef WS_EDGE_ANSWER_H
#define WS_EDGE_ANSWER_H

#include "actors/token.h"
#include "schema/envelope.h"
#include "ws-edge/dialect.h"

/* What the reply means for `who`, in the arena; a token in it says via which dialect.  One
 * that cannot be read becomes ERR_INTERNAL. */
answer_t answer_read(const reply_t *reply, who_t who, const mint_t *mint, arena_t *arena);

/* A refusal of our own; `detail` may be NULL and must outlive the answer. */
answer_t answer_refuse(const call_type_t *type, err_t status, const char *detail);

/* The oldest record that the journal has, as the refusal `too_old` tells; 0: it does not. */
uint64_t answer_first(const reply_t *reply);

#endif
