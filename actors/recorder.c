#include "actors/recorder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/log.h"

enum { PATH_SIZE = 4096, TELL_MS = 1000 };

bool recorder_takes_name(slice_t name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    if (name.len == 0 || name.len > LIMIT_RECORDING_NAME || name.ptr[0] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (memchr(letters, name.ptr[i], sizeof letters - 1) == NULL)
            return false;
    return true;
}

/* ---- the file ---- */

static bool s_make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static err_t s_open(recorder_t *recorder, const actor_row_t *row, const char *data,
                    uint64_t bytes_max)
{
    char path[PATH_SIZE];
    int len = snprintf(path, sizeof path, "%s/recordings", data);
    if (len >= PATH_SIZE / 2 || !s_make_folder(path))
        return ERR_STORAGE;
    len += snprintf(path + len, sizeof path - (size_t)len, "/%s", recorder->name);
    if (!s_make_folder(path))
        return ERR_STORAGE;
    snprintf(path + len, sizeof path - (size_t)len, "/%s.tape", row->name);
    return tape_new(path, bytes_max, &recorder->tape);
}

/* Why it cannot begin; NULL once it has. */
static const char *s_begin(recorder_t *recorder, stage_t *stage, const actor_row_t *row,
                           const char *data, uint64_t bytes_max)
{
    if (row->behind)
        return "it decides nothing: its input is the journal";
    if (stage == NULL)
        return "it was not serving";
    err_t err = s_open(recorder, row, data, bytes_max);
    if (err == ERR_EXISTS)
        return "there is a recording of that name";
    if (err != ERR_OK)
        return "the disk refuses";
    recorder->stage = stage;
    stage_tape(stage, recorder->tape);
    tape_flush(recorder->tape);
    log_info(row->name, "recording `%s` has begun", recorder->name);
    return NULL;
}

void recorder_heed(recorder_t *recorder, stage_t *stage, const actor_row_t *row, const char *data,
                   const bus_record_event_t *order)
{
    recorder_end(recorder, "an operator has stopped it");
    recorder->news = true;
    if (!recorder_takes_name(order->name))
        return;
    snprintf(recorder->name, sizeof recorder->name, "%.*s", SLICE_ARG(order->name));
    recorder->bytes = recorder->inputs = 0;
    recorder->reason =
        s_begin(recorder, stage, row, data, order->bytes > 0 ? order->bytes : LIMIT_RECORDING);
}

void recorder_end(recorder_t *recorder, const char *reason)
{
    if (recorder->tape == NULL)
        return;
    stage_tape(recorder->stage, NULL);
    tape_end(recorder->tape, reason);
    recorder->reason = tape_reason(recorder->tape);
    recorder->bytes = tape_bytes(recorder->tape);
    recorder->inputs = tape_inputs(recorder->tape);
    recorder->news = true;
    tape_close(&recorder->tape);
    log_info("record", "recording `%s`: %s", recorder->name, recorder->reason);
}

/* The folder goes with the last actor's part. */
static void s_remove(const char *data, const char *name, const actor_row_t *row)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/recordings/%s/%s.tape", data, name, row->name);
    if (unlink(path) == 0)
        log_info(row->name, "recording `%s` is removed: somebody was redacted", name);
    *strrchr(path, '/') = '\0';
    (void)rmdir(path);
}

void recorder_forget(recorder_t *recorder, const actor_row_t *row, const char *data)
{
    char path[PATH_SIZE];
    recorder_end(recorder, "somebody was redacted");
    snprintf(path, sizeof path, "%s/recordings", data);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (recorder_takes_name(slice_of(entry->d_name)))
            s_remove(data, entry->d_name, row);
    closedir(folder);
}

bool recorder_tell(recorder_t *recorder, const actor_row_t *row, int64_t now_ms,
                   recording_t *ret_part)
{
    tape_t *tape = recorder->tape;
    bool due = tape != NULL && now_ms - recorder->told_ms >= TELL_MS;
    if (due)
        tape_flush(tape);
    if (tape != NULL && tape_reason(tape) != NULL)
        recorder_end(recorder, "");
    if ((!due && !recorder->news) || recorder->name[0] == '\0')
        return false;
    bool going = recorder->tape != NULL;
    recorder->news = false;
    recorder->told_ms = now_ms;
    *ret_part = (recording_t){
        .actor = row->owner,
        .name = slice_of(recorder->name),
        .going = going,
        .idle = row->behind,
        .bytes = going ? tape_bytes(recorder->tape) : recorder->bytes,
        .inputs = going ? tape_inputs(recorder->tape) : recorder->inputs,
        .reason = going ? (slice_t){0} : slice_of(recorder->reason),
    };
    return true;
}
