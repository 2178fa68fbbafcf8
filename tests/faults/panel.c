/* panel.c - mapped once, before there are threads. */
#include "tests/faults/panel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

panel_t *panel_open(void)
{
    const char *path = getenv("KITH_FAULTS");
    if (path == NULL)
        return NULL;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    void *page = mmap(NULL, PANEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    return page != MAP_FAILED ? page : NULL;
}

static void s_note(panel_t *panel, const char *words)
{
    for (size_t i = 0; i + 1 < PANEL_WORDS && words[i] != '\0'; i++)
        panel->words[i] = words[i];
}

bool panel_fails(panel_t *panel, kind_t kind, const char *words)
{
    if (panel == NULL)
        return false;
    atomic_fetch_add(&panel->calls[kind], 1);
    if (atomic_load(&panel->kind) != kind)
        return false;
    uint64_t seen = atomic_fetch_add(&panel->seen, 1) + 1, nth = atomic_load(&panel->nth);
    if (seen < nth || (seen > nth && atomic_load(&panel->manner) == MANNER_ONCE))
        return false;
    if (atomic_fetch_add(&panel->fired, 1) == 0)
        s_note(panel, words);
    return true;
}
