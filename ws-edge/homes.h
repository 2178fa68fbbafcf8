/* homes.h - from where logins have been signed in with rightly: a bounded table.
 *
 * Whoever guesses at a login from everywhere makes it run dry for everywhere, but not for where
 * its owner is at home: a login at an address from which it has signed in has tries of its own
 * (toll.h).  A home is kept for HOMES_DAYS after the last time; where there are too many, the
 * one of longest ago is forgotten.  A restart forgets all, as it does what was counted.
 *
 * Times are monotonic µs. */
#ifndef WS_EDGE_HOMES_H
#define WS_EDGE_HOMES_H

#include <stdbool.h>
#include <stdint.h>

enum { HOMES_DAYS = 30 };

typedef struct homes homes_t;

homes_t *homes_new(void);
void homes_destroy(homes_t **homes_p);

/* `key` is a hash of login and address that strangers cannot choose (quota_key). */
void homes_add(homes_t *homes, uint64_t key, uint64_t now_us);
bool homes_has(const homes_t *homes, uint64_t key, uint64_t now_us);

#endif
