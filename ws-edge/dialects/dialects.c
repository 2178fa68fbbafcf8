/* dialects.c - the table of dialects.def, to be walked. */
#include "ws-edge/dialect.h"

const dialect_t *const dialects[DIALECT_COUNT] = {
#define DIALECT(id) [DIALECT_##id] = &id##_dialect,
#include "ws-edge/dialects/dialects.def"
#undef DIALECT
};
