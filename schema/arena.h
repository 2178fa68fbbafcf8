/* arena.h - memory that is dropped whole: one arena per inbound message or turn.
 *
 * Allocations are aligned to 8 bytes and live until arena_reset.  A reset keeps
 * the first chunk, so a busy loop settles into no allocation at all. */
#ifndef SCHEMA_ARENA_H
#define SCHEMA_ARENA_H

#include "schema/slice.h"

typedef struct arena arena_t;

arena_t *arena_new(void);
void arena_destroy(arena_t **arena_p);

/* Drop everything that was allocated; pointers into the arena are dead. */
void arena_reset(arena_t *arena);

/* `size` zeroed bytes.  Sizes that a stranger chose must be limited before. */
void *arena_alloc(arena_t *arena, size_t size);

/* Copy the bytes in, with a NUL behind them that the length does not count. */
slice_t arena_copy(arena_t *arena, slice_t bytes);

/* Formatted text; its length does not count the NUL behind it. */
slice_t arena_printf(arena_t *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
