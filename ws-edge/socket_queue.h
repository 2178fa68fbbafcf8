/* socket_queue.h - frames, and what waits to be sent on one connection (private). */
#ifndef WS_EDGE_SOCKET_QUEUE_H
#define WS_EDGE_SOCKET_QUEUE_H

#include "ws-edge/server.h"

enum { FRAME_CLOSE = 8, QUEUE_FEW = 4, QUEUE_MORE = 32 };

/* References to frames, in order.  Short ones need no memory of their own. */
typedef struct queue {
    body_t **frames; /* `few`, or allocated */
    body_t *few[QUEUE_FEW];
    uint32_t first; /* place of the oldest */
    uint32_t count;
    uint32_t size; /* places in `frames` */
    size_t bytes;  /* of all frames */
} queue_t;

/* A close frame; `reason` up to 123 bytes, or NULL. */
body_t *frame_new_close(int code, const char *reason);

/* The same for an event stream: its last event. */
body_t *frame_new_farewell(int code, const char *reason);

/* The payload of a frame of ours. */
slice_t frame_payload(slice_t frame);

/* The queue may not move after this: `frames` may point into it. */
void queue_init(queue_t *queue);

/* Append, with a reference of its own. */
void queue_push(queue_t *queue, body_t *frame);

/* The oldest frame, of a queue that is not empty. */
slice_t queue_first(const queue_t *queue);

/* Drop the oldest `count` frames; an empty queue holds no memory. */
void queue_drop(queue_t *queue, uint32_t count);

/* What was gathered last, and of which frames: all who are in one room mostly have the same ones
 * queued, and then it is copied together once for them all. */
typedef struct gathered {
    buf_t bytes;
    buf_t frames; /* body_t *, with references of its own */
} gathered_t;

/* As many frames as fit into `max` bytes, at least one, as one run: a single one as it
 * is, several copied into `gathered`.  Leaves the queue as it is. */
slice_t queue_gather(const queue_t *queue, size_t max, gathered_t *gathered, uint32_t *ret_count);

/* Let go of the frames; of the memory, too. */
void gathered_forget(gathered_t *gathered);
void gathered_free(gathered_t *gathered);

#endif
