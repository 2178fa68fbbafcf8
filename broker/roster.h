/* roster.h - the bots that may come by the bus, and what each may.
 *
 * Learned from the session actor's list (bot.list) once it serves, and then from the
 * journal's events; so a bot that is revoked is none from that commit on. */
#ifndef BROKER_ROSTER_H
#define BROKER_ROSTER_H

#include "actors/gate.h"
#include "actors/keys.h"
#include "schema/arena.h"
#include "schema/envelope.h"
#include "schema/type.h"

typedef struct roster_bot {
    uint64_t account;
    uint64_t session; /* of its key: what is revoked */
    uint32_t scopes;  /* scopes_set */
    char words[LIMIT_SCOPES + 1];
    char key[KEY_TEXT_SIZE];
    size_t peers;   /* connections that it has now */
    int64_t warned; /* µs, monotonic: when the log last told of it */
} roster_bot_t;

typedef struct roster roster_t;

roster_t *roster_new(void);
void roster_destroy(roster_t **roster_p);

/* Whether the whole list has been learned once; until then a bot that is not in it may be
 * there all the same. */
bool roster_complete(const roster_t *roster);

/* A page of the list; bots that the gate knows to have ended are passed over.  True if another
 * is wanted, of accounts above *ret_after: a page that is older than what was heard of bots
 * meanwhile says nothing, and the list begins anew. */
bool roster_learn(roster_t *roster, const bot_list_t *page, uint64_t as_of, const gate_t *gate,
                  uint64_t *ret_after);

/* Take note of a record.  A bot that it ends stays until roster_strike, so that the caller can
 * see to its connections; its number, or 0. */
uint64_t roster_hear(roster_t *roster, const record_t *record);
void roster_strike(roster_t *roster, uint64_t session);

/* Whether such a record can let one in, change it or end it. */
bool roster_concerns(uint16_t type);

/* All bots, in no order: start with *at = 0; NULL at the end. */
const roster_bot_t *roster_next(const roster_t *roster, size_t *at);

/* NULL if there is none. */
roster_bot_t *roster_find(const roster_t *roster, uint64_t session);
roster_bot_t *roster_of_account(const roster_t *roster, uint64_t account);
roster_bot_t *roster_of_key(const roster_t *roster, const char *key);

#endif
