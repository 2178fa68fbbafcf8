/* notify.c - one datagram to the Unix socket that the environment names.
 *
 * By hand, since libsystemd would be a library for twenty lines.  A name that begins
 * with `@` is an abstract one, whose first byte is zero. */
#include "broker/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "actors/log.h"

void notify(const char *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len = path != NULL ? strlen(path) : 0;
    if (len == 0 || len >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@')
        address.sun_path[0] = '\0';

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (void *)&address, size);
    if (sent < 0)
        log_warn("kithd", "cannot tell systemd %s: %s", state, strerror(errno));
    if (fd >= 0)
        close(fd);
}
