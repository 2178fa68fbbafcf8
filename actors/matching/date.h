/* date.h - days of birth and ages, by the Gregorian calendar and in UTC.
 *
 * A day is a number: 1900-01-01 is 1, and 0 is no day.  Who was born on a 29th of February
 * is a year older on the 1st of March of a common year. */
#ifndef ACTORS_MATCHING_DATE_H
#define ACTORS_MATCHING_DATE_H

#include "schema/arena.h"

/* The day of a time in µs since 1970. */
int64_t date_of_time(int64_t time);

/* The day of "YYYY-MM-DD"; 0 if it is none, or none since 1900. */
int64_t date_read(slice_t text);

/* The same text of a day, in the arena. */
slice_t date_text(int64_t day, arena_t *arena);

/* Whole years from one day to another, 0 if that comes first. */
uint64_t date_age(int64_t born, int64_t today);

/* The last day of birth of those who are at least so old today. */
int64_t date_born_by(int64_t today, uint64_t age);

#endif
