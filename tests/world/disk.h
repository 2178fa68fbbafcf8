/* disk.h - the world's disk: calls on files, in the place of the C library's.
 *
 * Files lie in a folder of the machine, in memory where it can be, and reads go there straight.
 * Whatever changes them comes through here, from the house and from LevelDB alike, and a disk can
 * do to it what disks do:
 *
 *   - a process dies before or after any such call, and what it has written stays;
 *   - the power fails, and of each file stays what was synced, and some of the rest; of what was
 *     made, renamed and removed stays what came before the last sync, and some of the rest, in order;
 *   - a call fails with EIO or ENOSPC; what a failed sync has left behind no later one writes.
 *
 * Each incarnation of a process has a path of its own to the same files: so a call of one that is
 * dead is known, and has no effect. */
#ifndef TESTS_WORLD_DISK_H
#define TESTS_WORLD_DISK_H

#include <stdbool.h>
#include <stdint.h>

enum { DISK_PATH_SIZE = 256 };

/* An empty disk in the folder `root`, which is made. */
void disk_begin(const char *root);
void disk_end(void);

/* What a world that died has left there. */
void disk_sweep(const char *root);

/* Where an incarnation, numbered by the caller, finds its files. */
void disk_mount(int incarnation, char ret_path[DISK_PATH_SIZE]);
void disk_unmount(int incarnation);

/* The process is to die at its call of this number from now on; 0: no longer. */
void disk_doom(int process, unsigned calls);

/* One call in so many fails with this error, until then; 0: none does. */
void disk_trouble(int error, unsigned one_in, int64_t until_us);
bool disk_is_troubled(void);

/* The power has failed, and comes back; nothing may be mounted. */
void disk_cut(void);

/* For a control: syncs are told to have been made, and were not. */
void disk_lie(bool lies);

/* For a control: what a failed call was to do is told to have been done. */
void disk_hush(bool hushes);

#endif
