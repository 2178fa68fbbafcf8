/* mem.h - long-lived objects: allocation that succeeds or aborts.
 *
 * Only for sizes that we chose.  What a stranger can size is limited before it
 * gets here, so running out of memory means that the machine is out of memory,
 * and the journal makes a restart safe.
 *
 * Libraries are held to the same at their doors.  Most abort by themselves; where one
 * refuses instead, as if it had been asked wrongly, its door has mem_watch before the call
 * and mem_judge after a refusal. */
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

/* There is no memory: say so and abort. */
_Noreturn void mem_lack(size_t size);

/* Around a call to a library; mem_judge aborts if what refused since did so for want of memory. */
void mem_watch(void);
void mem_judge(void);

#endif
