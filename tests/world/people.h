/* people.h - who lives in the world, and what they do all day. */
#ifndef TESTS_WORLD_PEOPLE_H
#define TESTS_WORLD_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/world/edge.h"

/* So many people, at these edges; `matching`: they like and wait, too. */
typedef struct people_options {
    size_t count;
    size_t edges;
    int64_t pause_us; /* between two deeds of one person, at most */
} people_options_t;

void people_begin(const people_options_t *options);

/* Whoever is due does something; and when that will be next. */
void people_step(void);
int64_t people_next(void);

/* Do nothing new from here on, but send again what has no certain answer.  True: all have. */
void people_rest(void);
bool people_are_settled(void);

/* Somebody asks who is here: what they are told must be so, once all is quiet. */
void people_look_around(void);
bool people_have_looked(void);

edge_t *people_edge(size_t number);
size_t people_edges(void);

#endif
