/* plant.h - faults that are put into a world on purpose, where the house meets it: they must be
 * noticed, or the world is blind. */
#ifndef TESTS_WORLD_PLANT_H
#define TESTS_WORLD_PLANT_H

#include <stdbool.h>

/* By its name; false: there is none. */
bool plant(const char *name);

/* Print all names, a line each; 0. */
int plant_list(void);

#endif
