/* portrait.c - copies are made only where there is a photo that is stored here. */
#include "ws-edge/portrait.h"

#include "actors/crypto.h"
#include "actors/photo.h"
#include "schema/text.h"

enum { SIGNATURE_BYTES = 16, NUMBER_DIGITS = 19 };

/* ---- names ---- */

static slice_t s_name(const mint_t *mint, slice_t id, uint64_t account, uint64_t viewer,
                      arena_t *arena)
{
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    buf_t text = {0};
    buf_printf(&text, "%.*s-%llu-%llu", SLICE_ARG(id), (unsigned long long)account,
               (unsigned long long)viewer);
    mint_sign(mint, "photo", buf_slice(&text), hmac);
    buf_append_byte(&text, '-');
    crypto_base64url(&text, slice_new(hmac, SIGNATURE_BYTES));
    slice_t name = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return name;
}

/* Digits up to a '-', which is taken too. */
static bool s_number(slice_t *rest, uint64_t *ret_number)
{
    const uint8_t *end = memchr(rest->ptr, '-', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->ptr) : 0;
    if (!text_number(slice_new(rest->ptr, len), NUMBER_DIGITS, ret_number))
        return false;
    *rest = slice_from(*rest, len + 1);
    return true;
}

/* The whole name is made again: whoever knows another spelling of it has not signed it. */
void portrait_open(const mint_t *mint, photo_show_call_t *show, arena_t *arena)
{
    uint64_t account, viewer;
    show->account = show->viewer = 0;
    show->id = (slice_t){0};
    if (show->name.len <= LIMIT_FILE_ID + 1)
        return;
    slice_t id = slice_new(show->name.ptr, LIMIT_FILE_ID);
    slice_t rest = slice_from(show->name, LIMIT_FILE_ID + 1);
    if (!s_number(&rest, &account) || !s_number(&rest, &viewer) ||
        !crypto_equal(s_name(mint, id, account, viewer, arena), show->name))
        return;
    show->account = account;
    show->viewer = viewer;
    show->id = id;
}

/* ---- profiles ---- */

static bool s_has_stored(const profile_t *profile)
{
    const photo_t *photos = profile->photos.items;
    for (size_t i = 0; i < profile->photos.count; i++)
        if (photo_id(photos[i].url).len > 0)
            return true;
    return false;
}

static const profile_t *s_profile(const mint_t *mint, const profile_t *profile, uint64_t viewer,
                                  arena_t *arena)
{
    size_t count = profile->photos.count;
    if (!s_has_stored(profile))
        return profile;
    profile_t *copy = arena_new_of(arena, profile_t);
    photo_t *photos = arena_alloc(arena, count * sizeof *photos);
    memcpy(photos, profile->photos.items, count * sizeof *photos);
    for (size_t i = 0; i < count; i++) {
        photos[i].id = photo_id(photos[i].url);
        if (photos[i].id.len == 0)
            continue;
        slice_t name = s_name(mint, photos[i].id, profile->account, viewer, arena);
        photos[i].url = arena_printf(arena, PHOTO_FOLDER "%.*s", SLICE_ARG(name));
    }
    *copy = *profile;
    copy->photos = (list_t){photos, count};
    return copy;
}

static const void *s_profiles(const mint_t *mint, const profile_list_t *list, uint64_t viewer,
                              arena_t *arena)
{
    const profile_t *profiles = list->profiles.items;
    size_t count = list->profiles.count;
    profile_list_t *copy = arena_new_of(arena, profile_list_t);
    profile_t *copies = arena_alloc(arena, count * sizeof *copies + 1);
    for (size_t i = 0; i < count; i++)
        copies[i] = *s_profile(mint, &profiles[i], viewer, arena);
    *copy = *list;
    copy->profiles = (list_t){copies, count};
    return copy;
}

static const void *s_recommendations(const mint_t *mint, const recommendation_list_t *list,
                                     uint64_t viewer, arena_t *arena)
{
    const recommendation_t *people = list->people.items;
    size_t count = list->people.count;
    recommendation_list_t *copy = arena_new_of(arena, recommendation_list_t);
    recommendation_t *copies = arena_alloc(arena, count * sizeof *copies + 1);
    for (size_t i = 0; i < count; i++) {
        copies[i] = people[i];
        copies[i].profile = s_profile(mint, people[i].profile, viewer, arena);
    }
    *copy = *list;
    copy->people = (list_t){copies, count};
    return copy;
}

const void *portrait_answer(const mint_t *mint, const call_type_t *type, const void *answer,
                            uint64_t viewer, arena_t *arena)
{
    if (type->answer == shape_profile)
        return s_profile(mint, answer, viewer, arena);
    if (type->answer == shape_profile_list)
        return s_profiles(mint, answer, viewer, arena);
    if (type->answer == shape_recommendation_list)
        return s_recommendations(mint, answer, viewer, arena);
    return answer;
}

const void *portrait_event(const mint_t *mint, const event_type_t *type, const void *event,
                           arena_t *arena)
{
    if (type->number != EVENT_profile_updated)
        return event;
    const profile_t *profile = ((const profile_updated_event_t *)event)->profile;
    profile_updated_event_t *copy = arena_new_of(arena, profile_updated_event_t);
    copy->profile = s_profile(mint, profile, profile->account, arena); /* told to themselves */
    return copy;
}
