#include "tools/kith/entry.h"

#include <inttypes.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "schema/pack.h"
#include "tools/kith/plainly.h"
#include "tools/kith/show.h"

static const char *const s_kinds[] = {
    [TAPE_BEGIN] = "begin",   [TAPE_CALL] = "call",       [TAPE_RESULT] = "result",
    [TAPE_RECORD] = "record", [TAPE_SETTLED] = "settled", [TAPE_TICK] = "tick",
    [TAPE_TIME] = "time",     [TAPE_EPOCH] = "epoch",     [TAPE_SEEN] = "seen",
    [TAPE_REACT] = "react",   [TAPE_ABANDON] = "abandon", [TAPE_END] = "end",
};

static const char *s_call_name(const call_t *call)
{
    const call_type_t *type = call_type(call->type);
    return type != NULL ? type->name : "?";
}

static const char *s_event_name(const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    return type != NULL ? type->name : "?";
}

/* ---- for programs ---- */

static void s_put_call(buf_t *out, slice_t bytes)
{
    call_t call;
    if (call_read(&bytes, &call) != ERR_OK)
        return;
    buf_printf(out, ",\"type\":\"%s\",\"principal\":%" PRIu64 ",\"time\":%" PRId64 ",\"body\":",
               s_call_name(&call), call.principal, call.time);
    plainly_put(out, call.body);
}

static void s_put_record(buf_t *out, slice_t bytes)
{
    record_t record;
    if (record_read(&bytes, &record) != ERR_OK)
        return;
    buf_printf(out, ",\"seq\":%" PRIu64 ",\"event\":", record.seq);
    plainly_put_event(out, &record);
}

void entry_put(buf_t *out, const tape_entry_t *entry)
{
    buf_printf(out, "{\"kind\":\"%s\"", s_kinds[entry->kind]);
    if (entry->kind == TAPE_CALL)
        s_put_call(out, entry->bytes);
    else if (entry->kind == TAPE_RECORD)
        s_put_record(out, entry->bytes);
    else
        buf_printf(out, ",\"number\":%" PRIu64, entry->number);
    buf_append_byte(out, '}');
}

static bool s_next_read(unpack_t *in, slice_t *ret_key, slice_t *ret_value)
{
    *ret_value = (slice_t){0};
    return unpack_bin(in, ret_key) == ERR_OK &&
           (unpack_nil(in) || unpack_bin(in, ret_value) == ERR_OK);
}

static void s_put_read(buf_t *out, slice_t value)
{
    if (value.ptr == NULL)
        buf_append_text(out, "null");
    else
        plainly_put_row(out, value);
}

void entry_put_reads(buf_t *out, slice_t reads)
{
    unpack_t in = {reads};
    slice_t key, value;
    buf_append_byte(out, '{');
    for (bool first = true; s_next_read(&in, &key, &value); first = false) {
        if (!first)
            buf_append_byte(out, ',');
        plainly_put_key(out, key);
        buf_append_byte(out, ':');
        s_put_read(out, value);
    }
    buf_append_byte(out, '}');
}

/* ---- for people ---- */

static void s_tell_call(buf_t *out, slice_t bytes)
{
    call_t call;
    if (call_read(&bytes, &call) != ERR_OK)
        return;
    buf_append_text(out, s_call_name(&call));
    if (call.principal != 0)
        buf_printf(out, " by account %" PRIu64, call.principal);
    buf_append_text(out, ", ");
    show_time(out, call.time);
    buf_t body = {0};
    plainly_put(&body, call.body);
    buf_append_text(out, "  ");
    show_tame(out, buf_slice(&body));
    buf_free(&body);
}

static void s_tell_record(buf_t *out, slice_t bytes)
{
    record_t record;
    if (record_read(&bytes, &record) != ERR_OK)
        return;
    buf_printf(out, "record %" PRIu64 " %s, ", record.seq, s_event_name(&record));
    show_time(out, record.time);
}

void entry_tell(buf_t *out, const tape_entry_t *entry)
{
    if (entry->kind == TAPE_CALL) {
        s_tell_call(out, entry->bytes);
    } else if (entry->kind == TAPE_RECORD) {
        s_tell_record(out, entry->bytes);
    } else if (entry->kind == TAPE_TICK) {
        buf_append_text(out, "the timer, ");
        show_time(out, (int64_t)entry->number);
    } else if (entry->kind == TAPE_RESULT) {
        buf_printf(out, "the pool's result for order %" PRIu64, entry->number);
    } else {
        buf_printf(out, "%s %" PRIu64, s_kinds[entry->kind], entry->number);
    }
}

static void s_tell_status(buf_t *out, const decision_t *decision)
{
    buf_t body = {0};
    if (decision->type == 0)
        return;
    plainly_put(&body, decision->body);
    buf_printf(out, "    %s  ", err_info(decision->status)->name);
    show_tame(out, buf_slice(&body));
    buf_append_byte(out, '\n');
    buf_free(&body);
}

void entry_tell_out(buf_t *out, slice_t bytes)
{
    decision_t decision;
    record_t record;
    if (decision_read(&bytes, &decision) != ERR_OK) {
        buf_append_text(out, "    nothing\n");
        return;
    }
    s_tell_status(out, &decision);
    while (bytes.len > 0 && record_read(&bytes, &record) == ERR_OK) {
        buf_t event = {0};
        plainly_put_event(&event, &record);
        buf_append_text(out, "    ");
        show_tame(out, buf_slice(&event));
        buf_append_byte(out, '\n');
        buf_free(&event);
    }
}

void entry_tell_reads(buf_t *out, slice_t reads)
{
    unpack_t in = {reads};
    slice_t key, value;
    while (s_next_read(&in, &key, &value)) {
        buf_t row = {0};
        plainly_put_key(&row, key);
        buf_append_text(&row, "  ");
        s_put_read(&row, value);
        buf_append_text(out, "    ");
        show_tame(out, buf_slice(&row));
        buf_append_byte(out, '\n');
        buf_free(&row);
    }
}
