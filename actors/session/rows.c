#include "actors/session/rows.h"

#include <assert.h>

#include "actors/row.h"
#include "schema/pack.h"
#include "schema/text.h"

enum { NUMBER_SIZE = 8 };

/* ---- any table whose keys are numbers ---- */

static row_key_t s_key(rows_table_t table, uint64_t number)
{
    return row_key1((char)table, number);
}

err_t rows_get(turn_t *turn, rows_table_t table, uint64_t number, slice_t *ret_value)
{
    return row_get_bytes(turn, s_key(table, number), ret_value);
}

void rows_put(turn_t *turn, rows_table_t table, uint64_t number, slice_t value)
{
    row_put_bytes(turn, s_key(table, number), value);
}

void rows_delete(turn_t *turn, rows_table_t table, uint64_t number)
{
    row_delete(turn, s_key(table, number));
}

uint64_t rows_number(slice_t key)
{
    return row_number(key, key.len - NUMBER_SIZE);
}

err_t rows_scan(turn_t *turn, rows_table_t table, uint64_t after, store_each_fn *each, void *ctx)
{
    row_range_t range = row_range1((char)table, after);
    if (after == UINT64_MAX)
        return ERR_OK;
    return store_scan(turn_store(turn), row_slice(&range.from), row_slice(&range.to), false, each,
                      ctx);
}

/* ---- rows whose key is text, and whose value is a number ----
 *
 * Such a key is as long as its text, which may be longer than a row_key_t. */

static err_t s_get_number(turn_t *turn, slice_t key, uint64_t *ret_number)
{
    slice_t value;
    err_t err = store_get(turn_store(turn), key, turn_arena(turn), &value);
    if (err != ERR_OK)
        return err;
    if (value.len != NUMBER_SIZE)
        return ERR_CORRUPT;
    *ret_number = wide_get64(value.ptr);
    return ERR_OK;
}

static void s_put_number(turn_t *turn, slice_t key, uint64_t number)
{
    uint8_t value[NUMBER_SIZE];
    wide_put64(value, number);
    store_put(turn_store(turn), key, slice_new(value, NUMBER_SIZE));
}

/* ---- accounts and sessions ---- */

err_t rows_account(turn_t *turn, uint64_t id, const account_row_t **ret_row)
{
    return row_get(turn, s_key(ROWS_ACCOUNT, id), shape_account_row(), (const void **)ret_row);
}

void rows_put_account(turn_t *turn, const account_row_t *row)
{
    row_put(turn, s_key(ROWS_ACCOUNT, row->id), shape_account_row(), row);
}

err_t rows_read_account(turn_t *turn, slice_t value, const account_row_t **ret_row)
{
    return row_read(turn, value, shape_account_row(), (const void **)ret_row);
}

err_t rows_session(turn_t *turn, uint64_t number, const session_row_t **ret_row)
{
    return row_get(turn, s_key(ROWS_SESSION, number), shape_session_row(), (const void **)ret_row);
}

void rows_put_session(turn_t *turn, const session_row_t *row)
{
    row_put(turn, s_key(ROWS_SESSION, row->id), shape_session_row(), row);
}

/* ---- what leads to a session ---- */

static row_key_t s_owned_key(uint64_t account, uint64_t session)
{
    return row_key2(ROWS_OWNED, account, session);
}

static slice_t s_hash_key(turn_t *turn, slice_t hash)
{
    uint8_t *key = arena_alloc(turn_arena(turn), 1 + hash.len);
    key[0] = ROWS_HASH;
    memcpy(key + 1, hash.ptr, hash.len);
    return slice_new(key, 1 + hash.len);
}

static row_key_t s_bot_key(slice_t key)
{
    row_key_t row = row_key0(ROWS_BOT_KEY);
    row_key_add(&row, key);
    return row;
}

static err_t s_led_to(turn_t *turn, row_key_t key, const session_row_t **ret_row)
{
    uint64_t session;
    err_t err = row_get_number(turn, key, &session);
    if (err == ERR_OK && session == 0)
        err = ERR_NOT_FOUND;
    return err == ERR_OK ? rows_session(turn, session, ret_row) : err;
}

err_t rows_bot(turn_t *turn, uint64_t account, const session_row_t **ret_row)
{
    return s_led_to(turn, s_key(ROWS_BOT, account), ret_row);
}

err_t rows_bot_key(turn_t *turn, slice_t key, const session_row_t **ret_row)
{
    return s_led_to(turn, s_bot_key(key), ret_row);
}

static void s_index_bot(turn_t *turn, const session_row_t *row)
{
    row_put_number(turn, s_key(ROWS_BOT, row->account), row->id);
    row_put_number(turn, s_bot_key(row->key), row->id);
}

/* By now account and key may lead to a later session. */
static void s_forget_bot(turn_t *turn, const session_row_t *row)
{
    const row_key_t keys[] = {s_key(ROWS_BOT, row->account), s_bot_key(row->key)};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        uint64_t session = 0;
        if (row_found(row_get_number(turn, keys[i], &session)) && session == row->id)
            row_delete(turn, keys[i]);
    }
}

void rows_index_session(turn_t *turn, const session_row_t *row)
{
    row_put_mark(turn, s_owned_key(row->account, row->id));
    if (row->key.len > 0)
        s_index_bot(turn, row);
    else if (row->scopes.len > 0)
        row_put_mark(turn, s_key(ROWS_KEY, row->id));
    if (row->hash.len > 0)
        s_put_number(turn, s_hash_key(turn, row->hash), row->id);
}

/* A public uuid may lead to a later session by now. */
static void s_forget_hash(turn_t *turn, const session_row_t *row)
{
    uint64_t session;
    if (row_found(rows_hashed(turn, row->hash, &session)) && session == row->id)
        store_delete(turn_store(turn), s_hash_key(turn, row->hash));
}

void rows_forget_session(turn_t *turn, const session_row_t *row)
{
    rows_delete(turn, ROWS_SESSION, row->id);
    row_delete(turn, s_owned_key(row->account, row->id));
    if (row->key.len > 0)
        s_forget_bot(turn, row);
    else if (row->scopes.len > 0)
        rows_delete(turn, ROWS_KEY, row->id);
    if (row->hash.len > 0)
        s_forget_hash(turn, row);
}

err_t rows_hashed(turn_t *turn, slice_t hash, uint64_t *ret_session)
{
    return s_get_number(turn, s_hash_key(turn, hash), ret_session);
}

typedef struct owned {
    rows_session_fn *each;
    void *ctx;
} owned_t;

static bool s_each_owned(void *ctx, slice_t key, slice_t value)
{
    const owned_t *owned = ctx;
    (void)value;
    return owned->each(owned->ctx, rows_number(key));
}

err_t rows_scan_owned(turn_t *turn, uint64_t account, uint64_t after, rows_session_fn *each,
                      void *ctx)
{
    row_range_t range = row_range2(ROWS_OWNED, account, after);
    return store_scan(turn_store(turn), row_slice(&range.from), row_slice(&range.to), true,
                      s_each_owned, &(owned_t){each, ctx});
}

/* ---- whom a foreign issuer means ---- */

/* No text has a NUL, so that the two cannot run into each other. */
static slice_t s_subject_key(turn_t *turn, slice_t issuer, slice_t subject)
{
    size_t len = 1 + issuer.len + 1 + subject.len;
    uint8_t *key = arena_alloc(turn_arena(turn), len);
    key[0] = ROWS_SUBJECT;
    memcpy(key + 1, issuer.ptr, issuer.len);
    key[1 + issuer.len] = '\0';
    memcpy(key + len - subject.len, subject.ptr, subject.len);
    return slice_new(key, len);
}

err_t rows_subject(turn_t *turn, slice_t issuer, slice_t subject, uint64_t *ret_account)
{
    return s_get_number(turn, s_subject_key(turn, issuer, subject), ret_account);
}

void rows_put_subject(turn_t *turn, slice_t issuer, slice_t subject, uint64_t account)
{
    s_put_number(turn, s_subject_key(turn, issuer, subject), account);
}

/* ---- names ---- */

static slice_t s_name_key(turn_t *turn, rows_table_t names, slice_t name)
{
    assert(names == ROWS_LOGIN || names == ROWS_EMAIL || names == ROWS_USERNAME);
    uint8_t *key = arena_alloc(turn_arena(turn), 1 + name.len);
    key[0] = (uint8_t)names;
    text_lower(name, key + 1);
    return slice_new(key, 1 + name.len);
}

err_t rows_holder(turn_t *turn, rows_table_t names, slice_t name, uint64_t *ret_account)
{
    return s_get_number(turn, s_name_key(turn, names, name), ret_account);
}

void rows_put_holder(turn_t *turn, rows_table_t names, slice_t name, uint64_t account)
{
    s_put_number(turn, s_name_key(turn, names, name), account);
}

void rows_delete_holder(turn_t *turn, rows_table_t names, slice_t name)
{
    store_delete(turn_store(turn), s_name_key(turn, names, name));
}

/* ---- counters ---- */

err_t rows_count(turn_t *turn, rows_counter_t counter, uint64_t *ret_count)
{
    return row_get_number(turn, s_key(ROWS_COUNTER, counter), ret_count);
}

err_t rows_next(turn_t *turn, rows_counter_t counter, uint64_t *ret_number)
{
    uint64_t last;
    err_t err = rows_count(turn, counter, &last);
    if (err == ERR_OK)
        *ret_number = last + 1;
    return err;
}

void rows_put_count(turn_t *turn, rows_counter_t counter, uint64_t count)
{
    row_put_number(turn, s_key(ROWS_COUNTER, counter), count);
}
