#include "actors/matching/keep.h"

#include "actors/matching/match.h"
#include "actors/matching/soft.h"

static ids_t s_doubts(const doubts_t *doubts)
{
    size_t count = doubts->accounts.len / sizeof(uint64_t) - doubts->first;
    const uint64_t *items = (const uint64_t *)(const void *)doubts->accounts.data;
    return (ids_t){count > 0 ? items + doubts->first : NULL, count};
}

void matching_keep(const void *ctx, buf_t *out)
{
    const matching_soft_t *soft = ctx;
    arena_t *arena = arena_new();
    matching_tape_t kept = {.doubts = s_doubts(&soft->doubts)};
    if (soft->lobby != NULL)
        kept.waiters = lobby_keep(soft->lobby, arena);
    codec_pack(out, shape_matching_tape(), &kept);
    arena_destroy(&arena);
}

err_t matching_restore(turn_t *turn, slice_t bytes)
{
    matching_soft_t *soft = turn_soft(turn);
    const void *object;
    fault_t fault;
    err_t err = codec_unpack(bytes, shape_matching_tape(), turn_arena(turn), &fault, &object);
    if (err != ERR_OK)
        return err;
    const matching_tape_t *kept = object;
    for (size_t i = 0; i < kept->doubts.count; i++)
        bond_doubt(&soft->doubts, kept->doubts.items[i]);
    match_start(turn);
    return lobby_restore(soft->lobby, kept->waiters);
}
