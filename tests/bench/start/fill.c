/* fill.c - what people said in an hour, decided by the real actor.
 *
 * The room actor's own stage decides every room and message, the journal numbers and
 * seals them in batches, and all actors apply what is committed: so the records are
 * those of a live server, and so are the projections beside them.  Only accounts are
 * written directly, as a million messages need no password.
 *
 * Each room has a few speakers; the first words of one who is not the owner make a
 * reader of them, so a few room.joined stand between the messages. */
#include "tests/bench/start/fill.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "actors/crypto.h"
#include "actors/stage.h"
#include "broker/journal.h"

_Static_assert((int)CRYPTO_BLAKE128_SIZE == (int)RAND_SIZE,
               "a hash serves as the call's random bytes");

enum {
    BATCH_RECORDS = 1000,
    FLUSH_BYTES = 4 * 1024 * 1024, /* settled values that may wait, as in actors/actor.c */
    SPEAKERS = 10,                 /* of a room */
    TEXT_MIN = 20,
    TEXT_SPREAD = 160,
    STEP = 3600, /* µs from one message to the next */
    ACTORS = 5,
};

static const int64_t START = INT64_C(1790000000) * 1000 * 1000; /* µs */
static const uint64_t EPOCH = 1;

static const char WORDS[] =
    "when you have read this, say so: the others are waiting at the station, it rains, and "
    "nobody knows which of the two trains is ours; the early one, I think, but do ask again "
    "before you run";

_Static_assert(sizeof WORDS > TEXT_MIN + TEXT_SPREAD, "texts are cut from the words");

typedef struct mill {
    const fill_options_t *options;
    journal_t *journal;
    store_t *stores[ACTORS];
    stage_t *stages[ACTORS]; /* session, room, then those that only apply */
    buf_t batch;             /* numbered records */
    unsigned batched;
    uint64_t seq;
    int64_t now;
    err_t err; /* the first one; after it nothing is done */
} mill_t;

static stage_t *s_room(const mill_t *mill)
{
    return mill->stages[1];
}

/* ---- committing ---- */

static void s_apply(mill_t *mill, stage_t *stage, const store_t *store)
{
    slice_t in = buf_slice(&mill->batch);
    record_t record;
    while (mill->err == ERR_OK && in.len > 0) {
        mill->err = record_read(&in, &record);
        if (mill->err == ERR_OK)
            mill->err = stage_record(stage, &record);
    }
    if (mill->err == ERR_OK && store_waiting(store) > FLUSH_BYTES)
        mill->err = stage_flush(stage);
}

static void s_commit(mill_t *mill)
{
    uint64_t head = journal_head(mill->journal);
    if (mill->err == ERR_OK && mill->batch.len > 0)
        mill->err = journal_append(mill->journal, mill->batch.data, mill->batch.len, head);
    for (int i = 0; i < ACTORS; i++)
        s_apply(mill, mill->stages[i], mill->stores[i]);
    buf_reset(&mill->batch);
    mill->batched = 0;
}

static void s_take(mill_t *mill, slice_t record)
{
    uint8_t *at = buf_reserve(&mill->batch, record.len);
    buf_append(&mill->batch, record);
    record_number(at, ++mill->seq, EPOCH);
    if (++mill->batched >= BATCH_RECORDS)
        s_commit(mill);
}

/* ---- accounts ---- */

static void s_tell(mill_t *mill, event_number_t event, uint64_t account, const void *body)
{
    buf_t bytes = {0};
    const event_type_t *type = event_type((uint16_t)event);
    record_begin(&bytes, &(record_t){
                             .type = type->number,
                             .version = type->version,
                             .actor = owner_SESSION,
                             .time = mill->now,
                             .principal = account,
                             .account = account,
                         });
    codec_pack(&bytes, type->shape(), body);
    record_end(&bytes);
    s_take(mill, buf_slice(&bytes));
    buf_free(&bytes);
}

static void s_sign_up(mill_t *mill, uint64_t account)
{
    static const char VERIFIER[] = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
                                   "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
    char login[32];
    snprintf(login, sizeof login, "person%llu", (unsigned long long)account);
    s_tell(mill, EVENT_account_registered, account,
           &(account_registered_event_t){
               .id = account,
               .login = slice_of(login),
               .username = slice_of(login),
               .verifier = SLICE_LIT(VERIFIER),
           });
    s_tell(mill, EVENT_session_opened, account,
           &(session_opened_event_t){
               .session = account,
               .account = account,
               .expires = mill->now + INT64_C(30) * 86400 * 1000 * 1000,
           });
}

/* ---- rooms and messages ---- */

/* Take the records of the decision that the call has led to. */
static void s_take_decision(mill_t *mill)
{
    buf_t *out = stage_out(s_room(mill));
    slice_t in = buf_slice(out);
    decision_t decision;
    record_t record;
    mill->err = decision_read(&in, &decision);
    if (mill->err == ERR_OK)
        mill->err = decision.status;
    while (mill->err == ERR_OK && in.len > 0) {
        mill->err = record_read(&in, &record);
        if (mill->err == ERR_OK)
            s_take(mill, record.bytes);
    }
    buf_reset(out);
}

static void s_call(mill_t *mill, call_number_t number, uint64_t account, const void *body)
{
    buf_t bytes = {0};
    call_t call = {
        .type = (uint16_t)number,
        .corr = 1,
        .principal = account,
        .session = account,
        .time = mill->now,
    };
    if (mill->err != ERR_OK)
        return;
    crypto_blake128((slice_t){0}, slice_new(&mill->seq, sizeof mill->seq), call.rand);
    call_begin(&bytes, &call);
    codec_pack(&bytes, call_type(call.type)->shape(), body);
    slice_t in = buf_slice(&bytes);
    mill->err = call_read(&in, &call);
    if (mill->err == ERR_OK) {
        stage_call(s_room(mill), &call);
        s_take_decision(mill);
    }
    buf_free(&bytes);
}

static void s_say(mill_t *mill, unsigned number)
{
    char client_id[32];
    unsigned room = number % mill->options->rooms;
    unsigned speaker = room + number / mill->options->rooms % SPEAKERS;
    snprintf(client_id, sizeof client_id, "client-%08x", number);
    mill->now += STEP;
    s_call(mill, CALL_room_post, speaker % mill->options->accounts + 1,
           &(room_post_call_t){
               .room = room + 1,
               .text = slice_new(WORDS, TEXT_MIN + number * 7 % TEXT_SPREAD),
               .client_id = slice_of(client_id),
           });
}

static void s_live(mill_t *mill)
{
    const fill_options_t *options = mill->options;
    assert(options->accounts > 0);
    for (unsigned i = 1; i <= options->accounts; i++)
        s_sign_up(mill, i);
    s_commit(mill); /* a room's owner must be known */
    for (unsigned i = 0; i < options->rooms; i++)
        s_call(mill, CALL_room_create, i % options->accounts + 1,
               &(room_create_call_t){.kind = room_kind_OPEN, .name = SLICE_LIT("a room")});
    for (unsigned i = 0; i < options->messages && mill->err == ERR_OK; i++)
        s_say(mill, i);
    s_commit(mill);
}

/* ---- coming and going ---- */

static void s_open_stage(mill_t *mill, int place, const actor_row_t *row)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", mill->options->data, row->name);
    if (mill->err == ERR_OK)
        mill->err = store_open(path, &mill->stores[place]);
    if (mill->err == ERR_OK)
        mill->err = store_expect(mill->stores[place], row->format);
    if (mill->err != ERR_OK)
        return;
    mill->stages[place] = stage_new(row, mill->stores[place]);
    stage_new_epoch(mill->stages[place], EPOCH);
}

static void s_open(mill_t *mill)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/journal", mill->options->data);
    mill->err = journal_open(path, &(journal_options_t){.unsynced = true}, &mill->journal);
    if (mill->err == ERR_OK)
        mill->err = journal_raise_epoch(mill->journal, EPOCH);
    s_open_stage(mill, 0, &session_actor);
    s_open_stage(mill, 1, &room_actor);
    s_open_stage(mill, 2, &search_actor);
    s_open_stage(mill, 3, &matching_actor);
    s_open_stage(mill, 4, &notifier_actor);
}

static void s_close(mill_t *mill)
{
    for (int i = 0; i < ACTORS; i++) {
        if (mill->err == ERR_OK)
            mill->err = stage_flush(mill->stages[i]);
        stage_destroy(&mill->stages[i]);
        store_close(&mill->stores[i]);
    }
    journal_close(&mill->journal);
    buf_free(&mill->batch);
}

err_t fill_run(const fill_options_t *options)
{
    mill_t mill = {.options = options, .now = START};
    s_open(&mill);
    if (mill.err == ERR_OK)
        s_live(&mill);
    s_close(&mill);
    return mill.err;
}
