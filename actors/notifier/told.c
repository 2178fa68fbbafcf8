/* told.c - a row for each room: account and time of each who was told, side by side. */
#include "actors/notifier/told.h"

enum { PERSON_SIZE = 16 };

static const int64_t AGAIN_US = (int64_t)10 * 1000000;

err_t told_get(turn_t *turn, uint64_t room, told_t *ret_told)
{
    slice_t value = {0};
    err_t err = row_get_bytes(turn, row_key1('T', room), &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    ret_told->count = 0;
    for (size_t at = 0; at < value.len && ret_told->count < LIMIT_NOTICE_MEMBERS;
         at += PERSON_SIZE) {
        ret_told->people[ret_told->count].account = row_number(value, at);
        ret_told->people[ret_told->count++].time = (int64_t)row_number(value, at + 8);
    }
    return ERR_OK;
}

int64_t told_time(const told_t *told, uint64_t account)
{
    for (size_t i = 0; i < told->count; i++)
        if (told->people[i].account == account)
            return told->people[i].time;
    return 0;
}

bool told_lately(const told_t *told, uint64_t account, int64_t time)
{
    int64_t last = told_time(told, account);
    return last != 0 && time - last < AGAIN_US;
}

static void s_put(turn_t *turn, uint64_t room, const told_t *told)
{
    uint64_t numbers[2 * LIMIT_NOTICE_MEMBERS];
    for (size_t i = 0; i < told->count; i++) {
        numbers[2 * i] = told->people[i].account;
        numbers[2 * i + 1] = (uint64_t)told->people[i].time;
    }
    row_put_numbers(turn, row_key1('T', room), (ids_t){numbers, 2 * told->count});
}

/* The account's place, or the next; those who have left the room give way to others. */
static size_t s_place(told_t *told, uint64_t account)
{
    size_t oldest = 0;
    for (size_t i = 0; i < told->count; i++) {
        if (told->people[i].account == account)
            return i;
        if (told->people[i].time < told->people[oldest].time)
            oldest = i;
    }
    return told->count < LIMIT_NOTICE_MEMBERS ? told->count++ : oldest;
}

void told_put(turn_t *turn, uint64_t room, uint64_t account, int64_t time)
{
    told_t told;
    if (!row_found(told_get(turn, room, &told)))
        return;
    size_t place = s_place(&told, account);
    told.people[place].account = account;
    told.people[place].time = time;
    s_put(turn, room, &told);
}

void told_remove(turn_t *turn, uint64_t room, uint64_t account)
{
    told_t told;
    if (!row_found(told_get(turn, room, &told)) || told_time(&told, account) == 0)
        return;
    size_t place = s_place(&told, account);
    told.people[place] = told.people[--told.count];
    s_put(turn, room, &told);
}
