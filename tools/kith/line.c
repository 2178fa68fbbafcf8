/* line.c - the envelope is an entity of the schema, the body the event's shape.
 *
 * Bounds are those of the tables.  A reader believes nothing: what it appends is a record of
 * an event that there is, laid out and sealed by the code that the server uses. */
#include "tools/kith/line.h"

#include "actors/crypto.h"
#include "schema/mem.h"

struct line {
    arena_t *arena;   /* of what is written */
    arena_t *reading; /* of what is read */
    buf_t bytes;      /* a record, to be compared */
    buf_t open;       /* one that was sealed */
    vault_t *vault;   /* the caller's */
};

line_t *line_new(vault_t *vault)
{
    line_t *line = mem_new(line_t);
    line->vault = vault;
    line->arena = arena_new();
    line->reading = arena_new();
    return line;
}

void line_destroy(line_t **line_p)
{
    line_t *line = *line_p;
    if (line == NULL)
        return;
    arena_destroy(&line->arena);
    arena_destroy(&line->reading);
    buf_free(&line->bytes);
    buf_free(&line->open);
    mem_free(line);
    *line_p = NULL;
}

/* ---- reading ---- */

static err_t s_wrong(fault_t *fault, const char *field, const char *problem)
{
    *fault = (fault_t){field, problem};
    return ERR_INVALID;
}

static const event_type_t *s_type_named(slice_t name)
{
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        if (slice_is(name, type->name))
            return type;
    return NULL;
}

static err_t s_check_type(const exported_t *exported, const event_type_t *type, fault_t *fault)
{
    if (type == NULL)
        return s_wrong(fault, "type", "is no event that this kith knows");
    if ((type->flags & EVENT_VOLATILE) != 0)
        return s_wrong(fault, "type", "is an event that is never recorded");
    if (exported->version == 0 || exported->version > type->version)
        return s_wrong(fault, "version", "is none that this kith knows");
    return exported->actor == 0 ? s_wrong(fault, "actor", "is missing") : ERR_OK;
}

static void s_put_record(const exported_t *exported, const event_type_t *type, const void *body,
                         buf_t *out)
{
    record_begin(out, &(record_t){
                          .type = type->number,
                          .version = (uint8_t)exported->version,
                          .seq = exported->seq,
                          .epoch = exported->epoch,
                          .cause = exported->cause,
                          .causer = (uint8_t)exported->causer,
                          .actor = (uint8_t)exported->actor,
                          .time = exported->time,
                          .principal = exported->principal,
                          .room = exported->room,
                          .account = exported->account,
                          .client_id = exported->client_id,
                      });
    codec_pack(out, type->shape(), body);
    record_end(out);
}

/* The record out of the line's members. */
static err_t s_make(line_t *line, const exported_t *exported, const json_node_t *members,
                    buf_t *out, fault_t *fault)
{
    void *body;
    const event_type_t *type = s_type_named(exported->type);
    err_t err = s_check_type(exported, type, fault);
    if (err != ERR_OK)
        return err;
    if (!json_is_object(members))
        return s_wrong(fault, "body", "is no object");
    err =
        codec_from_json_whole(members, type->shape(), UNKNOWN_REFUSED, line->reading, fault, &body);
    if (err == ERR_OK)
        s_put_record(exported, type, body, out);
    return err;
}

static bool s_same(uint64_t said, uint64_t is)
{
    return said == 0 || said == is;
}

/* Whether the members that can be compared are those of the record. */
static bool s_agrees(const exported_t *exported, const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    return exported->seq == record->seq && s_same(exported->epoch, record->epoch) &&
           s_same((uint64_t)exported->time, (uint64_t)record->time) &&
           s_same(exported->version, record->version) &&
           s_same((uint64_t)exported->actor, record->actor) &&
           s_same(exported->cause, record->cause) &&
           s_same((uint64_t)exported->causer, record->causer) &&
           s_same(exported->principal, record->principal) && s_same(exported->room, record->room) &&
           s_same(exported->account, record->account) &&
           (exported->type.len == 0 || (type != NULL && slice_is(exported->type, type->name)));
}

/* What was appended must be one record, and the one that may come here. */
static err_t s_check(const exported_t *exported, const line_place_t *place, slice_t bytes,
                     fault_t *fault)
{
    record_t record;
    slice_t rest = bytes;
    if (bytes.len > LIMIT_RECORD)
        return s_wrong(fault, NULL, "makes a record that is too large");
    if (record_read(&rest, &record) != ERR_OK || rest.len > 0)
        return s_wrong(fault, "record", "is not laid out as a record");
    if (!s_agrees(exported, &record))
        return s_wrong(fault, "record", "says otherwise than the members beside it");
    if (record.epoch < place->epoch)
        return s_wrong(fault, "epoch", "is lower than the one before");
    return ERR_OK;
}

/* Chain and CRC; then it must be the record that the line says it is. */
static err_t s_seal(const exported_t *exported, line_place_t *place, uint8_t *at, size_t len,
                    fault_t *fault)
{
    record_t record;
    uint8_t hash[HASH_SIZE];
    slice_t bytes = slice_new(at, len);
    record_seal(at, len, place->previous);
    crypto_blake256(bytes, hash);
    if (exported->hash.len > 0 && memcmp(exported->hash.ptr, hash, HASH_SIZE) != 0)
        return s_wrong(fault, "hash", "is not that of the record which this line makes");
    err_t err = record_read(&bytes, &record);
    if (err == ERR_OK) {
        place->seq = record.seq + 1;
        place->epoch = record.epoch;
        place->sealed = place->sealed || record.key_id != 0;
        memcpy(place->previous, hash, HASH_SIZE);
    }
    return err;
}

static err_t s_append(line_t *line, const exported_t *exported, const json_node_t *body, buf_t *out,
                      fault_t *fault)
{
    if (exported->record.len == 0)
        return s_make(line, exported, body, out, fault);
    if (crypto_base64_read(exported->record, out) != ERR_OK)
        return s_wrong(fault, "record", "is no base64");
    return ERR_OK;
}

/* All lines are as they were, or none: then the chain is made anew, and the seals. */
static err_t s_check_mode(const exported_t *exported, line_place_t *place, fault_t *fault)
{
    bool hashed = exported->hash.len > 0;
    if (!place->begun)
        place->hashed = hashed;
    place->begun = true;
    if (hashed != place->hashed)
        return s_wrong(fault, "hash", "is in some lines only: leave it in all, or in none");
    if (!hashed && exported->record.len > 0)
        return s_wrong(fault, "record", "needs `hash`: leave both in all lines, or in none");
    return ERR_OK;
}

static err_t s_read(line_t *line, const json_node_t *root, line_place_t *place, buf_t *out,
                    fault_t *fault)
{
    void *object;
    size_t start = out->len;
    err_t err = codec_from_json_whole(root, shape_exported(), UNKNOWN_IGNORED, line->reading, fault,
                                      &object);
    if (err != ERR_OK)
        return err;
    const exported_t *exported = object;
    if (exported->seq != place->seq)
        return s_wrong(fault, "seq",
                       "is not the next one: a journal is made of a whole export, without "
                       "filters, from record 1 on");
    err = s_check_mode(exported, place, fault);
    if (err == ERR_OK)
        err = s_append(line, exported, json_member(root, "body"), out, fault);
    if (err == ERR_OK)
        err = s_check(exported, place, slice_from(buf_slice(out), start), fault);
    if (err == ERR_OK)
        err = s_seal(exported, place, out->data + start, out->len - start, fault);
    return err;
}

err_t line_read(line_t *line, slice_t text, line_place_t *place, buf_t *out, fault_t *ret_fault)
{
    const json_node_t *root = NULL;
    size_t start = out->len;
    *ret_fault = (fault_t){NULL, "is no JSON"};
    arena_reset(line->reading);
    err_t err = json_parse(text, &root);
    if (err == ERR_OK)
        err = s_read(line, root, place, out, ret_fault);
    if (err != ERR_OK)
        out->len = start;
    if (err == ERR_UNKNOWN_FIELD) /* the name lives in the tree, which goes */
        *ret_fault =
            (fault_t){(const char *)arena_copy(line->reading, slice_of(ret_fault->field)).ptr,
                      "is no field of this event"};
    json_free(&root);
    return err;
}

/* ---- writing ---- */

static exported_t s_envelope(const record_t *record, const uint8_t *hash)
{
    const event_type_t *type = event_type(record->type);
    return (exported_t){
        .seq = record->seq,
        .time = record->time,
        .type = type != NULL ? slice_of(type->name) : (slice_t){0},
        .version = record->version,
        .actor = (owner_t)record->actor,
        .epoch = record->epoch,
        .cause = record->cause,
        .causer = (owner_t)record->causer,
        .principal = record->principal,
        .room = record->room,
        .account = record->account,
        .client_id = record->client_id,
        .key_id = record->key_id,
        .previous = slice_new(record->previous, HASH_SIZE),
        .hash = slice_new(hash, HASH_SIZE),
    };
}

/* NULL when this kith cannot read it. */
static const void *s_body(line_t *line, const record_t *record, const event_type_t *type)
{
    fault_t fault;
    const void *body = NULL;
    if (type == NULL ||
        codec_unpack(record->body, type->shape(), line->arena, &fault, &body) != ERR_OK)
        return NULL;
    return body;
}

/* Whether what was appended from `start` on makes the record. */
static bool s_makes(line_t *line, slice_t text, const record_t *record)
{
    fault_t fault;
    line_place_t place = {
        .seq = record->seq, .epoch = record->epoch, .begun = true, .hashed = true};
    memcpy(place.previous, record->previous, HASH_SIZE);
    line->bytes.len = 0;
    return line_read(line, text, &place, &line->bytes, &fault) == ERR_OK &&
           slice_eq(buf_slice(&line->bytes), record->bytes);
}

/* Append the line; false, and nothing, if it does not make the record. */
static bool s_try(line_t *line, buf_t *out, const exported_t *exported, const void *body,
                  const record_t *record)
{
    size_t start = out->len;
    codec_put_json_whole(out, shape_exported(), exported);
    if (body != NULL) {
        out->len--; /* the brace */
        json_put_key(out, "body");
        codec_put_json_whole(out, event_type(record->type)->shape(), body);
        buf_append_byte(out, '}');
    }
    bool good = s_makes(line, slice_from(buf_slice(out), start), record);
    if (good)
        buf_append_byte(out, '\n');
    else
        out->len = start;
    return good;
}

/* A line that has the bytes: with all that can be told of them, or else with nothing more. */
static void s_put_bytes(line_t *line, buf_t *out, exported_t *exported, const void *body,
                        const record_t *record)
{
    buf_t text = {0};
    crypto_base64(&text, record->bytes);
    exported->record = buf_slice(&text);
    const exported_t bare = {
        .seq = record->seq, .hash = exported->hash, .record = exported->record};
    if (!s_try(line, out, exported, body, record)) {
        codec_put_json_whole(out, shape_exported(), &bare);
        buf_append_byte(out, '\n');
    }
    buf_free(&text);
}

/* As it travelled; as it is where there is no key. */
static record_t s_open(line_t *line, const record_t *record)
{
    record_t open;
    line->open.len = 0;
    if (record->key_id == 0 || line->vault == NULL ||
        seal_open(line->vault, record, &line->open) != ERR_OK)
        return *record;
    slice_t rest = buf_slice(&line->open);
    return record_read(&rest, &open) == ERR_OK ? open : *record;
}

void line_put(line_t *line, buf_t *out, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    arena_reset(line->arena);
    const record_t open = s_open(line, record);
    const void *body = s_body(line, &open, event_type(record->type));
    exported_t exported = s_envelope(&open, hash);
    exported.key_id = record->key_id;
    if (record->key_id != 0 || body == NULL || !s_try(line, out, &exported, body, record))
        s_put_bytes(line, out, &exported, body, record);
}
