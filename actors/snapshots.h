/* snapshots.h - the snapshots of a data folder: what is there, and which can stand for the part
 * of the journal that retention has cut.
 *
 *     DIR/snapshots/00000000000000000007/manifest.json   the entity `snapshot`, written last
 *                                        room/ session/ … a closed projection each
 *                   new/                                 being made; of no meaning
 *                   old/                                 on its way out
 *
 * A folder without a manifest is none.  Whatever a snapshot is needed for, the oldest that will
 * do is taken: the journal is the truth, and a snapshot stands only for what of it is gone. */
#ifndef ACTORS_SNAPSHOTS_H
#define ACTORS_SNAPSHOTS_H

#include <limits.h>

#include "actors/actor.h"

extern const char snapshots_folder[], snapshots_new[], snapshots_old[], snapshots_manifest[];

/* All that are whole, by ascending number, in the arena; one that cannot be read is passed over
 * and told in the log. */
typedef struct snapshots {
    const snapshot_t *items;
    size_t count;
} snapshots_t;
MUST_CHECK err_t snapshots_read(const char *data, arena_t *arena, snapshots_t *ret_snapshots);

/* The number that a folder's name is; 0: it is none. */
uint64_t snapshots_named(const char *name);

/* Where an actor's copy is, and where it is while it is being made. */
void snapshots_path(char ret_path[PATH_MAX], const char *data, uint64_t number, const char *actor);
void snapshots_path_new(char ret_path[PATH_MAX], const char *data, const char *actor);

/* What of a snapshot is the actor's; NULL: nothing. */
const snapshot_part_t *snapshots_part(const snapshot_t *snapshot, const char *actor);

/* What a projection has to be made from. */
typedef struct snapshot_need {
    const actor_row_t *row;
    uint64_t first; /* the oldest record that the journal has */
    uint64_t until; /* the last that may be applied */
    int64_t before; /* and its time at most, µs since 1970; 0: any */
} snapshot_need_t;

/* The oldest that will do: of rows that this build reads, with the records behind it at hand, and
 * with the digest that was noted.  ERR_NOT_FOUND: none will; why not stands in the log. */
MUST_CHECK err_t snapshots_find(const char *data, const snapshot_need_t *need, arena_t *arena,
                                const snapshot_part_t **ret_part, char ret_path[PATH_MAX]);

/* Make the projection from that.  ERR_NOT_FOUND as above, and the store is as it was. */
MUST_CHECK err_t snapshots_restore(const char *data, const snapshot_need_t *need, store_t *store,
                                   arena_t *arena, const snapshot_part_t **ret_part);

#endif
