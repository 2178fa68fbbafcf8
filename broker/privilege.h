/* privilege.h - from root to an account that may do nothing on this machine. */
#ifndef BROKER_PRIVILEGE_H
#define BROKER_PRIVILEGE_H

#include <sys/types.h>

#include "schema/err.h"

/* An account of the machine, by name. */
typedef struct identity {
    uid_t user;
    gid_t group;
} identity_t;

/* ERR_NOT_FOUND: there is none of that name. */
MUST_CHECK err_t privilege_find(const char *name, identity_t *ret_identity);

/* Become it, for good, with all of its groups.  Of root's powers the one to listen on ports
 * below 1024 stays.  ERR_FORBIDDEN: the process was not root's, nor that account's. */
MUST_CHECK err_t privilege_become(const char *name, const identity_t *identity);

#endif
