/* ledger.h - what the world's people have said, were told and have heard: the evidence.
 *
 * Some of the promise is held against it at once, the rest by judge.h when all has ended and the
 * journal can be read:
 *
 *   - whoever was told of a point of the journal never finds it behind that;
 *   - a record that was heard is the same for all, for good, and in the journal;
 *   - what a room's listener hears is the room's records, in order, without a gap. */
#ifndef TESTS_WORLD_LEDGER_H
#define TESTS_WORLD_LEDGER_H

#include "schema/envelope.h"
#include "schema/type.h"

/* ---- the journal as it was told of ---- */

/* Somebody was told of this point; and the highest of which anybody was. */
void ledger_told(uint64_t seq);
uint64_t ledger_known(void);

/* ---- rooms that are known ---- */

void ledger_add_room(uint64_t room);
ids_t ledger_rooms(void);

/* ---- listeners: an edge, from its welcome until it loses the broker ---- */

typedef struct listener listener_t;

listener_t *listener_new(int edge);
void listener_begins(listener_t *listener, uint64_t room, uint64_t head);
void listener_hears(listener_t *listener, const record_t *record);

/* It loses the broker: what it has not heard it never will. */
void listener_ends(listener_t *listener);

/* From here on nothing new is said: those that have not ended must have heard all. */
void ledger_end_listeners(void);

/* ---- pages of the past ---- */

/* A room's records from `from` on, up to `next`, as somebody has read them. */
void ledger_page(uint64_t room, uint64_t from, const bus_page_t *page);

/* ---- messages ---- */

/* One message, however often it is sent. */
typedef struct post {
    struct post *next;
    uint64_t number; /* from 1 */
    uint64_t sender;
    uint64_t room;
    char client_id[32];
    char text[64];
    unsigned open; /* sendings without an answer */
    bool unknown;  /* one was answered so */
    bool refused;  /* the last answer was that it is not done, for good */
    bool acked;
    uint64_t id; /* as acknowledged */
    uint64_t seq;
    uint64_t
        behind; /* the highest sequence that was acknowledged in its room when it was first sent */
    unsigned found; /* by the judge */
} post_t;

post_t *ledger_post(uint64_t sender, uint64_t room);
post_t *ledger_posts(void);

/* An answer to one sending of it. */
void ledger_answer(post_t *post, err_t status, const message_t *message);

/* Whether a retry can tell more. */
bool post_is_settled(const post_t *post);

/* ---- for the judge ---- */

/* A record of the journal, in order; and its end. */
void ledger_check_record(const record_t *record);
void ledger_check_end(uint64_t head);

#endif
