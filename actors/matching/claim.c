/* claim.c - words that are shown as names are held to a name's rules, but for the apostrophe
 * of some people's; genders and tags are compared with others', so they are kept as words. */
#include "actors/matching/claim.h"

#include "actors/matching/rows.h"
#include "actors/matching/trait.h"
#include "actors/photo.h"
#include "schema/text.h"

enum { TAG_BYTES_MAX = ROW_TEXT_MAX };

static err_t s_wrong(fault_t *ret_fault, const char *field, const char *problem)
{
    *ret_fault = (fault_t){field, problem};
    return ERR_INVALID;
}

/* ---- words ---- */

/* Whether a text may be shown where names are. */
static bool s_nameable(slice_t text, arena_t *arena)
{
    uint8_t *plain = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        plain[i] = text.ptr[i] == '\'' ? '-' : text.ptr[i];
    return text_nameable(slice_new(plain, text.len));
}

static err_t s_take_name(const char *field, slice_t asked, arena_t *arena, slice_t *kept,
                         fault_t *ret_fault)
{
    if (asked.len == 0)
        return ERR_OK;
    if (!s_nameable(asked, arena))
        return s_wrong(ret_fault, field, "has characters that names may not have");
    *kept = asked;
    return ERR_OK;
}

static err_t s_take_gender(const char *field, slice_t asked, arena_t *arena, slice_t *kept,
                           fault_t *ret_fault)
{
    return s_take_name(field, trait_word(asked, arena), arena, kept, ret_fault);
}

static err_t s_take_words(const profile_update_call_t *ask, arena_t *arena, profile_t *profile,
                          fault_t *ret_fault)
{
    err_t err = s_take_name("first_name", ask->first_name, arena, &profile->first_name, ret_fault);
    if (err == ERR_OK)
        err = s_take_name("last_name", ask->last_name, arena, &profile->last_name, ret_fault);
    if (err == ERR_OK)
        err = s_take_gender("gender", ask->gender, arena, &profile->gender, ret_fault);
    if (err == ERR_OK)
        err = s_take_gender("preference", ask->preference, arena, &profile->preference, ret_fault);
    if (err == ERR_OK)
        err = s_take_name("city", ask->city, arena, &profile->city, ret_fault);
    if (slice_is(profile->preference, "any"))
        profile->preference = (slice_t){0};
    if (ask->description.len > 0)
        profile->description = ask->description;
    return err;
}

/* ---- tags ---- */

static bool s_has(const tag_t *tags, size_t count, slice_t word)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(tags[i].name, word))
            return true;
    return false;
}

static err_t s_take_tags(list_t asked, arena_t *arena, profile_t *profile, fault_t *ret_fault)
{
    const tag_t *items = asked.items;
    tag_t *tags = arena_alloc(arena, asked.count * sizeof *tags + 1);
    size_t count = 0;
    for (size_t i = 0; i < asked.count; i++) {
        slice_t word = trait_word(items[i].name, arena);
        if (!text_nameable(word) || memchr(word.ptr, ',', word.len) != NULL)
            return s_wrong(ret_fault, "tags", "has characters that tags may not have");
        if (word.len > TAG_BYTES_MAX)
            return s_wrong(ret_fault, "tags", "has one that is too long");
        if (!s_has(tags, count, word))
            tags[count++] = (tag_t){.name = word};
    }
    if (count > 0)
        profile->tags = (list_t){tags, count};
    return ERR_OK;
}

/* ---- photos ---- */

/* An https address of plain characters: it is shown to others, and never fetched. */
static bool s_is_address(slice_t url)
{
    const slice_t https = SLICE_LIT("https://");
    if (!slice_starts(url, https) || url.len == https.len)
        return false;
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || strchr("\"'<>\\^`{|}", url.ptr[i]) != NULL)
            return false;
    return true;
}

static err_t s_take_photos(list_t asked, arena_t *arena, profile_t *profile, fault_t *ret_fault)
{
    const photo_t *items = asked.items;
    photo_t *photos = arena_alloc(arena, asked.count * sizeof *photos + 1);
    size_t main = 0, mains = 0;
    for (size_t i = 0; i < asked.count; i++) {
        if (!s_is_address(items[i].url) && photo_id(items[i].url).len == 0)
            return s_wrong(ret_fault, "photos", "has one that is no https address");
        mains += items[i].main;
        main = items[i].main ? i : main;
        photos[i] = (photo_t){.url = items[i].url};
    }
    if (mains > 1)
        return s_wrong(ret_fault, "photos", "has more than one main photo");
    if (asked.count == 0)
        return ERR_OK;
    photos[main].main = true;
    profile->photos = (list_t){photos, asked.count};
    return ERR_OK;
}

err_t claim_take(const profile_update_call_t *ask, arena_t *arena, profile_t *profile,
                 fault_t *ret_fault)
{
    err_t err = s_take_words(ask, arena, profile, ret_fault);
    if (err == ERR_OK)
        err = s_take_tags(ask->tags, arena, profile, ret_fault);
    return err == ERR_OK ? s_take_photos(ask->photos, arena, profile, ret_fault) : err;
}
