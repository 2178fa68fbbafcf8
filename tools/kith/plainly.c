#include "tools/kith/plainly.h"

#include <string.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "schema/pack.h"
#include "schema/text.h"
#include "schema/transcribe.h"
#include "schema/type.h"

enum { DEEP = 16, NUMBER = 8 };

/* ---- values ---- */

static bool s_is_secret(slice_t name)
{
    static const char *const secrets[] = {"verifier",     "md5_verifier", "hash",
                                          "verify_nonce", "reset_nonce",  "nonce"};
    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        if (slice_is(name, secrets[i]))
            return true;
    return false;
}

/* Whether the bytes are one value and nothing else. */
static bool s_put_whole(buf_t *out, slice_t packed)
{
    size_t before = out->len;
    if (transcribe(out, &packed, s_is_secret) == ERR_OK && packed.len == 0)
        return true;
    out->len = before;
    return false;
}

void plainly_put(buf_t *out, slice_t packed)
{
    if (!s_put_whole(out, packed))
        buf_append_text(out, "null");
}

/* ---- rows ---- */

static bool s_is_plain(slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return false;
    return text_valid(text);
}

void plainly_put_key(buf_t *out, slice_t key)
{
    buf_t text = {0};
    buf_append(&text, slice_new(key.ptr, 1));
    slice_t rest = slice_from(key, 1);
    for (; rest.len >= NUMBER && rest.ptr[0] == 0; rest = slice_from(rest, NUMBER))
        buf_printf(&text, " %llu", (unsigned long long)wide_get64(rest.ptr));
    if (rest.len > 0 && s_is_plain(rest))
        buf_printf(&text, " %.*s", SLICE_ARG(rest));
    else
        for (size_t i = 0; i < rest.len; i++)
            buf_printf(&text, "%s%02x", i == 0 ? " " : "", rest.ptr[i]);
    json_put_text(out, buf_slice(&text));
    buf_free(&text);
}

static void s_put_numbers(buf_t *out, slice_t value)
{
    bool many = value.len > NUMBER;
    if (many)
        buf_append_byte(out, '[');
    for (size_t at = 0; at < value.len; at += NUMBER) {
        if (at > 0)
            buf_append_byte(out, ',');
        json_put_u64(out, wide_get64(value.ptr + at));
    }
    if (many)
        buf_append_byte(out, ']');
}

void plainly_put_row(buf_t *out, slice_t value)
{
    bool map = value.len > 0 && (value.ptr[0] >> 4 == 0x8 || value.ptr[0] == 0xde);
    if (map && s_put_whole(out, value))
        return;
    if (value.len > 0 && value.len % NUMBER == 0)
        s_put_numbers(out, value);
    else if (s_is_plain(value))
        json_put_text(out, value);
    else
        transcribe_hex(out, value);
}

/* ---- decisions ---- */

void plainly_put_event(buf_t *out, const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    buf_append_text(out, "{\"type\":");
    json_put_text(out, slice_of(type != NULL ? type->name : "?"));
    buf_printf(out, ",\"time\":%lld,\"principal\":%llu,\"room\":%llu,\"account\":%llu",
               (long long)record->time, (unsigned long long)record->principal,
               (unsigned long long)record->room, (unsigned long long)record->account);
    if (record->client_id.len > 0) {
        buf_append_text(out, ",\"client_id\":");
        json_put_text(out, record->client_id);
    }
    buf_append_text(out, ",\"body\":");
    plainly_put(out, record->body);
    buf_append_byte(out, '}');
}

static void s_put_events(buf_t *out, slice_t records)
{
    record_t record;
    buf_append_text(out, ",\"events\":[");
    for (bool first = true; records.len > 0 && record_read(&records, &record) == ERR_OK;
         first = false) {
        if (!first)
            buf_append_byte(out, ',');
        plainly_put_event(out, &record);
    }
    buf_append_byte(out, ']');
}

void plainly_put_decision(buf_t *out, slice_t bytes)
{
    decision_t decision;
    slice_t in = bytes;
    if (decision_read(&in, &decision) != ERR_OK) {
        buf_append_text(out, "null");
        return;
    }
    buf_append_byte(out, '{');
    if (decision.type != 0) {
        buf_append_text(out, "\"status\":");
        json_put_text(out, slice_of(err_info(decision.status)->name));
        buf_append_text(out, decision.status == ERR_OK ? ",\"answer\":" : ",\"detail\":");
        plainly_put(out, decision.body);
        buf_append_byte(out, ',');
    }
    buf_printf(out, "\"epoch\":%llu,\"rests\":%s", (unsigned long long)decision.epoch,
               decision.rests ? "true" : "false");
    s_put_events(out, in);
    buf_append_byte(out, '}');
}

/* ---- likeness ---- */

/* What counts things, so that it shifts when one is missing. */
static bool s_counts(slice_t name)
{
    static const char *const names[] = {"id",       "seq",    "place",  "since", "message",
                                        "number",   "match",  "ticket", "room",  "session",
                                        "reply_to", "thread", "report"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

static bool s_alike(unpack_t *one, unpack_t *other, slice_t name, bool *numbers, int deep);

static bool s_alike_items(unpack_t *one, unpack_t *other, size_t items, slice_t name, bool *numbers,
                          int deep)
{
    for (size_t i = 0; i < items; i++)
        if (!s_alike(one, other, name, numbers, deep + 1))
            return false;
    return true;
}

static bool s_alike_pairs(unpack_t *one, unpack_t *other, size_t pairs, bool *numbers, int deep)
{
    slice_t name, same;
    for (size_t i = 0; i < pairs; i++)
        if (unpack_str(one, &name) != ERR_OK || unpack_str(other, &same) != ERR_OK ||
            !slice_eq(name, same) || !s_alike(one, other, name, numbers, deep + 1))
            return false;
    return true;
}

static bool s_alike(unpack_t *one, unpack_t *other, slice_t name, bool *numbers, int deep)
{
    size_t items, others;
    uint64_t number, another;
    slice_t bytes, rest;
    if (deep > DEEP)
        return false;
    if (unpack_map(one, &items) == ERR_OK)
        return unpack_map(other, &others) == ERR_OK && items == others &&
               s_alike_pairs(one, other, items, numbers, deep);
    if (unpack_array(one, &items) == ERR_OK)
        return unpack_array(other, &others) == ERR_OK && items == others &&
               s_alike_items(one, other, items, name, numbers, deep);
    if (unpack_u64(one, &number) == ERR_OK) {
        bool both = unpack_u64(other, &another) == ERR_OK;
        *numbers = *numbers || (both && number != another);
        return both && (number == another || s_counts(name));
    }
    return unpack_any(one, &bytes) == ERR_OK && unpack_any(other, &rest) == ERR_OK &&
           slice_eq(bytes, rest);
}

bool plainly_alike(slice_t one, slice_t other, bool *numbers)
{
    unpack_t left = {one}, right = {other};
    return s_alike(&left, &right, (slice_t){0}, numbers, 0);
}
