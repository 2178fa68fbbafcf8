/* seal.c - the envelope around what is personal.
 *
 * The nonce is the record's sequence, epoch and time.  Within an epoch a sequence is given out
 * once; two journals that were one up to a backup differ in their times. */
#include "broker/seal.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/blank.h"
#include "schema/pack.h"
#include "schema/type.h"

static const slice_t s_name = SLICE_LIT("sealed"); /* of the body's first pair */

enum { STEAD_SIZE = 32 };

/* Whose the personal values are; 0: nobody's. */
static uint32_t s_owner(const record_t *record, const event_type_t *type)
{
    bool asker = (type->flags & EVENT_ASKERS) != 0 ? record->principal != 0 : record->account == 0;
    uint64_t owner = asker ? record->principal : record->account;
    return owner <= UINT32_MAX ? (uint32_t)owner : 0;
}

/* ---- the key and the nonce ---- */

static void s_derive(const uint8_t key[CRYPTO_KEY_SIZE], const record_t *record,
                     uint8_t ret_key[CRYPTO_KEY_SIZE])
{
    uint8_t begin[16];
    wide_put64(begin, record->seq);
    wide_put64(begin + 8, record->epoch);
    crypto_derive(key, begin, ret_key);
}

static void s_nonce_end(const record_t *record, uint8_t ret_end[8])
{
    wide_put64(ret_end, (uint64_t)record->time);
}

/* ---- sealing ---- */

/* The header, the values, sealed, and the pairs without them. */
static void s_put(const record_t *record, uint32_t owner, const uint8_t key[CRYPTO_KEY_SIZE],
                  const pairs_t *pairs, slice_t values, buf_t *out)
{
    uint8_t own_key[CRYPTO_KEY_SIZE], end[8];
    buf_t sealed = {0};
    record_t closed = *record;
    closed.key_id = owner;
    closed.client_id = (slice_t){0};
    size_t begun = out->len;
    record_begin(out, &closed);
    s_derive(key, record, own_key);
    s_nonce_end(record, end);
    crypto_seal(own_key, end, record_bound(slice_new(out->data + begun, out->len - begun)), values,
                &sealed);
    pack_map(out, pairs->count + 1);
    pack_str(out, s_name);
    pack_bin(out, buf_slice(&sealed));
    buf_append(out, pairs->bytes);
    record_end(out);
    record_seal(out->data + begun, out->len - begun, record->previous);
    crypto_wipe(own_key, sizeof own_key);
    buf_free(&sealed);
}

err_t seal_close(vault_t *vault, const record_t *record, buf_t *out)
{
    const event_type_t *type = event_type(record->type);
    uint32_t owner = type != NULL ? s_owner(record, type) : 0;
    uint8_t key[CRYPTO_KEY_SIZE];
    buf_t bare = {0}, values = {0};
    pairs_t pairs;
    if (owner == 0)
        return ERR_OK;
    buf_reserve(&bare, record->body.len);
    buf_reserve(&values, record->bytes.len);
    pack_str(&values, record->client_id);
    size_t nothing = record->client_id.len == 0 ? values.len : 0;
    err_t err = blank_pairs(record->body, &pairs);
    if (err == ERR_OK)
        err = blank_take(&pairs, type->shape(), &bare, &values);
    if (err == ERR_OK && values.len > nothing) {
        pairs.bytes = buf_slice(&bare);
        err = vault_key_to_seal(vault, owner, key);
        if (err == ERR_OK)
            s_put(record, owner, key, &pairs, buf_slice(&values), out);
        crypto_wipe(key, sizeof key);
    }
    buf_free(&bare);
    buf_free(&values);
    return err;
}

/* ---- opening ---- */

static void s_put_opened(const record_t *record, slice_t client_id, uint32_t key_id, slice_t body,
                         buf_t *out)
{
    record_t opened = *record;
    opened.client_id = client_id;
    opened.key_id = key_id;
    size_t begun = out->len;
    record_begin(out, &opened);
    buf_append(out, body);
    record_end(out);
    record_seal(out->data + begun, out->len - begun, record->previous);
}

static err_t s_fill(const record_t *record, const pairs_t *pairs, slice_t values, buf_t *out)
{
    unpack_t in = {values};
    slice_t client_id;
    buf_t body = {0};
    buf_reserve(&body, record->bytes.len);
    err_t err = unpack_str(&in, &client_id);
    if (err == ERR_OK)
        err = blank_fill(pairs, in.left, &body);
    if (err == ERR_OK)
        s_put_opened(record, client_id, 0, buf_slice(&body), out);
    buf_free(&body);
    return err == ERR_OK ? ERR_OK : ERR_CORRUPT;
}

static err_t s_take_sealed(const record_t *record, pairs_t *ret_pairs, slice_t *ret_sealed)
{
    err_t err = blank_pairs(record->body, ret_pairs);
    return err == ERR_OK ? blank_first(ret_pairs, s_name, ret_sealed) : err;
}

err_t seal_open_with(const uint8_t key[CRYPTO_KEY_SIZE], const record_t *record, buf_t *out)
{
    uint8_t end[8];
    slice_t sealed;
    pairs_t pairs;
    buf_t values = {0};
    s_nonce_end(record, end);
    err_t err = s_take_sealed(record, &pairs, &sealed);
    if (err == ERR_OK)
        err = crypto_open(key, end, record_bound(record->bytes), sealed, &values);
    if (err == ERR_OK)
        err = s_fill(record, &pairs, buf_slice(&values), out);
    buf_free(&values);
    return err == ERR_OK ? ERR_OK : ERR_CORRUPT;
}

err_t seal_redact(const record_t *record, buf_t *out)
{
    const event_type_t *type = event_type(record->type);
    char stead[STEAD_SIZE];
    slice_t sealed;
    pairs_t pairs;
    buf_t body = {0};
    snprintf(stead, sizeof stead, "redacted-%" PRIu32, record->key_id);
    err_t err = s_take_sealed(record, &pairs, &sealed);
    if (err == ERR_OK)
        err = blank_redact(&pairs, type != NULL ? type->shape() : NULL, slice_of(stead), &body);
    if (err == ERR_OK)
        s_put_opened(record, (slice_t){0}, record->key_id, buf_slice(&body), out);
    buf_free(&body);
    return err == ERR_OK ? ERR_OK : ERR_CORRUPT;
}

err_t seal_key(vault_t *vault, const record_t *record, uint8_t ret_key[CRYPTO_KEY_SIZE])
{
    uint8_t key[CRYPTO_KEY_SIZE];
    err_t err = vault_key(vault, record->key_id, key);
    if (err == ERR_OK)
        s_derive(key, record, ret_key);
    crypto_wipe(key, sizeof key);
    return err;
}

err_t seal_open(vault_t *vault, const record_t *record, buf_t *out)
{
    uint8_t key[CRYPTO_KEY_SIZE];
    if (record->key_id == 0) {
        buf_append(out, record->bytes);
        return ERR_OK;
    }
    err_t err = seal_key(vault, record, key);
    if (err == ERR_OK)
        err = seal_open_with(key, record, out);
    else if (err == ERR_NOT_FOUND)
        err = seal_redact(record, out);
    crypto_wipe(key, sizeof key);
    return err;
}
