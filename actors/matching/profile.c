/* profile.c - people say who they are: only what is sent changes.
 *
 * The codec cannot tell an empty value from a missing one, so `clear` names what is to be
 * emptied.  What may be said in words is claim.c's affair. */
#include <stdlib.h>

#include "actors/matching/album.h"
#include "actors/matching/claim.h"
#include "actors/matching/date.h"
#include "actors/matching/match.h"
#include "actors/matching/matching.h"
#include "actors/matching/trait.h"
#include "actors/matching/sight.h"

enum { MICRO = 1000 * 1000 };

static err_t s_wrong(turn_t *turn, const char *field, const char *problem)
{
    fault_t fault = {field, problem};
    return turn_refuse(turn, ERR_INVALID, (const char *)fault_text(&fault, turn_arena(turn)).ptr);
}

/* ---- birth ---- */

static err_t s_take_birth(turn_t *turn, const profile_update_call_t *ask, profile_t *profile)
{
    int64_t today = date_of_time(turn_now(turn));
    int64_t born = ask->birth.len > 0 ? date_read(ask->birth) : date_born_by(today, ask->age);
    if (ask->birth.len == 0 && ask->age == 0)
        return ERR_OK;
    if (ask->birth.len > 0 && ask->age > 0)
        return s_wrong(turn, "age", "comes instead of `birth`");
    if (born <= 0)
        return s_wrong(turn, "birth", "is no date YYYY-MM-DD since 1900");
    uint64_t age = date_age(born, today);
    if (age < LIMIT_AGE_MIN || age > LIMIT_AGE)
        return s_wrong(turn, "birth", "is of somebody too young or too old");
    profile->birth = date_text(born, turn_arena(turn));
    return ERR_OK;
}

/* ---- place ---- */

static err_t s_take_position(turn_t *turn, const profile_update_call_t *ask, profile_t *profile)
{
    if (ask->lat == 0 && ask->lon == 0)
        return ERR_OK;
    if (llabs(ask->lat) > 90 * MICRO || llabs(ask->lon) > 180 * MICRO)
        return s_wrong(turn, "lat", "and `lon` are no place on earth, in millionths of a degree");
    profile->lat = ask->lat;
    profile->lon = ask->lon;
    return ERR_OK;
}

/* ---- what is to be emptied ---- */

static bool s_clear(profile_t *profile, slice_t name)
{
    static const profile_t none;
#define TEXT(field)                        \
    {                                      \
#field, offsetof(profile_t, field) \
    }
    static const struct {
        const char *name;
        size_t offset;
    } texts[] = {
        TEXT(first_name), TEXT(last_name), TEXT(gender),      TEXT(preference),
        TEXT(city),       TEXT(birth),     TEXT(description), {"age", offsetof(profile_t, birth)}};
#undef TEXT
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (slice_is(name, texts[i].name)) {
            *(slice_t *)(void *)((uint8_t *)profile + texts[i].offset) = (slice_t){0};
            return true;
        }
    if (slice_is(name, "tags"))
        profile->tags = none.tags;
    else if (slice_is(name, "photos"))
        profile->photos = none.photos;
    else if (slice_is(name, "hidden"))
        profile->hidden = false;
    else if (slice_is(name, "position"))
        profile->lat = profile->lon = 0;
    else
        return false;
    return true;
}

static err_t s_clear_all(turn_t *turn, slice_t names, profile_t *profile)
{
    while (names.len > 0) {
        const uint8_t *space = memchr(names.ptr, ' ', names.len);
        size_t len = space != NULL ? (size_t)(space - names.ptr) : names.len;
        if (len > 0 && !s_clear(profile, slice_new(names.ptr, len)))
            return s_wrong(turn, "clear", "names something that cannot be emptied");
        names = slice_from(names, space != NULL ? len + 1 : len);
    }
    return ERR_OK;
}

/* ---- the update ---- */

static err_t s_change(turn_t *turn, const profile_update_call_t *ask, profile_t *profile)
{
    fault_t fault = {0};
    list_t photos = profile->photos;
    err_t err = s_clear_all(turn, ask->clear, profile);
    if (err == ERR_OK && claim_take(ask, turn_arena(turn), profile, &fault) != ERR_OK)
        err = s_wrong(turn, fault.field, fault.problem);
    if (err == ERR_OK)
        err = album_settle(turn, photos, ask->stored, profile);
    if (err == ERR_OK)
        err = s_take_birth(turn, ask, profile);
    if (err == ERR_OK)
        err = s_take_position(turn, ask, profile);
    profile->hidden = profile->hidden || ask->hidden;
    profile->updated = turn_now(turn);
    return err;
}

err_t matching_decide_update(turn_t *turn, const call_t *call, const void *body)
{
    profile_t profile = {.account = call->principal};
    const profile_t *kept;
    const person_t *person;
    err_t err = person_get(turn, call->principal, &person);
    if (err != ERR_OK)
        return err;
    err = rows_profile(turn, call->principal, &kept);
    if (err == ERR_OK)
        profile = *kept;
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        err = s_change(turn, body, &profile);
    if (err != ERR_OK)
        return err;
    turn_emit(turn, EVENT_profile_updated, 0, call->principal,
              &(profile_updated_event_t){.profile = &profile});
    return sight_answer_own(turn, call->principal);
}

/* Nothing is left of what they have said. */
void matching_react_gone(turn_t *turn, const record_t *record, const void *body)
{
    const account_deleted_event_t *event = body;
    const profile_t *kept;
    match_remove(turn, event->account);
    if (!row_found(rows_profile(turn, event->account, &kept)))
        return;
    turn_emit(turn, EVENT_profile_updated, 0, event->account,
              &(profile_updated_event_t){.profile = &(profile_t){
                                             .account = event->account,
                                             .hidden = true,
                                             .updated = record->time,
                                         }});
}

/* ---- what it changes ---- */

static void s_count_tags(turn_t *turn, list_t tags, bool more)
{
    const tag_t *items = tags.items;
    for (size_t i = 0; i < tags.count; i++) {
        uint64_t count = 0;
        row_key_t key = rows_tag_key(items[i].name);
        (void)row_found(row_get_number(turn, key, &count));
        if (more || count > 1)
            row_put_number(turn, key, more ? count + 1 : count - 1);
        else
            row_delete(turn, key);
    }
}

/* By what the person is held against others from now on; what others made of it stays. */
static void s_put_standing(turn_t *turn, const profile_t *profile)
{
    standing_row_t standing = rows_own_standing(turn, profile->account);
    standing.filled = true;
    standing.hidden = profile->hidden;
    standing.born = date_read(profile->birth);
    standing.gender = trait_of(profile->gender);
    standing.preference = trait_of(profile->preference);
    standing.lat = profile->lat;
    standing.lon = profile->lon;
    standing.tags = traits_of(profile->tags, turn_arena(turn));
    rows_put_standing(turn, profile->account, &standing);
}

void matching_apply_updated(turn_t *turn, const record_t *record, const void *body)
{
    const profile_t *profile = ((const profile_updated_event_t *)body)->profile;
    const profile_t *before;
    static const profile_t none;
    if (!row_found(rows_profile(turn, profile->account, &before)))
        before = &none;
    s_count_tags(turn, before->tags, false);
    s_count_tags(turn, profile->tags, true);
    album_apply(turn, before->photos, profile->photos);
    row_put_member(turn, row_key1('p', profile->account), record, "profile");
    s_put_standing(turn, profile);
}
