/* rebuild.c - kith rebuild */
#include <stdio.h>

#include "actors/level.h"
#include "tools/kith/command.h"
#include "tools/kith/place.h"

outcome_t rebuild_run(const options_t *options)
{
    journal_t *journal = NULL;
    if (!place_open(options->data, &journal))
        return OUTCOME_BAD; /* without a journal there is nothing to make them from */
    journal_close(&journal);
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
