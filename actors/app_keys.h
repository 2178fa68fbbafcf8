/* app_keys.h - what Pusher's clients and server libraries are configured with.
 *
 * The operator sets them, or they are made at the first start and lie in the data folder,
 * in `pusher.app`, readable by their owner only.  Whoever has the secret may subscribe
 * anybody to anything and say everything: it is in no log. */
#ifndef ACTORS_APP_KEYS_H
#define ACTORS_APP_KEYS_H

#include "schema/err.h"

enum { APP_TEXT_SIZE = 129, APP_SECRET_MIN = 16 }; /* bytes; with the NUL */

typedef struct app_keys {
    char id[APP_TEXT_SIZE];
    char key[APP_TEXT_SIZE];
    char secret[APP_TEXT_SIZE];
    char cluster[APP_TEXT_SIZE]; /* only a part of the host name that clients make of it */
} app_keys_t;

/* What is wrong with those that are set, in a sentence without their values; NULL if
 * nothing is.  An empty text is one that is not set. */
const char *app_keys_fault(const app_keys_t *set);

/* Those that lie in the folder.  NOT_FOUND if none were made yet; INVALID for a file that
 * cannot be read, or that others can, which has been logged. */
MUST_CHECK err_t app_keys_read(const char *folder, app_keys_t *ret_keys);

/* Whether app_keys_open would do; makes nothing. */
MUST_CHECK err_t app_keys_check(const char *folder, const app_keys_t *set);

/* Those that are set; for what is not, those of the folder, which are made if need be. */
MUST_CHECK err_t app_keys_open(const char *folder, const app_keys_t *set, app_keys_t *ret_keys);

#endif
