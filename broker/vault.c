/* vault.c - slots of 32 bytes, the first of which is the file's head.
 *
 *   zeros ── first needed: a whole block is made, and synced ──> key ── destroyed ──> ones
 *
 * A slot lies within one sector, so it is changed whole or not at all, and no power cut leaves
 * half a key.  Each ends with a CRC, for a key that was damaged looks like any other, and would
 * seal what nobody can read once the file is mended.  The head tells how many slots were made: a
 * hole among those is damage, and whatever lies behind them is what a cut has left of a block that
 * was not synced, so that no key of it has ever sealed anything.  The block makes a sync rare: the
 * accounts that sign up next have their keys already.
 *
 * In a file of the first kind slots have no CRC and the head does not tell: nothing is checked. */
#include "broker/vault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/log.h"
#include "broker/folder.h"
#include "schema/envelope.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum {
    SLOT = CRYPTO_KEY_SIZE,
    BLOCK_SLOTS = 1024,
    BLOCK = BLOCK_SLOTS * SLOT,
    CACHED = 16 * 1024, /* keys in memory, a power of two: of all who write within a while */
    MAGIC = 8,
    CHECKED_AT = 8, /* the sequence, big-endian */
    MADE_AT = 16,   /* how many slots, the same */
    SUM_AT = SLOT - 4,
};

static const char s_file[] = "keyring";
static const char s_magic[] = "KITHKEY2";
static const char s_first_magic[] = "KITHKEY1"; /* behind the sequence it has zeros */

/* A key at hand; of account 0: none. */
typedef struct kept {
    uint32_t account;
    uint8_t key[CRYPTO_KEY_SIZE];
} kept_t;

struct vault {
    char path[PATH_MAX];
    int fd;
    bool summed; /* slots have a CRC */
    uint64_t checked;
    uint64_t made; /* slots, the head among them */
    kept_t kept[CACHED];
};

static const uint8_t s_none[SLOT];
static const uint8_t s_destroyed[SLOT] = {[0 ... SLOT - 1] = 0xff}; /* but for the CRC */

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

static err_t s_damaged(const vault_t *vault, const char *what)
{
    log_error("journal", "%s: %s: bring it back from a backup, it has all keys that this one has",
              vault->path, what);
    return ERR_CORRUPT;
}

/* ---- slots ---- */

static void s_sum(uint8_t slot[SLOT])
{
    wide_put32(slot + SUM_AT, crc32c(slice_new(slot, SUM_AT)));
}

static bool s_is_whole(const vault_t *vault, const uint8_t slot[SLOT])
{
    return !vault->summed || wide_get32(slot + SUM_AT) == crc32c(slice_new(slot, SUM_AT));
}

static bool s_is_destroyed(const vault_t *vault, const uint8_t slot[SLOT])
{
    return memcmp(slot, s_destroyed, vault->summed ? SUM_AT : SLOT) == 0;
}

/* Whether the slot is in use: it was made, or destroyed before that. */
static bool s_is_made(const vault_t *vault, uint32_t account, const uint8_t slot[SLOT])
{
    if (!vault->summed)
        return memcmp(slot, s_none, SLOT) != 0;
    return account < vault->made || (s_is_whole(vault, slot) && s_is_destroyed(vault, slot));
}

/* ---- the head ---- */

static void s_put_head(uint8_t head[SLOT], uint64_t checked, uint64_t made)
{
    memset(head, 0, SLOT);
    memcpy(head, s_magic, MAGIC);
    wide_put64(head + CHECKED_AT, checked);
    wide_put64(head + MADE_AT, made);
    s_sum(head);
}

static err_t s_write_head(const vault_t *vault, uint64_t checked, uint64_t made)
{
    uint8_t head[SLOT];
    s_put_head(head, checked, made);
    return vault->summed ? s_write(vault, 0, head, SLOT)
                         : s_write(vault, CHECKED_AT, head + CHECKED_AT, MADE_AT - CHECKED_AT);
}

static err_t s_read_head(vault_t *vault)
{
    uint8_t head[SLOT];
    err_t err = s_read(vault, 0, head, SLOT);
    vault->summed = memcmp(head, s_first_magic, MAGIC) != 0;
    if (err != ERR_OK)
        return err;
    if ((vault->summed && memcmp(head, s_magic, MAGIC) != 0) || !s_is_whole(vault, head))
        return s_damaged(vault, "is damaged, or no file of keys");
    vault->checked = wide_get64(head + CHECKED_AT);
    vault->made = wide_get64(head + MADE_AT);
    return ERR_OK;
}

/* ---- coming and going ---- */

static err_t s_key_damaged(const vault_t *vault, uint64_t account)
{
    char what[64];
    snprintf(what, sizeof what, "the key of account %" PRIu64 " is damaged", account);
    return s_damaged(vault, what);
}

/* Every key that was made: with one that is damaged nothing could be written that has one of its
 * owner's records among it. */
static err_t s_check_keys(const vault_t *vault)
{
    uint8_t block[BLOCK];
    err_t err = ERR_OK;
    for (uint64_t first = 0; err == ERR_OK && first < vault->made; first += BLOCK_SLOTS) {
        err = s_read(vault, first * SLOT, block, BLOCK);
        for (uint64_t slot = first == 0; err == ERR_OK && slot < BLOCK_SLOTS; slot++)
            if (!s_is_whole(vault, block + slot * SLOT))
                err = s_key_damaged(vault, first + slot);
    }
    crypto_wipe(block, BLOCK);
    return err;
}

/* After a sync that failed the page cache shows a head that no disk has, and goes on showing it:
 * what is sealed by the keys that it tells of would be lost with the power. */
static err_t s_settle_head(const vault_t *vault)
{
    if (vault->made == 0)
        return ERR_OK;
    err_t err = s_write_head(vault, vault->checked, vault->made);
    return err == ERR_OK ? s_sync(vault) : err;
}

err_t vault_make(const char *data)
{
    uint8_t head[SLOT];
    s_put_head(head, 0, 0);
    return folder_put(data, s_file, slice_new(head, SLOT));
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
    if (err == ERR_OK && writing)
        err = s_check_keys(vault);
    if (err == ERR_OK && writing)
        err = s_settle_head(vault);
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

/* What is in a slot.  ERR_NOT_FOUND: its key was destroyed; *ret_none: nothing was ever there. */
static err_t s_look(vault_t *vault, uint32_t account, uint8_t ret_key[CRYPTO_KEY_SIZE],
                    bool *ret_none)
{
    *ret_none = false;
    if (s_find_kept(vault, account, ret_key))
        return ERR_OK;
    err_t err = s_read(vault, (uint64_t)account * SLOT, ret_key, SLOT);
    if (err != ERR_OK)
        return err;
    *ret_none = !s_is_made(vault, account, ret_key);
    if (*ret_none)
        return ERR_OK;
    if (!s_is_whole(vault, ret_key))
        return s_key_damaged(vault, account);
    if (s_is_destroyed(vault, ret_key))
        return ERR_NOT_FOUND;
    s_keep(vault, account, ret_key);
    return ERR_OK;
}

err_t vault_key(vault_t *vault, uint32_t account, uint8_t ret_key[CRYPTO_KEY_SIZE])
{
    bool none;
    assert(account != 0);
    err_t err = s_look(vault, account, ret_key, &none);
    return err == ERR_OK && none ? ERR_CORRUPT : err;
}

/* Give every slot of the block that begins there a key, unless it has one, or had. */
static err_t s_make_block(vault_t *vault, uint64_t first)
{
    uint8_t block[BLOCK];
    err_t err = s_read(vault, first * SLOT, block, BLOCK);
    for (size_t at = first == 0 ? SLOT : 0; err == ERR_OK && at < BLOCK; at += SLOT)
        if (memcmp(block + at, s_none, SLOT) == 0 || !s_is_whole(vault, block + at)) {
            crypto_random(block + at, SLOT);
            s_sum(block + at);
        }
    if (err == ERR_OK)
        err = s_write(vault, first * SLOT, block, BLOCK);
    crypto_wipe(block, BLOCK);
    return err == ERR_OK ? s_sync(vault) : err;
}

/* All blocks up to the account's; only then it is said that they are made. */
static err_t s_make_up_to(vault_t *vault, uint32_t account)
{
    uint64_t block = (uint64_t)account / BLOCK_SLOTS * BLOCK_SLOTS;
    err_t err = ERR_OK;
    for (uint64_t at = vault->summed ? vault->made : block; err == ERR_OK && at <= block;
         at += BLOCK_SLOTS)
        err = s_make_block(vault, at);
    if (err != ERR_OK || !vault->summed)
        return err;
    err = s_write_head(vault, vault->checked, block + BLOCK_SLOTS);
    if (err == ERR_OK)
        err = s_sync(vault);
    if (err == ERR_OK)
        vault->made = block + BLOCK_SLOTS;
    return err;
}

err_t vault_key_to_seal(vault_t *vault, uint32_t account, uint8_t ret_key[CRYPTO_KEY_SIZE])
{
    bool none;
    assert(account != 0);
    err_t err = s_look(vault, account, ret_key, &none);
    if (err == ERR_OK && none) {
        err = s_make_up_to(vault, account);
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
    uint8_t slot[SLOT];
    memcpy(slot, s_destroyed, SLOT);
    if (vault->summed)
        s_sum(slot);
    err_t err = s_write(vault, (uint64_t)account * SLOT, slot, SLOT);
    return err == ERR_OK ? s_sync(vault) : err;
}

/* ---- how far the journal was looked through ---- */

uint64_t vault_checked(const vault_t *vault)
{
    return vault->checked;
}

err_t vault_set_checked(vault_t *vault, uint64_t seq)
{
    err_t err = s_write_head(vault, seq, vault->made);
    if (err == ERR_OK)
        vault->checked = seq;
    return err;
}
