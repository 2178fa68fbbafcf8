#include "actors/notifier/keep.h"

#include "actors/notifier/notifier.h"

void notifier_keep(const void *ctx, buf_t *out)
{
    const notifier_soft_t *soft = ctx;
    arena_t *arena = arena_new();
    notifier_tape_t kept = {
        .present = present_keep(&soft->present, arena),
        .digests_begin = soft->digests.begin,
        .mails = soft->mailroom != NULL,
        .hooks = soft->hooks != NULL,
        .pushes = soft->pushes != NULL,
    };
    if (kept.mails)
        mailroom_keep(soft->mailroom, arena, &kept);
    if (kept.hooks)
        hooks_keep(soft->hooks, arena, &kept);
    if (kept.pushes)
        pushes_keep(soft->pushes, arena, &kept);
    codec_pack(out, shape_notifier_tape(), &kept);
    arena_destroy(&arena);
}

/* Who could not be started then, for want of a key or a thread, is not here either. */
static void s_dismiss(notifier_soft_t *soft, const notifier_tape_t *kept)
{
    if (!kept->mails)
        mailroom_destroy(&soft->mailroom);
    if (!kept->hooks)
        hooks_destroy(&soft->hooks);
    if (!kept->pushes)
        pushes_destroy(&soft->pushes);
}

err_t notifier_restore(turn_t *turn, slice_t bytes)
{
    notifier_soft_t *soft = turn_soft(turn);
    const void *object;
    fault_t fault;
    err_t err = codec_unpack(bytes, shape_notifier_tape(), turn_arena(turn), &fault, &object);
    if (err != ERR_OK)
        return err;
    const notifier_tape_t *kept = object;
    s_dismiss(soft, kept);
    present_restore(&soft->present, kept->present);
    soft->digests.begin = kept->digests_begin;
    if (soft->mailroom != NULL)
        mailroom_restore(soft->mailroom, kept);
    if (soft->hooks != NULL)
        hooks_restore(soft->hooks, kept);
    if (soft->pushes != NULL)
        pushes_restore(soft->pushes, kept);
    return ERR_OK;
}
