#include "actors/matching/bond.h"

enum { LOOKS_A_ROUND = 16, FORGET_AFTER = 1024 };

static err_t s_row(turn_t *turn, uint64_t account, bond_row_t *ret_row)
{
    const void *row;
    err_t err = row_get(turn, row_key1('K', account), shape_bond_row(), &row);
    *ret_row = err == ERR_OK ? *(const bond_row_t *)row : (bond_row_t){0};
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- bonds ---- */

void bond_begin(turn_t *turn, uint64_t account, uint64_t other, stance_t *stance)
{
    bond_row_t row;
    if (stance->place != 0)
        return;
    (void)row_found(s_row(turn, account, &row));
    stance->place = ++row.count;
    row_put_number(turn, row_key2('k', account, stance->place), other);
    row_put(turn, row_key1('K', account), shape_bond_row(), &row);
}

static bool s_is_barred(turn_t *turn, const person_t *person)
{
    return person->gone || person->banned_until > turn_now(turn);
}

err_t bond_check(turn_t *turn, uint64_t account)
{
    const person_t *person;
    err_t err = person_get(turn, account, &person);
    if (err != ERR_OK)
        return err;
    return s_is_barred(turn, person) ? ERR_FORBIDDEN : ERR_OK;
}

/* ---- what is to be done ---- */

void bond_doubt(doubts_t *doubts, uint64_t account)
{
    buf_append(&doubts->accounts, slice_new(&account, sizeof account));
}

/* How many places a round changes, and whether it withdraws them. */
typedef struct step {
    bool withdrawn;
    uint64_t first;
    uint64_t count;
} step_t;

/* The places from the first up to some are withdrawn; that grows and shrinks at its end. */
static step_t s_step(bool barred, const bond_row_t *row)
{
    uint64_t left = barred ? row->count - row->withdrawn : row->withdrawn;
    uint64_t count = left < LIMIT_BONDS ? left : LIMIT_BONDS;
    uint64_t first = barred ? row->withdrawn + 1 : row->withdrawn - count + 1;
    return (step_t){barred, first, count};
}

static bool s_comes_back(turn_t *turn, const person_t *person)
{
    return !person->gone && person->banned_until < INT64_MAX && s_is_barred(turn, person);
}

bool bond_is_due(turn_t *turn, uint64_t account, const person_t *person)
{
    bond_row_t row;
    if (!person->gone && person->banned_until == 0)
        return false;
    (void)row_found(s_row(turn, account, &row));
    return s_comes_back(turn, person) || s_step(s_is_barred(turn, person), &row).count > 0;
}

/* ---- doing it ---- */

static void s_emit(turn_t *turn, uint64_t account, step_t step)
{
    uint64_t *others = arena_alloc(turn_arena(turn), step.count * sizeof *others);
    for (uint64_t i = 0; i < step.count; i++)
        (void)row_found(row_get_number(turn, row_key2('k', account, step.first + i), &others[i]));
    turn_emit(turn, EVENT_people_withdrawn, 0, 0,
              &(people_withdrawn_event_t){
                  .by = account, .withdrawn = step.withdrawn, .others = {others, step.count}});
}

/* True if an event came of it; *ret_again: that is not the end of it. */
static bool s_look(turn_t *turn, uint64_t account, bool *ret_again)
{
    const person_t *person;
    bond_row_t row;
    *ret_again = false;
    if (!row_found(person_get(turn, account, &person)))
        return false;
    (void)row_found(s_row(turn, account, &row));
    step_t step = s_step(s_is_barred(turn, person), &row);
    bool pending = store_rests(turn_store(turn)); /* what was done so far may yet be lost */
    *ret_again = pending || step.count > 0 || s_comes_back(turn, person);
    if (step.count > 0)
        s_emit(turn, account, step);
    return step.count > 0;
}

static bool s_next(doubts_t *doubts, uint64_t *ret_account)
{
    const uint64_t *accounts = (const uint64_t *)(const void *)doubts->accounts.data;
    if (doubts->first == doubts->accounts.len / sizeof *accounts)
        return false;
    *ret_account = accounts[doubts->first++];
    return true;
}

/* Those that are done with go, once they are many. */
static void s_forget(doubts_t *doubts)
{
    size_t bytes = doubts->first * sizeof(uint64_t);
    if (doubts->first < FORGET_AFTER)
        return;
    memmove(doubts->accounts.data, doubts->accounts.data + bytes, doubts->accounts.len - bytes);
    doubts->accounts.len -= bytes;
    doubts->first = 0;
}

void bond_round(turn_t *turn, doubts_t *doubts)
{
    uint64_t account;
    bool emitted = false, again;
    for (int i = 0; i < LOOKS_A_ROUND && !emitted && s_next(doubts, &account); i++) {
        emitted = s_look(turn, account, &again);
        if (again)
            bond_doubt(doubts, account);
    }
    s_forget(doubts);
}

/* ---- what it changes ---- */

static void s_count(standing_row_t *standing, const stance_t *stance, bool more)
{
    uint64_t *const counts[] = {&standing->likes, &standing->visits, &standing->matches,
                                &standing->blocks};
    const bool holds[] = {stance->like != 0, stance->visit != 0, stance->match != 0,
                          stance->block != 0};
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        if (holds[i])
            *counts[i] = more ? *counts[i] + 1 : *counts[i] - (*counts[i] > 0);
}

static void s_withdraw(turn_t *turn, uint64_t account, uint64_t other, bool withdrawn)
{
    stance_t stance = rows_own_stance(turn, account, other);
    standing_row_t standing = rows_own_standing(turn, other);
    if (stance.withdrawn == withdrawn)
        return;
    stance.withdrawn = withdrawn;
    s_count(&standing, &stance, !withdrawn);
    rows_put_stance(turn, account, other, &stance);
    rows_put_standing(turn, other, &standing);
}

void matching_apply_withdrawn(turn_t *turn, const record_t *record, const void *body)
{
    const people_withdrawn_event_t *event = body;
    bond_row_t row;
    (void)record;
    for (size_t i = 0; i < event->others.count; i++)
        s_withdraw(turn, event->by, event->others.items[i], event->withdrawn);
    (void)row_found(s_row(turn, event->by, &row));
    row.withdrawn += event->withdrawn ? event->others.count : 0 - event->others.count;
    row_put(turn, row_key1('K', event->by), shape_bond_row(), &row);
}
