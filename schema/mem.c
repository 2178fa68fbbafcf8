#include "schema/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mem_lack(size_t size)
{
    fprintf(stderr, "kith: out of memory (%zu bytes)\n", size);
    abort();
}

static void *s_present(void *ptr, size_t size)
{
    if (ptr == NULL)
        mem_lack(size);
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

void mem_watch(void)
{
    errno = 0;
}

void mem_judge(void)
{
    if (errno == ENOMEM)
        mem_lack(0);
}

void mem_free(void *ptr)
{
    free(ptr);
}
