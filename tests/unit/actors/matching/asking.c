#include "tests/unit/actors/matching/asking.h"

#include <string.h>

#include "actors/matching/date.h"

static const int64_t SECOND_US = 1000000;

/* ---- chance: xorshift64* ---- */

uint64_t chance_below(chance_t *chance, uint64_t bound)
{
    uint64_t state = chance->state;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    chance->state = state;
    return (state * UINT64_C(2685821657736338717) >> 16) % bound;
}

/* ---- tickets ---- */

static slice_t s_name(uint64_t number)
{
    static const char *const names[] = {"rank", "mode", "place"};
    return slice_of(names[number % ASKING_TRAITS]);
}

static slice_t s_text(uint64_t number)
{
    static const char *const texts[] = {"north", "south"};
    return slice_of(texts[number % 2]);
}

static void s_make_properties(asking_t *asking, chance_t *chance)
{
    size_t count = 1 + chance_below(chance, ASKING_TRAITS);
    for (size_t i = 0; i < count; i++) {
        asking->properties[i] = (ticket_property_t){.name = s_name(i)};
        if (i == 1)
            asking->properties[i].text = s_text(chance_below(chance, 2));
        else
            asking->properties[i].number = (int64_t)chance_below(chance, 20);
    }
    asking->call.properties = (list_t){asking->properties, count};
}

static ticket_condition_t s_condition(chance_t *chance)
{
    uint64_t trait = chance_below(chance, ASKING_TRAITS);
    ticket_condition_t condition = {.name = s_name(trait)};
    if (chance_below(chance, 3) == 0)
        condition.drop_after = 1 + chance_below(chance, 5);
    if (trait == 1) {
        condition.text = s_text(chance_below(chance, 2));
        return condition;
    }
    condition.min = (int64_t)chance_below(chance, 20);
    condition.max = condition.min + (int64_t)chance_below(chance, 8);
    if (chance_below(chance, 2) == 0) {
        condition.widen = 1 + chance_below(chance, 3);
        condition.widest = 1 + chance_below(chance, 10);
    }
    return condition;
}

static void s_make_people(asking_t *asking, chance_t *chance)
{
    asking->people = (ticket_people_t){.any = chance_below(chance, 2) == 0};
    if (chance_below(chance, 2) == 0)
        asking->people.age_min = 20 + 10 * chance_below(chance, 3);
    if (chance_below(chance, 2) == 0)
        asking->people.age_max = 40 + 10 * chance_below(chance, 3);
    asking->call.people = &asking->people;
}

void asking_make(asking_t *asking, chance_t *chance, uint64_t size_max, uint64_t queues)
{
    static const char *const names[] = {"duel", "quest", "raid", "talk"};
    uint64_t one = 2 + chance_below(chance, size_max - 1);
    uint64_t other = 2 + chance_below(chance, size_max - 1);
    *asking = (asking_t){0};
    asking->call.queue = slice_of(names[chance_below(chance, queues) % 4]);
    asking->call.min = one < other ? one : other;
    asking->call.max = one < other ? other : one;
    asking->call.patience = chance_below(chance, 4);
    asking->call.seconds = 1 + chance_below(chance, 30);
    s_make_properties(asking, chance);
    size_t conditions = chance_below(chance, ASKING_TRAITS);
    for (size_t i = 0; i < conditions; i++)
        asking->conditions[i] = s_condition(chance);
    asking->call.conditions = (list_t){asking->conditions, conditions};
    if (chance_below(chance, 4) == 0)
        s_make_people(asking, chance);
}

match_ticket_t asking_ticket(const asking_t *asking, uint64_t account, int64_t now,
                             const standing_row_t *standing)
{
    return (match_ticket_t){
        .id = account,
        .account = account,
        .queue = asking->call.queue,
        .min = asking->call.min,
        .max = asking->call.max,
        .patience = asking->call.patience,
        .properties = asking->call.properties,
        .conditions = asking->call.conditions,
        .people = asking->call.people,
        .opened = now,
        .expires = now + (int64_t)asking->call.seconds * SECOND_US,
        .standing = standing,
    };
}

void asking_standing(standing_row_t *standing, chance_t *chance, int64_t now)
{
    int64_t today = date_of_time(now);
    *standing = (standing_row_t){
        .filled = true,
        .gender = 1 + chance_below(chance, 2),
        .preference = chance_below(chance, 3),
        .born = date_born_by(today, 18 + chance_below(chance, 60)) - 10,
    };
}

/* ---- what fits ---- */

static bool s_property_fits(const ticket_property_t *property, const ticket_condition_t *condition,
                            int64_t seconds)
{
    int64_t by = (int64_t)condition->widen * seconds;
    if (by > (int64_t)condition->widest)
        by = (int64_t)condition->widest;
    if (condition->text.len > 0 || property->text.len > 0)
        return slice_eq(property->text, condition->text);
    return property->number >= condition->min - by && property->number <= condition->max + by;
}

static bool s_condition_holds(const match_ticket_t *other, const ticket_condition_t *condition,
                              int64_t seconds)
{
    const ticket_property_t *properties = other->properties.items;
    if (condition->drop_after > 0 && seconds >= (int64_t)condition->drop_after)
        return true;
    for (size_t i = 0; i < other->properties.count; i++)
        if (slice_eq(properties[i].name, condition->name))
            return s_property_fits(&properties[i], condition, seconds);
    return false;
}

static bool s_prefers(const standing_row_t *one, const standing_row_t *other)
{
    return one->preference == 0 || one->preference == other->gender;
}

static bool s_people_fit(const match_ticket_t *ticket, const match_ticket_t *other)
{
    static const standing_row_t nobody;
    const ticket_people_t *people = ticket->people;
    const standing_row_t *own = ticket->standing != NULL ? ticket->standing : &nobody;
    const standing_row_t *their = other->standing != NULL ? other->standing : &nobody;
    if (!people->any && !(s_prefers(own, their) && s_prefers(their, own)))
        return false;
    if (people->age_min == 0 && people->age_max == 0)
        return true;
    uint64_t age = date_age(their->born, date_of_time(ticket->opened));
    return their->born != 0 && age >= people->age_min &&
           (people->age_max == 0 || age <= people->age_max);
}

bool asking_accepts(const match_ticket_t *ticket, const match_ticket_t *other, int64_t now)
{
    const ticket_condition_t *conditions = ticket->conditions.items;
    int64_t seconds = (now - ticket->opened) / SECOND_US;
    for (size_t i = 0; i < ticket->conditions.count; i++)
        if (!s_condition_holds(other, &conditions[i], seconds))
            return false;
    return ticket->people == NULL || s_people_fit(ticket, other);
}

static bool s_size_fits(const match_ticket_t *ticket, size_t size, int64_t now)
{
    bool patient = (now - ticket->opened) / SECOND_US < (int64_t)ticket->patience;
    return patient ? size == ticket->max : size >= ticket->min && size <= ticket->max;
}

bool asking_match(const match_ticket_t *const *tickets, size_t count, int64_t now)
{
    for (size_t i = 0; i < count; i++) {
        if (!s_size_fits(tickets[i], count, now) || tickets[i]->expires <= now ||
            !slice_eq(tickets[i]->queue, tickets[0]->queue))
            return false;
        for (size_t j = 0; j < count; j++)
            if (i != j && !asking_accepts(tickets[i], tickets[j], now))
                return false;
    }
    return count >= 2;
}

bool asking_any(const match_ticket_t *const *tickets, size_t count, int64_t now)
{
    const match_ticket_t *chosen[LIMIT_TICKET_SIZE];
    for (uint64_t set = 0; set < UINT64_C(1) << (count - 1); set++) {
        size_t size = 0;
        chosen[size++] = tickets[0];
        for (size_t i = 1; i < count && size < LIMIT_TICKET_SIZE; i++)
            if (set >> (i - 1) & 1)
                chosen[size++] = tickets[i];
        if (asking_match(chosen, size, now))
            return true;
    }
    return false;
}
