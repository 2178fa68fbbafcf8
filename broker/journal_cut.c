/* journal_cut.c - what of the journal is to stay, and how the rest goes.
 *
 * Only whole segments go, from the front, and never the last.  One is gone the moment its folder
 * has another name; its files are removed one by one, for to remove them all at once would hold up
 * a commit. */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "broker/folder.h"
#include "broker/journal_parts.h"

static err_t s_read_one(journal_t *journal, uint64_t seq, buf_t *bytes, record_t *ret_record)
{
    uint64_t next;
    err_t err = journal_read(journal, seq, 1, bytes, &next);
    if (err != ERR_OK)
        return err;
    slice_t in = buf_slice(bytes);
    return record_read(&in, ret_record);
}

/* The next record holds the hash: of a record that is sealed on the disk only that knows it. */
static err_t s_hash(journal_t *journal, uint64_t seq, uint8_t ret_hash[HASH_SIZE])
{
    record_t next;
    buf_t bytes = {0};
    if (seq == journal_head(journal)) {
        memcpy(ret_hash, journal_hash(journal), HASH_SIZE);
        return ERR_OK;
    }
    err_t err = s_read_one(journal, seq + 1, &bytes, &next);
    if (err == ERR_OK)
        memcpy(ret_hash, next.previous, HASH_SIZE);
    buf_free(&bytes);
    return err;
}

err_t journal_look(journal_t *journal, uint64_t seq, uint8_t ret_hash[HASH_SIZE], int64_t *ret_time)
{
    record_t record;
    buf_t bytes = {0};
    err_t err = s_read_one(journal, seq, &bytes, &record);
    if (err == ERR_OK)
        *ret_time = record.time;
    buf_free(&bytes);
    return err == ERR_OK ? s_hash(journal, seq, ret_hash) : err;
}

/* Whether the segment's last record is from before `since`. */
static err_t s_is_old(journal_t *journal, size_t place, int64_t since, bool *ret_old)
{
    record_t last;
    buf_t bytes = {0};
    uint64_t seq = row_first(journal_row(journal), place + 1) - 1;
    err_t err = s_read_one(journal, seq, &bytes, &last);
    if (err == ERR_OK)
        *ret_old = last.time < since;
    buf_free(&bytes);
    return err;
}

err_t journal_first_kept(journal_t *journal, const journal_keep_t *keep, uint64_t *ret_first)
{
    row_t *row = journal_row(journal);
    if (row == NULL)
        return ERR_STORAGE;
    size_t place = 0;
    uint64_t bytes = keep->bytes > 0 ? row_disk_bytes(row) : 0;
    for (; place + 1 < row_count(row); place++) {
        bool goes = keep->bytes > 0 && bytes > keep->bytes;
        err_t err =
            !goes && keep->since > 0 ? s_is_old(journal, place, keep->since, &goes) : ERR_OK;
        if (err != ERR_OK)
            return err;
        if (!goes)
            break;
        bytes -= keep->bytes > 0 ? row_bytes_at(row, place) : 0;
    }
    *ret_first = row_first(row, place);
    return ERR_OK;
}

uint64_t journal_second(const journal_t *journal)
{
    const row_t *row = journal_row(journal);
    return row != NULL && row_count(row) > 1 ? row_first(row, 1) : 0;
}

err_t journal_cut(journal_t *journal)
{
    assert(journal_second(journal) > 0);
    return row_cut(journal_row(journal));
}

bool journal_sweep(journal_t *journal)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", journal_path(journal), row_cut_name);
    return folder_sweep(path);
}
