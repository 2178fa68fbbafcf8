#include "actors/matching/soft.h"

#include "actors/matching/rows.h"
#include "schema/mem.h"

enum { ACCOUNT_AT = 1, ROWS_AN_ARENA = 1024 };

void soft_close(void *ctx)
{
    matching_soft_t *soft = ctx;
    if (soft->stale != NULL)
        map_destroy(&soft->stale);
    crowd_destroy(&soft->crowd);
}

/* ---- what has changed ---- */

static void s_note(matching_soft_t *soft, uint64_t account)
{
    if (account != 0)
        map_put(soft->stale, account, soft);
}

/* Whom an event is about, where that is neither its key nor its principal: in its body,
 * under the name `account`. */
static void s_note_account(matching_soft_t *soft, const record_t *record)
{
    const shape_t *shape = event_type(record->type)->shape();
    const void *body;
    fault_t fault;
    arena_t *arena = arena_new();
    if (codec_unpack(record->body, shape, arena, &fault, &body) == ERR_OK) {
        const field_t *field = shape_field(shape, SLICE_LIT("account"));
        s_note(soft, *(const uint64_t *)(const void *)((const uint8_t *)body + field->offset));
    }
    arena_destroy(&arena);
}

void soft_settled(void *ctx, const record_t *record)
{
    matching_soft_t *soft = ctx;
    if (soft->crowd == NULL)
        return;
    s_note(soft, record->account);
    s_note(soft, record->principal);
    if (record->type == EVENT_report_resolved || record->type == EVENT_people_blocked ||
        record->type == EVENT_people_unblocked)
        s_note_account(soft, record);
}

static err_t s_read_again(turn_t *turn, crowd_t *crowd, uint64_t account)
{
    const person_row_t *person;
    standing_row_t standing;
    candidate_t candidate;
    err_t err = rows_standing(turn, account, &standing);
    if (err == ERR_OK)
        err = rows_person(turn, account, &person);
    if (err == ERR_OK && candidate_make(account, &standing, person, &candidate))
        crowd_put(crowd, &candidate);
    else if (err == ERR_OK || err == ERR_NOT_FOUND)
        crowd_drop(crowd, account);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t s_read_all_again(turn_t *turn, matching_soft_t *soft)
{
    uint64_t account;
    void *unused;
    for (size_t at = 0; map_next(soft->stale, &at, &account, &unused);) {
        err_t err = s_read_again(turn, soft->crowd, account);
        if (err != ERR_OK)
            return err;
    }
    map_destroy(&soft->stale);
    soft->stale = map_new();
    return ERR_OK;
}

/* ---- all of them ---- */

/* The walk over all rows, in an arena of its own, since they are a million. */
typedef struct making {
    turn_t *turn;
    crowd_t *crowd;
    arena_t *arena;
    size_t rows;
    err_t err;
} making_t;

static err_t s_unpack(making_t *making, slice_t value, const shape_t *shape, const void **ret_row)
{
    fault_t fault;
    return codec_unpack(arena_copy(making->arena, value), shape, making->arena, &fault, ret_row);
}

static err_t s_make_one(making_t *making, uint64_t account, slice_t value)
{
    const void *standing, *person;
    candidate_t candidate;
    slice_t found;
    row_key_t key = row_key1('P', account);
    err_t err = s_unpack(making, value, shape_standing_row(), &standing);
    if (err == ERR_OK)
        err = store_get(turn_store(making->turn), row_slice(&key), making->arena, &found);
    if (err == ERR_OK)
        err = s_unpack(making, found, shape_person_row(), &person);
    if (err == ERR_OK && candidate_make(account, standing, person, &candidate))
        crowd_put(making->crowd, &candidate);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static bool s_each_standing(void *ctx, slice_t key, slice_t value)
{
    making_t *making = ctx;
    if (++making->rows % ROWS_AN_ARENA == 0)
        arena_reset(making->arena);
    making->err = s_make_one(making, row_number(key, ACCOUNT_AT), value);
    return making->err == ERR_OK;
}

static err_t s_make(turn_t *turn, matching_soft_t *soft)
{
    making_t making = {.turn = turn, .crowd = crowd_new(), .arena = arena_new()};
    row_key_t from = row_key0('i'), to = row_key0('i' + 1);
    err_t err = store_scan(turn_store(turn), row_slice(&from), row_slice(&to), false,
                           s_each_standing, &making);
    if (err == ERR_OK)
        err = making.err;
    arena_destroy(&making.arena);
    if (err == ERR_OK) {
        soft->crowd = TAKE(making.crowd);
        soft->stale = map_new();
    }
    crowd_destroy(&making.crowd);
    return err;
}

err_t soft_crowd(turn_t *turn, crowd_t **ret_crowd)
{
    matching_soft_t *soft = turn_soft(turn);
    err_t err = soft->crowd == NULL ? s_make(turn, soft) : s_read_all_again(turn, soft);
    *ret_crowd = soft->crowd;
    return err;
}
