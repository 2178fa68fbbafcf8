/* native_files.c - the native API's files and photos: in by POST, out by GET (../NATIVE.md).
 *
 * In: the owner is asked first (file.offer, photo.offer), the body is taken only if it may
 * be, and the owner hears what came (file.add, photo.add).  Out: the owner is asked each
 * time, also before a 304 (present.h). */
#include "ws-edge/dialects/native.h"

#include "ws-edge/fill.h"
#include "ws-edge/present.h"

/* ---- in ---- */

/* How many bytes are announced. */
static err_t s_check_size(const visit_t *visit, answer_t *ret_refusal)
{
    const request_t *request = visit->request;
    bool photo = visit->route->call == CALL_photo_offer;
    int max = photo ? LIMIT_PHOTO : LIMIT_UPLOAD;
    if (request_header(request, "content-length").ptr == NULL)
        return ERR_LENGTH_REQUIRED;
    if (request->body_size <= (size_t)max)
        return ERR_OK;
    ret_refusal->detail =
        arena_printf(visit->arena, "a %s has at most %d bytes", photo ? "photo" : "file", max);
    return ERR_TOO_LARGE;
}

err_t native_ask_upload(visit_t *visit, answer_t *ret_refusal)
{
    err_t err = s_check_size(visit, ret_refusal);
    if (err == ERR_OK)
        err = fill_call(visit, ret_refusal);
    if (err != ERR_OK)
        return err;
    if (visit->route->call == CALL_photo_offer) {
        photo_offer_call_t *photo = arena_new_of(visit->arena, photo_offer_call_t);
        *photo = *(const photo_offer_call_t *)visit->args;
        photo->size = visit->request->body_size;
        visit->args = photo;
    } else {
        file_offer_call_t *file = arena_new_of(visit->arena, file_offer_call_t);
        *file = *(const file_offer_call_t *)visit->args;
        file->size = visit->request->body_size;
        visit->args = file;
    }
    return ERR_OK;
}

static void s_take_in_file(visit_t *visit, const file_offered_t *offered)
{
    file_t *file = arena_new_of(visit->arena, file_t);
    file_add_call_t *add = arena_new_of(visit->arena, file_add_call_t);
    *file = (file_t){.name = offered->name, .size = offered->size};
    *add = (file_add_call_t){offered->room, file};
    visit->call = CALL_file_add;
    visit->args = add;
    visit->take_in = true;
}

static void s_take_in_photo(visit_t *visit, const photo_offered_t *offered)
{
    file_t *file = arena_new_of(visit->arena, file_t);
    photo_add_call_t *add = arena_new_of(visit->arena, photo_add_call_t);
    *file = (file_t){.size = offered->size};
    *add = (photo_add_call_t){.file = file, .main = offered->main, .replaces = offered->replaces};
    visit->call = CALL_photo_add;
    visit->args = add;
    visit->take_in = true;
}

void native_show_upload(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_file_offer)
        s_take_in_file(visit, answer->object);
    else if (answer->type->number == CALL_photo_offer)
        s_take_in_photo(visit, answer->object);
    else
        native_show(visit, answer);
}

/* ---- out ---- */

err_t native_ask_file(visit_t *visit, answer_t *ret_refusal)
{
    err_t err = fill_call(visit, ret_refusal);
    if (err == ERR_INVALID) { /* a path that is no id names nothing */
        ret_refusal->detail = (slice_t){0};
        return ERR_NOT_FOUND;
    }
    if (err != ERR_OK)
        return err;
    present_note(visit, visit->call == CALL_photo_get ? ((const photo_get_call_t *)visit->args)->id
                                                      : ((const file_get_call_t *)visit->args)->id);
    return ERR_OK;
}

void native_show_file(visit_t *visit, const answer_t *answer)
{
    bool photo = answer->type->number == CALL_photo_get;
    present_file(visit, answer->object, photo ? PRESENT_PHOTO : PRESENT_FILE);
}
