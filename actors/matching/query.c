/* query.c - profiles, and lists of whom one has met; committed rows only. */
#include <stdlib.h>

#include "actors/matching/matching.h"
#include "actors/matching/trait.h"
#include "actors/matching/sight.h"

enum { LIST_DEFAULT = 50, NUMBER_AT = 1 + 8, TAGS_LOOKED_AT = 20 * 1000 };

/* ---- profiles ---- */

err_t matching_query_profile(turn_t *turn, const call_t *call, const void *body)
{
    uint64_t account = ((const profile_get_call_t *)body)->account;
    profile_t profile;
    sight_t sight;
    if (account == 0 || account == call->principal)
        return sight_answer_own(turn, call->principal);
    err_t err = sight_open(turn, call, &sight);
    if (err == ERR_OK)
        err = sight_profile(&sight, account, &profile);
    if (err == ERR_OK)
        turn_answer(turn, &profile);
    return err;
}

static int s_by_number(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

/* Ascending, each once. */
static ids_t s_sorted(ids_t ids, arena_t *arena)
{
    uint64_t *items = arena_alloc(arena, ids.count * sizeof *items + 1);
    size_t count = 0;
    for (size_t i = 0; i < ids.count; i++)
        items[i] = ids.items[i];
    qsort(items, ids.count, sizeof *items, s_by_number);
    for (size_t i = 0; i < ids.count; i++)
        if (count == 0 || items[count - 1] != items[i])
            items[count++] = items[i];
    return (ids_t){items, count};
}

static bool s_is_unseen(err_t err)
{
    return err == ERR_NOT_FOUND || err == ERR_BLOCKED || err == ERR_INVALID;
}

static err_t s_see(const sight_t *sight, uint64_t account, profile_t *ret_profile)
{
    return account == sight->call->principal ? sight_own(sight->turn, account, ret_profile)
                                             : sight_profile(sight, account, ret_profile);
}

err_t matching_query_profiles(turn_t *turn, const call_t *call, const void *body)
{
    ids_t asked = s_sorted(((const profile_list_call_t *)body)->accounts, turn_arena(turn));
    profile_t *profiles = arena_alloc(turn_arena(turn), asked.count * sizeof *profiles + 1);
    size_t count = 0;
    sight_t sight;
    err_t err = sight_open(turn, call, &sight);
    for (size_t i = 0; i < asked.count && err == ERR_OK; i++) {
        err = s_see(&sight, asked.items[i], &profiles[count]);
        count += err == ERR_OK;
        err = s_is_unseen(err) ? ERR_OK : err;
    }
    if (err == ERR_OK)
        turn_answer(turn, &(profile_list_t){.profiles = {profiles, count}});
    return err;
}

/* ---- encounters ---- */

/* Somebody in a list, by their row. */
static err_t s_make(turn_t *turn, slice_t key, slice_t value, encounter_t *ret_encounter)
{
    const person_t *person;
    uint64_t account = row_number(value, 0);
    err_t err = person_get(turn, account, &person);
    if (err != ERR_OK)
        return err;
    if (person->gone)
        return ERR_NOT_FOUND;
    *ret_encounter = (encounter_t){
        .number = row_number(key, NUMBER_AT),
        .account = account,
        .login = person->login,
        .username = person->username,
        .time = (int64_t)row_number(value, 8),
    };
    return ERR_OK;
}

/* The same, unless either blocks the other or they are banned. */
static err_t s_make_seen(turn_t *turn, slice_t key, slice_t value, void *item)
{
    const person_t *person;
    uint64_t apart;
    uint64_t owner = row_number(key, 1), account = row_number(value, 0);
    err_t err = row_get_number(turn, row_key2('n', owner, account), &apart);
    if (err == ERR_OK)
        err = person_get(turn, account, &person);
    if (err != ERR_OK)
        return err;
    if (apart & APART_BLOCKED || person->banned_until > turn_now(turn))
        return ERR_NOT_FOUND;
    return s_make(turn, key, value, item);
}

static err_t s_make_any(turn_t *turn, slice_t key, slice_t value, void *item)
{
    return s_make(turn, key, value, item);
}

/* Rows come ascending; a list is read from its end. */
static void s_turn_round(encounter_t *people, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        encounter_t first = people[i];
        people[i] = people[count - 1 - i];
        people[count - 1 - i] = first;
    }
}

static err_t s_list(turn_t *turn, const call_t *call, encounters_t list, uint64_t before,
                    uint64_t asked)
{
    size_t limit = asked > 0 ? asked : LIST_DEFAULT;
    row_range_t range = row_range2((char)list, call->principal, 0);
    encounter_list_t answer = {0};
    range.last = true;
    if (before > 0)
        range.to = row_key2((char)list, call->principal, before);
    err_t err = row_make_list(turn, &range, list == ENCOUNTERS_BLOCKS ? s_make_any : s_make_seen,
                              sizeof(encounter_t), limit, &answer.people);
    if (err != ERR_OK)
        return err;
    encounter_t *people = (encounter_t *)(uintptr_t)answer.people.items;
    s_turn_round(people, answer.people.count);
    if (answer.people.count == limit)
        answer.next = people[limit - 1].number;
    turn_answer(turn, &answer);
    return ERR_OK;
}

err_t matching_query_visits(turn_t *turn, const call_t *call, const void *body)
{
    const people_visits_call_t *ask = body;
    return s_list(turn, call, ENCOUNTERS_VISITS, ask->before, ask->limit);
}

err_t matching_query_likes(turn_t *turn, const call_t *call, const void *body)
{
    const people_likes_call_t *ask = body;
    return s_list(turn, call, ask->given ? ENCOUNTERS_GIVEN : ENCOUNTERS_LIKES, ask->before,
                  ask->limit);
}

err_t matching_query_matches(turn_t *turn, const call_t *call, const void *body)
{
    const people_matches_call_t *ask = body;
    return s_list(turn, call, ENCOUNTERS_MATCHES, ask->before, ask->limit);
}

err_t matching_query_blocks(turn_t *turn, const call_t *call, const void *body)
{
    const people_blocks_call_t *ask = body;
    return s_list(turn, call, ENCOUNTERS_BLOCKS, ask->before, ask->limit);
}

/* ---- tags ---- */

static err_t s_make_tag(turn_t *turn, slice_t key, slice_t value, void *item)
{
    slice_t name = arena_copy(turn_arena(turn), slice_from(key, 1));
    *(tag_t *)item = (tag_t){.name = name, .count = row_number(value, 0)};
    return ERR_OK;
}

static int s_by_use(const void *a, const void *b)
{
    const tag_t *one = a, *other = b;
    return (one->count < other->count) - (one->count > other->count);
}

/* One past the last key that begins so. */
static row_key_t s_end_of(row_key_t key)
{
    key.bytes[key.len - 1]++; /* a letter, or a byte of UTF-8, which is never 0xff */
    return key;
}

static int s_by_name(const void *a, const void *b)
{
    slice_t one = ((const tag_t *)a)->name, other = ((const tag_t *)b)->name;
    return slice_compare(one, other);
}

/* One fewer of each tag of a profile. */
static void s_uncount(list_t tags, const profile_t *profile)
{
    const tag_t *own = profile->tags.items;
    for (size_t i = 0; i < profile->tags.count; i++) {
        tag_t *tag = bsearch(&own[i], tags.items, tags.count, sizeof *tag, s_by_name);
        if (tag != NULL && tag->count > 0)
            tag->count--;
    }
}

/* What those from whom the asker is kept apart have is not counted: a tag may be theirs alone. */
static err_t s_uncount_apart(turn_t *turn, uint64_t account, list_t tags)
{
    const profile_t *profile;
    ids_t apart;
    err_t err = rows_apart(turn, account, APART_BLOCKED, &apart);
    for (size_t i = 0; i < apart.count && i < LIMIT_APART && err == ERR_OK; i++) {
        err = rows_profile(turn, apart.items[i], &profile);
        if (err == ERR_OK)
            s_uncount(tags, profile);
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    return err;
}

/* Of tags by use. */
static size_t s_used(list_t tags, size_t limit)
{
    size_t count = 0;
    while (count < limit && count < tags.count && ((const tag_t *)tags.items)[count].count > 0)
        count++;
    return count;
}

/* Rows come by name, so of tags that are used as much the first by name stays first. */
err_t matching_query_tags(turn_t *turn, const call_t *call, const void *body)
{
    const people_tags_call_t *ask = body;
    size_t limit = ask->limit > 0 ? ask->limit : LIST_DEFAULT;
    row_key_t from = rows_tag_key(trait_word(ask->prefix, turn_arena(turn)));
    row_range_t range = {.from = from, .to = s_end_of(from)};
    list_t tags;
    err_t err = row_make_list(turn, &range, s_make_tag, sizeof(tag_t), TAGS_LOOKED_AT, &tags);
    if (err == ERR_OK)
        err = s_uncount_apart(turn, call->principal, tags);
    if (err != ERR_OK)
        return err;
    qsort((tag_t *)(uintptr_t)tags.items, tags.count, sizeof(tag_t), s_by_use);
    turn_answer(turn, &(tag_list_t){.tags = {tags.items, s_used(tags, limit)}});
    return ERR_OK;
}
