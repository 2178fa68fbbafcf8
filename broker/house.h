/* house.h - what runs in this process: the broker, actors and an edge, or some of them. */
#ifndef BROKER_HOUSE_H
#define BROKER_HOUSE_H

#include "actors/config.h"

typedef struct house house_t;

/* NULL if the settings go together; otherwise a sentence that says which do not. */
const char *house_fault(const config_t *config);

/* Would it start?  Everything that can be looked at without starting is, and what is wrong
 * has been logged. */
MUST_CHECK err_t house_check(const config_t *config);

/* Start what the setting `role` names.  What is wrong has been logged. */
MUST_CHECK err_t house_start(const config_t *config, house_t **ret_house);

/* Take over the settings that can change while it runs. */
MUST_CHECK err_t house_reload(house_t *house, const config_t *config);

/* What each front door takes, on stdout (ws-edge/signpost.h). */
void house_print_routes(void);

/* What is on its way reaches the disk; nulls *house_p. */
void house_stop(house_t **house_p);

#endif
