/* post_id.h - the number under which a message goes to Kith and is acknowledged.
 *
 * Kith answers with it, so it carries what the bench wants to know of the message, and
 * nothing is kept for those that are under way: sixteen digits, seven of the sequence and
 * nine of the time in µs, both of which come round again; below 2^53. */
#ifndef TOOLS_BENCH_POST_ID_H
#define TOOLS_BENCH_POST_ID_H

#include "tools/bench/swarm.h"

enum { POST_ID_DIGITS = 16, POST_CLIENT_ID_DIGITS = 8 };

/* A protocol's `patch`: write it, and the client id, where `post` says that they stand. */
void post_id_patch(client_t *client, uint64_t time_ns);

/* An acknowledgement came whose number begins `text`; false if that is none of ours. */
bool post_id_acked(client_t *client, slice_t text);

#endif
