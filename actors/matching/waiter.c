#include "actors/matching/waiter.h"

#include "actors/matching/date.h"
#include "actors/matching/trait.h"
#include "schema/mem.h"

static const int64_t SECOND_US = 1000000;

enum { FAME_MOST = 1000 };

uint64_t waiter_word(slice_t text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ text.ptr[i]) * UINT64_C(1099511628211);
    return text.len == 0 ? 0 : hash != 0 ? hash : 1;
}

/* ---- from a ticket ---- */

static void s_take_assets(waiter_t *waiter, list_t properties)
{
    const ticket_property_t *items = properties.items;
    waiter->asset_count = (uint32_t)properties.count;
    waiter->assets = mem_zeroed(properties.count * sizeof *waiter->assets + 1);
    for (size_t i = 0; i < properties.count; i++)
        waiter->assets[i] = (asset_t){
            .name = waiter_word(items[i].name),
            .text = waiter_word(items[i].text),
            .number = items[i].number,
        };
}

static void s_take_demands(waiter_t *waiter, list_t conditions)
{
    const ticket_condition_t *items = conditions.items;
    waiter->demand_count = (uint32_t)conditions.count;
    waiter->demands = mem_zeroed(conditions.count * sizeof *waiter->demands + 1);
    for (size_t i = 0; i < conditions.count; i++)
        waiter->demands[i] = (demand_t){
            .name = waiter_word(items[i].name),
            .text = waiter_word(items[i].text),
            .min = items[i].min,
            .max = items[i].max,
            .widen = items[i].widen,
            .widest = items[i].widest,
            .drop_after = items[i].drop_after,
        };
}

/* The person as the ticket has them, whether or not they are recommended to anybody. */
static candidate_t s_person(const match_ticket_t *ticket)
{
    static const standing_row_t unknown;
    static const person_t somebody;
    standing_row_t standing = ticket->standing != NULL ? *ticket->standing : unknown;
    candidate_t person = {.account = ticket->account};
    standing.filled = true;
    standing.hidden = false;
    (void)candidate_make(ticket->account, &standing, &somebody, &person);
    return person;
}

static void s_take_ages(trial_t *trial, const ticket_people_t *people, int64_t opened)
{
    int64_t today = date_of_time(opened);
    if (people->age_min > 0)
        trial->born_last = date_born_by(today, people->age_min);
    if (people->age_max > 0)
        trial->born_first = date_born_by(today, people->age_max + 1) + 1;
}

static void s_take_tags(trial_t *trial, slice_t tags)
{
    ids_t traits = {0};
    arena_t *arena = arena_new();
    if (traits_read(tags, arena, &traits) == ERR_OK)
        for (size_t i = 0; i < traits.count; i++)
            trial->tags[trial->tag_count++] = (uint32_t)traits.items[i];
    arena_destroy(&arena);
}

static taste_t *s_taste(const waiter_t *waiter, const match_ticket_t *ticket)
{
    const ticket_people_t *people = ticket->people;
    const standing_row_t *standing = ticket->standing;
    taste_t *taste = mem_new(taste_t);
    *taste = (taste_t){
        .trial = {.account = waiter->account,
                  .gender = waiter->person.gender,
                  .preference = waiter->person.preference,
                  .spot = standing != NULL ? spot_of(standing->lat, standing->lon) : (spot_t){0},
                  .any = people->any,
                  .fame_min = (uint32_t)people->fame_min,
                  .fame_max = people->fame_max > 0 ? (uint32_t)people->fame_max : FAME_MOST},
        .km = (uint32_t)people->distance_max,
        .km_widen = (uint32_t)people->distance_widen,
        .km_widest = (uint32_t)people->distance_widest,
    };
    s_take_ages(&taste->trial, people, ticket->opened);
    s_take_tags(&taste->trial, people->tags);
    return taste;
}

waiter_t *waiter_new(const match_ticket_t *ticket)
{
    waiter_t *waiter = mem_new(waiter_t);
    *waiter = (waiter_t){
        .ticket = ticket->id,
        .account = ticket->account,
        .queue = waiter_word(ticket->queue),
        .min = (uint32_t)ticket->min,
        .max = (uint32_t)ticket->max,
        .patience = (uint32_t)ticket->patience,
        .stay = ticket->stay,
        .opened = ticket->opened,
        .expires = ticket->expires,
        .person = s_person(ticket),
    };
    s_take_assets(waiter, ticket->properties);
    s_take_demands(waiter, ticket->conditions);
    if (ticket->people != NULL)
        waiter->taste = s_taste(waiter, ticket);
    return waiter;
}

void waiter_destroy(waiter_t **waiter_p)
{
    waiter_t *waiter = *waiter_p;
    if (waiter == NULL)
        return;
    *waiter_p = NULL;
    mem_free(waiter->taste);
    mem_free(waiter->assets);
    mem_free(waiter->demands);
    mem_free(waiter);
}

/* ---- time ---- */

static uint64_t s_seconds(const waiter_t *waiter, int64_t now)
{
    return now > waiter->opened ? (uint64_t)((now - waiter->opened) / SECOND_US) : 0;
}

/* By how much bounds have moved after so many seconds. */
static uint64_t s_widened(uint64_t widen, uint64_t widest, uint64_t seconds)
{
    uint64_t by;
    return __builtin_mul_overflow(widen, seconds, &by) || by > widest ? widest : by;
}

static bool s_is_dropped(const demand_t *demand, uint64_t seconds)
{
    return demand->drop_after > 0 && seconds >= demand->drop_after;
}

/* ---- properties ---- */

/* In 65 bits, so that no bound runs over. */
static bool s_is_between(int64_t number, const demand_t *demand, uint64_t by)
{
    return (__int128)number >= (__int128)demand->min - by &&
           (__int128)number <= (__int128)demand->max + by;
}

static bool s_meets(const asset_t *asset, const demand_t *demand, uint64_t seconds)
{
    if (asset->text != demand->text)
        return false;
    return demand->text != 0 ||
           s_is_between(asset->number, demand, s_widened(demand->widen, demand->widest, seconds));
}

static const asset_t *s_asset(const waiter_t *waiter, uint64_t name)
{
    for (uint32_t i = 0; i < waiter->asset_count; i++)
        if (waiter->assets[i].name == name)
            return &waiter->assets[i];
    return NULL;
}

static bool s_has_all(const waiter_t *other, const waiter_t *waiter, uint64_t seconds)
{
    for (uint32_t i = 0; i < waiter->demand_count; i++) {
        const demand_t *demand = &waiter->demands[i];
        const asset_t *asset = s_asset(other, demand->name);
        if (!s_is_dropped(demand, seconds) && (asset == NULL || !s_meets(asset, demand, seconds)))
            return false;
    }
    return true;
}

/* ---- people ---- */

static bool s_likes(const taste_t *taste, const candidate_t *person, uint64_t seconds)
{
    if (trial_rules(&taste->trial, person) != 0)
        return false;
    uint64_t km = taste->km + s_widened(taste->km_widen, taste->km_widest, seconds);
    return taste->km == 0 || trial_km(&taste->trial, person->spot) <= km;
}

static bool s_accepts(const waiter_t *waiter, const waiter_t *other, int64_t now)
{
    uint64_t seconds = s_seconds(waiter, now);
    return s_has_all(other, waiter, seconds) &&
           (waiter->taste == NULL || s_likes(waiter->taste, &other->person, seconds));
}

bool waiters_accept(const waiter_t *one, const waiter_t *other, int64_t now)
{
    return s_accepts(one, other, now) && s_accepts(other, one, now);
}

/* ---- sizes ---- */

uint32_t waiter_least(const waiter_t *waiter, int64_t now)
{
    return s_seconds(waiter, now) < waiter->patience ? waiter->max : waiter->min;
}

bool waiter_takes_size(const waiter_t *waiter, uint32_t size, int64_t now)
{
    return size <= waiter->max && size >= waiter_least(waiter, now);
}

/* ---- what is next ---- */

static bool s_widens(uint64_t widen, uint64_t widest, uint64_t seconds)
{
    return s_widened(widen, widest, seconds) < widest && widen > 0;
}

/* The first second after `seconds` at which it accepts more; UINT64_MAX: never. */
static uint64_t s_next_second(const waiter_t *waiter, uint64_t seconds)
{
    const taste_t *taste = waiter->taste;
    uint64_t next = seconds < waiter->patience ? waiter->patience : UINT64_MAX;
    if (taste != NULL && s_widens(taste->km_widen, taste->km_widest, seconds))
        next = seconds + 1;
    for (uint32_t i = 0; i < waiter->demand_count; i++) {
        const demand_t *demand = &waiter->demands[i];
        if (s_is_dropped(demand, seconds))
            continue;
        if (s_widens(demand->widen, demand->widest, seconds))
            next = seconds + 1;
        else if (demand->drop_after > 0 && demand->drop_after < next)
            next = demand->drop_after;
    }
    return next;
}

int64_t waiter_next(const waiter_t *waiter, int64_t now)
{
    uint64_t second = s_next_second(waiter, s_seconds(waiter, now));
    uint64_t last = (uint64_t)(waiter->expires - waiter->opened) / (uint64_t)SECOND_US;
    return second < last ? waiter->opened + (int64_t)second * SECOND_US : waiter->expires;
}
