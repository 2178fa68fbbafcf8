/* asking.h - tickets by chance, and which of them fit together, reckoned again in the plainest
 * way: from what was asked, with all subsets tried. */
#ifndef TESTS_UNIT_ACTORS_MATCHING_ASKING_H
#define TESTS_UNIT_ACTORS_MATCHING_ASKING_H

#include "schema/type.h"

enum { ASKING_TRAITS = 3 };

/* What somebody asks for, with room for all of it. */
typedef struct asking {
    ticket_open_call_t call;
    ticket_property_t properties[ASKING_TRAITS];
    ticket_condition_t conditions[ASKING_TRAITS];
    ticket_people_t people;
} asking_t;

/* Numbers from a seed, the same everywhere. */
typedef struct chance {
    uint64_t state;
} chance_t;
uint64_t chance_below(chance_t *chance, uint64_t bound);

/* A ticket for up to `size_max` people in one of `queues` queues; `call` points into it. */
void asking_make(asking_t *asking, chance_t *chance, uint64_t size_max, uint64_t queues);

/* The ticket that it comes to, and somebody's standing by chance. */
match_ticket_t asking_ticket(const asking_t *asking, uint64_t account, int64_t now,
                             const standing_row_t *standing);
void asking_standing(standing_row_t *standing, chance_t *chance, int64_t now);

/* Whether one ticket accepts another, seconds being whole since it was opened. */
bool asking_accepts(const match_ticket_t *ticket, const match_ticket_t *other, int64_t now);

/* Whether these are a match. */
bool asking_match(const match_ticket_t *const *tickets, size_t count, int64_t now);

/* Whether there is a match among them, in which the first one is. */
bool asking_any(const match_ticket_t *const *tickets, size_t count, int64_t now);

#endif
