#include "actors/matching/soft.h"

#include "actors/matching/match.h"
#include "actors/matching/rows.h"
#include "schema/mem.h"

enum { ACCOUNT_AT = 1, ROWS_AN_ARENA = 1024 };

void soft_close(void *ctx)
{
    matching_soft_t *soft = ctx;
    if (soft->stale != NULL)
        map_destroy(&soft->stale);
    crowd_destroy(&soft->crowd);
    lobby_destroy(&soft->lobby);
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
    match_settled(soft->lobby, record);
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

/* The walk over all people, and then over all standings, in an arena of its own, since
 * they are a million each. */
typedef struct making {
    turn_t *turn;
    crowd_t *crowd;
    arena_t *arena;
    size_t rows;
    buf_t people; /* person_row_t by account, without names; of nobody: gone */
    err_t err;
} making_t;

static const void *s_unpack(making_t *making, slice_t value, const shape_t *shape)
{
    fault_t fault;
    const void *row = NULL;
    if (++making->rows % ROWS_AN_ARENA == 0)
        arena_reset(making->arena);
    making->err =
        codec_unpack(arena_copy(making->arena, value), shape, making->arena, &fault, &row);
    return making->err == ERR_OK ? row : NULL;
}

static void s_note_person(making_t *making, uint64_t account, const person_row_t *person)
{
    static const person_row_t nobody = {.gone = true};
    while (making->people.len <= account * sizeof *person)
        buf_append(&making->people, slice_new(&nobody, sizeof nobody));
    person_row_t kept = {
        .seen = person->seen, .banned_until = person->banned_until, .gone = person->gone};
    memcpy(making->people.data + account * sizeof kept, &kept, sizeof kept);
}

static bool s_each_person(void *ctx, slice_t key, slice_t value)
{
    making_t *making = ctx;
    const person_row_t *person = s_unpack(making, value, shape_person_row());
    if (person != NULL)
        s_note_person(making, row_number(key, ACCOUNT_AT), person);
    return person != NULL;
}

static bool s_each_standing(void *ctx, slice_t key, slice_t value)
{
    making_t *making = ctx;
    uint64_t account = row_number(key, ACCOUNT_AT);
    candidate_t candidate;
    const standing_row_t *standing = s_unpack(making, value, shape_standing_row());
    const person_row_t *people = (const person_row_t *)(const void *)making->people.data;
    bool known = account < making->people.len / sizeof *people;
    if (standing != NULL && known &&
        candidate_make(account, standing, &people[account], &candidate))
        crowd_put(making->crowd, &candidate);
    return standing != NULL;
}

static err_t s_walk(making_t *making, char letter, store_each_fn *each)
{
    row_key_t from = row_key0(letter), to = row_key0((char)(letter + 1));
    err_t err =
        store_scan(turn_store(making->turn), row_slice(&from), row_slice(&to), false, each, making);
    return err == ERR_OK ? making->err : err;
}

static err_t s_make(turn_t *turn, matching_soft_t *soft)
{
    making_t making = {.turn = turn, .crowd = crowd_new(), .arena = arena_new()};
    err_t err = s_walk(&making, 'P', s_each_person);
    if (err == ERR_OK)
        err = s_walk(&making, 'i', s_each_standing);
    arena_destroy(&making.arena);
    buf_free(&making.people);
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
