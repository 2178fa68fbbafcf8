/* album.c - the photos of a profile: in their order, one of them the main one.
 *
 * The content lies with the edges, stored once under the hash that is its id; a profile has
 * its address (actors/photo.h).  Only an edge says that something was stored, so an id that
 * is merely known, from somebody else's profile say, opens nothing and keeps nothing.
 *
 *   'h' id     how many photos of profiles it is, u64
 *
 * What has no such row is nobody's, and the edges may throw it away (photo.unused).  Each
 * change is an ordinary profile.updated; so whoever empties a profile has its photos gone. */
#include "actors/matching/album.h"

#include "actors/matching/matching.h"
#include "actors/matching/sight.h"
#include "actors/photo.h"

enum { NOWHERE = LIMIT_PHOTOS };

/* A profile that is being changed. */
typedef struct album {
    profile_t profile;
    photo_t photos[LIMIT_PHOTOS];
    size_t count;
} album_t;

/* ---- finding ---- */

static size_t s_find(const photo_t *photos, size_t count, slice_t id)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(photo_id(photos[i].url), id))
            return i;
    return NOWHERE;
}

/* The principal's, who need not have a profile yet. */
static err_t s_open(turn_t *turn, const call_t *call, album_t *ret_album)
{
    const person_t *person;
    const profile_t *kept;
    *ret_album = (album_t){.profile = {.account = call->principal}};
    err_t err = person_get(turn, call->principal, &person);
    if (err != ERR_OK)
        return err;
    err = rows_profile(turn, call->principal, &kept);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    ret_album->profile = *kept;
    ret_album->count = kept->photos.count;
    if (kept->photos.count > 0)
        memcpy(ret_album->photos, kept->photos.items, kept->photos.count * sizeof(photo_t));
    return ERR_OK;
}

/* And one photo in it. */
static err_t s_open_at(turn_t *turn, const call_t *call, slice_t id, album_t *ret_album,
                       size_t *ret_at)
{
    err_t err = s_open(turn, call, ret_album);
    if (err != ERR_OK)
        return err;
    *ret_at = s_find(ret_album->photos, ret_album->count, id);
    return *ret_at == NOWHERE ? ERR_NOT_FOUND : ERR_OK;
}

/* ---- changing ---- */

static void s_set_main(album_t *album, size_t main)
{
    for (size_t i = 0; i < album->count; i++)
        album->photos[i].main = i == main;
}

static size_t s_main(const album_t *album)
{
    size_t main = 0;
    while (main < album->count && !album->photos[main].main)
        main++;
    return main < album->count ? main : 0;
}

static void s_emit(turn_t *turn, album_t *album)
{
    profile_t *profile = &album->profile;
    profile->photos = (list_t){album->photos, album->count};
    profile->updated = turn_now(turn);
    turn_emit(turn, EVENT_profile_updated, 0, profile->account,
              &(profile_updated_event_t){.profile = profile});
}

/* Where a new one comes: in the place of another, or behind them all. */
static err_t s_place(turn_t *turn, const album_t *album, slice_t replaces, size_t *ret_at)
{
    *ret_at = replaces.len > 0 ? s_find(album->photos, album->count, replaces) : album->count;
    if (replaces.len > 0 && *ret_at == NOWHERE)
        return turn_refuse(turn, ERR_INVALID, "`replaces`: is no photo of yours");
    if (*ret_at == LIMIT_PHOTOS)
        return turn_refuse(turn, ERR_INVALID, "a profile has at most 5 photos");
    return ERR_OK;
}

err_t matching_query_photo_offer(turn_t *turn, const call_t *call, const void *body)
{
    const photo_offer_call_t *offer = body;
    album_t album;
    size_t at;
    err_t err = s_open(turn, call, &album);
    if (err == ERR_OK)
        err = s_place(turn, &album, offer->replaces, &at);
    if (err == ERR_OK)
        turn_answer(turn, &(photo_offered_t){offer->main, offer->replaces, offer->size});
    return err;
}

/* One that is there already stays where it is; so a call that is made again changes nothing. */
static err_t s_add(turn_t *turn, const photo_add_call_t *add, album_t *album)
{
    size_t at = s_find(album->photos, album->count, add->file->id);
    if (at == NOWHERE) {
        err_t err = s_place(turn, album, add->replaces, &at);
        if (err != ERR_OK)
            return err;
        bool was_main = at < album->count && album->photos[at].main;
        album->photos[at] =
            (photo_t){.url = photo_url(add->file, turn_arena(turn)), .main = was_main};
        album->count += at == album->count;
    } else if (!add->main || album->photos[at].main) {
        return ERR_OK;
    }
    s_set_main(album, add->main ? at : s_main(album));
    s_emit(turn, album);
    return ERR_OK;
}

err_t matching_decide_photo_add(turn_t *turn, const call_t *call, const void *body)
{
    const photo_add_call_t *add = body;
    album_t album;
    if (add->file->id.len != LIMIT_FILE_ID || photo_name(add->file->type) == NULL)
        return turn_refuse(turn, ERR_INVALID, "`file`: is no photo");
    err_t err = s_open(turn, call, &album);
    if (err == ERR_OK)
        err = s_add(turn, add, &album);
    if (err == ERR_OK)
        turn_answer(turn, add->file);
    return err;
}

err_t matching_decide_photo_remove(turn_t *turn, const call_t *call, const void *body)
{
    album_t album;
    size_t at;
    err_t err = s_open_at(turn, call, ((const photo_remove_call_t *)body)->id, &album, &at);
    if (err != ERR_OK)
        return err;
    album.count--;
    for (size_t i = at; i < album.count; i++)
        album.photos[i] = album.photos[i + 1];
    s_set_main(&album, s_main(&album));
    s_emit(turn, &album);
    return sight_answer_own(turn, call->principal);
}

err_t matching_decide_photo_main(turn_t *turn, const call_t *call, const void *body)
{
    album_t album;
    size_t at;
    err_t err = s_open_at(turn, call, ((const photo_set_main_call_t *)body)->id, &album, &at);
    if (err != ERR_OK)
        return err;
    if (!album.photos[at].main) {
        s_set_main(&album, at);
        s_emit(turn, &album);
    }
    return sight_answer_own(turn, call->principal);
}

/* ---- profiles that are changed as a whole ---- */

static bool s_is_stored(list_t stored, slice_t id, const file_t **ret_file)
{
    const file_t *files = stored.items;
    for (size_t i = 0; i < stored.count; i++)
        if (slice_eq(files[i].id, id) && photo_name(files[i].type) != NULL) {
            *ret_file = &files[i];
            return true;
        }
    return false;
}

err_t album_settle(turn_t *turn, list_t kept, list_t stored, profile_t *profile)
{
    size_t count = profile->photos.count;
    photo_t *photos = arena_alloc(turn_arena(turn), count * sizeof *photos + 1);
    const photo_t *claimed = profile->photos.items, *had = kept.items;
    for (size_t i = 0; i < count; i++) {
        const file_t *file;
        slice_t id = photo_id(claimed[i].url);
        size_t at = id.len > 0 ? s_find(had, kept.count, id) : NOWHERE;
        photos[i] = (photo_t){.url = claimed[i].url, .main = claimed[i].main};
        if (at != NOWHERE)
            photos[i].url = had[at].url;
        else if (s_is_stored(stored, id, &file))
            photos[i].url = photo_url(file, turn_arena(turn));
        else if (id.len > 0)
            return turn_refuse(turn, ERR_INVALID, "`photos`: has one that is not yours");
    }
    profile->photos = (list_t){photos, count};
    return ERR_OK;
}

/* ---- looking ---- */

static err_t s_seen(turn_t *turn, const call_t *call, uint64_t account, profile_t *ret_profile)
{
    sight_t sight;
    if (account == call->principal)
        return sight_own(turn, account, ret_profile);
    err_t err = sight_open(turn, call, &sight);
    return err == ERR_OK ? sight_profile(&sight, account, ret_profile) : err;
}

static err_t s_answer(turn_t *turn, const call_t *call, uint64_t account, slice_t id)
{
    profile_t profile;
    file_t file;
    err_t err = s_seen(turn, call, account, &profile);
    if (err != ERR_OK)
        return err;
    const photo_t *photos = profile.photos.items;
    size_t at = s_find(photos, profile.photos.count, id);
    if (at == NOWHERE || !photo_at(photos[at].url, &file))
        return ERR_NOT_FOUND;
    turn_answer(turn, &file);
    return ERR_OK;
}

err_t matching_query_photo(turn_t *turn, const call_t *call, const void *body)
{
    const photo_get_call_t *get = body;
    return s_answer(turn, call, get->account, get->id);
}

/* An address shows what the person to whom it was shown may still see. */
err_t matching_query_photo_show(turn_t *turn, const call_t *call, const void *body)
{
    const photo_show_call_t *show = body;
    const person_t *viewer;
    call_t as = *call;
    if (show->viewer == 0 || show->id.len == 0)
        return ERR_NOT_FOUND;
    err_t err = person_get(turn, show->viewer, &viewer);
    if (err == ERR_OK && (viewer->gone || viewer->banned_until > turn_now(turn)))
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        return err;
    as.principal = show->viewer;
    return s_answer(turn, &as, show->account, show->id);
}

/* ---- what is nobody's ---- */

static row_key_t s_key(slice_t id)
{
    row_key_t key = row_key0('h');
    row_key_add(&key, id);
    return key;
}

err_t matching_query_photos_unused(turn_t *turn, const call_t *call, const void *body)
{
    list_t asked = ((const photo_unused_call_t *)body)->files;
    const file_ref_t *files = asked.items;
    file_ref_t *unused = arena_alloc(turn_arena(turn), asked.count * sizeof *unused + 1);
    size_t count = 0;
    (void)call;
    for (size_t i = 0; i < asked.count; i++) {
        uint64_t uses;
        err_t err = row_get_number(turn, s_key(files[i].id), &uses);
        if (err != ERR_OK)
            return err;
        if (uses == 0)
            unused[count++] = files[i];
    }
    turn_answer(turn, &(unused_files_t){.files = {unused, count}});
    return ERR_OK;
}

static void s_count(turn_t *turn, list_t list, bool more)
{
    const photo_t *photos = list.items;
    for (size_t i = 0; i < list.count; i++) {
        uint64_t uses = 0;
        slice_t id = photo_id(photos[i].url);
        if (id.len == 0)
            continue;
        (void)row_found(row_get_number(turn, s_key(id), &uses));
        if (more || uses > 1)
            row_put_number(turn, s_key(id), more ? uses + 1 : uses - 1);
        else
            row_delete(turn, s_key(id));
    }
}

void album_apply(turn_t *turn, list_t before, list_t now)
{
    s_count(turn, before, false);
    s_count(turn, now, true);
}
