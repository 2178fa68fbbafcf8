/* person.h - who people are, as an actor keeps it from the session actor's events: a row
 * 'P' account of shape person, for each that wants to know names and roles. */
#ifndef ACTORS_PERSON_H
#define ACTORS_PERSON_H

#include "actors/row.h"

MUST_CHECK err_t person_get(turn_t *turn, uint64_t account, const person_t **ret_person);

/* For apply: a copy of the person's row, to be changed and put back; false if there is none. */
bool person_copy(turn_t *turn, uint64_t account, person_t *ret_person);
void person_put(turn_t *turn, uint64_t account, const person_t *person);

/* Of account.registered, account.renamed, role.changed and account.deleted. */
apply_fn person_apply_registered, person_apply_renamed, person_apply_role, person_apply_gone;

#endif
