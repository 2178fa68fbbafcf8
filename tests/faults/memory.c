/* memory.c - a memory that is at its end when it is told to be: LD_PRELOAD=memory.so.
 *
 * Every allocation of the process counts, its libraries' included; panel.h says which fails.
 * Not for programs with a sanitizer, which has allocators of its own. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/faults/panel.h"

/* glibc's own, which need no look-up: that would allocate. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *ptr, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum { FRAMES = 16 };

static panel_t *s_panel;

__attribute__((constructor)) static void s_start(void)
{
    void *frame;
    (void)backtrace(&frame, 1); /* the first one allocates */
    s_panel = panel_open();
}

/* One of those who asked for it: a function that is known by name, or a place for addr2line. */
static int s_tell(const void *frame, char *words, size_t size)
{
    Dl_info caller = {0};
    if (dladdr(frame, &caller) == 0)
        return snprintf(words, size, "? < ");
    if (caller.dli_sname != NULL)
        return snprintf(words, size, "%.24s < ", caller.dli_sname);
    ptrdiff_t place = (const char *)frame - (const char *)caller.dli_fbase;
    return snprintf(words, size, "+%tx < ", place);
}

static void s_tell_callers(char words[PANEL_WORDS])
{
    void *frames[FRAMES];
    size_t len = 0;
    int count = backtrace(frames, FRAMES);
    for (int i = 3; i < count && len + 1 < PANEL_WORDS; i++)
        len += (size_t)s_tell(frames[i], words + len, PANEL_WORDS - len);
}

static bool s_fails(void)
{
    if (!panel_fails(s_panel, KIND_ALLOCATE, ""))
        return false;
    if (atomic_load(&s_panel->fired) == 1)
        s_tell_callers(s_panel->words);
    errno = ENOMEM;
    return true;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc has names of its own */
void *malloc(size_t size)
{
    return s_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return s_fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *ptr, size_t size)
{
    return size > 0 && s_fails() ? NULL : __libc_realloc(ptr, size);
}

int posix_memalign(void **ret_ptr, size_t alignment, size_t size)
{
    void *ptr = s_fails() ? NULL : __libc_memalign(alignment, size);
    if (ptr == NULL)
        return ENOMEM;
    *ret_ptr = ptr;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return s_fails() ? NULL : __libc_memalign(alignment, size);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
