#include "actors/matching/soft.h"

#include "actors/matching/match.h"
#include "actors/matching/rows.h"
#include "schema/mem.h"

enum {
    ACCOUNT_AT = 1,
    SLICE = 1024,   /* people who are read at once: some ms */
    STALE_MAX = 64, /* who may wait for a question to read them again */
};

static const uint64_t ALL_MADE = UINT64_MAX;

void soft_close(void *ctx)
{
    matching_soft_t *soft = ctx;
    if (soft->stale != NULL)
        map_destroy(&soft->stale);
    crowd_destroy(&soft->crowd);
    lobby_destroy(&soft->lobby);
    buf_free(&soft->doubts.accounts);
}

/* ---- what has changed ---- */

static void s_note(matching_soft_t *soft, uint64_t account)
{
    if (account != 0)
        map_put(soft->stale, account, soft);
}

static void s_note_body(matching_soft_t *soft, event_number_t event, const void *body)
{
    if (event == EVENT_report_resolved)
        s_note(soft, ((const report_resolved_event_t *)body)->account);
    else if (event == EVENT_people_blocked)
        s_note(soft, ((const people_blocked_event_t *)body)->account);
    else if (event == EVENT_people_unblocked)
        s_note(soft, ((const people_unblocked_event_t *)body)->account);
    else if (event == EVENT_people_withdrawn) {
        ids_t others = ((const people_withdrawn_event_t *)body)->others;
        for (size_t i = 0; i < others.count; i++)
            s_note(soft, others.items[i]);
    }
}

/* Events that are about others than their key and their principal. */
static bool s_names_others(uint16_t type)
{
    return type == EVENT_report_resolved || type == EVENT_people_blocked ||
           type == EVENT_people_unblocked || type == EVENT_people_withdrawn;
}

static void s_note_others(matching_soft_t *soft, const record_t *record)
{
    const void *body;
    fault_t fault;
    arena_t *arena = arena_new();
    if (codec_unpack(record->body, event_type(record->type)->shape(), arena, &fault, &body) ==
        ERR_OK)
        s_note_body(soft, (event_number_t)record->type, body);
    arena_destroy(&arena);
}

bool soft_settled(void *ctx, const record_t *record)
{
    matching_soft_t *soft = ctx;
    match_settled(soft->lobby, record);
    if (record->type == EVENT_account_banned || record->type == EVENT_account_unbanned ||
        record->type == EVENT_account_deleted)
        bond_doubt(&soft->doubts, record->account);
    if (soft->crowd == NULL)
        return false;
    s_note(soft, record->account);
    s_note(soft, record->principal);
    if (s_names_others(record->type))
        s_note_others(soft, record);
    return map_count(soft->stale) >= STALE_MAX;
}

static err_t s_read_again(turn_t *turn, crowd_t *crowd, uint64_t account)
{
    const person_t *person;
    standing_row_t standing;
    candidate_t candidate;
    err_t err = rows_standing(turn, account, &standing);
    if (err == ERR_OK)
        err = person_get(turn, account, &person);
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

/* ---- all of them, some at a time ---- */

/* Somebody's row until their standing comes. */
typedef struct known {
    uint64_t account;
    person_t row;
} known_t;

/* A walk over so many people, and then over the standings of the same. */
typedef struct making {
    turn_t *turn;
    crowd_t *crowd;
    doubts_t *doubts;
    arena_t *arena;
    known_t people[SLICE];
    size_t count;
    size_t at; /* the first that may be who the next standing is of */
    err_t err;
} making_t;

static const void *s_unpack(making_t *making, slice_t value, const shape_t *shape)
{
    fault_t fault;
    const void *row = NULL;
    making->err =
        codec_unpack(arena_copy(making->arena, value), shape, making->arena, &fault, &row);
    return making->err == ERR_OK ? row : NULL;
}

static bool s_each_person(void *ctx, slice_t key, slice_t value)
{
    making_t *making = ctx;
    const person_t *row = s_unpack(making, value, shape_person());
    if (row == NULL)
        return false;
    known_t known = {row_number(key, ACCOUNT_AT), *row};
    making->people[making->count++] = known;
    if (bond_is_due(making->turn, known.account, row))
        bond_doubt(making->doubts, known.account);
    return making->count < SLICE;
}

/* NULL: nobody is known by that account. */
static const person_t *s_known(making_t *making, uint64_t account)
{
    while (making->at < making->count && making->people[making->at].account < account)
        making->at++;
    const known_t *known = making->at < making->count ? &making->people[making->at] : NULL;
    return known != NULL && known->account == account ? &known->row : NULL;
}

static bool s_each_standing(void *ctx, slice_t key, slice_t value)
{
    making_t *making = ctx;
    uint64_t account = row_number(key, ACCOUNT_AT);
    candidate_t candidate;
    const standing_row_t *standing = s_unpack(making, value, shape_standing_row());
    const person_t *person = s_known(making, account);
    if (standing != NULL && person != NULL && candidate_make(account, standing, person, &candidate))
        crowd_put(making->crowd, &candidate);
    return standing != NULL;
}

static err_t s_walk(making_t *making, row_key_t from, row_key_t to, store_each_fn *each)
{
    err_t err =
        store_scan(turn_store(making->turn), row_slice(&from), row_slice(&to), false, each, making);
    return err == ERR_OK ? making->err : err;
}

static err_t s_walk_slice(making_t *making, matching_soft_t *soft)
{
    err_t err = s_walk(making, row_key1('P', soft->made), row_key0('P' + 1), s_each_person);
    if (err != ERR_OK)
        return err;
    uint64_t end = making->count > 0 ? making->people[making->count - 1].account + 1 : soft->made;
    err = s_walk(making, row_key1('i', soft->made), row_key1('i', end), s_each_standing);
    if (err == ERR_OK)
        soft->made = making->count == SLICE ? end : ALL_MADE;
    return err;
}

/* The next ones; whoever changes later is stale by then. */
static err_t s_make_slice(turn_t *turn, matching_soft_t *soft)
{
    making_t *making = mem_new(making_t);
    making->turn = turn;
    making->crowd = soft->crowd;
    making->doubts = &soft->doubts;
    making->arena = arena_new();
    err_t err = s_walk_slice(making, soft);
    arena_destroy(&making->arena);
    mem_free(making);
    return err;
}

static err_t s_make(turn_t *turn, matching_soft_t *soft)
{
    if (soft->crowd == NULL) {
        soft->crowd = crowd_new();
        soft->stale = map_new();
    }
    return soft->made < ALL_MADE ? s_make_slice(turn, soft) : s_read_all_again(turn, soft);
}

bool soft_warm(turn_t *turn)
{
    matching_soft_t *soft = turn_soft(turn);
    bool more = soft->made < ALL_MADE;
    if (soft->lobby == NULL)
        match_start(turn);
    return s_make(turn, soft) == ERR_OK && more;
}

err_t soft_crowd(turn_t *turn, crowd_t **ret_crowd)
{
    matching_soft_t *soft = turn_soft(turn);
    err_t err = s_make(turn, soft);
    while (err == ERR_OK && (soft->made < ALL_MADE || map_count(soft->stale) > 0))
        err = s_make(turn, soft);
    *ret_crowd = soft->crowd;
    return err;
}
