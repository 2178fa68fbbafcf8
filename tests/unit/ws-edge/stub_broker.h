/* stub_broker.h - the broker's end of an edge's pipe, moved by the test's own hand.
 *
 * It answers what an edge asks, on the thread of the test and only inside stub_pump, so
 * that a test decides what happens between which two messages. */
#ifndef TESTS_UNIT_WS_EDGE_STUB_BROKER_H
#define TESTS_UNIT_WS_EDGE_STUB_BROKER_H

#include "actors/bus.h"
#include "schema/envelope.h"
#include "schema/type.h"

enum { STUB_ROOMS_MAX = 8 };

typedef struct stub stub_t;

struct stub {
    bus_t *bus;
    uint32_t peer; /* the edge, once it has said hello */
    bool mute;     /* hears, and says nothing */
    bool busy;     /* says that it takes no calls */
    bool blind;    /* refuses to read, as one does that is on its way out: without a head */
    uint64_t head;
    uint64_t rooms[STUB_ROOMS_MAX]; /* that the one account is in */
    size_t room_count;
    buf_t journal;       /* records, one behind the other */
    size_t page_records; /* in one page, at most */
    buf_t out;
    size_t asked[512]; /* how often each call was made, by its number */
    /* Called behind the answer to such a call, once. */
    call_number_t trap;
    void (*sprung)(stub_t *stub);
};

stub_t *stub_new(const char *endpoint);
void stub_destroy(stub_t **stub_p);

/* Take and answer what comes within `ms`. */
void stub_pump(stub_t *stub, int ms);

/* Commit a record and send it to the edge; or keep it in the journal only. */
void stub_say(stub_t *stub, uint64_t room, const char *text, bool live);
void stub_move(stub_t *stub, uint64_t room, bool joined, bool live);
void stub_end_session(stub_t *stub, uint64_t session);

#endif
