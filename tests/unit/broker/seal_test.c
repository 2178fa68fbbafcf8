/* seal_test.c - what lies in the journal is sealed, what is read from it is not, and without
 * the key nobody reads it. */
#include "broker/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/folder.h"
#include "schema/blank.h"
#include "schema/codec.h"
#include "tests/unit/broker/journal_world.h"

enum { ANN = 12, BOB = 13 };

static const char s_canary[] = "a word of Ann alone";

/* A message of Ann's, as it is numbered. */
static void s_put_message(buf_t *out, uint64_t seq, uint64_t sender)
{
    const message_t message = {
        .id = seq,
        .room = 5,
        .seq = seq,
        .sender = sender,
        .login = SLICE_LIT("ann-the-first"),
        .username = SLICE_LIT("Ann Canary"),
        .text = SLICE_LIT(s_canary),
        .time = 1700000000000000,
        .client_id = SLICE_LIT("ann-client"),
        .files = {&(file_t){.id = SLICE_LIT("0123456789012345678901234567890123456789012"),
                            .name = SLICE_LIT("ann.txt"),
                            .type = SLICE_LIT("text/plain"),
                            .size = 3},
                  1},
    };
    const record_t record = {
        .type = EVENT_room_posted,
        .version = 1,
        .seq = seq,
        .epoch = 3,
        .actor = owner_ROOM,
        .time = 1700000000000000,
        .principal = sender,
        .room = 5,
        .client_id = SLICE_LIT("ann-client"),
    };
    record_begin(out, &record);
    codec_pack(out, shape_room_posted_event(), &(room_posted_event_t){&message});
    record_end(out);
}

static void s_put_redacted(buf_t *out, uint64_t seq, uint64_t account)
{
    record_begin(out, &(record_t){.type = EVENT_account_redacted,
                                  .version = 1,
                                  .seq = seq,
                                  .epoch = 3,
                                  .actor = owner_SESSION,
                                  .account = account});
    codec_pack(out, shape_account_redacted_event(), &(account_redacted_event_t){account});
    record_end(out);
}

static record_t s_read(slice_t bytes)
{
    record_t record;
    assert_int_equal(record_read(&bytes, &record), ERR_OK);
    return record;
}

/* Its records are of epoch 3. */
static int s_setup(void **state)
{
    world_setup(state);
    const world_t *world = *state;
    assert_int_equal(journal_raise_epoch(world->journal, 3), ERR_OK);
    return 0;
}

/* ---- the format, for other programs ---- */

/* A vault whose keys are 0, 1, 2, … at ANN's slot. */
static void s_known_vault(const char *folder, vault_t **ret_vault)
{
    uint8_t file[(ANN + 1) * CRYPTO_KEY_SIZE] = "KITHKEY1";
    for (size_t i = 0; i < CRYPTO_KEY_SIZE; i++)
        file[ANN * CRYPTO_KEY_SIZE + i] = (uint8_t)i;
    assert_int_equal(folder_put(folder, "keyring", slice_new(file, sizeof file)), ERR_OK);
    assert_int_equal(vault_open(folder, true, ret_vault), ERR_OK);
}

/* broker/JOURNAL.md describes it; the bytes were made by another program from that. */
static void test_the_format_is_as_it_is_written(void **state)
{
    const world_t *world = *state;
    vault_t *vault = NULL;
    buf_t plain = {0}, closed = {0}, again = {0};
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    s_known_vault(world->folder, &vault);
    s_put_message(&plain, 7, ANN);
    record_seal(plain.data, plain.len, (const uint8_t[HASH_SIZE]){1});
    record_t record = s_read(buf_slice(&plain));
    assert_int_equal(seal_close(vault, &record, &closed), ERR_OK);
    record_t sealed = s_read(buf_slice(&closed));
    assert_int_equal(sealed.key_id, ANN);
    assert_int_equal(sealed.client_id.len, 0);
    assert_true(record_intact(sealed.bytes));
    crypto_blake256(buf_slice(&closed), hash);
    crypto_hex(&again, slice_new(hash, sizeof hash));
    assert_true(slice_is(buf_slice(&again),
                         "6f45d257e67db1bd79fc8042caaaea8de8b4b3e66348d3e91791df3a21a8d352"));
    buf_free(&plain);
    buf_free(&closed);
    buf_free(&again);
    vault_close(&vault);
}

/* ---- closing and opening ---- */

typedef struct pair {
    vault_t *vault;
    buf_t plain;
    buf_t closed;
    record_t record;
    record_t sealed;
} pair_t;

static void s_make_pair(const world_t *world, uint64_t seq, pair_t *pair)
{
    *pair = (pair_t){0};
    assert_int_equal(vault_make(world->folder), ERR_OK);
    assert_int_equal(vault_open(world->folder, true, &pair->vault), ERR_OK);
    s_put_message(&pair->plain, seq, ANN);
    record_seal(pair->plain.data, pair->plain.len, (const uint8_t[HASH_SIZE]){1});
    pair->record = s_read(buf_slice(&pair->plain));
    assert_int_equal(seal_close(pair->vault, &pair->record, &pair->closed), ERR_OK);
    pair->sealed = s_read(buf_slice(&pair->closed));
}

static void s_end_pair(pair_t *pair)
{
    buf_free(&pair->plain);
    buf_free(&pair->closed);
    vault_close(&pair->vault);
}

static bool s_has(slice_t bytes, const char *text)
{
    return memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

static void test_what_is_opened_is_what_was_closed(void **state)
{
    pair_t pair;
    buf_t opened = {0};
    s_make_pair(*state, 7, &pair);
    assert_true(s_has(pair.record.bytes, s_canary));
    static const char *const words[] = {s_canary, "ann-the-first", "Canary", "ann-client",
                                        "ann.txt"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        assert_false(s_has(pair.sealed.bytes, words[i]));
    assert_true(s_has(pair.sealed.bytes, "text/plain"));
    assert_int_equal(seal_open(pair.vault, &pair.sealed, &opened), ERR_OK);
    assert_true(slice_eq(buf_slice(&opened), pair.record.bytes));
    buf_free(&opened);
    s_end_pair(&pair);
}

static void test_what_says_nothing_of_anybody_stays_as_it_is(void **state)
{
    pair_t pair;
    buf_t plain = {0}, closed = {0}, opened = {0};
    s_make_pair(*state, 7, &pair);
    s_put_redacted(&plain, 8, ANN);
    record_t record = s_read(buf_slice(&plain));
    assert_int_equal(seal_close(pair.vault, &record, &closed), ERR_OK);
    assert_int_equal(closed.len, 0);
    assert_int_equal(seal_open(pair.vault, &record, &opened), ERR_OK);
    assert_true(slice_eq(buf_slice(&opened), record.bytes));
    buf_free(&plain);
    buf_free(&closed);
    buf_free(&opened);
    s_end_pair(&pair);
}

/* Any byte of the header that is bound, and any of what is sealed. */
static void test_a_change_is_found(void **state)
{
    enum { EPOCH = 18, BOUND = 73 };
    pair_t pair;
    buf_t opened = {0};
    pairs_t pairs;
    slice_t sealed;
    s_make_pair(*state, 7, &pair);
    assert_int_equal(blank_pairs(pair.sealed.body, &pairs), ERR_OK);
    assert_int_equal(blank_first(&pairs, SLICE_LIT("sealed"), &sealed), ERR_OK);
    size_t first = (size_t)(sealed.ptr - pair.closed.data), end = first + sealed.len;
    for (size_t at = EPOCH; at < end; at += at == BOUND - 1 ? first - at : 1) {
        pair.closed.data[at] ^= 1;
        slice_t in = buf_slice(&pair.closed);
        record_t changed;
        if (record_read(&in, &changed) == ERR_OK) /* it is one still */
            assert_int_equal(seal_open(pair.vault, &changed, &opened), ERR_CORRUPT);
        pair.closed.data[at] ^= 1;
    }
    assert_int_equal(opened.len, 0);
    s_end_pair(&pair);
}

static void test_another_key_opens_nothing(void **state)
{
    pair_t pair;
    buf_t opened = {0};
    s_make_pair(*state, 7, &pair);
    record_t other = pair.sealed;
    other.key_id = BOB;
    assert_int_equal(seal_open(pair.vault, &other, &opened), ERR_CORRUPT);
    other.key_id = 5000000; /* which nobody has */
    assert_int_equal(seal_open(pair.vault, &other, &opened), ERR_CORRUPT);
    other = pair.record; /* not sealed, but says so */
    other.key_id = ANN;
    assert_int_equal(seal_open(pair.vault, &other, &opened), ERR_CORRUPT);
    assert_int_equal(seal_redact(&other, &opened), ERR_CORRUPT);
    assert_int_equal(opened.len, 0);
    s_end_pair(&pair);
}

/* What is disclosed of one record opens no other of the same person. */
static void test_a_records_own_key_opens_it_alone(void **state)
{
    pair_t pair;
    uint8_t key[CRYPTO_KEY_SIZE];
    buf_t plain = {0}, closed = {0}, opened = {0};
    s_make_pair(*state, 7, &pair);
    assert_int_equal(seal_key(pair.vault, &pair.sealed, key), ERR_OK);
    assert_int_equal(seal_open_with(key, &pair.sealed, &opened), ERR_OK);
    assert_true(slice_eq(buf_slice(&opened), pair.record.bytes));
    s_put_message(&plain, 8, ANN);
    record_t next = s_read(buf_slice(&plain));
    assert_int_equal(seal_close(pair.vault, &next, &closed), ERR_OK);
    record_t sealed = s_read(buf_slice(&closed));
    assert_int_equal(seal_open_with(key, &sealed, &opened), ERR_CORRUPT);
    buf_free(&plain);
    buf_free(&closed);
    buf_free(&opened);
    s_end_pair(&pair);
}

/* ---- in a journal ---- */

static const message_t *s_message(slice_t bytes, arena_t *arena)
{
    const void *body;
    fault_t fault;
    record_t record = s_read(bytes);
    assert_int_equal(codec_unpack(record.body, shape_room_posted_event(), arena, &fault, &body),
                     ERR_OK);
    return ((const room_posted_event_t *)body)->message;
}

static void s_append(world_t *world, void (*put)(buf_t *, uint64_t, uint64_t), uint64_t account)
{
    uint64_t head = journal_head(world->journal);
    world->batch.len = 0;
    put(&world->batch, head + 1, account);
    assert_int_equal(journal_append(world->journal, world->batch.data, world->batch.len, head),
                     ERR_OK);
}

static slice_t s_one(world_t *world, uint64_t seq)
{
    uint64_t next;
    world->read.len = 0;
    assert_int_equal(journal_read(world->journal, seq, 1, &world->read, &next), ERR_OK);
    return buf_slice(&world->read);
}

static bool s_on_disk(const world_t *world, const char *text)
{
    char command[2 * PATH_SIZE];
    snprintf(command, sizeof command, "grep -rqaF '%s' '%s'", text, world->folder);
    return system(command) == 0; /* NOLINT(cert-env33-c): a fixed program on a folder of ours */
}

static void test_a_journal_has_it_sealed_and_gives_it_open(void **state)
{
    world_t *world = *state;
    arena_t *arena = arena_new();
    audit_report_t report;
    s_append(world, s_put_message, ANN);
    assert_false(s_on_disk(world, s_canary));
    assert_true(slice_eq(s_one(world, 1), buf_slice(&world->batch)));
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_true(slice_is(s_message(s_one(world, 1), arena)->text, s_canary));
    world_audit(world, &(audit_options_t){0}, &report);
    assert_int_equal(report.damages + report.notes, 0);
    arena_destroy(&arena);
}

static void test_a_redacted_account_has_said_nothing(void **state)
{
    world_t *world = *state;
    arena_t *arena = arena_new();
    audit_report_t before, after;
    s_append(world, s_put_message, ANN);
    s_append(world, s_put_message, BOB);
    s_append(world, s_put_redacted, ANN);
    world_audit(world, &(audit_options_t){0}, &before);
    for (int i = 0; i < 2; i++) {
        const message_t *ann = s_message(s_one(world, 1), arena);
        assert_true(slice_is(ann->login, "redacted-12"));
        assert_int_equal(ann->text.len, 0);
        assert_int_equal(ann->client_id.len, 0);
        assert_int_equal(ann->files.count, 0);
        assert_int_equal(ann->sender, ANN);
        assert_int_equal(s_read(s_one(world, 1)).key_id, ANN);
        assert_int_equal(s_read(s_one(world, 1)).client_id.len, 0);
        assert_true(slice_is(s_message(s_one(world, 2), arena)->text, s_canary));
        assert_int_equal(world_open_again(world), ERR_OK);
    }
    world_audit(world, &(audit_options_t){0}, &after);
    assert_int_equal(after.damages, 0);
    assert_memory_equal(before.hash, after.hash, HASH_SIZE);
    assert_memory_equal(before.root, after.root, HASH_SIZE);

    s_append(world, s_put_message, ANN); /* one that was on its way */
    assert_int_equal(s_message(s_one(world, 4), arena)->text.len, 0);
    arena_destroy(&arena);
}

/* A crash between the record and the key; or keys that a backup brought back. */
static void test_a_key_that_came_back_goes_again(void **state)
{
    world_t *world = *state;
    arena_t *arena = arena_new();
    buf_t keys = {0};
    s_append(world, s_put_message, ANN);
    assert_int_equal(folder_get(world->folder, "keyring", 1 << 20, &keys), ERR_OK);
    s_append(world, s_put_redacted, ANN);
    journal_close(&world->journal);
    assert_int_equal(folder_put(world->folder, "keyring", buf_slice(&keys)), ERR_OK);
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(s_message(s_one(world, 1), arena)->text.len, 0);
    buf_free(&keys);
    arena_destroy(&arena);
}

static void s_lose_keys(const world_t *world)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/keyring", world->folder);
    assert_int_equal(unlink(path), 0);
}

/* An older Kith's journal goes on with keys; one whose keys are lost is not written to. */
static void test_missing_keys_are_made_only_where_nothing_is_sealed(void **state)
{
    world_t *world = *state;
    assert_int_equal(world_append(world, 3, 10), ERR_OK); /* nobody's */
    s_lose_keys(world);
    assert_int_equal(world_open_again(world), ERR_OK);
    world_assert_as_told(world);
    s_append(world, s_put_message, ANN);
    journal_close(&world->journal);
    s_lose_keys(world);
    scratch_hush();
    assert_int_equal(world_open_again(world), ERR_CORRUPT);
    scratch_speak();

    uint64_t next;
    world->options.existing = true; /* for who only looks */
    assert_int_equal(world_open_again(world), ERR_OK);
    scratch_hush();
    assert_int_equal(journal_read(world->journal, 4, 1, &world->read, &next), ERR_CORRUPT);
    scratch_speak();
}

int main(void)
{
    if (crypto_start() != ERR_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_format_is_as_it_is_written, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_opened_is_what_was_closed, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_what_says_nothing_of_anybody_stays_as_it_is,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_a_change_is_found, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_another_key_opens_nothing, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_a_records_own_key_opens_it_alone, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_a_journal_has_it_sealed_and_gives_it_open, s_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_a_redacted_account_has_said_nothing, s_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_a_key_that_came_back_goes_again, s_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_missing_keys_are_made_only_where_nothing_is_sealed,
                                        world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
