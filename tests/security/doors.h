/* doors.h - every kind of token, link and signature that the system has, with keys of this run. */
#ifndef TESTS_SECURITY_DOORS_H
#define TESTS_SECURITY_DOORS_H

#include <stdbool.h>

#include "schema/slice.h"

typedef struct kind {
    const char *name;
    slice_t (*make)(uint64_t bearer); /* good until doors_forget */
    bool (*opens)(slice_t text);
    bool jwt;
    bool query; /* the protocol itself has it written in several ways */
} kind_t;

enum { KIND_COUNT = 10 };

extern const kind_t kinds[KIND_COUNT];

/* Make keys, or end the program. */
void doors_open(void);
void doors_close(void);

/* Drop what was made. */
void doors_forget(void);

/* Whether the two are one text, or one query in another order or spelling. */
bool doors_same(const kind_t *kind, slice_t text, slice_t genuine);

/* A JWT with HMAC-SHA-256 by any secret; good until doors_forget. */
slice_t doors_sign(slice_t head, slice_t claims, slice_t secret);

#endif
