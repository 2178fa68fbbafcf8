/* disk_parts.h - the disk's state, shared by its parts: disk.c (files, names, power cuts) and
 * disk_calls.c (what programs call). */
#ifndef TESTS_WORLD_DISK_PARTS_H
#define TESTS_WORLD_DISK_PARTS_H

#include <sys/types.h>

#include "schema/buf.h"
#include "tests/world/disk.h"

typedef enum deed_kind {
    DEED_MADE,
    DEED_FOLDER,
    DEED_RENAMED,
    DEED_REMOVED,
    DEED_FOLDER_GONE,
} deed_kind_t;

/* What was overwritten in place. */
typedef struct undo {
    struct undo *next;
    off_t at;
    size_t len;
    buf_t bytes;   /* as many, or less where the file ended */
    bool doubtful; /* a sync of it has failed … */
    bool settled;  /* … and another has written it */
} undo_t;

/* How long a file was while the last deed was that one. */
typedef struct growth {
    uint64_t deed;
    off_t size;
} growth_t;

typedef struct file {
    ino_t inode;
    off_t synced;   /* bytes that a power cut leaves */
    uint64_t deeds; /* the number of the last one that concerns it, from 1 */
    bool
        spoilt; /* a sync has failed: what it was to write is written by none, until it is written anew */
    undo_t *undone;
    growth_t *grown; /* since then, ascending */
    size_t grown_count;
} file_t;

/* The folder of all. */
const char *disk_root(void);

/* Whose path it is, and what it is called there; NO_PROCESS: not one of this disk. */
int disk_incarnation(const char *path, const char **ret_inside);
bool disk_is_dead(int incarnation);

/* The same file for the machine. */
void disk_real(const char *inside, char ret_path[DISK_PATH_SIZE]);

/* What is known of a file, by its number; and forget it, since it is another's by now. */
file_t *disk_file(ino_t inode);
void disk_forget_file(const char *real);
void disk_forget_undone(file_t *file);

/* A sync of the file has failed; one has gone well, and the file has this size. */
void disk_doubt(file_t *file);
void disk_settle(file_t *file, off_t size);

/* It has this size now: a power cut that takes back what was done before takes what it has grown
 * by since. */
void disk_grow(file_t *file, off_t size);
void disk_forget_growth(file_t *file);

/* Something was done to a name.  All such deeds up to a number are safe. */
void disk_note(deed_kind_t kind, const char *inside, const char *to, unsigned limbo);
void disk_make_safe(uint64_t number);

/* Put a file aside until its removal is safe; gives its place, 0 if there is no such file. */
unsigned disk_put_aside(const char *real);

#endif
