/* vault.h - the keys that seal what is personal in the journal, one for each account.
 *
 * A file of slots beside the journal.  A key is on disk before anything is sealed with it,
 * and once it is destroyed nobody has it: what it had sealed is gone.  One process writes;
 * others may read at the same time.  A vault belongs to one thread. */
#ifndef BROKER_VAULT_H
#define BROKER_VAULT_H

#include "actors/crypto.h"
#include "schema/err.h"

typedef struct vault vault_t;

/* The vault in the folder `data`.  Where there is none: ERR_NOT_FOUND for who writes, and an
 * empty one for who reads.  ERR_CORRUPT when the file is no vault, or who writes would find a damaged
 * key in it. */
MUST_CHECK err_t vault_open(const char *data, bool writing, vault_t **ret_vault);
void vault_close(vault_t **vault_p);

/* Make an empty one. */
MUST_CHECK err_t vault_make(const char *data);

/* The key of an account.  ERR_NOT_FOUND: it was destroyed; ERR_CORRUPT: there never was one, or it
 * is damaged, which is logged. */
MUST_CHECK err_t vault_key(vault_t *vault, uint32_t account, uint8_t ret_key[CRYPTO_KEY_SIZE]);

/* The key to seal with, made if there is none; never in the place of one that is damaged.  For one
 * that was destroyed a key that nobody keeps: what it seals nobody will read. */
MUST_CHECK err_t vault_key_to_seal(vault_t *vault, uint32_t account,
                                   uint8_t ret_key[CRYPTO_KEY_SIZE]);

/* For good, and on disk when it returns ERR_OK.  Again is no fault. */
MUST_CHECK err_t vault_destroy(vault_t *vault, uint32_t account);

/* Up to which sequence the journal was looked through for keys to destroy.  Setting it needs
 * not reach the disk: an older number means that more is looked through. */
uint64_t vault_checked(const vault_t *vault);
MUST_CHECK err_t vault_set_checked(vault_t *vault, uint64_t seq);

#endif
