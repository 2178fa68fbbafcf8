/* mem.h - long-lived objects: allocation that succeeds or aborts.
 *
 * Only for sizes that we chose.  What a stranger can size is limited before it
 * gets here, so running out of memory means that the machine is out of memory,
 * and the journal makes a restart safe. */
#ifndef SCHEMA_MEM_H
#define SCHEMA_MEM_H

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Move ownership out of a variable: `*ret = TAKE(x)` leaves x NULL. */
#define TAKE(p)                   \
    ({                            \
        __typeof__(p) taken_ = p; \
        (p) = NULL;               \
        taken_;                   \
    })

/* A zeroed object of a type; release with mem_free. */
#define mem_new(type) ((type *)mem_zeroed(sizeof(type)))

void *mem_zeroed(size_t size);
void *mem_grow(void *ptr, size_t size);
char *mem_text(const char *text);
void mem_free(void *ptr);

#endif
