/* dial.h - a connection to where a URL leads, with TLS if it says so: a door of libcurl, of
 * which only that much is used.  What is said over it is the lanes' (lane.h). */
#ifndef TOOLS_KITH_INTO_DIAL_H
#define TOOLS_KITH_INTO_DIAL_H

#include <sys/types.h>

#include "schema/slice.h"

typedef struct dial dial_t;

/* Connect, waiting for it; NULL and *ret_why, which is borrowed from libcurl, if it fails. */
dial_t *dial_open(const char *url, const char **ret_why);
void dial_close(dial_t **dial_p);

/* To be polled, no more. */
int dial_fd(const dial_t *dial);

/* How many bytes went; 0: none for now; -1: the connection is gone. */
ssize_t dial_send(dial_t *dial, slice_t bytes);
ssize_t dial_receive(dial_t *dial, void *at, size_t size);

#endif
