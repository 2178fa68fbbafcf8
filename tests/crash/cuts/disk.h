/* disk.h - a disk that remembers: each write, sync, rename and the like beneath a folder, in order.
 *
 * The program's own calls of the C library and LevelDB's come by here (disk.c has functions of
 * the same names), and go on to the real disk.  What it remembers is enough to tell what a power
 * cut behind any of them may have left (cut.h). */
#ifndef TESTS_CRASH_CUTS_DISK_H
#define TESTS_CRASH_CUTS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum act {
    ACT_MAKE,   /* a file, empty, at `path` */
    ACT_EMPTY,  /* a file was cut to nothing */
    ACT_WRITE,  /* `bytes` at `at` of a file */
    ACT_SYNC,   /* a file, its size included */
    ACT_FOLDER, /* made at `path` */
    ACT_SETTLE, /* a folder was synced */
    ACT_RENAME, /* `path` to `to` */
    ACT_REMOVE, /* the file or folder at `path` */
} act_t;

typedef struct deed {
    act_t act;
    uint32_t file; /* its number, from 1; it keeps that over renames */
    size_t at;
    size_t len;
    uint8_t *bytes;
    char *path; /* beneath the folder */
    char *to;
} deed_t;

/* Calls that a disk may refuse. */
typedef enum refusal {
    REFUSE_OPEN,
    REFUSE_READ,
    REFUSE_WRITE,
    REFUSE_SYNC,
    REFUSE_NAME,
    REFUSALS
} refusal_t;

/* Remember what happens beneath `root` from here on, which is empty; or nothing any more. */
void disk_watch(const char *root);
void disk_rest(void);

/* The nth call of this kind from here on, of those beneath the root, fails with this error, until it
 * rests.  What was refused did not happen. */
void disk_refuse(refusal_t kind, size_t nth, int error);

/* How many have since it is watched. */
size_t disk_refused(void);

/* What is remembered, until it is forgotten. */
size_t disk_count(void);
const deed_t *disk_deeds(void);
void disk_forget(void);

#endif
