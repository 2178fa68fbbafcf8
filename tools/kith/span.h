/* span.h - what lies between two samples: rates, and how things stand at its end. */
#ifndef TOOLS_KITH_SPAN_H
#define TOOLS_KITH_SPAN_H

#include "tools/kith/sample.h"

typedef enum span_order {
    ORDER_NAME,
    ORDER_CALLS,
    ORDER_EVENTS,
    ORDER_QUEUE,
    ORDER_LAG
} span_order_t;

/* False if there is no such word. */
bool span_read_order(const char *word, span_order_t *ret_order);
const char *span_order_word(span_order_t order);

typedef struct span {
    const sample_t *now;
    const sample_t *before;
    double seconds;
    span_order_t order; /* of actors and bots */
    bool oldest;        /* connections by how long they wait, not by how much does */
} span_t;

/* Counted between the two, a second; "" for no labels. */
double span_rate(const span_t *span, const char *name, slice_t labels);

typedef struct actor_span {
    slice_t labels; /* by which its numbers are found */
    slice_t name;
    bool ready;
    double calls; /* answered a second */
    double events;
    uint64_t waiting; /* calls */
    uint64_t queue;   /* bytes */
    uint64_t applied;
    uint64_t lag; /* records behind the head */
} actor_span_t;

typedef struct bot_span {
    slice_t name; /* ACCOUNT/PEER */
    uint64_t lag;
    uint64_t unacknowledged;
} bot_span_t;

/* One edge's numbers, or all edges' under one dialect. */
typedef struct edge_span {
    uint64_t edge;
    slice_t dialect;
    uint64_t connections;
    double requests;
    double heard; /* messages of connections, a second */
    double sent;  /* events queued to them, a second */
    uint64_t queued;
    uint64_t slow;   /* closed for reading too slowly, so far */
    uint64_t memory; /* bytes of its process */
    double cpu;      /* seconds a second of its process */
} edge_span_t;

typedef struct slow_span {
    uint64_t edge;
    const edge_peer_t *peer;
} slow_span_t;

/* All of them, in the order that is wanted; in the arena, as many as *ret_count. */
const actor_span_t *span_actors(const span_t *span, arena_t *arena, size_t *ret_count);
const bot_span_t *span_bots(const span_t *span, arena_t *arena, size_t *ret_count);
const edge_span_t *span_edges(const span_t *span, arena_t *arena, size_t *ret_count);
const edge_span_t *span_dialects(const span_t *span, arena_t *arena, size_t *ret_count);
const slow_span_t *span_slowest(const span_t *span, arena_t *arena, size_t *ret_count);

#endif
