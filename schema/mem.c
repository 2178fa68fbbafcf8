#include "schema/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *s_present(void *ptr, size_t size)
{
    if (ptr == NULL) {
        fprintf(stderr, "kith: out of memory (%zu bytes)\n", size);
        abort();
    }
    return ptr;
}

void *mem_zeroed(size_t size)
{
    return s_present(calloc(1, size), size);
}

void *mem_grow(void *ptr, size_t size)
{
    return s_present(realloc(ptr, size), size);
}

char *mem_text(const char *text)
{
    return s_present(strdup(text), strlen(text) + 1);
}

void mem_free(void *ptr)
{
    free(ptr);
}
