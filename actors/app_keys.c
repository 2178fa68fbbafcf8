/* app_keys.c - the file pusher.app: a line `name = value` for each.
 *
 * It is written whole or not at all, under a name of this process first; of several parts
 * that make one at the same time the first wins. */
#include "actors/app_keys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/crypto.h"
#include "actors/log.h"
#include "schema/envelope.h"

enum {
    PATH_SIZE = 4096,
    FILE_SIZE = 5 * (APP_TEXT_SIZE + 16),
    RANDOM_SIZE = 10,
};

static const char s_cluster[] = "mt1"; /* the one that clients take for a default */

/* ---- what will do ---- */

/* It stands in a path, in a host name and between colons. */
static bool s_is_word(const char *text)
{
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && strchr("-_", *text) == NULL)
            return false;
    return true;
}

static bool s_is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

const char *app_keys_fault(const app_keys_t *set)
{
    if (!s_is_word(set->id))
        return "setting `pusher.app_id` takes letters, digits, - and _";
    if (!s_is_word(set->key))
        return "setting `pusher.key` takes letters, digits, - and _";
    if (!s_is_word(set->cluster))
        return "setting `pusher.cluster` takes letters, digits, - and _";
    if (!s_is_plain(set->secret) || (*set->secret != '\0' && strlen(set->secret) < APP_SECRET_MIN))
        return "setting `pusher.secret` takes 16 or more visible ASCII characters";
    return NULL;
}

/* ---- the file ---- */

static err_t s_fault(const char *path, const char *what)
{
    log_error("pusher", "%s: %s", path, what);
    return ERR_INVALID;
}

static void s_path(const char *folder, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/pusher.app", folder);
}

/* Four lines, and a fifth that shows whether they are what they were.  Files of somebody's own
 * making lack that one. */
static int s_format(const app_keys_t *keys, char text[FILE_SIZE])
{
    int len = snprintf(text, FILE_SIZE, "app_id = %s\nkey = %s\nsecret = %s\ncluster = %s\n",
                       keys->id, keys->key, keys->secret, keys->cluster);
    return len + snprintf(text + len, FILE_SIZE - (size_t)len, "check = %08x\n",
                          crc32c(slice_new(text, (size_t)len)));
}

static bool s_parse(const char *text, app_keys_t *keys)
{
    char whole[FILE_SIZE];
    if (sscanf(text, "app_id = %128s\nkey = %128s\nsecret = %128s\ncluster = %128s", keys->id,
               keys->key, keys->secret, keys->cluster) != 4 ||
        app_keys_fault(keys) != NULL || text[strlen(text) - 1] != '\n')
        return false;
    s_format(keys, whole);
    bool same = strstr(text, "\ncheck") == NULL || strcmp(text, whole) == 0;
    crypto_wipe(whole, sizeof whole);
    return same;
}

static err_t s_read(const char *path, int fd, app_keys_t *keys)
{
    char text[FILE_SIZE] = "";
    struct stat facts;
    ssize_t len = read(fd, text, sizeof text - 1);
    bool good = len > 0 && s_parse(text, keys);
    crypto_wipe(text, sizeof text);
    if (len < 0 || fstat(fd, &facts) != 0)
        return s_fault(path, strerror(errno));
    if (!good)
        return s_fault(path, "damaged, or it does not say app_id, key, secret and cluster: restore "
                             "it, or remove it, and clients need the new key");
    if ((facts.st_mode & 077) != 0)
        return s_fault(path, "others can read the secret: chmod 600 it");
    return ERR_OK;
}

err_t app_keys_read(const char *folder, app_keys_t *ret_keys)
{
    char path[PATH_SIZE];
    app_keys_t keys;
    s_path(folder, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : s_fault(path, strerror(errno));
    err_t err = s_read(path, fd, &keys);
    close(fd);
    if (err == ERR_OK)
        *ret_keys = keys;
    return err;
}

/* ---- making ---- */

static void s_hex(char *to)
{
    uint8_t random[RANDOM_SIZE];
    crypto_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(to + 2 * i, 3, "%02x", random[i]);
}

static void s_invent(app_keys_t *keys)
{
    uint32_t number;
    crypto_random((uint8_t *)&number, sizeof number);
    snprintf(keys->id, sizeof keys->id, "%u", 1000000 + number % 9000000); /* seven digits */
    s_hex(keys->key);
    s_hex(keys->secret);
    snprintf(keys->cluster, sizeof keys->cluster, "%s", s_cluster);
}

static bool s_write(int fd, const app_keys_t *keys)
{
    char text[FILE_SIZE];
    ssize_t len = s_format(keys, text);
    bool written = write(fd, text, (size_t)len) == len && fsync(fd) == 0;
    crypto_wipe(text, sizeof text);
    return written;
}

static err_t s_make(const char *folder)
{
    char path[PATH_SIZE], draft[PATH_SIZE + 16];
    app_keys_t keys;
    s_path(folder, path);
    s_invent(&keys);
    snprintf(draft, sizeof draft, "%s.%d", path, (int)getpid());
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool made = fd >= 0 && s_write(fd, &keys) && (link(draft, path) == 0 || errno == EEXIST);
    int fault = errno;
    if (fd >= 0)
        close(fd);
    unlink(draft);
    crypto_wipe(&keys, sizeof keys);
    if (!made)
        return s_fault(path, strerror(fault));
    log_info(
        "pusher",
        "made a key and a secret in %s; `kith pusher` shows them; if there were some, bring them "
        "back from a backup",
        path);
    return ERR_OK;
}

/* ---- both ---- */

static void s_take(char *to, const char *set)
{
    if (*set != '\0')
        memcpy(to, set, APP_TEXT_SIZE);
}

static bool s_complete(const app_keys_t *set)
{
    return *set->id != '\0' && *set->key != '\0' && *set->secret != '\0' && *set->cluster != '\0';
}

err_t app_keys_check(const char *folder, const app_keys_t *set)
{
    app_keys_t keys;
    err_t err = s_complete(set) ? ERR_OK : app_keys_read(folder, &keys);
    crypto_wipe(&keys, sizeof keys);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t app_keys_open(const char *folder, const app_keys_t *set, app_keys_t *ret_keys)
{
    app_keys_t keys = {0};
    err_t err = s_complete(set) ? ERR_OK : app_keys_read(folder, &keys);
    if (err == ERR_NOT_FOUND) {
        err = s_make(folder);
        if (err == ERR_OK)
            err = app_keys_read(folder, &keys);
    }
    if (err != ERR_OK)
        return err;
    s_take(keys.id, set->id);
    s_take(keys.key, set->key);
    s_take(keys.secret, set->secret);
    s_take(keys.cluster, set->cluster);
    *ret_keys = keys;
    return ERR_OK;
}
