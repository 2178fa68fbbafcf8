/* stage_work.c - commands that wait for the pool.
 *
 *   decide ── turn_work ──> waiting ── (pool) ──> result ── decide again, from the start
 *
 * A waiting command is kept as its envelope, which may hold a password: it is wiped once the
 * command is decided, or given up. */
#include <assert.h>

#include "actors/stage_parts.h"
#include "schema/mem.h"

static void s_wipe(buf_t *buf)
{
    if (buf->data != NULL)
        explicit_bzero(buf->data, buf->size);
    buf_free(buf);
}

void stage_waiting_end(waiting_t *waiting)
{
    s_wipe(&waiting->call);
    s_wipe(&waiting->password);
    buf_free(&waiting->verifier);
    buf_free(&waiting->md5_verifier);
    *waiting = (waiting_t){0};
}

static waiting_t *s_waiting_find(stage_t *stage, uint64_t ticket)
{
    for (size_t i = 0; i < WAITING_MAX; i++)
        if (stage->waiting[i].ticket == ticket)
            return &stage->waiting[i];
    return NULL;
}

void stage_result(stage_t *stage, uint64_t ticket, const work_result_t *result)
{
    waiting_t *waiting = ticket != 0 ? s_waiting_find(stage, ticket) : NULL;
    if (waiting == NULL)
        return;
    waiting_t done = *waiting; /* deciding again may leave new work in the same place */
    *waiting = (waiting_t){0};

    call_t call;
    slice_t bytes = buf_slice(&done.call);
    err_t err = call_read(&bytes, &call);
    assert(err == ERR_OK);
    stage_tape_begin(stage);
    stage_decide(stage, &call, result);
    stage_tape_result(stage, ticket, result);
    stage_waiting_end(&done);
}

void stage_succeed(stage_t *stage, const stage_t *before)
{
    stage->last_ticket = before->last_ticket;
}

bool stage_take_work(stage_t *stage, uint64_t *ret_ticket, work_t *ret_work)
{
    for (size_t i = 0; i < WAITING_MAX; i++) {
        waiting_t *waiting = &stage->waiting[i];
        if (waiting->ticket == 0 || waiting->taken)
            continue;
        waiting->taken = true;
        *ret_ticket = waiting->ticket;
        *ret_work = (work_t){
            .kind = waiting->kind,
            .password = buf_slice(&waiting->password),
            .hashed = waiting->hashed,
            .verifier = buf_slice(&waiting->verifier),
            .md5_verifier = buf_slice(&waiting->md5_verifier),
        };
        return true;
    }
    return false;
}

err_t turn_work(turn_t *turn, const work_t *work)
{
    stage_t *stage = turn->stage;
    waiting_t *waiting = s_waiting_find(stage, 0);
    assert(turn->record_count == 0);
    if (waiting == NULL)
        return turn_refuse(turn, ERR_UNAVAILABLE, "too many people are signing in");

    waiting->ticket = ++stage->last_ticket;
    waiting->kind = work->kind;
    waiting->hashed = work->hashed;
    buf_append(&waiting->call, turn->call->bytes);
    buf_append(&waiting->password, work->password);
    buf_append(&waiting->verifier, work->verifier);
    buf_append(&waiting->md5_verifier, work->md5_verifier);
    turn->works = true;
    return ERR_OK;
}
