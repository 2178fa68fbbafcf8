/* panel.h - the page that a test and the shims inside of a server have in common.
 *
 * KITH_FAULTS names its file.  The test writes orders into it and reads counts out of it
 * (panel.mjs); the server has it mapped, so neither costs it a system call, and no sandbox is in
 * the way.  One kind of call is armed at a time: of those that come from then on the `nth` fails,
 * or all from it on. */
#ifndef TESTS_FAULTS_PANEL_H
#define TESTS_FAULTS_PANEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { PANEL_SIZE = 4096, LOST_MOST = 8, LOST_PATH = 256, PANEL_WORDS = 128 };

typedef enum kind {
    KIND_NONE,
    KIND_WRITE,
    KIND_SYNC,
    KIND_RENAME,
    KIND_OPEN,
    KIND_UNLINK,
    KIND_ALLOCATE,
    KINDS
} kind_t;

typedef enum manner { MANNER_ONCE, MANNER_ON, MANNER_LIE } manner_t;

/* Bytes `from` to `to` of a file are in the page cache, and never came to the disk. */
typedef struct lost {
    uint64_t from;
    uint64_t to;
    char path[LOST_PATH];
} lost_t;

/* Numbers as the machine has them; panel.mjs knows the places. */
typedef struct panel {
    _Atomic uint64_t kind; /* armed; written last */
    _Atomic uint64_t nth;  /* from 1 on */
    _Atomic uint64_t error;
    _Atomic uint64_t manner;
    _Atomic uint64_t seen;  /* calls of that kind since it was armed */
    _Atomic uint64_t fired; /* those that failed */
    _Atomic uint64_t lost_count;
    _Atomic uint64_t calls[KINDS]; /* of each kind since the start */
    char words[PANEL_WORDS];       /* what the first that failed was for */
    lost_t lost[LOST_MOST];
} panel_t;

_Static_assert(sizeof(panel_t) <= PANEL_SIZE, "one page");

/* NULL: there are no orders. */
panel_t *panel_open(void);

/* Count a call; true if it is to fail. */
bool panel_fails(panel_t *panel, kind_t kind, const char *words);

#endif
