/* disk.c - what was synced, what was not, and what becomes of that.
 *
 *   root/disk/    the files as programs see them
 *   root/limbo/   files that were removed or replaced, while that may still come undone
 *   root/p7       the 7th incarnation's way to root/disk
 *
 * A file's content is safe up to `synced`; behind that it may be cut anywhere, as an appended file
 * is.  What was overwritten in place may come back, a sector at a time.  Names are a list of deeds
 * in their order: a power cut takes some of the last ones back, but none that came before the last
 * sync of the file or folder that it concerns.  What a file has grown by after such a deed goes with
 * it, unless it was synced: journaling file systems keep that order.  ext4 is kinder: there any sync
 * takes all names along. */
#include "tests/world/disk_parts.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tests/world/chance.h"
#include "tests/world/fibre.h"
#include "tests/world/hour.h"
#include "tests/world/story.h"

enum { FILES_MAX = 4096, DEEDS_MAX = 8192, MOUNTS_MAX = 8192, ENTRIES_MAX = 512, SECTOR = 512 };

/* Something done to a name; both paths are below root/disk. */
typedef struct deed {
    deed_kind_t kind;
    char path[DISK_PATH_SIZE];
    char to[DISK_PATH_SIZE]; /* of a renaming */
    unsigned limbo;          /* where what was there before is; 0: nothing was */
} deed_t;

static char s_root[DISK_PATH_SIZE / 2];
static bool s_open; /* there is a disk */
static file_t s_files[FILES_MAX];
static size_t s_file_count;
static deed_t s_deeds[DEEDS_MAX]; /* that are not safe yet */
static size_t s_deed_count;
static uint64_t s_safe; /* deeds before s_deeds[0] */
static unsigned s_limbo;
static bool s_mounted[MOUNTS_MAX];

/* ---- paths ---- */

const char *disk_root(void)
{
    return s_root;
}

int disk_incarnation(const char *path, const char **ret_inside)
{
    size_t len = strlen(s_root);
    char *end;
    if (!s_open || strncmp(path, s_root, len) != 0 || strncmp(path + len, "/p", 2) != 0)
        return NO_PROCESS;
    long incarnation = strtol(path + len + 2, &end, 10);
    *ret_inside = *end == '/' ? end + 1 : end;
    return (int)incarnation;
}

void disk_real(const char *inside, char ret_path[DISK_PATH_SIZE])
{
    int len = snprintf(ret_path, DISK_PATH_SIZE, "%s/disk/%s", s_root, inside);
    assert(len < DISK_PATH_SIZE);
}

static void s_limbo_path(unsigned number, char ret_path[DISK_PATH_SIZE])
{
    snprintf(ret_path, DISK_PATH_SIZE, "%s/limbo/%u", s_root, number);
}

/* ---- files ---- */

file_t *disk_file(ino_t inode)
{
    for (size_t i = 0; i < s_file_count; i++)
        if (s_files[i].inode == inode)
            return &s_files[i];
    assert(s_file_count < FILES_MAX);
    s_files[s_file_count] = (file_t){.inode = inode};
    return &s_files[s_file_count++];
}

static file_t *s_file_at(const char *real)
{
    struct stat seen;
    return lstat(real, &seen) == 0 ? disk_file(seen.st_ino) : NULL;
}

static void s_forget(undo_t *undo)
{
    buf_free(&undo->bytes);
    mem_free(undo);
}

void disk_forget_undone(file_t *file)
{
    while (file->undone != NULL) {
        undo_t *undo = file->undone;
        file->undone = undo->next;
        s_forget(undo);
    }
}

void disk_doubt(file_t *file)
{
    file->spoilt = true;
    for (undo_t *undo = file->undone; undo != NULL; undo = undo->next)
        undo->doubtful = true;
}

/* Whether all of it was written anew since the sync that failed. */
static bool s_is_renewed(const file_t *file, const undo_t *old)
{
    off_t end = old->at + (off_t)old->len;
    for (const undo_t *undo = file->undone; undo != NULL; undo = undo->next)
        if (!undo->doubtful && undo->at <= old->at && undo->at + (off_t)undo->len >= end)
            return true;
    return false;
}

/* What was written since the failure is safe, and so is what was in doubt and was written anew. */
static void s_settle_spoilt(file_t *file, off_t size)
{
    undo_t *undone = file->undone, *left = NULL, **end = &left;
    for (undo_t *undo = undone; undo != NULL; undo = undo->next)
        undo->settled = !undo->doubtful || s_is_renewed(file, undo);
    while (undone != NULL) {
        undo_t *undo = undone;
        undone = undo->next;
        if (undo->settled) {
            s_forget(undo);
            continue;
        }
        undo->next = NULL;
        *end = undo;
        end = &undo->next;
    }
    file->undone = left;
    file->spoilt = left != NULL || size > file->synced;
}

void disk_settle(file_t *file, off_t size)
{
    if (file->spoilt) {
        s_settle_spoilt(file, size);
        return;
    }
    file->synced = size;
    disk_forget_undone(file);
    disk_forget_growth(file);
}

void disk_forget_file(const char *real)
{
    struct stat seen;
    if (lstat(real, &seen) != 0)
        return;
    for (size_t i = 0; i < s_file_count; i++) {
        if (s_files[i].inode != seen.st_ino)
            continue;
        disk_forget_undone(&s_files[i]);
        disk_forget_growth(&s_files[i]);
        s_files[i] = s_files[--s_file_count];
        return;
    }
}

void disk_grow(file_t *file, off_t size)
{
    uint64_t deed = s_safe + s_deed_count;
    if (file->grown_count == 0 || file->grown[file->grown_count - 1].deed != deed) {
        file->grown = mem_grow(file->grown, ++file->grown_count * sizeof *file->grown);
        file->grown[file->grown_count - 1].deed = deed;
    }
    file->grown[file->grown_count - 1].size = size;
}

void disk_forget_growth(file_t *file)
{
    mem_free(file->grown);
    file->grown = NULL;
    file->grown_count = 0;
}

/* ---- deeds ---- */

static void s_concerns(const char *inside, uint64_t number)
{
    char real[DISK_PATH_SIZE];
    disk_real(inside, real);
    file_t *file = s_file_at(real);
    if (file != NULL)
        file->deeds = number;
    char *slash = strrchr(real, '/');
    *slash = '\0';
    file = s_file_at(real);
    if (file != NULL)
        file->deeds = number;
}

void disk_note(deed_kind_t kind, const char *inside, const char *to, unsigned limbo)
{
    assert(s_deed_count < DEEDS_MAX);
    deed_t *deed = &s_deeds[s_deed_count++];
    *deed = (deed_t){.kind = kind, .limbo = limbo};
    snprintf(deed->path, sizeof deed->path, "%s", inside);
    snprintf(deed->to, sizeof deed->to, "%s", to != NULL ? to : "");
    uint64_t number = s_safe + s_deed_count;
    s_concerns(inside, number);
    if (to != NULL)
        s_concerns(to, number);
}

static void s_empty_limbo(unsigned number)
{
    char path[DISK_PATH_SIZE];
    if (number == 0)
        return;
    s_limbo_path(number, path);
    disk_forget_file(path);
    syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* All deeds up to this number are on disk. */
void disk_make_safe(uint64_t number)
{
    if (number <= s_safe)
        return;
    size_t count = (size_t)(number - s_safe);
    for (size_t i = 0; i < count; i++)
        s_empty_limbo(s_deeds[i].limbo);
    s_deed_count -= count;
    memmove(s_deeds, s_deeds + count, s_deed_count * sizeof *s_deeds);
    s_safe = number;
}

/* Bring back what was put into limbo. */
static void s_restore(unsigned limbo, const char *real)
{
    char path[DISK_PATH_SIZE];
    if (limbo == 0)
        return;
    s_limbo_path(limbo, path);
    syscall(SYS_renameat, AT_FDCWD, path, AT_FDCWD, real);
}

static void s_take_back(const deed_t *deed)
{
    char real[DISK_PATH_SIZE], to[DISK_PATH_SIZE];
    disk_real(deed->path, real);
    disk_real(deed->to, to);
    switch (deed->kind) {
    case DEED_MADE:
        disk_forget_file(real);
        syscall(SYS_unlinkat, AT_FDCWD, real, 0);
        return;
    case DEED_FOLDER:
        disk_forget_file(real);
        syscall(SYS_unlinkat, AT_FDCWD, real, AT_REMOVEDIR);
        return;
    case DEED_RENAMED:
        syscall(SYS_renameat, AT_FDCWD, to, AT_FDCWD, real);
        s_restore(deed->limbo, to);
        return;
    case DEED_REMOVED:
        s_restore(deed->limbo, real);
        return;
    case DEED_FOLDER_GONE:
        syscall(SYS_mkdirat, AT_FDCWD, real, 0700);
        return;
    }
}

/* Put a file aside; gives its place, 0 if there was none. */
unsigned disk_put_aside(const char *real)
{
    char path[DISK_PATH_SIZE];
    s_limbo_path(s_limbo + 1, path);
    return syscall(SYS_renameat, AT_FDCWD, real, AT_FDCWD, path) == 0 ? ++s_limbo : 0;
}

/* ---- mounts ---- */

bool disk_is_dead(int incarnation)
{
    return incarnation < 0 || incarnation >= MOUNTS_MAX || !s_mounted[incarnation];
}

void disk_mount(int incarnation, char ret_path[DISK_PATH_SIZE])
{
    assert(incarnation < MOUNTS_MAX);
    int len = snprintf(ret_path, DISK_PATH_SIZE, "%s/p%d", s_root, incarnation);
    assert(len < DISK_PATH_SIZE && symlink("disk", ret_path) == 0);
    s_mounted[incarnation] = true;
}

void disk_unmount(int incarnation)
{
    s_mounted[incarnation] = false;
}

/* ---- power cuts ---- */

/* How long it may be: what came after a deed that is lost is lost, too. */
static off_t s_longest(const file_t *file)
{
    off_t size = file->synced;
    for (size_t i = 0; i < file->grown_count && file->grown[i].deed <= s_safe; i++)
        size = file->grown[i].size > size ? file->grown[i].size : size;
    return size;
}

/* An appended file ends anywhere behind what was synced; often exactly there. */
static void s_cut_end(const char *path, const file_t *file, off_t size)
{
    off_t loose = s_longest(file) - file->synced;
    off_t kept = chance_one_in(4)   ? loose
                 : chance_one_in(2) ? 0
                                    : (off_t)chance_below((uint64_t)loose + 1);
    if (file->synced + kept >= size)
        return;
    story("disk    %s is cut to %ld of %ld", path + strlen(s_root) + 1,
          (long)file->synced + (long)kept, (long)size);
    (void)!truncate(path, file->synced + kept);
}

static void s_put_back(int fd, const undo_t *undo)
{
    for (size_t at = 0; at < undo->bytes.len; at += SECTOR) {
        size_t left = undo->bytes.len - at, len = left < SECTOR ? left : SECTOR;
        if (chance_one_in(2))
            (void)!syscall(SYS_pwrite64, fd, undo->bytes.data + at, len, undo->at + (off_t)at);
    }
}

static void s_undo(const char *path, file_t *file)
{
    if (file->undone == NULL)
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY);
    for (const undo_t *undo = file->undone; undo != NULL; undo = undo->next)
        s_put_back(fd, undo);
    syscall(SYS_close, fd);
    disk_forget_undone(file);
}

static int s_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void s_cut_folder(const char *path);

static void s_cut_entry(const char *path)
{
    struct stat seen;
    if (lstat(path, &seen) != 0)
        return;
    if (S_ISDIR(seen.st_mode)) {
        s_cut_folder(path);
        return;
    }
    file_t *file = disk_file(seen.st_ino);
    s_undo(path, file);
    s_cut_end(path, file, seen.st_size);
    if (lstat(path, &seen) == 0)
        file->synced = seen.st_size;
    file->spoilt = false;
    disk_forget_growth(file);
}

/* In the order of the names, so that every machine has the same. */
static void s_cut_folder(const char *path)
{
    char *names[ENTRIES_MAX], entry_path[2 * DISK_PATH_SIZE];
    size_t count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (entry->d_name[0] != '.' && count < ENTRIES_MAX)
            names[count++] = mem_text(entry->d_name);
    closedir(folder);
    qsort(names, count, sizeof *names, s_compare);
    for (size_t i = 0; i < count; i++) {
        snprintf(entry_path, sizeof entry_path, "%s/%s", path, names[i]);
        s_cut_entry(entry_path);
        mem_free(names[i]);
    }
}

void disk_cut(void)
{
    char path[DISK_PATH_SIZE];
    size_t kept = chance_below(s_deed_count + 1);
    story("disk    the power fails: %zu of %zu loose names stay", kept, s_deed_count);
    while (s_deed_count > kept)
        s_take_back(&s_deeds[--s_deed_count]);
    disk_make_safe(s_safe + s_deed_count);
    snprintf(path, sizeof path, "%s/disk", s_root);
    s_cut_folder(path);
}

/* ---- beginning and end ---- */

static void s_make_folder(const char *name)
{
    char path[DISK_PATH_SIZE];
    snprintf(path, sizeof path, "%s%s", s_root, name);
    long rc = syscall(SYS_mkdirat, AT_FDCWD, path, 0700);
    assert(rc == 0);
}

void disk_begin(const char *root)
{
    snprintf(s_root, sizeof s_root, "%s", root);
    s_make_folder("");
    s_make_folder("/disk");
    s_make_folder("/limbo");
    s_open = true;
}

static int s_remove(const char *path, const struct stat *seen, int flag, struct FTW *walk)
{
    (void)seen;
    (void)walk;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, flag == FTW_DP ? AT_REMOVEDIR : 0);
}

void disk_sweep(const char *root)
{
    nftw(root, s_remove, 16, FTW_DEPTH | FTW_PHYS);
}

void disk_end(void)
{
    s_open = false;
    disk_sweep(s_root);
}
