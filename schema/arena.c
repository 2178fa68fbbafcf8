/* arena.c - a list of chunks, filled from the newest.
 *
 * Invariants: `first` always exists and is the last of the list; only chunks
 * behind it are released by a reset. */
#include "schema/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "schema/mem.h"

enum { CHUNK_SIZE = 16 * 1024, ALIGNMENT = 8 };

typedef struct chunk {
    struct chunk *older;
    size_t size; /* bytes of data */
    size_t used;
    uint8_t data[];
} chunk_t;

struct arena {
    chunk_t *newest;
};

static chunk_t *s_chunk_new(size_t size, chunk_t *older)
{
    chunk_t *chunk = mem_grow(NULL, sizeof(chunk_t) + size);
    *chunk = (chunk_t){.older = older, .size = size};
    return chunk;
}

arena_t *arena_new(void)
{
    arena_t *arena = mem_new(arena_t);
    arena->newest = s_chunk_new(CHUNK_SIZE, NULL);
    return arena;
}

void arena_destroy(arena_t **arena_p)
{
    if (*arena_p == NULL)
        return;
    arena_reset(*arena_p);
    mem_free((*arena_p)->newest);
    mem_free(*arena_p);
    *arena_p = NULL;
}

void arena_reset(arena_t *arena)
{
    while (arena->newest->older != NULL) {
        chunk_t *older = arena->newest->older;
        mem_free(arena->newest);
        arena->newest = older;
    }
    arena->newest->used = 0;
}

void *arena_alloc(arena_t *arena, size_t size)
{
    size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    assert(rounded >= size);

    if (arena->newest->size - arena->newest->used < rounded) {
        size_t wanted = rounded > CHUNK_SIZE ? rounded : CHUNK_SIZE;
        arena->newest = s_chunk_new(wanted, arena->newest);
    }
    void *ptr = arena->newest->data + arena->newest->used;
    arena->newest->used += rounded;
    return memset(ptr, 0, rounded);
}

slice_t arena_copy(arena_t *arena, slice_t bytes)
{
    uint8_t *copy = arena_alloc(arena, bytes.len + 1);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return slice_new(copy, bytes.len);
}

slice_t arena_printf(arena_t *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return slice_new(text, (size_t)len);
}
