/* diary.h - what an edge remembers of who has heard what, for `kith trace`.
 *
 * Nothing is noted for a delivery.  A message is one note when it is shown, however many get
 * it; a connection makes one when it begins to hear, or ceases to.  Who got a message follows
 * from the two (sightings.h).  All of it lies in rings of fixed size, DIARY_BYTES in memory and
 * nowhere else: the oldest is forgotten for the newest.
 *
 * Of an address no more is kept than may be told. */
#ifndef WS_EDGE_DIARY_H
#define WS_EDGE_DIARY_H

#include "ws-edge/address.h"

enum { DIARY_NOTES = 65536, DIARY_VISITS = 8192, DIARY_POSTS = 16384, DIARY_ADDRESSES = 8192 };

typedef struct diary diary_t;

typedef enum note_kind {
    NOTE_SHOWN = 1, /* a message; `key`: its record's sequence, `other`: its room */
    NOTE_LIVE,      /* the connection hears what happens from here on */
    NOTE_PAUSED,    /* it catches up, and is not shown what happens */
    NOTE_BECAME,    /* somebody else; `other`: the account before, `live`: it had heard */
    NOTE_CAME,      /* it hears a room that it has picked; `key`: the room */
    NOTE_LEFT,      /* it no longer does */
    NOTE_RESUMED,   /* it was shown a message that it had missed; `key` as of SHOWN */
    NOTE_HIDDEN,    /* it was not: from before it came, or a block stands between the two */
} note_kind_t;

typedef struct note {
    int64_t time; /* µs since 1970; set by diary_note */
    uint64_t connection;
    uint64_t key;
    uint64_t other;
    uint32_t dialects; /* SHOWN: bits of those that have no words for it */
    uint8_t kind;
    bool live;
} note_t;

/* A connection that has ended, or the whole of one that has not. */
typedef struct visit_note {
    uint64_t connection;
    uint64_t account; /* whose it was last */
    uint64_t address; /* toll_address */
    int64_t opened;
    int64_t closed;  /* 0: it is there */
    int64_t untaken; /* since when something queued for it was not taken; 0: all was */
    uint16_t code;   /* with which it was closed */
    uint8_t dialect; /* dialect_id_t */
    bool live;       /* it hears what happens; of one that has ended: until then */
    bool in;         /* it hears the room asked about; of one that is there */
} visit_note_t;

/* A message that was taken here. */
typedef struct post_note {
    uint64_t message;    /* its id */
    uint64_t connection; /* 0: it came by a request */
    uint64_t account;
    uint64_t address;
    int64_t asked;
    int64_t answered;
    uint8_t dialect;
} post_note_t;

diary_t *diary_new(void);
void diary_destroy(diary_t **diary_p);

/* How far back it remembers. */
int64_t diary_since(const diary_t *diary);

void diary_note(diary_t *diary, const note_t *note);
void diary_end(diary_t *diary, const visit_note_t *visit);
void diary_post(diary_t *diary, const post_note_t *post);

/* The one noted last, the one before …; NULL beyond the oldest. */
const note_t *diary_note_at(const diary_t *diary, size_t back);
const visit_note_t *diary_visit_at(const diary_t *diary, size_t back);
const post_note_t *diary_post_at(const diary_t *diary, size_t back);

/* ---- addresses ---- */

/* As the setting has it: whole, none, or else network.  What was kept before is forgotten. */
void diary_tell_addresses(diary_t *diary, const char *how);

/* Somebody comes from there: `words` are the address that has this key. */
void diary_meet(diary_t *diary, uint64_t key, slice_t words);

/* As it may be told: 192.0.2.0/24, 2001:db8::/48, all of it, or nothing. */
slice_t diary_address(const diary_t *diary, uint64_t key);

#endif
