/* file.c - attachments: which files a room has, and for how long.
 *
 * The content lies with the edges, stored once under the hash that is its id; what is
 * kept here is that somebody uploaded it for this room.  Only an edge says so
 * (file.add), after it has hashed the bytes itself: a hash that is merely known, from
 * another room say, opens nothing.
 *
 * A file belongs to the room from its upload until the last message that carries it is
 * deleted.  Uploaded again it is the same file under its newest name; messages keep the
 * name that it had when they were posted.
 *
 * Apply cannot look for what has become useless: the files of a deleted room, and those that
 * no message has carried for a day.  An edge that sweeps its folder asks for what lies there
 * (file.unused), and has the room forget it (file.drop); what no room has it throws away. */
#include "actors/room/room.h"

#include <assert.h>

static row_key_t s_key(uint64_t room, slice_t id)
{
    row_key_t key = row_key1('F', room);
    assert(id.len == LIMIT_FILE_ID);
    row_key_add(&key, id);
    return key;
}

/* By the file: which rooms have it. */
static row_key_t s_place_key(slice_t id, uint64_t room)
{
    enum { NUMBER = 8 };
    uint8_t text[LIMIT_FILE_ID + NUMBER];
    row_key_t key = row_key0('f');
    assert(id.len == LIMIT_FILE_ID);
    memcpy(text, id.ptr, id.len);
    for (size_t i = 0; i < NUMBER; i++)
        text[LIMIT_FILE_ID + i] = (uint8_t)(room >> 8 * (NUMBER - 1 - i));
    row_key_add(&key, slice_new(text, sizeof text));
    return key;
}

static void s_put(turn_t *turn, uint64_t room, const file_row_t *row)
{
    row_put(turn, s_key(room, row->file->id), shape_file_row(), row);
}

static void s_forget(turn_t *turn, uint64_t room, slice_t id)
{
    row_delete(turn, s_key(room, id));
    row_delete(turn, s_place_key(id, room));
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

/* Which lets it stay for another day, if no message carries it. */
static bool s_is_young(const turn_t *turn, const file_row_t *row)
{
    static const int64_t hour_us = INT64_C(60) * 60 * 1000 * 1000;
    return row->uses > 0 || turn_now(turn) - row->added < hour_us;
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
    if (err == ERR_NOT_FOUND || !s_same(row->file, add->file) || !s_is_young(turn, row))
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
    if (record_is_redacted(record)) /* it goes, unless another has uploaded the same */
        return;
    bool there = row_found(s_get(turn, added->room, added->file->id, &row));
    s_put(turn, added->room,
          &(file_row_t){.file = added->file, .added = record->time, .uses = there ? row->uses : 0});
    row_put_mark(turn, s_place_key(added->file->id, added->room));
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
        file_row_t used = *row;
        used.uses++;
        s_put(turn, room, &used);
    }
}

void room_files_dropped(turn_t *turn, uint64_t room, const list_t *files)
{
    const file_t *file = files->items;
    for (size_t i = 0; i < files->count; i++) {
        const file_row_t *row;
        if (!row_found(s_get(turn, room, file[i].id, &row)))
            continue;
        file_row_t left = *row;
        if (left.uses > 1) {
            left.uses--;
            s_put(turn, room, &left);
        } else {
            s_forget(turn, room, file[i].id);
        }
    }
}

/* ---- what has become useless ---- */

/* NOT_FOUND: the room has no such file. */
static err_t s_is_useless(turn_t *turn, uint64_t room, slice_t id, bool *ret_useless)
{
    static const int64_t day_us = INT64_C(24) * 60 * 60 * 1000 * 1000;
    const file_row_t *row;
    err_t err = s_get(turn, room, id, &row);
    if (err != ERR_OK)
        return err;
    err = row_has_room(turn, room);
    *ret_useless = err == ERR_NOT_FOUND || (row->uses == 0 && turn_now(turn) - row->added > day_us);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Places of one file that could forget it, as many as there is room for; and whether there
 * are any at all. */
static err_t s_look(turn_t *turn, slice_t id, file_place_t *places, size_t *count, bool *ret_any)
{
    ids_t rooms;
    row_range_t range = {.from = s_place_key(id, 0), .to = s_place_key(id, UINT64_MAX)};
    err_t err = row_list_last(turn, &range, LIMIT_PAGE, &rooms);
    for (size_t i = 0; err == ERR_OK && i < rooms.count && *count < LIMIT_PAGE; i++) {
        bool useless = false;
        err = s_is_useless(turn, rooms.items[i], id, &useless);
        if (useless)
            places[(*count)++] = (file_place_t){rooms.items[i], id};
    }
    *ret_any = err == ERR_OK && rooms.count > 0;
    return err;
}

err_t room_query_file_unused(turn_t *turn, const call_t *call, const void *body)
{
    list_t asked = ((const file_unused_call_t *)body)->files;
    const file_ref_t *files = asked.items;
    file_place_t *places = arena_alloc(turn_arena(turn), LIMIT_PAGE * sizeof *places);
    file_ref_t *unused = arena_alloc(turn_arena(turn), asked.count * sizeof *unused + 1);
    size_t place_count = 0, count = 0;
    (void)call;
    for (size_t i = 0; i < asked.count; i++) {
        bool any;
        err_t err = files[i].id.len == LIMIT_FILE_ID
                        ? s_look(turn, files[i].id, places, &place_count, &any)
                        : ERR_INVALID;
        if (err != ERR_OK)
            return err;
        if (!any)
            unused[count++] = files[i];
    }
    turn_answer(turn, &(unused_files_t){{unused, count}, {places, place_count}});
    return ERR_OK;
}

err_t room_decide_file_drop(turn_t *turn, const call_t *call, const void *body)
{
    list_t asked = ((const file_drop_call_t *)body)->files;
    const file_place_t *items = asked.items;
    file_place_t *places = arena_alloc(turn_arena(turn), asked.count * sizeof *places + 1);
    size_t count = 0;
    (void)call;
    for (size_t i = 0; i < asked.count; i++) {
        bool useless = false;
        err_t err = s_is_useless(turn, items[i].room, items[i].id, &useless);
        if (err != ERR_OK && err != ERR_NOT_FOUND)
            return err;
        if (useless)
            places[count++] = items[i];
    }
    if (count > 0)
        turn_emit(turn, EVENT_files_dropped, 0, 0, &(files_dropped_event_t){{places, count}});
    return ERR_OK;
}

void room_apply_files_dropped(turn_t *turn, const record_t *record, const void *body)
{
    list_t files = ((const files_dropped_event_t *)body)->files;
    const file_place_t *places = files.items;
    (void)record;
    for (size_t i = 0; i < files.count; i++)
        s_forget(turn, places[i].room, places[i].id);
}
