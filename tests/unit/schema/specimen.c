#include "tests/unit/schema/specimen.h"

enum {
    TEXT_RANDOM = 300, /* characters; longer ones only as the most */
    ITEMS = 3,
    NUMBER_BITS = 53, /* all that JSON is sure to carry */
};

uint64_t specimen_dice(uint64_t bound)
{
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % bound;
}

/* ---- making ---- */

static size_t s_put_point(uint8_t *to, uint32_t point)
{
    if (point < 0x80) {
        to[0] = (uint8_t)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    for (size_t i = more; i > 0; i--, point >>= 6)
        to[i] = (uint8_t)(0x80 | (point & 0x3f));
    to[0] = (uint8_t)((0xf0u << (3 - more) & 0xf0u) | point);
    return more + 1;
}

static uint32_t s_point(void)
{
    switch (specimen_dice(4)) {
    case 0:
        return 1 + (uint32_t)specimen_dice(0x7f); /* controls, quotes, backslash and all */
    case 1:
        return 0x80 + (uint32_t)specimen_dice(0x780);
    case 2:
        return 0x800 + (uint32_t)specimen_dice(0xd000);
    default:
        return 0x10000 + (uint32_t)specimen_dice(0x100000);
    }
}

slice_t specimen_text(size_t length, arena_t *arena)
{
    uint8_t *text = arena_alloc(arena, length * 4 + 1);
    size_t len = 0;
    for (size_t i = 0; i < length; i++)
        len += s_put_point(text + len, s_point());
    return slice_new(text, len);
}

/* A value from `min` to `max`; `cap` stands for a maximum that there is none of. */
static uint64_t s_between(uint64_t min, uint64_t max, uint64_t cap, specimen_t how)
{
    uint64_t most = max != 0 ? max : cap;
    switch (how) {
    case SPECIMEN_LEAST:
        return min;
    case SPECIMEN_MOST:
        return most;
    case SPECIMEN_RANDOM:
        break;
    }
    return min + specimen_dice(most - min + 1);
}

static int s_word(choices_fn *choices, specimen_t how)
{
    const choice_t *choice = choices();
    uint64_t count = 0;
    while (choice[count].word != NULL)
        count++;
    return choice[s_between(0, count - 1, 0, count > 1 ? how : SPECIMEN_LEAST)].number;
}

static list_t s_list(const field_t *field, specimen_t how, arena_t *arena)
{
    const shape_t *shape = field->shape();
    list_t list = {.count = s_between(0, ITEMS, ITEMS, how)};
    uint8_t *items = arena_alloc(arena, ITEMS * shape->size);
    for (size_t i = 0; i < list.count; i++)
        memcpy(items + i * shape->size, specimen_new(shape, how, arena), shape->size);
    list.items = items;
    return list;
}

static ids_t s_ids(specimen_t how, arena_t *arena)
{
    uint64_t *items = arena_alloc(arena, ITEMS * sizeof *items);
    for (size_t i = 0; i < ITEMS; i++)
        items[i] = specimen_dice(UINT64_C(1) << NUMBER_BITS);
    return (ids_t){items, s_between(0, ITEMS, ITEMS, how)};
}

static size_t s_text_cap(const field_t *field, specimen_t how)
{
    bool long_one = field->max == 0 || field->max > TEXT_RANDOM;
    return how == SPECIMEN_RANDOM && long_one ? TEXT_RANDOM : field->max;
}

/* A text's bounds count characters, and a blob's bytes. */
static slice_t s_text(const field_t *field, specimen_t how, arena_t *arena)
{
    uint64_t length = s_between(field->min, s_text_cap(field, how), TEXT_RANDOM, how);
    slice_t text = specimen_text(length, arena);
    return field->kind == KIND_BIN ? slice_new(text.ptr, length) : text;
}

static void s_fill(const field_t *field, void *at, specimen_t how, arena_t *arena)
{
    const uint64_t top = (UINT64_C(1) << NUMBER_BITS) - 1;
    switch (field->kind) {
    case KIND_U64:
        *(uint64_t *)at = s_between(field->min, field->max, top, how);
        return;
    case KIND_I64:
    case KIND_TIME:
        *(int64_t *)at = (int64_t)s_between(0, top, 0, how) * (specimen_dice(2) > 0 ? 1 : -1);
        return;
    case KIND_BOOL:
        *(bool *)at = s_between(0, 1, 0, how) > 0;
        return;
    case KIND_STR:
    case KIND_BIN:
        *(slice_t *)at = s_text(field, how, arena);
        return;
    case KIND_CHOICE:
        *(int *)at = s_word(field->choices, how);
        return;
    case KIND_OBJECT:
        *(const void **)at = specimen_new(field->shape(), how, arena);
        return;
    case KIND_LIST:
        *(list_t *)at = s_list(field, how, arena);
        return;
    case KIND_IDS:
        *(ids_t *)at = s_ids(how, arena);
        return;
    }
}

void *specimen_new(const shape_t *shape, specimen_t how, arena_t *arena)
{
    uint8_t *object = arena_alloc(arena, shape->size);
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        bool needed = field->need == NEED_REQ || field->need == NEED_SEC;
        bool wanted = how == SPECIMEN_MOST || (how == SPECIMEN_RANDOM && specimen_dice(2) > 0);
        if (needed || wanted)
            s_fill(field, object + field->offset, how, arena);
    }
    return object;
}

/* ---- comparing ---- */

static bool s_lists_equal(const shape_t *shape, const list_t *a, const list_t *b, bool all)
{
    const uint8_t *one = a->items, *other = b->items;
    for (size_t i = 0; a->count == b->count && i < a->count; i++)
        if (!specimen_equal(shape, one + i * shape->size, other + i * shape->size, all))
            return false;
    return a->count == b->count;
}

static bool s_ids_equal(const ids_t *a, const ids_t *b)
{
    return slice_eq(slice_new(a->items, a->count * sizeof *a->items),
                    slice_new(b->items, b->count * sizeof *b->items));
}

static bool s_objects_equal(const shape_t *shape, const void *a, const void *b, bool all)
{
    if (a == NULL || b == NULL)
        return a == b;
    return specimen_equal(shape, a, b, all);
}

static bool s_values_equal(const field_t *field, const void *a, const void *b, bool all)
{
    switch (field->kind) {
    case KIND_U64:
    case KIND_I64:
    case KIND_TIME:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case KIND_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case KIND_STR:
    case KIND_BIN:
        return slice_eq(*(const slice_t *)a, *(const slice_t *)b);
    case KIND_CHOICE:
        return *(const int *)a == *(const int *)b;
    case KIND_OBJECT:
        return s_objects_equal(field->shape(), *(const void *const *)a, *(const void *const *)b,
                               all);
    case KIND_LIST:
        return s_lists_equal(field->shape(), a, b, all);
    case KIND_IDS:
        return s_ids_equal(a, b);
    }
    return false;
}

bool specimen_equal(const shape_t *shape, const void *a, const void *b, bool all)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        bool shown = field->need == NEED_REQ || field->need == NEED_OPT;
        if ((all || shown) && !s_values_equal(field, (const uint8_t *)a + field->offset,
                                              (const uint8_t *)b + field->offset, all))
            return false;
    }
    return true;
}

/* ---- all shapes ---- */

void specimen_each_shape(specimen_each_fn *each)
{
    for (shape_fn *const *shape = entity_shapes(); *shape != NULL; shape++)
        each((*shape)());
    for (const call_type_t *type = call_types(); type->shape != NULL; type++)
        each(type->shape());
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        each(type->shape());
}
