#include "actors/matching/rows.h"

#include "schema/pack.h"

enum { NUMBER_SIZE = 8, OTHER_AT = 1 + NUMBER_SIZE };

row_key_t rows_counter_key(char counter)
{
    row_key_t key = row_key0('C');
    row_key_add(&key, slice_new(&counter, 1));
    return key;
}

row_key_t rows_tag_key(slice_t tag)
{
    row_key_t key = row_key0('t');
    row_key_add(&key, tag);
    return key;
}

/* ---- reading ---- */

err_t rows_profile(turn_t *turn, uint64_t account, const profile_t **ret_profile)
{
    const void *row;
    err_t err = row_get(turn, row_key1('p', account), shape_profile(), &row);
    if (err == ERR_OK)
        *ret_profile = row;
    return err;
}

err_t rows_report(turn_t *turn, uint64_t id, const report_t **ret_report)
{
    const void *row;
    err_t err = row_get(turn, row_key1('r', id), shape_report(), &row);
    if (err == ERR_OK)
        *ret_report = row;
    return err;
}

/* A row that is all zero where there is none. */
static err_t s_get(turn_t *turn, row_key_t key, const shape_t *shape, void *object)
{
    const void *row;
    err_t err = row_get(turn, key, shape, &row);
    if (err == ERR_OK)
        memcpy(object, row, shape->size);
    else
        memset(object, 0, shape->size);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t rows_standing(turn_t *turn, uint64_t account, standing_row_t *ret_standing)
{
    return s_get(turn, row_key1('i', account), shape_standing_row(), ret_standing);
}

err_t rows_stance(turn_t *turn, uint64_t account, uint64_t other, stance_t *ret_stance)
{
    return s_get(turn, row_key2('s', account, other), shape_stance(), ret_stance);
}

err_t rows_chat(turn_t *turn, uint64_t one, uint64_t other, chat_row_t *ret_chat)
{
    slice_t mark;
    err_t err = s_get(turn, row_key_pair('c', one, other), shape_chat_row(), ret_chat);
    if (err != ERR_OK || ret_chat->state != chat_state_NONE)
        return err;
    err = row_get_bytes(turn, row_key_pair('d', one, other), &mark);
    if (err == ERR_OK)
        ret_chat->state = chat_state_OPEN;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

typedef struct gathering {
    buf_t accounts; /* u64 */
    uint64_t why;   /* a set of which one is enough */
} gathering_t;

static bool s_each_apart(void *ctx, slice_t key, slice_t value)
{
    gathering_t *gathering = ctx;
    uint64_t account = row_number(key, OTHER_AT);
    if (row_number(value, 0) & gathering->why)
        buf_append(&gathering->accounts, slice_new(&account, sizeof account));
    return true;
}

err_t rows_apart(turn_t *turn, uint64_t account, uint64_t why, ids_t *ret_accounts)
{
    gathering_t gathering = {.why = why};
    row_key_t from = row_key1('n', account), to = row_key1('n', account + 1);
    err_t err = store_scan(turn_store(turn), row_slice(&from), row_slice(&to), false, s_each_apart,
                           &gathering);
    slice_t kept = arena_copy(turn_arena(turn), buf_slice(&gathering.accounts));
    buf_free(&gathering.accounts);
    *ret_accounts = (ids_t){(const uint64_t *)(const void *)kept.ptr, kept.len / sizeof(uint64_t)};
    return err;
}

/* ---- for apply ---- */

standing_row_t rows_own_standing(turn_t *turn, uint64_t account)
{
    standing_row_t standing;
    (void)row_found(rows_standing(turn, account, &standing));
    return standing;
}

void rows_put_standing(turn_t *turn, uint64_t account, const standing_row_t *standing)
{
    row_put(turn, row_key1('i', account), shape_standing_row(), standing);
}

stance_t rows_own_stance(turn_t *turn, uint64_t account, uint64_t other)
{
    stance_t stance;
    (void)row_found(rows_stance(turn, account, other, &stance));
    return stance;
}

static bool s_is_empty(const stance_t *stance)
{
    static const stance_t none;
    return memcmp(stance, &none, sizeof none) == 0;
}

void rows_put_stance(turn_t *turn, uint64_t account, uint64_t other, const stance_t *stance)
{
    row_key_t key = row_key2('s', account, other);
    if (s_is_empty(stance))
        row_delete(turn, key);
    else
        row_put(turn, key, shape_stance(), stance);
}

static void s_keep_apart(turn_t *turn, uint64_t account, uint64_t other, const stance_t *to,
                         const stance_t *from)
{
    uint64_t why = 0;
    row_key_t key = row_key2('n', account, other);
    if (to->blocked != 0 || from->blocked != 0)
        why |= APART_BLOCKED;
    if (to->liked != 0 || to->disliked != 0 || to->reported != 0)
        why |= APART_OTHERWISE;
    if (why != 0)
        row_put_number(turn, key, why);
    else
        row_delete(turn, key);
}

void rows_keep_apart(turn_t *turn, uint64_t account, uint64_t other)
{
    stance_t to = rows_own_stance(turn, account, other);
    stance_t from = rows_own_stance(turn, other, account);
    s_keep_apart(turn, account, other, &to, &from);
    s_keep_apart(turn, other, account, &from, &to);
}

uint64_t rows_count_up(turn_t *turn, char counter)
{
    uint64_t number = 0;
    (void)row_found(row_get_number(turn, rows_counter_key(counter), &number));
    row_put_number(turn, rows_counter_key(counter), ++number);
    return number;
}

void rows_put_encounter(turn_t *turn, encounters_t list, uint64_t account, uint64_t number,
                        uint64_t other, int64_t time)
{
    row_put_numbers(turn, row_key2((char)list, account, number),
                    ROW_NUMBERS(other, (uint64_t)time));
}

void rows_delete_encounter(turn_t *turn, encounters_t list, uint64_t account, uint64_t number)
{
    if (number != 0)
        row_delete(turn, row_key2((char)list, account, number));
}
