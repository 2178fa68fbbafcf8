/* type.h - the tables of the schema as C: structs, and descriptions of them.
 *
 *   entities.def, answers.def   room_t,            shape_room()
 *   commands.def                room_post_call_t,   shape_room_post_call(),   CALL_room_post
 *   events.def                  room_posted_event_t, shape_room_posted_event(), EVENT_room_posted
 *   choices.def                 room_kind_t, room_kind_OPEN
 *
 * A shape describes a struct field by field; the codec, the validation and the
 * printed documents are driven by it.  Absent values are zero. */
#ifndef SCHEMA_TYPE_H
#define SCHEMA_TYPE_H

#include "schema/limits.h"
#include "schema/slice.h"

/* Any number of entities, one behind the other. */
typedef struct list {
    const void *items;
    size_t count;
} list_t;

typedef struct ids {
    const uint64_t *items;
    size_t count;
} ids_t;

static inline bool ids_have(ids_t ids, uint64_t id)
{
    for (size_t i = 0; i < ids.count; i++)
        if (ids.items[i] == id)
            return true;
    return false;
}

/* ---- choices ---- */

#define VALUE(set, id, number, word) set##_##id = (number),
#define CHOICE_SET(set, ...) typedef enum set { set##_NONE = 0, __VA_ARGS__ } set##_t;
#include "schema/choices.def"
#undef VALUE
#undef CHOICE_SET

/* One word of a choice set. */
typedef struct choice {
    int number;
    const char *word;
} choice_t;

/* The words of a set; the last row has word NULL. */
typedef const choice_t *choices_fn(void);
#define CHOICE_SET(set, ...) choices_fn choices_##set;
#include "schema/choices.def"
#undef CHOICE_SET

/* "" for a number outside the set; 0 for a word outside it. */
const char *choice_word(choices_fn *set, int number);
int choice_number(choices_fn *set, slice_t word);

/* ---- structs ---- */

typedef enum field_kind {
    KIND_U64,
    KIND_I64,
    KIND_BOOL,
    KIND_TIME,
    KIND_STR,
    KIND_BIN,
    KIND_CHOICE,
    KIND_OBJECT,
    KIND_LIST,
    KIND_IDS,
    KIND_WORD = KIND_STR, /* that is nobody's own */
} field_kind_t;

#define MEMBER_U64 uint64_t
#define MEMBER_I64 int64_t
#define MEMBER_BOOL bool
#define MEMBER_TIME int64_t
#define MEMBER_STR slice_t
#define MEMBER_BIN slice_t
#define MEMBER_WORD slice_t

#define FIELD(name, kind, need, min, max, doc) MEMBER_##kind name;
#define CHOICE(name, set, need, doc) set##_t name;
#define OBJECT(name, entity, need, doc) const entity##_t *name;
#define LIST(name, entity, need, max, doc) list_t name;
#define IDS(name, need, max, doc) ids_t name;

#define ENTITY(id, name, doc, ...) \
    typedef struct id {            \
        __VA_ARGS__                \
    } id##_t;
#include "schema/entities.def"
#include "schema/answers.def"
#undef ENTITY

#define COMMAND(id, number, name, owner, access, answer, doc, ...) \
    typedef struct id##_call {                                     \
        __VA_ARGS__                                                \
    } id##_call_t;
#define QUERY COMMAND
#define FLEETING COMMAND
#include "schema/commands.def"
#undef COMMAND

#define EVENT(id, number, name, owner, version, flags, doc, ...) \
    typedef struct id##_event {                                  \
        __VA_ARGS__                                              \
    } id##_event_t;
#include "schema/events.def"
#undef EVENT

#undef FIELD
#undef CHOICE
#undef OBJECT
#undef LIST
#undef IDS

/* ---- shapes ---- */

typedef enum need {
    NEED_REQ,            /* must be there */
    NEED_OPT,            /* missing is the same as zero or empty */
    NEED_HID,            /* optional, and never shown to a client */
    NEED_SEC,            /* must be there, and a secret: never stored, logged or shown */
    NEED_OWN = NEED_OPT, /* and a person's own, though it is no text */
} need_t;

typedef struct shape shape_t;
typedef const shape_t *shape_fn(void);

typedef struct field {
    const char *name;
    size_t name_len;
    field_kind_t kind;
    need_t need;
    bool personal;       /* sealed in the journal: a person's own (broker/JOURNAL.md) */
    size_t offset;       /* in the struct */
    uint64_t min;        /* value, characters or bytes */
    uint64_t max;        /* the same, or items; 0: no bound */
    shape_fn *shape;     /* of OBJECT and LIST items */
    choices_fn *choices; /* of CHOICE */
    const char *doc;
} field_t;

static inline slice_t field_name(const field_t *field)
{
    return slice_new(field->name, field->name_len);
}

struct shape {
    const char *name;
    const char *doc;
    size_t size; /* of the struct, bytes */
    size_t count;
    const field_t *fields;
};

/* NULL if there is none of that name. */
const field_t *shape_field(const shape_t *shape, slice_t name);

/* Whether a field of its own is a secret. */
bool shape_has_secrets(const shape_t *shape);

#define ENTITY(id, name, doc, ...) shape_fn shape_##id;
#include "schema/entities.def"
#include "schema/answers.def"
#undef ENTITY
#define COMMAND(id, number, name, owner, access, answer, doc, ...) shape_fn shape_##id##_call;
#include "schema/commands.def"
#undef COMMAND
#define EVENT(id, number, name, owner, version, flags, doc, ...) shape_fn shape_##id##_event;
#include "schema/events.def"
#undef EVENT

/* ---- calls: commands and queries ---- */

typedef enum access {
    ACCESS_ANYONE,
    ACCESS_PERSON,
    ACCESS_STAFF,
    ACCESS_EDGES,
    ACCESS_PEERS,
    ACCESS_BROKERS,
    ACCESS_OPERATORS,
} access_t;

typedef enum call_number {
#define COMMAND(id, number, name, owner, access, answer, doc, ...) CALL_##id = (number),
#include "schema/commands.def"
#undef COMMAND
} call_number_t;
#undef QUERY
#undef FLEETING

typedef struct call_type {
    uint16_t number;
    const char *name;
    owner_t owner;
    access_t access;
    bool query;
    bool fleeting; /* recorded nowhere */
    shape_fn *shape;
    shape_fn *answer;
    const char *doc;
} call_type_t;

/* NULL if there is none. */
const call_type_t *call_type(uint16_t number);
const call_type_t *call_type_named(slice_t name);

/* ---- scopes: what an API key may ---- */

typedef struct scope {
    const char *name;
    const char *doc;
} scope_t;

/* The last row has name NULL. */
const scope_t *scopes(void);

/* The scope that a call is in; "" if no API key may make it. */
const char *call_scope(uint16_t number);

/* Whether a list of scopes, separated by single spaces, has the one named. */
bool scopes_have(slice_t list, const char *name);

/* A list as a set: a bit a scope, and SCOPED; so it is not 0 if there is any word. */
enum { SCOPED = 1 };
uint32_t scopes_set(slice_t list);

/* Whether a set has the scope that the call is in; 0 is no key's, and may anything. */
bool scopes_allow(uint32_t set, uint16_t number);

/* The scope that hears all, and no matter whom it concerns; the one that judges messages; and the
 * one without whose word nothing passes. */
extern const slice_t scopes_observe;
extern const slice_t scopes_moderate;
extern const slice_t scopes_gatekeep;

/* Whether a set has this scope. */
bool scopes_hold(uint32_t set, slice_t scope);

typedef struct event_type event_type_t;

/* Whether a set has the scope in which such events are heard. */
bool scopes_hear(uint32_t set, const event_type_t *type);

/* Whether every word of a list is a scope, each once, and there is at least one. */
bool scopes_valid(slice_t list);

/* ---- the native REST API ---- */

typedef enum shown { SHOWN_OBJECT, SHOWN_PAGE, SHOWN_EMPTY, SHOWN_TAKEN, SHOWN_GIVEN } shown_t;

typedef struct rest_route {
    const char *method;
    const char *pattern;
    uint16_t call; /* call_number_t */
    int status;
    shown_t shown;
    uint64_t limit_max; /* of the field `limit`; 0: the call's own */
} rest_route_t;

/* The last row has method NULL. */
const rest_route_t *rest_routes(void);

/* ---- events ---- */

enum { EVENT_SHOWN = 1, EVENT_FOLLOW = 2, EVENT_VOLATILE = 4, EVENT_ASKERS = 8 };

typedef enum event_number {
#define EVENT(id, number, name, owner, version, flags, doc, ...) EVENT_##id = (number),
#include "schema/events.def"
#undef EVENT
} event_number_t;

struct event_type {
    uint16_t number;
    const char *name;
    owner_t owner;
    uint8_t version;
    unsigned flags; /* EVENT_SHOWN … */
    shape_fn *shape;
    const char *doc;
};

const event_type_t *event_type(uint16_t number);

/* ---- all of them, for documents and fuzzing; the last row has shape NULL ---- */

const call_type_t *call_types(void);
const event_type_t *event_types(void);
shape_fn *const *entity_shapes(void);

#endif
