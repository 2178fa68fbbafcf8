/* script_parts.h - what the files of the script share: a row of its table, and how to say a deed. */
#ifndef TOOLS_KITH_INTO_SCRIPT_PARTS_H
#define TOOLS_KITH_INTO_SCRIPT_PARTS_H

#include "schema/map.h"
#include "tools/kith/into/script.h"

/* What the recording has said of a room so far. */
typedef struct script_room {
    room_kind_t kind;
    uint64_t first; /* of a direct one: who asked for it, and the other */
    uint64_t second;
    uint64_t creator;
    char *name; /* NULL: none */
    char *topic;
    map_t *roles; /* of those who are in it: room_role_t as a pointer */
} script_room_t;

struct script {
    map_t *rooms;
    uint64_t signed_in; /* whose sign-up or new password gave a session, and when: that session's
                           record says nothing new */
    int64_t signed_at;
};

/* One record being read. */
typedef struct reading {
    script_t *script;
    const record_t *record;
    arena_t *arena;
    deed_t *deed;
    const char *why; /* it cannot be said */
} reading_t;

typedef script_verdict_t script_fn(reading_t *reading, const void *body);

/* Fill in the deed: the call with its arguments, which are copied. */
script_verdict_t script_say(reading_t *reading, call_number_t call, uint64_t doer,
                            const void *args);
script_verdict_t script_unsaid(reading_t *reading, const char *why);

/* script_say of `call`, with its fields. */
#define SAY(reading, call, doer, ...) \
    script_say(reading, CALL_##call, doer, &(call##_call_t){__VA_ARGS__})

/* NULL if it was made before the recording begins. */
script_room_t *script_room(const script_t *script, uint64_t room);

/* ---- script_rooms.c ---- */

script_fn script_created, script_joined, script_left, script_posted, script_changed, script_deleted,
    script_role_changed, script_invited, script_uninvited, script_banned, script_unbanned,
    script_marked, script_edited, script_withdrawn, script_reacted, script_pinned;

/* ---- script_people.c ---- */

script_fn script_registered, script_opened, script_closed, script_revoked, script_password,
    script_renewed, script_renamed, script_email, script_verified, script_account_banned,
    script_account_unbanned, script_account_deleted, script_online, script_profile, script_visited,
    script_liked, script_unliked, script_disliked, script_connected, script_disconnected,
    script_blocked, script_unblocked, script_reported, script_notified, script_seen, script_cleared,
    script_preferred, script_muted;

#endif
