/* listen.c - TCP and Unix sockets to accept on.
 *
 * A Unix socket's file outlives a server that was killed.  Such a leftover is known by
 * nobody listening behind it, and is replaced; a socket in use, and a file that is no
 * socket, are not.  The file gets its mode before anyone can connect: bind makes the
 * file, and only listen opens it. */
#include "ws-edge/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/slice.h"

static const slice_t s_unix = SLICE_LIT("unix:");
static const slice_t s_proxy = SLICE_LIT("proxy:");

/* Take `word` off the beginning, if it is there. */
static bool s_skip(const char **text, slice_t word)
{
    bool there = slice_starts(slice_of(*text), word);
    if (there)
        *text += word.len;
    return there;
}

static err_t s_fail(err_t err, const char *words, const char **ret_fault)
{
    *ret_fault = words;
    return err;
}

static void s_add(listening_t *listening, int fd)
{
    listening->fds[listening->count++] = fd;
}

/* Close without losing the reason why. */
static int s_give_up(int fd)
{
    int fault = errno;
    close(fd);
    errno = fault;
    return -1;
}

/* ---- TCP ---- */

/* "HOST:PORT" or "[IPV6]:PORT" into its two parts. */
static bool s_split(const char *endpoint, char *host, size_t size, const char **ret_port)
{
    const char *colon = strrchr(endpoint, ':');
    if (colon == NULL || colon[1] == '\0')
        return false;
    size_t len = (size_t)(colon - endpoint);
    if (len >= 2 && endpoint[0] == '[' && endpoint[len - 1] == ']') {
        endpoint++;
        len -= 2;
    }
    if (len >= size)
        return false;
    memcpy(host, endpoint, len);
    host[len] = '\0';
    *ret_port = colon + 1;
    return true;
}

static int s_bind(const struct addrinfo *info, const listen_options_t *options)
{
    int on = 1, shared = options->reuse_port;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof(shared));
    if (info->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    return s_give_up(fd);
}

/* An address of either family, without a cast from one to the other. */
typedef union bound {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} bound_t;

static int s_bound_port(int fd)
{
    bound_t address = {0};
    socklen_t len = sizeof(address);
    if (getsockname(fd, &address.any, &len) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static err_t s_open_tcp(const char *endpoint, const listen_options_t *options,
                        listening_t *listening, const char **ret_fault)
{
    char host[256];
    const char *service;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;

    if (!s_split(endpoint, host, sizeof(host), &service))
        return s_fail(ERR_INVALID, "an endpoint is HOST:PORT, [IPV6]:PORT or unix:PATH", ret_fault);
    int result = getaddrinfo(host[0] != '\0' ? host : NULL, service, &hints, &found);
    if (result != 0)
        return s_fail(ERR_INVALID, gai_strerror(result), ret_fault);
    size_t most = strcmp(service, "0") == 0 ? 1 : LISTEN_FDS_MAX;
    for (const struct addrinfo *at = found; at != NULL && listening->count < most;
         at = at->ai_next) {
        int fd = s_bind(at, options);
        if (fd >= 0)
            s_add(listening, fd);
    }
    int fault = errno;
    freeaddrinfo(found);
    if (listening->count == 0)
        return s_fail(ERR_UNAVAILABLE, strerror(fault), ret_fault);
    listening->port = s_bound_port(listening->fds[0]);
    return ERR_OK;
}

/* ---- Unix sockets ---- */

/* Whether the path is free, or was left behind and is free now. */
static bool s_make_way(const struct sockaddr_un *address)
{
    struct stat file;
    if (lstat(address->sun_path, &file) != 0)
        return errno == ENOENT;
    errno = EEXIST;
    if (!S_ISSOCK(file.st_mode))
        return false;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return false;
    bool dead = connect(probe, (const struct sockaddr *)address, sizeof *address) != 0 &&
                errno == ECONNREFUSED;
    close(probe);
    errno = EADDRINUSE;
    return dead && unlink(address->sun_path) == 0;
}

static int s_bind_unix(const struct sockaddr_un *address, mode_t mode)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
        chmod(address->sun_path, mode) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    return s_give_up(fd);
}

static err_t s_open_unix(const char *path, const listen_options_t *options, listening_t *listening,
                         const char **ret_fault)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (*path == '\0' || strlen(path) >= sizeof address.sun_path)
        return s_fail(ERR_INVALID, "the path of a Unix socket has 1 to 107 bytes", ret_fault);
    strcpy(address.sun_path, path);
    if (!s_make_way(&address))
        return s_fail(ERR_UNAVAILABLE, strerror(errno), ret_fault);
    int fd = s_bind_unix(&address, options->unix_mode);
    if (fd < 0)
        return s_fail(ERR_UNAVAILABLE, strerror(errno), ret_fault);
    s_add(listening, fd);
    listening->unix_address = address;
    return ERR_OK;
}

/* ---- both ---- */

err_t listen_open(const char *endpoint, const listen_options_t *options, listening_t *ret_listening,
                  const char **ret_fault)
{
    *ret_listening = (listening_t){.proxied = s_skip(&endpoint, s_proxy)};
    if (s_skip(&endpoint, s_unix))
        return s_open_unix(endpoint, options, ret_listening, ret_fault);
    return s_open_tcp(endpoint, options, ret_listening, ret_fault);
}

void listen_close(listening_t *listening)
{
    for (size_t i = 0; i < listening->count; i++)
        close(listening->fds[i]);
    if (listening->unix_address.sun_path[0] != '\0')
        (void)s_make_way(&listening->unix_address); /* what is left behind is ours */
    *listening = (listening_t){0};
}

bool listen_is_local(const char *endpoint)
{
    static const char *const starts[] = {"unix:", "127.", "localhost:", "[::1]:"};
    s_skip(&endpoint, s_proxy);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (slice_starts(slice_of(endpoint), slice_of(starts[i])))
            return true;
    return false;
}
