/* date.c - days to dates and back, reckoned in years that begin in March, so that the
 * leap day is the last of its year. */
#include "actors/matching/date.h"

enum {
    DAYS_OF_ERA = 146097,   /* 400 years */
    EPOCH_1900 = 693901 - 1 /* days from 0000-03-01 to the day before 1900-01-01 */
};

static const int64_t DAY_US = INT64_C(24) * 3600 * 1000 * 1000;
static const int64_t DAY_OF_1970 = 25567 + 1; /* its number, 1970-01-01 */

typedef struct date {
    int64_t year;
    int64_t month; /* 1 to 12 */
    int64_t day;   /* 1 to 31 */
} date_t;

static int64_t s_day(date_t date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = year / 400, of_era = year % 400;
    int64_t month = (date.month + 9) % 12; /* March is 0 */
    int64_t of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t days = era * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return days - EPOCH_1900;
}

static date_t s_date(int64_t number)
{
    int64_t days = number + EPOCH_1900;
    int64_t era = days / DAYS_OF_ERA, of_era = days % DAYS_OF_ERA;
    int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
    int64_t month = (5 * of_year + 2) / 153;
    date_t date = {
        .year = era * 400 + years,
        .month = month < 10 ? month + 3 : month - 9,
        .day = of_year - (153 * month + 2) / 5 + 1,
    };
    date.year += date.month <= 2;
    return date;
}

static bool s_same(date_t a, date_t b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day;
}

int64_t date_of_time(int64_t time)
{
    return time / DAY_US + DAY_OF_1970;
}

/* Digits and nothing else; -1 if there is anything else. */
static int64_t s_number(slice_t text)
{
    int64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        number = number * 10 + (text.ptr[i] - '0');
    }
    return number;
}

int64_t date_read(slice_t text)
{
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-')
        return 0;
    date_t date = {
        .year = s_number(slice_new(text.ptr, 4)),
        .month = s_number(slice_new(text.ptr + 5, 2)),
        .day = s_number(slice_new(text.ptr + 8, 2)),
    };
    if (date.year < 1900 || date.month < 1 || date.month > 12 || date.day < 1)
        return 0;
    int64_t number = s_day(date);
    return s_same(s_date(number), date) ? number : 0; /* no 30th of February */
}

slice_t date_text(int64_t day, arena_t *arena)
{
    date_t date = s_date(day);
    return arena_printf(arena, "%04d-%02d-%02d", (int)date.year, (int)date.month, (int)date.day);
}

/* Whether a falls behind b within the year. */
static bool s_later_in_year(date_t a, date_t b)
{
    return a.month != b.month ? a.month > b.month : a.day > b.day;
}

uint64_t date_age(int64_t born, int64_t today)
{
    date_t from = s_date(born), to = s_date(today);
    int64_t years = to.year - from.year - s_later_in_year(from, to);
    return born > 0 && years > 0 ? (uint64_t)years : 0;
}

int64_t date_born_by(int64_t today, uint64_t age)
{
    date_t date = s_date(today);
    date.year -= (int64_t)age;
    int64_t born = s_day(date);
    return s_same(s_date(born), date) ? born : born - 1;
}
