/* tempo.h - when what happened in the recording happens again: at its own pace, at a multiple
 * of it, or as fast as the target takes it. */
#ifndef TOOLS_KITH_INTO_TEMPO_H
#define TOOLS_KITH_INTO_TEMPO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tempo {
    bool at_once;      /* as fast as can be */
    uint64_t percent;  /* of the recording's pace: 100 is its own */
    int64_t origin;    /* µs; the recording's time of the first deed; 0: there was none yet */
    uint64_t start_ns; /* when that was due here */
} tempo_t;

/* "max", or how many times the recording's pace: "1", "0.5", "20"; two digits behind the point
 * count.  False for anything else. */
bool tempo_read(const char *text, tempo_t *ret_tempo);

/* When a deed of the recording's time `time` is due, on the clock of `now_ns`; the first one is
 * due at once, and nothing before that. */
uint64_t tempo_due(tempo_t *tempo, int64_t time, uint64_t now_ns);

#endif
