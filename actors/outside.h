/* outside.h - whether an address belongs to somebody out there.
 *
 * Where a stranger says whom we should connect to, nothing of our own may be reached by that:
 * not this machine, not its network, not what answers to a whole group. */
#ifndef ACTORS_OUTSIDE_H
#define ACTORS_OUTSIDE_H

#include <stdbool.h>
#include <sys/socket.h>

/* False also for families other than IPv4 and IPv6. */
bool outside_has(const struct sockaddr *address);

#endif
