/* file.c - attachments: which files a room has, and for how long.
 *
 * The content lies with the edges, stored once under the hash that is its id; what is
 * kept here is that somebody uploaded it for this room.  Only an edge says so
 * (file.add), after it has hashed the bytes itself: a hash that is merely known, from
 * another room say, opens nothing.
 *
 * A file belongs to the room from its upload until the last message that carries it is
 * deleted; one that no message carries yet stays.  Uploaded again it is the same file
 * under its newest name; messages keep the name that it had when they were posted. */
#include "actors/room/room.h"

#include <assert.h>

static row_key_t s_key(uint64_t room, slice_t id)
{
    row_key_t key = row_key1('F', room);
    assert(id.len == LIMIT_FILE_ID);
    row_key_add(&key, id);
    return key;
}

/* Ids are letters, digits, '-' and '_': as many bytes as characters, or no id at all. */
static err_t s_get(turn_t *turn, uint64_t room, slice_t id, const file_row_t **ret_row)
{
    const void *row;
    if (id.len != LIMIT_FILE_ID)
        return ERR_NOT_FOUND;
    err_t err = row_get(turn, s_key(room, id), shape_file_row(), &row);
    if (err == ERR_OK)
        *ret_row = row;
    return err;
}

/* ---- uploading ---- */

static err_t s_may_upload(turn_t *turn, uint64_t room, uint64_t account)
{
    const membership_t *membership;
    room_t found;
    err_t err = room_readable(turn, room, account, &found, &membership);
    return err == ERR_OK ? room_may_post(turn, &found, account, membership) : err;
}

err_t room_query_file_offer(turn_t *turn, const call_t *call, const void *body)
{
    const file_offer_call_t *offer = body;
    err_t err = s_may_upload(turn, offer->room, call->principal);
    if (err == ERR_OK)
        turn_answer(turn, &(file_offered_t){offer->room, offer->name, offer->size});
    return err;
}

static bool s_same(const file_t *a, const file_t *b)
{
    return slice_eq(a->name, b->name) && slice_eq(a->type, b->type) && a->size == b->size;
}

err_t room_decide_file_add(turn_t *turn, const call_t *call, const void *body)
{
    const file_add_call_t *add = body;
    const file_row_t *row;
    if (add->file->id.len != LIMIT_FILE_ID)
        return turn_refuse(turn, ERR_INVALID, "`id`: is no hash");
    err_t err = s_may_upload(turn, add->room, call->principal);
    if (err != ERR_OK)
        return err;
    err = s_get(turn, add->room, add->file->id, &row);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    if (err == ERR_NOT_FOUND || !s_same(row->file, add->file))
        turn_emit(turn, EVENT_file_added, add->room, 0,
                  &(file_added_event_t){
                      .room = add->room, .account = call->principal, .file = add->file});
    turn_answer(turn, add->file);
    return ERR_OK;
}

void room_apply_file_added(turn_t *turn, const record_t *record, const void *body)
{
    const file_added_event_t *added = body;
    const file_row_t *row = NULL;
    bool there = row_found(s_get(turn, added->room, added->file->id, &row));
    row_put(turn, s_key(added->room, added->file->id), shape_file_row(),
            &(file_row_t){.file = added->file, .uses = there ? row->uses : 0});
    (void)record;
}

/* ---- downloading ---- */

err_t room_query_file_get(turn_t *turn, const call_t *call, const void *body)
{
    const file_get_call_t *get = body;
    const membership_t *membership;
    const file_row_t *row;
    room_t room;
    err_t err = room_readable(turn, get->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = s_get(turn, get->room, get->id, &row);
    if (err == ERR_OK)
        turn_answer(turn, row->file);
    return err;
}

/* ---- messages that carry files ---- */

err_t room_files(turn_t *turn, uint64_t room, const list_t *refs, list_t *ret_files)
{
    const file_ref_t *wanted = refs->items;
    file_t *files = arena_alloc(turn_arena(turn), refs->count * sizeof *files);
    for (size_t i = 0; i < refs->count; i++) {
        const file_row_t *row;
        err_t err = s_get(turn, room, wanted[i].id, &row);
        if (err == ERR_NOT_FOUND)
            return turn_refuse(turn, ERR_INVALID, "`files`: was not uploaded for this room");
        if (err != ERR_OK)
            return err;
        files[i] = *row->file;
    }
    *ret_files = (list_t){files, refs->count};
    return ERR_OK;
}

void room_files_used(turn_t *turn, uint64_t room, const list_t *files)
{
    const file_t *file = files->items;
    for (size_t i = 0; i < files->count; i++) {
        const file_row_t *row;
        if (!row_found(s_get(turn, room, file[i].id, &row)))
            continue;
        row_put(turn, s_key(room, file[i].id), shape_file_row(),
                &(file_row_t){.file = row->file, .uses = row->uses + 1});
    }
}

void room_files_dropped(turn_t *turn, uint64_t room, const list_t *files)
{
    const file_t *file = files->items;
    for (size_t i = 0; i < files->count; i++) {
        row_key_t key = s_key(room, file[i].id);
        const file_row_t *row;
        if (!row_found(s_get(turn, room, file[i].id, &row)))
            continue;
        if (row->uses > 1)
            row_put(turn, key, shape_file_row(),
                    &(file_row_t){.file = row->file, .uses = row->uses - 1});
        else
            row_delete(turn, key);
    }
}
