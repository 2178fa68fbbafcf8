/* rebuild.c - kith rebuild */
#include <stdio.h>

#include "actors/level.h"
#include "actors/snapshots.h"
#include "tools/kith/cast.h"
#include "tools/kith/command.h"
#include "tools/kith/place.h"

/* Of a journal that was cut only snapshots make them: each actor needs one. */
static bool s_can_be_made(const char *data, uint64_t first, uint64_t head)
{
    const snapshot_part_t *part;
    char path[PATH_MAX];
    arena_t *arena = arena_new();
    bool can = true;
    for (size_t i = 0; cast_rows[i] != NULL && can; i++) {
        const snapshot_need_t need = {cast_rows[i], first, head, 0};
        can = snapshots_find(data, &need, arena, &part, path) == ERR_OK;
        if (!can)
            fprintf(stderr,
                    "kith: the journal begins at %llu, and no snapshot could make %s anew: nothing "
                    "was deleted\n",
                    (unsigned long long)first, cast_rows[i]->name);
    }
    arena_destroy(&arena);
    return can;
}

outcome_t rebuild_run(const options_t *options)
{
    journal_t *journal = NULL;
    if (!place_open(options->data, &journal))
        return OUTCOME_BAD; /* without a journal there is nothing to make them from */
    uint64_t first = journal_first(journal), head = journal_head(journal);
    journal_close(&journal);
    if (first > 1 && !s_can_be_made(options->data, first, head))
        return OUTCOME_BAD;
    for (size_t i = 0; place_actors[i] != NULL; i++) {
        char path[PATH_MAX];
        place_join(path, options->data, place_actors[i]);
        err_t err = level_destroy(path);
        if (err != ERR_OK) {
            place_complain(path, err);
            return OUTCOME_BAD;
        }
        printf("%s: deleted; the next start makes it anew\n", path);
    }
    return OUTCOME_GOOD;
}
