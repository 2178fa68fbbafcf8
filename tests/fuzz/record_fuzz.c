/* record_fuzz.c - any bytes as a record that lies in the journal, sealed or open.
 *
 * The first byte says whether its CRC is set right first.  What is opened, sealed again and
 * opened again is the same; what is redacted has no key to ask for. */
#include <assert.h>
#include <stdlib.h>

#include "broker/folder.h"
#include "broker/seal.h"
#include "schema/codec.h"
#include "tests/unit/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ACCOUNT_MAX = 15 };

/* A vault with a key for each of the first accounts; its file is gone again. */
static vault_t *s_vault(void)
{
    static vault_t *vault;
    char folder[SCRATCH_PATH_SIZE];
    uint8_t file[(ACCOUNT_MAX + 1) * CRYPTO_KEY_SIZE] = "KITHKEY1";
    if (vault != NULL)
        return vault;
    for (size_t i = CRYPTO_KEY_SIZE; i < sizeof file; i++)
        file[i] = (uint8_t)(i * 7);
    scratch_make(folder);
    err_t err = crypto_start();
    if (err == ERR_OK)
        err = folder_put(folder, "keyring", slice_new(file, sizeof file));
    if (err == ERR_OK)
        err = vault_open(folder, false, &vault);
    if (err != ERR_OK)
        abort();
    scratch_remove(folder);
    return vault;
}

static bool s_read(slice_t bytes, record_t *ret_record)
{
    slice_t rest = bytes;
    return record_read(&rest, ret_record) == ERR_OK && rest.len == 0;
}

static void s_try_redacted(const record_t *record)
{
    buf_t out = {0};
    record_t redacted;
    if (seal_redact(record, &out) == ERR_OK && out.len > 0) {
        bool read = s_read(buf_slice(&out), &redacted);
        assert(read && redacted.seq == record->seq && redacted.type == record->type);
    }
    buf_free(&out);
}

/* Whether an actor could have written such a body: it has nothing but its type's fields, in order,
 * and so no nil, which stands for what was taken out. */
static bool s_is_written(const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    const void *object;
    fault_t fault = {0};
    buf_t again = {0};
    arena_t *arena = arena_new();
    bool read =
        type != NULL && codec_unpack(record->body, type->shape(), arena, &fault, &object) == ERR_OK;
    if (read)
        codec_pack(&again, type->shape(), object);
    bool written = read && slice_eq(buf_slice(&again), record->body);
    buf_free(&again);
    arena_destroy(&arena);
    return written;
}

/* It can be sealed, and what it says comes back byte for byte. */
static void s_try_closed(const record_t *plain)
{
    buf_t closed = {0}, opened = {0};
    record_t record, again;
    if (seal_close(s_vault(), plain, &closed) == ERR_OK && closed.len > 0) {
        bool read = s_read(buf_slice(&closed), &record);
        assert(read && record.key_id != 0 && record_intact(record.bytes));
        err_t err = seal_open(s_vault(), &record, &opened);
        read = s_read(buf_slice(&opened), &again);
        assert(err == ERR_OK && read && again.key_id == 0 && record_intact(again.bytes));
        assert(slice_eq(again.client_id, plain->client_id) && slice_eq(again.body, plain->body));
    }
    buf_free(&closed);
    buf_free(&opened);
}

static void s_try_opened(const record_t *record)
{
    buf_t out = {0};
    record_t opened;
    if (seal_open(s_vault(), record, &out) == ERR_OK && out.len > 0) {
        bool read = s_read(buf_slice(&out), &opened);
        assert(read && opened.seq == record->seq);
        if (opened.key_id == 0 && s_is_written(&opened))
            s_try_closed(&opened);
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t previous[HASH_SIZE];
    record_t record;
    buf_t bytes = {0};
    if (size == 0)
        return 0;
    buf_append(&bytes, slice_new(data + 1, size - 1));
    if (s_read(buf_slice(&bytes), &record)) {
        if (data[0] & 1)
            record_seal(bytes.data, bytes.len, previous);
        bool read = s_read(buf_slice(&bytes), &record);
        assert(read);
        s_try_redacted(&record);
        s_try_opened(&record);
    }
    buf_free(&bytes);
    return 0;
}
