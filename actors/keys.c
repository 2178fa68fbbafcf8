#include "actors/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "actors/log.h"

enum { PATH_SIZE = 4096 };

void keys_make(key_pair_t *ret_pair)
{
    zmq_curve_keypair(ret_pair->public_key, ret_pair->secret_key);
}

bool keys_valid(const char *text)
{
    static const uint8_t zero[KEY_SIZE];
    uint8_t key[KEY_SIZE];
    return strlen(text) == KEY_TEXT_SIZE - 1 && zmq_z85_decode(key, text) != NULL &&
           memcmp(key, zero, KEY_SIZE) != 0;
}

/* ---- writing ---- */

static err_t s_write(const char *path, const char *suffix, const char *key, mode_t mode)
{
    char name[PATH_SIZE], line[KEY_TEXT_SIZE + 1];
    snprintf(name, sizeof name, "%s.%s", path, suffix);
    int len = snprintf(line, sizeof line, "%s\n", key);
    int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool written = file >= 0 && write(file, line, (size_t)len) == len && fsync(file) == 0;
    int problem = errno;
    if (file >= 0)
        close(file);
    explicit_bzero(line, sizeof line);
    if (written)
        return ERR_OK;
    log_error("keys", "cannot write %s: %s", name, strerror(problem));
    return problem == EEXIST ? ERR_EXISTS : ERR_STORAGE;
}

err_t keys_write(const char *path, const key_pair_t *pair)
{
    err_t err = s_write(path, "secret", pair->secret_key, 0600);
    return err == ERR_OK ? s_write(path, "public", pair->public_key, 0644) : err;
}

/* ---- reading ---- */

static err_t s_read(const char *folder, const char *name, const char *suffix,
                    char ret_key[KEY_TEXT_SIZE])
{
    char path[PATH_SIZE], line[KEY_TEXT_SIZE + 1] = "";
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffix);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        log_error("keys", "cannot read %s: %s; `kith keygen` makes keys", path, strerror(errno));
        return ERR_NOT_FOUND;
    }
    bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    bool valid = read && keys_valid(line);
    if (valid)
        memcpy(ret_key, line, KEY_TEXT_SIZE);
    else
        log_error("keys",
                  "%s holds no key: a line of 40 characters is wanted; bring it back from a backup",
                  path);
    explicit_bzero(line, sizeof line);
    return valid ? ERR_OK : ERR_INVALID;
}

/* A secret that others can read is none. */
static err_t s_check_mode(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s.secret", folder, name);
    if (stat(path, &status) != 0 || (status.st_mode & 077) == 0)
        return ERR_OK; /* one that is missing is told of where it is read */
    log_error("keys", "%s can be read by others: chmod 600 it", path);
    return ERR_INVALID;
}

/* The public key beside a secret one, if it is there: one of the two may be damaged. */
static err_t s_check_pair(const char *folder, const char *name, const key_pair_t *pair)
{
    char path[PATH_SIZE], found[KEY_TEXT_SIZE];
    snprintf(path, sizeof path, "%s/%s.public", folder, name);
    if (access(path, F_OK) != 0)
        return ERR_OK;
    err_t err = s_read(folder, name, "public", found);
    if (err != ERR_OK || strcmp(found, pair->public_key) == 0)
        return err;
    log_error(
        "keys",
        "%s/%s.secret and .public are no pair, so one of them is damaged: bring both back from "
        "a backup",
        folder, name);
    return ERR_INVALID;
}

err_t keys_read(const char *folder, const char *name, key_pair_t *ret_pair)
{
    key_pair_t pair;
    err_t err = s_check_mode(folder, name);
    if (err == ERR_OK)
        err = s_read(folder, name, "secret", pair.secret_key);
    if (err == ERR_OK && zmq_curve_public(pair.public_key, pair.secret_key) != 0)
        err = ERR_INVALID;
    if (err == ERR_OK)
        err = s_check_pair(folder, name, &pair);
    if (err == ERR_OK)
        *ret_pair = pair;
    explicit_bzero(&pair, sizeof pair);
    return err;
}

err_t keys_read_ring(const char *folder, const char *name, keyring_t *ret_ring)
{
    err_t err = keys_read(folder, name, &ret_ring->own);
    return err == ERR_OK ? s_read(folder, "broker", "public", ret_ring->broker) : err;
}
