/* atlas.h - who and what of the recording is who and what on the target.
 *
 * Each account of the recording has a stand-in: a new account with a name of its own, a fresh
 * password and, if the original had an e-mail, one at a domain that nobody has (RFC 2606).  Rooms
 * and messages are learned from the target's answers.  No network here. */
#ifndef TOOLS_KITH_INTO_ATLAS_H
#define TOOLS_KITH_INTO_ATLAS_H

#include "schema/arena.h"
#include "tools/kith/into/deed.h"

enum { ATLAS_GID_SIZE = 8, ATLAS_PREFIX_MAX = 24 };

/* Somebody's place on the target; texts are NULL until they are known. */
typedef struct stand_in {
    uint64_t original;
    bool there;     /* signed up on the target */
    uint64_t id;    /* there; 0: it does not say */
    char *name;     /* the original's login */
    char *login;    /* on the target */
    char *username; /* the same */
    char *email;    /* that it has, or could have */
    bool has_email;
    char *password;
    char *next_password; /* that the target is asked to take */
    char *token;         /* of the session that speaks; a uuid in some dialects; NULL: signed out */
    bool planned;        /* the sign-up is in the order of things */
} stand_in_t;

/* A room's place on the target. */
typedef struct venue {
    uint64_t id;                  /* 0: by its gid alone */
    char gid[ATLAS_GID_SIZE + 1]; /* "": unknown */
    bool known;
    uint64_t first;  /* of a direct one: who asked for it first on the target, */
    uint64_t second; /* and the other; 0 if the target has not said */
} venue_t;

typedef struct atlas atlas_t;

typedef struct atlas_plan {
    const char *prefix; /* of all names on the target; at most ATLAS_PREFIX_MAX bytes */
    bool filler;        /* texts are replaced by others of the same length */
} atlas_plan_t;

atlas_t *atlas_new(const atlas_plan_t *plan);
void atlas_destroy(atlas_t **atlas_p);

/* ---- accounts ---- */

/* Never NULL; names are missing until it is introduced. */
stand_in_t *atlas_stand_in(atlas_t *atlas, uint64_t account);

/* What the original is called, before anybody signs up for it. */
void atlas_introduce(atlas_t *atlas, uint64_t account, slice_t login, slice_t username,
                     bool has_email);

/* A session of the target speaks for it from now on; the zero slice: none does. */
void atlas_sign_in(stand_in_t *stand_in, slice_t token);

/* Another password, the same until the target has taken it; and it has. */
const char *atlas_next_password(stand_in_t *stand_in);
void atlas_take_password(stand_in_t *stand_in);

/* ---- rooms and messages ---- */

/* Never NULL. */
venue_t *atlas_venue(atlas_t *atlas, uint64_t room);
void atlas_learn_room(atlas_t *atlas, uint64_t room, uint64_t id, slice_t gid);
void atlas_learn_message(atlas_t *atlas, uint64_t room, uint64_t seq, uint64_t seq_there);

/* 0 if it was not played. */
uint64_t atlas_message(const atlas_t *atlas, uint64_t room, uint64_t seq);

/* ---- deeds ---- */

/* The deed's arguments with the target's numbers, names and texts; NULL, and *ret_why, if it
 * is about what is not on the target.  Times ahead are as far ahead of `now` (µs) as they were. */
const void *atlas_args(atlas_t *atlas, const deed_t *deed, int64_t now, arena_t *arena,
                       const char **ret_why);

/* A text as it is said on the target; `accounts` are those whose logins stand in it behind an
 * `@`. */
slice_t atlas_text(atlas_t *atlas, slice_t text, ids_t accounts, arena_t *arena);

/* How many accounts and rooms there are on the target. */
void atlas_count(const atlas_t *atlas, uint64_t *ret_accounts, uint64_t *ret_rooms);

#endif
