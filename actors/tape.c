/* tape.c - entries are gathered in memory and written in large pieces, so that an input costs
 * a copy of its bytes and no call of the system.
 *
 * The disk may refuse; then the tape ends with what it has.  Nothing is synced: a recording is
 * no promise, and a process that is killed loses the last piece. */
#include "actors/tape.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "schema/mem.h"
#include "schema/pack.h"

enum {
    ITEMS = 5,
    PIECE = 256 * 1024,
    END_ROOM = 256, /* of the bound, for the last entry */
};

struct tape {
    int fd;    /* -1: it stays in memory */
    buf_t out; /* not written yet */
    uint64_t bytes;
    uint64_t inputs;
    size_t bytes_max;
    const char *reason;
};

/* ---- entries ---- */

void tape_put(buf_t *out, const tape_entry_t *entry)
{
    pack_array(out, ITEMS);
    pack_u64(out, entry->kind);
    pack_u64(out, entry->number);
    pack_bin(out, entry->bytes);
    pack_bin(out, entry->notes);
    pack_bin(out, entry->out);
}

err_t tape_read(slice_t *in, tape_entry_t *ret_entry)
{
    unpack_t at = {*in};
    uint64_t kind;
    size_t items;
    if (unpack_array(&at, &items) != ERR_OK || items != ITEMS || unpack_u64(&at, &kind) != ERR_OK ||
        kind < TAPE_BEGIN || kind > TAPE_END || unpack_u64(&at, &ret_entry->number) != ERR_OK ||
        unpack_bin(&at, &ret_entry->bytes) != ERR_OK ||
        unpack_bin(&at, &ret_entry->notes) != ERR_OK || unpack_bin(&at, &ret_entry->out) != ERR_OK)
        return ERR_MALFORMED;
    ret_entry->kind = (tape_kind_t)kind;
    *in = at.left;
    return ERR_OK;
}

/* ---- coming and going ---- */

err_t tape_new(const char *path, size_t bytes_max, tape_t **ret_tape)
{
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (path != NULL && fd < 0)
        return errno == EEXIST ? ERR_EXISTS : ERR_STORAGE;
    tape_t *tape = mem_new(tape_t);
    tape->fd = fd;
    tape->bytes_max = bytes_max;
    *ret_tape = tape;
    return ERR_OK;
}

static bool s_write(int fd, slice_t bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.ptr, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes = slice_from(bytes, (size_t)written);
    }
    return true;
}

void tape_flush(tape_t *tape)
{
    if (tape->fd < 0)
        return;
    if (!s_write(tape->fd, buf_slice(&tape->out)))
        tape->reason = "the disk refuses";
    buf_reset(&tape->out);
}

void tape_close(tape_t **tape_p)
{
    tape_t *tape = *tape_p;
    if (tape == NULL)
        return;
    *tape_p = NULL;
    tape_flush(tape);
    if (tape->fd >= 0)
        close(tape->fd);
    buf_free(&tape->out);
    mem_free(tape);
}

/* ---- writing ---- */

static void s_append(tape_t *tape, const tape_entry_t *entry)
{
    size_t before = tape->out.len;
    tape_put(&tape->out, entry);
    tape->bytes += tape->out.len - before;
    if (tape->out.len >= PIECE)
        tape_flush(tape);
}

static size_t s_size(const tape_entry_t *entry)
{
    enum { HEADS = 32 }; /* of the array, the numbers and the binaries, at most */
    return HEADS + entry->bytes.len + entry->notes.len + entry->out.len;
}

void tape_add(tape_t *tape, const tape_entry_t *entry)
{
    if (tape->reason != NULL)
        return;
    if (tape->bytes + s_size(entry) + END_ROOM > tape->bytes_max) {
        tape_end(tape, "it has as many bytes as it may have");
        return;
    }
    tape->inputs += entry->kind != TAPE_BEGIN;
    s_append(tape, entry);
}

void tape_end(tape_t *tape, const char *reason)
{
    if (tape->reason != NULL)
        return;
    s_append(tape, &(tape_entry_t){.kind = TAPE_END, .bytes = slice_of(reason)});
    tape_flush(tape);
    if (tape->reason == NULL) /* the disk has taken it */
        tape->reason = reason;
}

void tape_restart(tape_t *tape)
{
    assert(tape->reason == NULL);
    buf_reset(&tape->out);
    tape->bytes = 0;
    tape->inputs = 0;
    if (tape->fd >= 0 && (ftruncate(tape->fd, 0) != 0 || lseek(tape->fd, 0, SEEK_SET) != 0))
        tape->reason = "the disk refuses";
}

const char *tape_reason(const tape_t *tape)
{
    return tape->reason;
}

uint64_t tape_bytes(const tape_t *tape)
{
    return tape->bytes;
}

uint64_t tape_inputs(const tape_t *tape)
{
    return tape->inputs;
}

slice_t tape_content(const tape_t *tape)
{
    return buf_slice(&tape->out);
}
