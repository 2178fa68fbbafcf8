#include "actors/session/keep.h"

#include "actors/session/session.h"

void session_keep(const void *ctx, buf_t *out)
{
    const session_soft_t *soft = ctx;
    session_tape_t kept = {0};
    arena_t *arena = arena_new();
    presence_keep(&soft->presence, arena, &kept);
    said_keep(&soft->said, arena, &kept.said, &kept.said_last);
    said_keep(&soft->awaited, arena, &kept.awaited, &kept.awaited_last);
    codec_pack(out, shape_session_tape(), &kept);
    arena_destroy(&arena);
}

err_t session_restore(turn_t *turn, slice_t bytes)
{
    session_soft_t *soft = turn_soft(turn);
    const void *object;
    fault_t fault;
    err_t err = codec_unpack(bytes, shape_session_tape(), turn_arena(turn), &fault, &object);
    const session_tape_t *kept = object;
    if (err == ERR_OK)
        err = presence_restore(&soft->presence, kept);
    if (err == ERR_OK)
        err = said_restore(&soft->said, kept->said, kept->said_last);
    if (err == ERR_OK)
        err = said_restore(&soft->awaited, kept->awaited, kept->awaited_last);
    return err;
}
