/* err.h - one error type for the whole house, listed in err.def. */
#ifndef SCHEMA_ERR_H
#define SCHEMA_ERR_H

#include <stdbool.h>

#include "schema/mem.h"

typedef enum err {
#define ERROR(id, name, status, close, retryable, sentence) ERR_##id,
#include "schema/err.def"
#undef ERROR
    ERR_COUNT_
} err_t;

typedef struct err_info {
    const char *name; /* as clients see it */
    int status;       /* HTTP */
    int close_code;   /* WebSocket, RFC 6455 section 7.4 */
    bool retryable;   /* the same request may succeed later */
    const char *sentence;
} err_info_t;

/* Never NULL; a number out of range gives the row of ERR_INTERNAL. */
const err_info_t *err_info(err_t err);

#endif
