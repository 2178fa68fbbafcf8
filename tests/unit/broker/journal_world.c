#include "tests/unit/broker/journal_world.h"

#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "broker/segment.h"
#include "schema/pack.h"

int world_setup(void **state)
{
    world_t *world = mem_new(world_t);
    scratch_make(world->folder);
    snprintf(world->path, sizeof world->path, "%s/journal", world->folder);
    assert_int_equal(journal_open(world->path, &world->options, &world->journal), ERR_OK);
    *state = world;
    return 0;
}

int world_teardown(void **state)
{
    world_t *world = *state;
    journal_close(&world->journal);
    scratch_remove(world->folder);
    buf_free(&world->told);
    buf_free(&world->batch);
    buf_free(&world->read);
    buf_free(&world->flaws);
    mem_free(world);
    return 0;
}

err_t world_open_again(world_t *world)
{
    journal_close(&world->journal);
    return journal_open(world->path, &world->options, &world->journal);
}

void world_record(buf_t *out, uint64_t seq, uint64_t epoch, size_t text_len)
{
    record_t record = {
        .type = 153,
        .version = 1,
        .seq = seq,
        .epoch = epoch,
        .time = 1700000000000000 + (int64_t)seq,
        .room = seq % 3,
        .client_id = SLICE_LIT("client"),
    };
    record_begin(out, &record);
    pack_map(out, 1);
    pack_str(out, SLICE_LIT("text"));
    buf_t text = {0};
    memset(buf_reserve(&text, text_len + 1), 'x', text_len);
    text.len = text_len;
    pack_str(out, buf_slice(&text));
    buf_free(&text);
    record_end(out);
}

err_t world_append(world_t *world, size_t count, size_t text_len)
{
    uint64_t head = journal_head(world->journal);
    world->batch.len = 0;
    for (size_t i = 1; i <= count; i++)
        world_record(&world->batch, head + i, journal_epoch(world->journal), text_len);
    err_t err = journal_append(world->journal, world->batch.data, world->batch.len, head);
    if (err == ERR_OK)
        buf_append(&world->told, buf_slice(&world->batch));
    return err;
}

err_t world_read_all(world_t *world, size_t budget)
{
    uint64_t next = journal_first(world->journal);
    world->read.len = 0;
    while (next <= journal_head(world->journal)) {
        err_t err = journal_read(world->journal, next, budget, &world->read, &next);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* A line a flaw: "seq-last file: words", damage with a `!` before it. */
static void s_note(void *ctx, const audit_flaw_t *flaw)
{
    buf_printf(ctx, "%s%llu-%llu %s: %s\n", flaw->damage ? "!" : "",
               (unsigned long long)flaw->first, (unsigned long long)flaw->last, flaw->file,
               flaw->words);
}

void world_audit(world_t *world, const audit_options_t *options, audit_report_t *ret_report)
{
    const audit_eyes_t eyes = {.ctx = &world->flaws, .flaw = s_note};
    world->flaws.len = 0;
    assert_int_equal(audit_run(world->path, options, &eyes, ret_report, NULL), ERR_OK);
    buf_append_byte(&world->flaws, '\0');
}

void world_assert_sound(world_t *world, uint64_t records)
{
    audit_report_t report;
    world_audit(world, &(audit_options_t){.clean = true}, &report);
    assert_string_equal((const char *)world->flaws.data, "");
    assert_int_equal(report.records, records);
}

void world_assert_as_told(world_t *world)
{
    assert_int_equal(world_read_all(world, 1024), ERR_OK);
    assert_true(slice_eq(buf_slice(&world->read), buf_slice(&world->told)));
}

size_t world_segments(const world_t *world, uint64_t *ret_firsts, size_t most)
{
    struct dirent **entries = NULL;
    int found = scandir(world->path, &entries, NULL, alphasort);
    size_t count = 0;
    for (int i = 0; i < found; i++) {
        uint64_t first = segment_named(entries[i]->d_name);
        if (first > 0 && count < most)
            ret_firsts[count++] = first;
        free(entries[i]);
    }
    free(entries);
    return count;
}

void world_segment_path(const world_t *world, uint64_t first, char ret_path[PATH_SIZE])
{
    snprintf(ret_path, PATH_SIZE, "%s/%020" PRIu64, world->path, first);
}
