/* tongue.h - how a dialect's client says what somebody does: a row of slots a dialect.
 *
 * A tongue makes bytes of a deed and understands what comes back; connections, order and time
 * are the player's.  A deed may take several steps, each a request and its answer. */
#ifndef TOOLS_KITH_INTO_TONGUE_H
#define TOOLS_KITH_INTO_TONGUE_H

#include "tools/kith/into/atlas.h"
#include "tools/kith/into/lane.h"

enum { TONGUE_TOKEN_MAX = 8192 }; /* bytes of a header with a token in it */

/* Where it is said, and what for staff is there. */
typedef struct target {
    const char *url;  /* without a slash at its end */
    const char *host; /* of it, with the port if it has one */
    const char *key;  /* an API key of the native API; NULL: none */
} target_t;

/* A deed being said. */
typedef struct speech {
    const target_t *target;
    atlas_t *atlas;
    const deed_t *deed;
    call_number_t call; /* the deed's; or what it needs first: a session */
    const void *args;   /* of the call, with the target's numbers */
    stand_in_t *doer;   /* NULL: staff */
    unsigned step;      /* 0, 1, 2 … */
    unsigned tries;     /* how often it was put off */
    arena_t *arena;     /* of this step */
    char why[96];       /* of a refusal; set by `hear` */
} speech_t;

/* What came of it. */
typedef enum upshot {
    UPSHOT_NOTHING, /* that was about something else */
    UPSHOT_MORE,    /* there is another step */
    UPSHOT_DONE,
    UPSHOT_REFUSED,
    UPSHOT_LATER,     /* too many, or not ready: nothing was done */
    UPSHOT_SIGNED_OUT /* the session has ended */
} upshot_t;

typedef struct tongue {
    const char *name;

    /* Why a deed cannot be said at all; NULL if it can. */
    const char *(*cannot)(const deed_t *deed);

    /* Whether this step is said over the person's socket; NULL: none is. */
    bool (*by_socket)(const speech_t *speech);

    /* Append this step: a request of HTTP, or messages of the socket, LANE_MESSAGE_END between. */
    void (*say)(speech_t *speech, buf_t *out);
    upshot_t (*hear)(speech_t *speech, const heard_t *heard);

    /* Of a dialect with sockets: the lines of an upgrade; and whether one is there after this
     * message, with what is to be said for it. */
    void (*upgrade)(const target_t *target, const stand_in_t *stand_in, buf_t *out);
    bool (*greet)(const stand_in_t *stand_in, const heard_t *heard, buf_t *reply);
    bool silent; /* the server says nothing first: who has the upgrade is there */

    /* What a message asks for by itself, such as a heartbeat; NULL: none does. */
    void (*pulse)(const heard_t *heard, buf_t *reply);
} tongue_t;

/* NULL if there is none of that name. */
const tongue_t *tongue_named(const char *name);

/* All their names, a blank between. */
void tongue_put_names(buf_t *out);

extern const tongue_t tongue_native, tongue_rest, tongue_matcha, tongue_chatapi, tongue_chatbackend,
    tongue_flask, tongue_matcha42;

/* ---- for tongues ---- */

/* Append a request; `header` is a whole line, of who asks, or "".  The body is JSON. */
void tongue_ask(const speech_t *speech, buf_t *out, const char *method, const char *path,
                const char *header, slice_t body);

/* "Authorization: Bearer …\r\n" of whoever does the deed. */
const char *tongue_bearer(const speech_t *speech);

/* The same as tongue_ask, with that header. */
void tongue_ask_as(const speech_t *speech, buf_t *out, const char *method, const char *path,
                   slice_t body);

/* What a status of HTTP says by itself: LATER, SIGNED_OUT, REFUSED with the status for its
 * reason, or DONE. */
upshot_t tongue_judge(speech_t *speech, const heard_t *heard);

/* Refused, and why. */
upshot_t tongue_refuse(speech_t *speech, slice_t why);

/* Why a dialect that has accounts and open rooms, which people join by themselves, and messages
 * in them cannot say a deed. */
const char *tongue_open_rooms_only(const deed_t *deed);

/* The member at a path of names with dots between, such as "account.id". */
bool tongue_find_u64(slice_t json, const char *path, uint64_t *ret_value);
slice_t tongue_find_text(slice_t json, const char *path, arena_t *arena);

/* `{"name":"text"` and so on: pairs of names and texts, up to a NULL. */
slice_t tongue_object(arena_t *arena, const char *name, ...);

/* The lines of an upgrade to a WebSocket. */
void tongue_upgrade(const target_t *target, const char *path, const char *header, buf_t *out);

#endif
