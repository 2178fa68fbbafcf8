/* seal.h - records as they travel, and as they lie in the journal.
 *
 * What is personal in a record is sealed with the key of whose it is; JOURNAL.md has the format.
 * Beyond the journal nobody sees a sealed record but those who want the very bytes: it is
 * sealed by whoever writes it, and opened by whoever reads it back. */
#ifndef BROKER_SEAL_H
#define BROKER_SEAL_H

#include "broker/vault.h"
#include "schema/envelope.h"

/* Append the record as the journal holds it, with the hash of the one before and the CRC, if
 * there is anything to seal; else nothing.  ERR_MALFORMED: its body is not of its type. */
MUST_CHECK err_t seal_close(vault_t *vault, const record_t *record, buf_t *out);

/* Append the record as it travelled, byte for byte; as it is if nothing in it is sealed.  One
 * whose key was destroyed is redacted: its key id stays, and what was personal is empty, or
 * "redacted-12" where there must be something.  ERR_CORRUPT: it is not as it was sealed, or the
 * key is another's, or there is none. */
MUST_CHECK err_t seal_open(vault_t *vault, const record_t *record, buf_t *out);

/* The same with no key at all. */
MUST_CHECK err_t seal_redact(const record_t *record, buf_t *out);

/* The key that opens this record and no other; ERR_NOT_FOUND if its account's was destroyed. */
MUST_CHECK err_t seal_key(vault_t *vault, const record_t *record, uint8_t ret_key[CRYPTO_KEY_SIZE]);

/* Open it with that. */
MUST_CHECK err_t seal_open_with(const uint8_t key[CRYPTO_KEY_SIZE], const record_t *record,
                                buf_t *out);

#endif
