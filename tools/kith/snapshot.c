/* snapshot.c - kith snapshot: copies of all projections, for a journal that is cut.
 *
 * A running server makes them; what there are, and whether they are what their manifests say, can
 * be seen from the files. */
#include <inttypes.h>
#include <stdio.h>

#include "actors/snapshots.h"
#include "tools/kith/ask.h"
#include "tools/kith/place.h"

static void s_print(const options_t *options, const snapshot_t *snapshot)
{
    const snapshot_part_t *parts = snapshot->parts.items;
    if (options->json) {
        ask_print_json(shape_snapshot(), snapshot);
        return;
    }
    printf("snapshot %" PRIu64 ", %s: all up to record %" PRIu64 "\n", snapshot->number,
           ask_show_time(snapshot->time).text, snapshot->base);
    for (size_t i = 0; i < snapshot->parts.count; i++)
        printf("  %-10.*s %10" PRIu64 "  format %-3" PRIu64 " %9" PRIu64 " rows %12" PRIu64
               " bytes  %.2f s\n",
               SLICE_ARG(parts[i].actor), parts[i].seq, parts[i].format, parts[i].rows,
               parts[i].bytes, (double)parts[i].microseconds / 1e6);
}

outcome_t snapshot_take_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    const snapshot_t *snapshot =
        peer != NULL ? ask_long(peer, CALL_snapshot_take, &(snapshot_take_call_t){}) : NULL;
    if (snapshot != NULL)
        s_print(options, snapshot);
    peer_close(&peer);
    return snapshot != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t snapshot_list_run(const options_t *options)
{
    snapshots_t all;
    arena_t *arena = arena_new();
    err_t err = snapshots_read(options->data, arena, &all);
    for (size_t i = 0; err == ERR_OK && i < all.count; i++)
        s_print(options, &all.items[i]);
    if (all.count == 0 && !options->json)
        printf("there is none\n");
    arena_destroy(&arena);
    return OUTCOME_GOOD;
}
