/* type.c - the .def tables turned into rows.
 *
 * Each shape is a function because its rows need the struct's name for their
 * offsets: `self_t` is that struct inside the function. */
#include "schema/type.h"

#include <pthread.h>
#include <stdio.h>

#include "schema/mem.h"

/* ---- choices ---- */

#define VALUE(set, id, number, word) {number, word},
#define CHOICE_SET(set, ...)                                    \
    const choice_t *choices_##set(void)                         \
    {                                                           \
        static const choice_t words[] = {__VA_ARGS__{0, NULL}}; \
        return words;                                           \
    }
#include "schema/choices.def"
#undef VALUE
#undef CHOICE_SET

const char *choice_word(choices_fn *set, int number)
{
    for (const choice_t *choice = set(); choice->word != NULL; choice++)
        if (choice->number == number)
            return choice->word;
    return "";
}

int choice_number(choices_fn *set, slice_t word)
{
    for (const choice_t *choice = set(); choice->word != NULL; choice++)
        if (slice_is(word, choice->word))
            return choice->number;
    return 0;
}

/* ---- shapes ---- */

/* Texts and bytes are a person's own unless they are words of the system; other values are
 * not, unless their row says so. */
enum {
    OWN_BY_KIND_U64 = false,
    OWN_BY_KIND_I64 = false,
    OWN_BY_KIND_BOOL = false,
    OWN_BY_KIND_TIME = false,
    OWN_BY_KIND_STR = true,
    OWN_BY_KIND_BIN = true,
    OWN_BY_KIND_WORD = false,
    OWN_BY_KIND_CHOICE = false,
    OWN_BY_KIND_OBJECT = false,
    OWN_BY_KIND_LIST = false,
    OWN_BY_KIND_IDS = false,
    OWN_BY_NEED_REQ = false,
    OWN_BY_NEED_OPT = false,
    OWN_BY_NEED_HID = false,
    OWN_BY_NEED_SEC = false,
    OWN_BY_NEED_OWN = true,
};

#define ROW(id, kind_, need_, min_, max_, doc_)                                             \
    .name = #id, .name_len = sizeof(#id) - 1, .kind = KIND_##kind_, .need = NEED_##need_,   \
    .personal = OWN_BY_KIND_##kind_ || OWN_BY_NEED_##need_, .offset = offsetof(self_t, id), \
    .min = (min_), .max = (max_), .doc = (doc_)
#define FIELD(id, kind, need, min, max, doc) {ROW(id, kind, need, min, max, doc)},
#define CHOICE(id, set, need, doc) {ROW(id, CHOICE, need, 0, 0, doc), .choices = choices_##set},
#define OBJECT(id, entity, need, doc) {ROW(id, OBJECT, need, 0, 0, doc), .shape = shape_##entity},
#define LIST(id, entity, need, max, doc) \
    {ROW(id, LIST, need, 0, max, doc), .shape = shape_##entity},
#define IDS(id, need, max, doc) {ROW(id, IDS, need, 0, max, doc)},

#define SHAPE(function, struct_, name_, doc_, ...)     \
    const shape_t *function(void)                      \
    {                                                  \
        typedef struct_ self_t;                        \
        static const field_t fields[] = {__VA_ARGS__}; \
        static const shape_t shape = {                 \
            .name = (name_),                           \
            .doc = (doc_),                             \
            .size = sizeof(self_t),                    \
            .count = COUNT_OF(fields),                 \
            .fields = fields,                          \
        };                                             \
        return &shape;                                 \
    }

#define ENTITY(id, name, doc, ...) SHAPE(shape_##id, id##_t, name, doc, __VA_ARGS__)
#include "schema/entities.def"
#include "schema/answers.def"
#undef ENTITY
#define COMMAND(id, number, name, owner, access, answer, doc, ...) \
    SHAPE(shape_##id##_call, id##_call_t, name, doc, __VA_ARGS__)
#define QUERY COMMAND
#define FLEETING COMMAND
#include "schema/commands.def"
#undef COMMAND
#undef QUERY
#undef FLEETING
#define EVENT(id, number, name, owner, version, flags, doc, ...) \
    SHAPE(shape_##id##_event, id##_event_t, name, doc, __VA_ARGS__)
#include "schema/events.def"
#undef EVENT

const field_t *shape_field(const shape_t *shape, slice_t name)
{
    for (size_t i = 0; i < shape->count; i++)
        if (slice_eq(name, field_name(&shape->fields[i])))
            return &shape->fields[i];
    return NULL;
}

bool shape_has_secrets(const shape_t *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        if (shape->fields[i].need == NEED_SEC)
            return true;
    return false;
}

/* ---- calls ---- */

#define CALL(id, number_, name_, who, access_, answer_, doc_, ...) \
    {.number = (number_),                                          \
     .name = (name_),                                              \
     .owner = owner_##who,                                         \
     .access = ACCESS_##access_,                                   \
     .shape = shape_##id##_call,                                   \
     .answer = shape_##answer_,                                    \
     .doc = (doc_),                                                \
     __VA_ARGS__},
#define COMMAND(id, number, name, owner, access, answer, doc, ...) \
    CALL(id, number, name, owner, access, answer, doc, .query = false)
#define QUERY(id, number, name, owner, access, answer, doc, ...) \
    CALL(id, number, name, owner, access, answer, doc, .query = true)
#define FLEETING(id, number, name, owner, access, answer, doc, ...) \
    CALL(id, number, name, owner, access, answer, doc, .fleeting = true)

static const call_type_t s_calls[] = {
#include "schema/commands.def"
    {.shape = NULL},
};
#undef COMMAND
#undef QUERY
#undef FLEETING

/* Numbers are below 512; a row's place in its table plus one, 0 where there is none. */
enum { NUMBERS = 512 };

enum {
#define COMMAND(id, ...) PLACE_##id,
#define QUERY COMMAND
#define FLEETING COMMAND
#define EVENT COMMAND
#include "schema/commands.def"
    PLACE_FIRST_EVENT_,
    PLACE_BEFORE_EVENTS_ = PLACE_FIRST_EVENT_ - 1,
#include "schema/events.def"
#undef COMMAND
#undef QUERY
#undef FLEETING
#undef EVENT
};

static const uint8_t s_call_places[NUMBERS] = {
#define COMMAND(id, number_, ...) [number_] = PLACE_##id + 1,
#define QUERY COMMAND
#define FLEETING COMMAND
#include "schema/commands.def"
#undef COMMAND
#undef QUERY
#undef FLEETING
};

const call_type_t *call_type(uint16_t number)
{
    if (number >= NUMBERS || s_call_places[number] == 0)
        return NULL;
    return &s_calls[s_call_places[number] - 1];
}

/* Calls by name, which each message of a client asks for: where its hash says, or behind. */
enum { NAMED = 2 * NUMBERS };
static const call_type_t *s_named[NAMED];

static size_t s_slot(slice_t name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ name.ptr[i]) * 16777619u;
    return hash % NAMED;
}

static void s_name_all(void)
{
    for (const call_type_t *type = s_calls; type->shape != NULL; type++) {
        size_t slot = s_slot(slice_of(type->name));
        while (s_named[slot] != NULL)
            slot = (slot + 1) % NAMED;
        s_named[slot] = type;
    }
}

const call_type_t *call_type_named(slice_t name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, s_name_all);
    for (size_t slot = s_slot(name); s_named[slot] != NULL; slot = (slot + 1) % NAMED)
        if (slice_is(name, s_named[slot]->name))
            return s_named[slot];
    return NULL;
}

const call_type_t *call_types(void)
{
    return s_calls;
}

/* ---- scopes ---- */

const scope_t *scopes(void)
{
#define SCOPE(scope, doc, ...) {#scope, doc},
    static const scope_t rows[] = {
#include "schema/scopes.def"
        {NULL, NULL},
    };
#undef SCOPE
    return rows;
}

const char *call_scope(uint16_t number)
{
#define SCOPED(scope, call) [CALL_##call] = #scope,
#define HEARD(scope, owner)
#define SCOPE(scope, doc, ...) __VA_ARGS__
    static const char *const names[NUMBERS] = {
#include "schema/scopes.def"
    };
#undef SCOPE
#undef HEARD
#undef SCOPED
    return number < NUMBERS && names[number] != NULL ? names[number] : "";
}

const slice_t scopes_observe = SLICE_LIT("observe");
const slice_t scopes_moderate = SLICE_LIT("moderate");
const slice_t scopes_gatekeep = SLICE_LIT("gatekeep");

/* Take the word up to the next space off the front. */
static slice_t s_word(slice_t *list)
{
    size_t len = 0;
    while (len < list->len && list->ptr[len] != ' ')
        len++;
    slice_t word = slice_new(list->ptr, len);
    *list = slice_from(*list, len < list->len ? len + 1 : len);
    return word;
}

bool scopes_have(slice_t list, const char *name)
{
    while (list.len > 0)
        if (slice_is(s_word(&list), name))
            return true;
    return false;
}

uint32_t scopes_set(slice_t list)
{
    uint32_t set = list.len > 0 ? SCOPED : 0, bit = SCOPED;
    for (const scope_t *scope = scopes(); scope->name != NULL; scope++) {
        bit <<= 1;
        if (scopes_have(list, scope->name))
            set |= bit;
    }
    return set;
}

bool scopes_hold(uint32_t set, slice_t scope)
{
    return (set & scopes_set(scope) & ~(uint32_t)SCOPED) != 0;
}

bool scopes_allow(uint32_t set, uint16_t number)
{
    return set == 0 || scopes_hold(set, slice_of(call_scope(number)));
}

/* The scope in which an actor's events are heard; "" if none has them. */
static const char *s_heard(owner_t owner)
{
#define SCOPED(scope, call)
#define HEARD(scope, owner) [owner_##owner] = #scope,
#define SCOPE(scope, doc, ...) __VA_ARGS__
    static const char *const names[] = {
        [0] = NULL,
#include "schema/scopes.def"
    };
#undef SCOPE
#undef HEARD
#undef SCOPED
    bool there = (size_t)owner < COUNT_OF(names) && names[owner] != NULL;
    return there ? names[owner] : "";
}

bool scopes_hear(uint32_t set, const event_type_t *type)
{
    uint32_t wanted = scopes_set(slice_of(s_heard(type->owner))) | scopes_set(scopes_observe);
    return (set & wanted & ~(uint32_t)SCOPED) != 0;
}

static bool s_is_scope(slice_t word)
{
    for (const scope_t *scope = scopes(); scope->name != NULL; scope++)
        if (slice_is(word, scope->name))
            return true;
    return false;
}

bool scopes_valid(slice_t list)
{
    if (list.len == 0 || list.ptr[list.len - 1] == ' ')
        return false;
    while (list.len > 0) {
        slice_t word = s_word(&list);
        char name[LIMIT_SCOPES + 1];
        if (!s_is_scope(word))
            return false;
        snprintf(name, sizeof name, "%.*s", (int)word.len, (const char *)word.ptr);
        if (scopes_have(list, name))
            return false;
    }
    return true;
}

/* ---- the native REST API ---- */

const rest_route_t *rest_routes(void)
{
#define ROUTE(method, pattern, call, status, shown, limit_max) \
    {#method, pattern, CALL_##call, status, SHOWN_##shown, limit_max},
    static const rest_route_t rows[] = {
#include "schema/routes.def"
        {.method = NULL},
    };
#undef ROUTE
    return rows;
}

/* ---- events ---- */

#define SHOWN EVENT_SHOWN
#define FOLLOW EVENT_FOLLOW
#define VOLATILE EVENT_VOLATILE
#define ASKERS EVENT_ASKERS
#define EVENT(id, number_, name_, who, version_, flags_, doc_, ...) \
    {.number = (number_),                                           \
     .name = (name_),                                               \
     .owner = owner_##who,                                          \
     .version = (version_),                                         \
     .flags = (flags_),                                             \
     .shape = shape_##id##_event,                                   \
     .doc = (doc_)},
static const event_type_t s_events[] = {
#include "schema/events.def"
    {.shape = NULL},
};
#undef EVENT

static const uint8_t s_event_places[NUMBERS] = {
#define EVENT(id, number_, ...) [number_] = PLACE_##id - PLACE_FIRST_EVENT_ + 1,
#include "schema/events.def"
#undef EVENT
};

const event_type_t *event_type(uint16_t number)
{
    if (number >= NUMBERS || s_event_places[number] == 0)
        return NULL;
    return &s_events[s_event_places[number] - 1];
}

const event_type_t *event_types(void)
{
    return s_events;
}

/* ---- entities ---- */

shape_fn *const *entity_shapes(void)
{
#define ENTITY(id, name, doc, ...) shape_##id,
    static shape_fn *const shapes[] = {
#include "schema/entities.def"
#include "schema/answers.def"
        NULL,
    };
#undef ENTITY
    return shapes;
}
