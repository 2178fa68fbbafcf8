/* row.c - rows are packed by the schema's codec, so that a field may be added to them. */
#include "actors/row.h"

#include <assert.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "actors/log.h"
#include "schema/pack.h"

/* ---- keys ---- */

static void s_add_number(row_key_t *key, uint64_t number)
{
    wide_put64(key->bytes + key->len, number);
    key->len += 8;
}

void row_key_add(row_key_t *key, slice_t text)
{
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    if (text.len > ROW_TEXT_MAX) {
        crypto_blake256(text, hash);
        text = slice_new(hash, sizeof hash);
    }
    assert(key->len + text.len <= ROW_KEY_SIZE);
    if (text.len > 0)
        memcpy(key->bytes + key->len, text.ptr, text.len);
    key->len += text.len;
}

row_key_t row_key0(char letter)
{
    return (row_key_t){{(uint8_t)letter}, 1};
}

row_key_t row_key1(char letter, uint64_t first)
{
    row_key_t key = row_key0(letter);
    s_add_number(&key, first);
    return key;
}

row_key_t row_key2(char letter, uint64_t first, uint64_t second)
{
    row_key_t key = row_key1(letter, first);
    s_add_number(&key, second);
    return key;
}

row_key_t row_key_pair(char letter, uint64_t one, uint64_t other)
{
    return one < other ? row_key2(letter, one, other) : row_key2(letter, other, one);
}

row_key_t row_key3(char letter, uint64_t first, uint64_t second, uint64_t third)
{
    row_key_t key = row_key2(letter, first, second);
    s_add_number(&key, third);
    return key;
}

slice_t row_slice(const row_key_t *key)
{
    return slice_new(key->bytes, key->len);
}

uint64_t row_number(slice_t bytes, size_t offset)
{
    return bytes.len >= offset + 8 ? wide_get64(bytes.ptr + offset) : 0;
}

/* ---- one row ---- */

/* A stored row that does not read is damage, whatever the codec calls it. */
static err_t s_unpack(turn_t *turn, slice_t value, const shape_t *shape, const void **ret_object)
{
    fault_t fault;
    err_t err = codec_unpack(value, shape, turn_arena(turn), &fault, ret_object);
    return err == ERR_OK ? ERR_OK : ERR_CORRUPT;
}

err_t row_get_bytes(turn_t *turn, row_key_t key, slice_t *ret_value)
{
    return store_get(turn_store(turn), row_slice(&key), turn_arena(turn), ret_value);
}

void row_put_bytes(turn_t *turn, row_key_t key, slice_t value)
{
    store_put(turn_store(turn), row_slice(&key), value);
}

void row_put_new_bytes(turn_t *turn, row_key_t key, slice_t value)
{
    store_put_new(turn_store(turn), row_slice(&key), value);
}

err_t row_get(turn_t *turn, row_key_t key, const shape_t *shape, const void **ret_object)
{
    slice_t value;
    err_t err = row_get_bytes(turn, key, &value);
    return err == ERR_OK ? s_unpack(turn, value, shape, ret_object) : err;
}

void row_put(turn_t *turn, row_key_t key, const shape_t *shape, const void *object)
{
    buf_t value = {0};
    codec_pack(&value, shape, object);
    row_put_bytes(turn, key, buf_slice(&value));
    buf_free(&value);
}

/* The body was read as the event's shape before, so the member is there, and nothing is behind the
 * last one. */
void row_put_member(turn_t *turn, row_key_t key, const record_t *record, const char *member)
{
    unpack_t in = {record->body};
    slice_t name = {0}, value = {0};
    size_t pairs = 0;
    err_t err = unpack_map(&in, &pairs);
    for (size_t i = 0; err == ERR_OK && i < pairs && !slice_is(name, member); i++) {
        err = unpack_str(&in, &name);
        if (err == ERR_OK && i + 1 == pairs)
            value = in.left;
        else if (err == ERR_OK)
            err = unpack_any(&in, &value);
    }
    assert(err == ERR_OK && slice_is(name, member));
    row_put_bytes(turn, key, value);
}

err_t row_get_number(turn_t *turn, row_key_t key, uint64_t *ret_value)
{
    slice_t value;
    err_t err = row_get_bytes(turn, key, &value);
    if (err == ERR_OK && value.len < sizeof *ret_value)
        return ERR_CORRUPT;
    if (err == ERR_OK)
        *ret_value = wide_get64(value.ptr);
    else if (err == ERR_NOT_FOUND)
        *ret_value = 0;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

void row_put_number(turn_t *turn, row_key_t key, uint64_t number)
{
    uint8_t value[8];
    wide_put64(value, number);
    row_put_bytes(turn, key, slice_new(value, sizeof value));
}

err_t row_get_numbers(turn_t *turn, row_key_t key, ids_t *ret_numbers)
{
    slice_t value = {0};
    err_t err = row_get_bytes(turn, key, &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    if (value.len % sizeof(uint64_t) != 0)
        return ERR_CORRUPT;
    size_t count = value.len / sizeof(uint64_t);
    uint64_t *numbers = arena_alloc(turn_arena(turn), count * sizeof *numbers + 1);
    for (size_t i = 0; i < count; i++)
        numbers[i] = row_number(value, i * sizeof *numbers);
    *ret_numbers = (ids_t){numbers, count};
    return ERR_OK;
}

void row_put_numbers(turn_t *turn, row_key_t key, ids_t numbers)
{
    size_t len = numbers.count * sizeof(uint64_t);
    uint8_t *value = arena_alloc(turn_arena(turn), len + 1);
    for (size_t i = 0; i < numbers.count; i++)
        wide_put64(value + i * sizeof(uint64_t), numbers.items[i]);
    row_put_bytes(turn, key, slice_new(value, len));
}

/* The numbers without this one, with room for it behind them. */
static uint64_t *s_others(turn_t *turn, ids_t numbers, uint64_t number, size_t *ret_count)
{
    uint64_t *others = arena_alloc(turn_arena(turn), (numbers.count + 1) * sizeof *others);
    *ret_count = 0;
    for (size_t i = 0; i < numbers.count; i++)
        if (numbers.items[i] != number)
            others[(*ret_count)++] = numbers.items[i];
    return others;
}

void row_set_number(turn_t *turn, row_key_t key, uint64_t number, bool has, size_t most)
{
    ids_t before;
    size_t count;
    if (!row_found(row_get_numbers(turn, key, &before)))
        return;
    uint64_t *numbers = s_others(turn, before, number, &count);
    if (has)
        numbers[count++] = number;
    size_t forgotten = count > most ? count - most : 0;
    if (count == 0)
        row_delete(turn, key);
    else
        row_put_numbers(turn, key, (ids_t){numbers + forgotten, count - forgotten});
}

void row_put_mark(turn_t *turn, row_key_t key)
{
    row_put_bytes(turn, key, SLICE_LIT(""));
}

void row_delete(turn_t *turn, row_key_t key)
{
    store_delete(turn_store(turn), row_slice(&key));
}

void row_give_up(err_t err)
{
    log_error("actor", "reading a row of the projection: %s; stopping", err_info(err)->name);
    exit(EXIT_FAILURE);
}

/* ---- many rows ---- */

/* The number next to one that was given; nothing is behind the highest. */
static uint64_t s_behind(uint64_t after)
{
    return after < UINT64_MAX ? after + 1 : after;
}

row_range_t row_range1(char letter, uint64_t after)
{
    return (row_range_t){.from = row_key1(letter, s_behind(after)),
                         .to = row_key0((char)(letter + 1))};
}

row_range_t row_range2(char letter, uint64_t first, uint64_t after)
{
    return (row_range_t){.from = row_key2(letter, first, s_behind(after)),
                         .to = row_key1(letter, s_behind(first))};
}

row_range_t row_range3(char letter, uint64_t first, uint64_t second, uint64_t after)
{
    return (row_range_t){.from = row_key3(letter, first, second, s_behind(after)),
                         .to = row_key2(letter, first, s_behind(second))};
}

err_t row_read(turn_t *turn, slice_t value, const shape_t *shape, const void **ret_object)
{
    return s_unpack(turn, arena_copy(turn_arena(turn), value), shape, ret_object);
}

enum { ITEMS_AT_FIRST = 128 };

/* A page being gathered, by one of the two ways to come from a row to an item. */
typedef struct gathering {
    turn_t *turn;
    const shape_t *shape;
    row_make_fn *make; /* NULL: the struct of the shape */
    uint8_t *items;
    size_t room; /* for so many */
    size_t size; /* of an item */
    size_t count;
    size_t limit;
    size_t bytes; /* of the rows so far */
    size_t bytes_max;
    err_t err;
} gathering_t;

static err_t s_make_item(const gathering_t *all, slice_t key, slice_t value, void *item)
{
    const void *object;
    if (all->make != NULL)
        return all->make(all->turn, key, value, item);
    err_t err = row_read(all->turn, value, all->shape, &object);
    if (err == ERR_OK)
        memcpy(item, object, all->size);
    return err;
}

/* For one item more: many may be asked for where there are few. */
static void s_make_room(gathering_t *all)
{
    size_t room = all->room > 0 ? 2 * all->room : ITEMS_AT_FIRST;
    if (all->count < all->room)
        return;
    all->room = room < all->limit ? room : all->limit;
    uint8_t *items = arena_alloc(turn_arena(all->turn), all->room * all->size);
    if (all->count > 0)
        memcpy(items, all->items, all->count * all->size);
    all->items = items;
}

static bool s_gather(void *ctx, slice_t key, slice_t value)
{
    gathering_t *all = ctx;
    all->bytes += value.len;
    if (all->count == all->limit || (all->count > 0 && all->bytes > all->bytes_max))
        return false;
    s_make_room(all);
    err_t err = s_make_item(all, key, value, all->items + all->count * all->size);
    if (err == ERR_OK)
        all->count++;
    else if (err != ERR_NOT_FOUND)
        all->err = err;
    return all->err == ERR_OK;
}

/* The last rows of a range were met from its end. */
static void s_reverse(gathering_t *all)
{
    uint8_t *other = arena_alloc(turn_arena(all->turn), all->size);
    for (size_t i = 0; i < all->count / 2; i++) {
        uint8_t *low = all->items + i * all->size;
        uint8_t *high = all->items + (all->count - 1 - i) * all->size;
        memcpy(other, low, all->size);
        memcpy(low, high, all->size);
        memcpy(high, other, all->size);
    }
}

static err_t s_scan(gathering_t *all, const row_range_t *range, list_t *ret_items)
{
    all->bytes_max = range->bytes_max > 0 ? range->bytes_max : LIMIT_PAGE_BYTES;
    s_make_room(all); /* a list of none is an empty one, not an absent one */
    err_t err = store_scan(turn_store(all->turn), row_slice(&range->from), row_slice(&range->to),
                           range->last, s_gather, all);
    if (err == ERR_OK)
        err = all->err;
    if (err != ERR_OK)
        return err;
    if (range->last)
        s_reverse(all);
    *ret_items = (list_t){all->items, all->count};
    return ERR_OK;
}

err_t row_make_list(turn_t *turn, const row_range_t *range, row_make_fn *make, size_t size,
                    size_t limit, list_t *ret_items)
{
    gathering_t all = {.turn = turn, .make = make, .size = size, .limit = limit};
    return s_scan(&all, range, ret_items);
}

static err_t s_make_last(turn_t *turn, slice_t key, slice_t value, void *item)
{
    *(uint64_t *)item = row_number(key, key.len - 8);
    (void)turn;
    (void)value;
    return ERR_OK;
}

err_t row_list_last(turn_t *turn, const row_range_t *range, size_t limit, ids_t *ret_numbers)
{
    list_t numbers;
    err_t err = row_make_list(turn, range, s_make_last, sizeof(uint64_t), limit, &numbers);
    if (err == ERR_OK)
        *ret_numbers = (ids_t){numbers.items, numbers.count};
    return err;
}

err_t row_list(turn_t *turn, const row_range_t *range, const shape_t *shape, size_t limit,
               list_t *ret_rows)
{
    gathering_t all = {.turn = turn, .shape = shape, .size = shape->size, .limit = limit};
    return s_scan(&all, range, ret_rows);
}
