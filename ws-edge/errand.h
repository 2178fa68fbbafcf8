/* errand.h - one request between its calls (private to front).
 *
 * What a reply needs after the request's bytes are gone is kept here, until it is
 * answered: the errand ends with errand_respond, and nobody touches it again. */
#ifndef WS_EDGE_ERRAND_H
#define WS_EDGE_ERRAND_H

#include "ws-edge/engine.h"
#include "ws-edge/etag.h"
#include "ws-edge/front_parts.h"
#include "ws-edge/gallery.h"
#include "ws-edge/hold.h"
#include "ws-edge/pages.h"
#include "ws-edge/tunnel.h"

typedef struct errand {
    edge_t *edge;
    exchange_t exchange;
    const dialect_t *dialect;
    const route_t *route;
    who_t who;
    payer_t payer;
    hold_t *hold;       /* while it waits for who is asking */
    gallery_t *gallery; /* pictures that are not stored yet; NULL: none */
    bool head;          /* HEAD: must not change anything */
    bool secretive;     /* the query holds a token */
    bool secure;
    bool sets_cookies;
    bool keeps; /* what is shown is the page `page_id`, … */
    page_id_t page_id;
    const page_t *page; /* … of which this is kept, or NULL */
    uint64_t as_of;     /* of its last answer */
    int64_t asked;      /* µs since 1970: when its last call was made */
    bool passing;       /* the session that it has opened ends with it */
    caller_t caller;
    size_t sid_len;
    char sid[TUNNEL_SID_SIZE]; /* of the Engine.IO session that came with it, or empty */
    uint64_t memo[VISIT_MEMOS];
    buf_t notes[VISIT_NOTES];
    char match[ETAG_MATCH_SIZE]; /* of If-None-Match, as much as there is room for */
    size_t match_len;
    char origin[ORIGIN_SIZE_MAX]; /* that is allowed to read the reply */
    size_t origin_len;
} errand_t;

/* Who is asking from now on. */
void errand_be(errand_t *errand, who_t who);

/* A visit to its dialect, with the reply's headers begun. */
visit_t errand_visit(errand_t *errand);

/* Have the dialect show a refusal. */
void errand_refuse(errand_t *errand, visit_t *visit, const answer_t *refusal);

/* As the visit wants it: another call, or the reply. */
void errand_go_on(errand_t *errand, visit_t *visit);

/* The reply: what the visit has written, or the file that it gives. */
void errand_respond(errand_t *errand, visit_t *visit);

#endif
