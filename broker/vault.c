/* vault.c - slots of 32 bytes, the first of which says what the file is.
 *
 *   zeros ── first needed: a whole block is made, and synced ──> key ── destroyed ──> ones
 *
 * A slot lies within one sector, so it is changed whole or not at all, and no power cut leaves
 * half a key.  Zeros are what a cut leaves of a block that was not synced: nothing was sealed
 * with that, and it is made once more.  The block makes a sync rare: the accounts that sign up
 * next have their keys already. */
#include "broker/vault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/log.h"
#include "broker/folder.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum {
    SLOT = CRYPTO_KEY_SIZE,
    BLOCK_SLOTS = 1024,
    BLOCK = BLOCK_SLOTS * SLOT,
    CACHED = 1024, /* keys in memory, a power of two */
    CHECKED_AT = 8,
};

static const char s_file[] = "keyring";
static const char s_magic[] = "KITHKEY1"; /* then the sequence, big-endian; the rest is zero */

/* A key at hand; of account 0: none. */
typedef struct kept {
    uint32_t account;
    uint8_t key[CRYPTO_KEY_SIZE];
} kept_t;

struct vault {
    char path[PATH_MAX];
    int fd;
    uint64_t checked;
    kept_t kept[CACHED];
};

static const uint8_t s_none[SLOT];
static const uint8_t s_destroyed[SLOT] = {[0 ... SLOT - 1] = 0xff};

/* ---- the file ---- */

static err_t s_fault(const vault_t *vault)
{
    log_error("journal", "%s: %s", vault->path, strerror(errno));
    return ERR_STORAGE;
}

/* What lies behind the file's end, or in none, is zeros. */
static err_t s_read(const vault_t *vault, uint64_t at, uint8_t *bytes, size_t len)
{
    ssize_t got = vault->fd >= 0 ? pread(vault->fd, bytes, len, (off_t)at) : 0;
    if (got < 0)
        return s_fault(vault);
    memset(bytes + got, 0, len - (size_t)got);
    return ERR_OK;
}

static err_t s_write(const vault_t *vault, uint64_t at, const uint8_t *bytes, size_t len)
{
    ssize_t put = pwrite(vault->fd, bytes, len, (off_t)at);
    if (put >= 0 && (size_t)put < len)
        errno = ENOSPC;
    return put >= 0 && (size_t)put == len ? ERR_OK : s_fault(vault);
}

static err_t s_sync(const vault_t *vault)
{
    return fdatasync(vault->fd) == 0 ? ERR_OK : s_fault(vault);
}

/* ---- coming and going ---- */

err_t vault_make(const char *data)
{
    uint8_t head[SLOT] = {0};
    memcpy(head, s_magic, CHECKED_AT);
    return folder_put(data, s_file, slice_new(head, SLOT));
}

static err_t s_read_head(vault_t *vault)
{
    uint8_t head[SLOT];
    err_t err = s_read(vault, 0, head, SLOT);
    if (err == ERR_OK && memcmp(head, s_magic, CHECKED_AT) != 0) {
        log_error("journal", "%s: is no file of keys", vault->path);
        return ERR_CORRUPT;
    }
    vault->checked = wide_get64(head + CHECKED_AT);
    return err;
}

err_t vault_open(const char *data, bool writing, vault_t **ret_vault)
{
    vault_t *vault = mem_new(vault_t);
    snprintf(vault->path, sizeof vault->path, "%s/%s", data, s_file);
    vault->fd = open(vault->path, (writing ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    bool missing = vault->fd < 0 && errno == ENOENT;
    err_t err = ERR_OK;
    if (missing && writing)
        err = ERR_NOT_FOUND;
    else if (!missing)
        err = vault->fd < 0 ? s_fault(vault) : s_read_head(vault);
    if (err == ERR_OK)
        *ret_vault = TAKE(vault);

    vault_close(&vault); /* NULL after TAKE: closes on failure only */
    return err;
}

void vault_close(vault_t **vault_p)
{
    vault_t *vault = *vault_p;
    if (vault == NULL)
        return;
    if (vault->fd >= 0)
        close(vault->fd);
    crypto_wipe(vault->kept, sizeof vault->kept);
    mem_free(vault);
    *vault_p = NULL;
}

/* ---- keys ---- */

static kept_t *s_kept(vault_t *vault, uint32_t account)
{
    return &vault->kept[account % CACHED];
}

static bool s_find_kept(vault_t *vault, uint32_t account, uint8_t ret_key[CRYPTO_KEY_SIZE])
{
    const kept_t *kept = s_kept(vault, account);
    if (kept->account != account)
        return false;
    memcpy(ret_key, kept->key, SLOT);
    return true;
}

static void s_keep(vault_t *vault, uint32_t account, const uint8_t key[CRYPTO_KEY_SIZE])
{
    kept_t *kept = s_kept(vault, account);
    kept->account = account;
    memcpy(kept->key, key, SLOT);
}

err_t vault_key(vault_t *vault, uint32_t account, uint8_t ret_key[CRYPTO_KEY_SIZE])
{
    assert(account != 0);
    if (s_find_kept(vault, account, ret_key))
        return ERR_OK;
    err_t err = s_read(vault, (uint64_t)account * SLOT, ret_key, SLOT);
    if (err != ERR_OK)
        return err;
    if (memcmp(ret_key, s_none, SLOT) == 0)
        return ERR_CORRUPT;
    if (memcmp(ret_key, s_destroyed, SLOT) == 0)
        return ERR_NOT_FOUND;
    s_keep(vault, account, ret_key);
    return ERR_OK;
}

/* Give every empty slot of the account's block a key. */
static err_t s_make_block(vault_t *vault, uint32_t account)
{
    uint64_t first = (uint64_t)account / BLOCK_SLOTS * BLOCK_SLOTS;
    uint8_t block[BLOCK];
    err_t err = s_read(vault, first * SLOT, block, BLOCK);
    for (size_t at = 0; err == ERR_OK && at < BLOCK; at += SLOT)
        if (memcmp(block + at, s_none, SLOT) == 0)
            crypto_random(block + at, SLOT);
    if (err == ERR_OK)
        err = s_write(vault, first * SLOT, block, BLOCK);
    crypto_wipe(block, BLOCK);
    return err == ERR_OK ? s_sync(vault) : err;
}

err_t vault_key_to_seal(vault_t *vault, uint32_t account, uint8_t ret_key[CRYPTO_KEY_SIZE])
{
    err_t err = vault_key(vault, account, ret_key);
    if (err == ERR_CORRUPT) {
        err = s_make_block(vault, account);
        if (err == ERR_OK)
            err = vault_key(vault, account, ret_key);
    }
    if (err == ERR_NOT_FOUND)
        crypto_random(ret_key, SLOT);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t vault_destroy(vault_t *vault, uint32_t account)
{
    assert(account != 0);
    kept_t *kept = s_kept(vault, account);
    if (kept->account == account)
        crypto_wipe(kept, sizeof *kept);
    err_t err = s_write(vault, (uint64_t)account * SLOT, s_destroyed, SLOT);
    return err == ERR_OK ? s_sync(vault) : err;
}

/* ---- how far the journal was looked through ---- */

uint64_t vault_checked(const vault_t *vault)
{
    return vault->checked;
}

err_t vault_set_checked(vault_t *vault, uint64_t seq)
{
    uint8_t number[8];
    wide_put64(number, seq);
    err_t err = s_write(vault, CHECKED_AT, number, sizeof number);
    if (err == ERR_OK)
        vault->checked = seq;
    return err;
}
