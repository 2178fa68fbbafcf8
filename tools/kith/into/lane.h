/* lane.h - a connection to the target, and what is said over it: requests of HTTP one at a
 * time, or a WebSocket of one person. */
#ifndef TOOLS_KITH_INTO_LANE_H
#define TOOLS_KITH_INTO_LANE_H

#include "schema/buf.h"
#include "tools/kith/into/dial.h"

typedef enum lane_kind { LANE_HTTP, LANE_SOCKET } lane_kind_t;

typedef enum lane_state {
    LANE_UPGRADING, /* a socket that waits for its 101 */
    LANE_GREETING,  /* it waits until the dialect says that one is there */
    LANE_OPEN,
    LANE_GONE, /* by the server, or by our will */
} lane_state_t;

typedef struct lane {
    lane_kind_t kind;
    lane_state_t state;
    dial_t *dial;
    void *owner; /* whose socket it is; NULL: of HTTP */
    void *task;  /* that is under way on it; NULL: idle */
    uint64_t used_ns;
    buf_t out;
    size_t sent;
    bool blocked; /* the kernel takes no more for now */
    buf_t in;
    buf_t fragment; /* the beginning of a message in several frames */
} lane_t;

/* What came over a lane: an answer of HTTP, or a message of a socket, whose status is 0. */
typedef struct heard {
    int status;
    unsigned wait_s; /* Retry-After */
    slice_t body;
} heard_t;

typedef void lane_ear_fn(void *ctx, lane_t *lane, const heard_t *heard);

/* NULL, and *ret_why, if there is no connection to be had.  A socket asks for its upgrade with
 * these lines, which end with a blank one. */
lane_t *lane_open(const char *url, lane_kind_t kind, slice_t upgrade, const char **ret_why);
void lane_close(lane_t **lane_p);

/* Say it: a whole request, or texts as messages of the socket, with this between them, which
 * stands in no JSON.  It leaves with lane_flush. */
enum { LANE_MESSAGE_END = 0x1e };
void lane_say(lane_t *lane, slice_t bytes);

/* Send what waits; false: the lane is gone. */
bool lane_flush(lane_t *lane);

/* Take what has come, and give it to the ear piece by piece; of a socket the answer to the
 * upgrade too, unless it is a 101.  False: the lane is gone. */
bool lane_hear(lane_t *lane, lane_ear_fn *ear, void *ctx);

#endif
