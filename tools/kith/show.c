/* show.c - the body comes from the tables; the rest of a record is written here. */
#include "tools/kith/show.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "schema/codec.h"

void show_time(buf_t *out, int64_t time)
{
    enum { US_A_SECOND = 1000000, US_A_MS = 1000 };
    char text[32];
    struct tm utc;
    time_t seconds = (time_t)(time / US_A_SECOND);
    if (time <= 0 || gmtime_r(&seconds, &utc) == NULL) {
        buf_append_text(out, "-");
        return;
    }
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc);
    buf_printf(out, "%s.%03d", text, (int)(time % US_A_SECOND / US_A_MS));
}

bool show_read_time(const char *text, int64_t *ret_time)
{
    struct tm parts = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == NULL || *end != '\0') {
        parts = (struct tm){0};
        end = strptime(text, "%Y-%m-%d", &parts);
    }
    if (end == NULL || *end != '\0') {
        fprintf(stderr, "kith: `%s` is no time: 2026-12-31, or 2026-12-31T18:00:00Z\n", text);
        return false;
    }
    *ret_time = (int64_t)timegm(&parts) * 1000000;
    return true;
}

static void s_put_body(buf_t *out, const record_t *record, arena_t *arena)
{
    const event_type_t *type = event_type(record->type);
    const void *body;
    fault_t fault;
    arena_reset(arena);
    if (type == NULL || codec_unpack(record->body, type->shape(), arena, &fault, &body) != ERR_OK)
        buf_append_text(out, "null");
    else
        codec_put_json(out, type->shape(), body);
}

static slice_t s_type(const record_t *record, arena_t *arena)
{
    const event_type_t *type = event_type(record->type);
    return type != NULL ? slice_of(type->name) : arena_printf(arena, "event %u", record->type);
}

/* ---- for people ---- */

void show_tame(buf_t *out, slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool c1 = text.ptr[i] == 0xc2 && i + 1 < text.len && text.ptr[i + 1] < 0xa0;
        if (text.ptr[i] < ' ' || text.ptr[i] == 0x7f || c1)
            buf_printf(out, "\\u%04x", text.ptr[c1 ? ++i : i]);
        else
            buf_append_byte(out, text.ptr[i]);
    }
}

static void s_put_key(buf_t *out, uint64_t key)
{
    if (key == 0)
        buf_printf(out, " %7s", "-");
    else
        buf_printf(out, " %7" PRIu64, key);
}

void show_columns(buf_t *out)
{
    buf_printf(out, "%8s  %-23s  %-22s %7s %7s %7s  %s\n", "SEQ", "TIME (UTC)", "TYPE", "ROOM",
               "ACCOUNT", "BY", "BODY");
}

void show_record(buf_t *out, const record_t *record, arena_t *arena)
{
    buf_t body = {0};
    slice_t type = s_type(record, arena);
    if (record->seq == 0)
        buf_printf(out, "%8s  ", "-");
    else
        buf_printf(out, "%8" PRIu64 "  ", record->seq);
    show_time(out, record->time);
    buf_printf(out, "  %-22.*s", SLICE_ARG(type));
    s_put_key(out, record->room);
    s_put_key(out, record->account);
    s_put_key(out, record->principal);
    buf_append_text(out, "  ");
    s_put_body(&body, record, arena);
    show_tame(out, buf_slice(&body));
    buf_append_byte(out, '\n');
    buf_free(&body);
}

/* ---- for programs ---- */

void show_record_json(buf_t *out, const record_t *record, arena_t *arena)
{
    buf_append_byte(out, '{');
    json_put_u64_member(out, "seq", record->seq);
    json_put_u64_member(out, "epoch", record->epoch);
    json_put_key(out, "time");
    json_put_i64(out, record->time);
    json_put_text_member(out, "type", s_type(record, arena));
    json_put_u64_member(out, "version", record->version);
    json_put_text_member(out, "actor", slice_of(choice_word(choices_owner, record->actor)));
    json_put_u64_member(out, "cause", record->cause);
    json_put_u64_member(out, "principal", record->principal);
    json_put_u64_member(out, "room", record->room);
    json_put_u64_member(out, "account", record->account);
    json_put_text_member(out, "client_id", record->client_id);
    json_put_key(out, "body");
    s_put_body(out, record, arena);
    buf_append_text(out, "}\n");
}

/* ---- objects ---- */

typedef struct sheet {
    buf_t *out;
    const shape_t *shape;
} sheet_t;

static void s_put_value(buf_t *out, const json_node_t *value)
{
    buf_t text = {0};
    json_put_node(&text, value);
    show_tame(out, buf_slice(&text));
    buf_free(&text);
}

static err_t s_put_member(void *ctx, const char *name, const json_node_t *value)
{
    const sheet_t *sheet = ctx;
    const field_t *field = shape_field(sheet->shape, slice_of(name));
    int64_t time;
    buf_printf(sheet->out, "  %-14s ", name);
    if (field != NULL && field->kind == KIND_TIME && json_i64(value, &time))
        show_time(sheet->out, time);
    else if (json_is_array(value))
        buf_printf(sheet->out, "%zu", json_count(value));
    else
        s_put_value(sheet->out, value);
    buf_append_byte(sheet->out, '\n');
    for (size_t i = 0; i < json_count(value); i++) {
        buf_append_text(sheet->out, "    ");
        s_put_value(sheet->out, json_item(value, i));
        buf_append_byte(sheet->out, '\n');
    }
    return ERR_OK;
}

void show_object(buf_t *out, const shape_t *shape, const void *object)
{
    const json_node_t *root = NULL;
    sheet_t sheet = {out, shape};
    buf_t text = {0};
    codec_put_json(&text, shape, object);
    err_t err = json_parse(buf_slice(&text), &root);
    if (err == ERR_OK)
        err = json_each(root, s_put_member, &sheet);
    assert(err == ERR_OK); /* our own JSON */
    json_free(&root);
    buf_free(&text);
}
