/* crowd.c - rows of rooms, as numbers side by side: no row of the codec is read for a post. */
#include "actors/notifier/crowd.h"

#include "schema/pack.h"

static const int64_t HERE_US = (int64_t)20 * 1000000; /* so long somebody counts as there */

/* ---- members: how many, then those of a small room in the order of their seats ---- */

static row_key_t s_key(uint64_t room)
{
    return row_key1('R', room);
}

err_t crowd_get(turn_t *turn, uint64_t room, crowd_t *ret_crowd)
{
    slice_t value;
    err_t err = row_get_bytes(turn, s_key(room), &value);
    if (err != ERR_OK)
        return err;
    *ret_crowd = (crowd_t){.count = row_number(value, 0)};
    ret_crowd->large = ret_crowd->count > LIMIT_NOTICE_MEMBERS;
    for (size_t i = 0; i < ret_crowd->count && !ret_crowd->large; i++)
        ret_crowd->members[i] = row_number(value, 8 + 8 * i);
    return ERR_OK;
}

static void s_put(turn_t *turn, uint64_t room, const crowd_t *crowd)
{
    uint64_t numbers[1 + LIMIT_NOTICE_MEMBERS] = {crowd->count};
    size_t named = crowd->count <= LIMIT_NOTICE_MEMBERS ? crowd->count : 0;
    for (size_t i = 0; i < named; i++)
        numbers[1 + i] = crowd->members[i];
    row_put_numbers(turn, s_key(room), (ids_t){numbers, 1 + named});
}

/* ---- seats ---- */

err_t crowd_seat(turn_t *turn, uint64_t room, uint64_t seat, uint64_t *ret_account)
{
    err_t err = row_get_number(turn, row_key2('s', room, seat), ret_account);
    return err == ERR_OK && *ret_account == 0 ? ERR_NOT_FOUND : err;
}

static void s_sit(turn_t *turn, uint64_t room, uint64_t seat, uint64_t account)
{
    row_put_number(turn, row_key2('s', room, seat), account);
    row_put_number(turn, row_key2('m', room, account), seat);
}

/* Whoever has the last seat takes this one. */
static void s_rise(turn_t *turn, uint64_t room, uint64_t seat, uint64_t account, uint64_t last)
{
    uint64_t other = account;
    (void)row_found(crowd_seat(turn, room, last, &other));
    if (other != account)
        s_sit(turn, room, seat, other);
    row_delete(turn, row_key2('s', room, last));
    row_delete(turn, row_key2('m', room, account));
}

/* ---- coming and going ---- */

void crowd_begin(turn_t *turn, uint64_t room)
{
    s_put(turn, room, &(crowd_t){0});
}

void crowd_end(turn_t *turn, uint64_t room)
{
    row_delete(turn, s_key(room));
    row_delete(turn, row_key1('h', room));
}

void crowd_add(turn_t *turn, uint64_t room, uint64_t account)
{
    uint64_t seat;
    crowd_t crowd;
    if (!row_found(crowd_get(turn, room, &crowd)) ||
        !row_found(row_get_number(turn, row_key2('m', room, account), &seat)) || seat != 0)
        return;
    if (crowd.count < LIMIT_NOTICE_MEMBERS)
        crowd.members[crowd.count] = account;
    else
        row_delete(turn, row_key1('h', room));
    s_sit(turn, room, ++crowd.count, account);
    s_put(turn, room, &crowd);
}

void crowd_remove(turn_t *turn, uint64_t room, uint64_t account)
{
    uint64_t seat;
    crowd_t crowd;
    if (!row_found(crowd_get(turn, room, &crowd)) ||
        !row_found(row_get_number(turn, row_key2('m', room, account), &seat)) || seat == 0)
        return;
    s_rise(turn, room, seat, account, crowd.count--);
    for (size_t i = 0; i < crowd.count && crowd.count <= LIMIT_NOTICE_MEMBERS; i++)
        (void)row_found(crowd_seat(turn, room, i + 1, &crowd.members[i]));
    s_put(turn, room, &crowd);
}

/* ---- who is there: the sequence, then account and time of each ---- */

enum { PERSON_SIZE = 16 };

err_t here_get(turn_t *turn, uint64_t room, here_t *ret_here)
{
    slice_t value = {0};
    err_t err = row_get_bytes(turn, row_key1('h', room), &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    *ret_here = (here_t){.seq = row_number(value, 0)};
    for (size_t at = 8; at < value.len && ret_here->count < LIMIT_NOTICE_MEMBERS;
         at += PERSON_SIZE) {
        ret_here->people[ret_here->count].account = row_number(value, at);
        ret_here->people[ret_here->count++].time = (int64_t)row_number(value, at + 8);
    }
    return ERR_OK;
}

bool here_is(const here_t *here, uint64_t account, int64_t time)
{
    for (size_t i = 0; i < here->count; i++)
        if (here->people[i].account == account)
            return time - here->people[i].time < HERE_US;
    return false;
}

/* The account's place, or that of whoever was there longest ago. */
static size_t s_place(here_t *here, uint64_t account)
{
    for (size_t i = 0; i < here->count; i++)
        if (here->people[i].account == account)
            return i;
    return here->count < LIMIT_NOTICE_MEMBERS ? here->count++ : here->count - 1;
}

void here_put(turn_t *turn, uint64_t room, here_t *here, uint64_t account, int64_t time)
{
    uint64_t numbers[1 + 2 * LIMIT_NOTICE_MEMBERS] = {here->seq};
    size_t place = s_place(here, account);
    memmove(&here->people[1], &here->people[0], place * sizeof here->people[0]);
    here->people[0].account = account;
    here->people[0].time = time;
    for (size_t i = 0; i < here->count; i++) {
        numbers[1 + 2 * i] = here->people[i].account;
        numbers[2 + 2 * i] = (uint64_t)here->people[i].time;
    }
    row_put_numbers(turn, row_key1('h', room), (ids_t){numbers, 1 + 2 * here->count});
}
