/* story.h - what happens in a world, as lines to read and as one number to compare.
 *
 * The number is over all bytes that are moved, not over the lines alone: two runs of a seed that
 * have the same number were the same. */
#ifndef TESTS_WORLD_STORY_H
#define TESTS_WORLD_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/slice.h"

/* Print the lines, and not only those of a violation. */
void story_aloud(bool aloud);

/* A line; it counts. */
void story(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line that counts for nothing, and whether it would be shown. */
void story_aside(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool story_is_aloud(void);

/* Bytes that moved: they count, and are not shown. */
void story_bytes(slice_t bytes);
uint64_t story_number(void);

/* Something is not as it was promised: told, and counted. */
void story_violation(const char *format, ...) __attribute__((format(printf, 1, 2)));
unsigned story_violations(void);

#endif
