#include "tools/bench/track.h"

enum { REMEMBERED = 64 };

static void s_advance(track_t *track, uint32_t seq)
{
    uint32_t steps = seq - track->next + 1;
    track->seen = (steps < REMEMBERED ? track->seen << steps : 0) | 1;
    track->next = seq + 1;
    track->received += 1;
}

track_verdict_t track_add(track_t *track, uint32_t seq)
{
    if (seq >= track->next) {
        s_advance(track, seq);
        return TRACK_IN_ORDER;
    }
    uint32_t age = track->next - 1 - seq;
    if (age >= REMEMBERED)
        return TRACK_LATE;

    uint64_t bit = UINT64_C(1) << age;
    if (track->seen & bit)
        return TRACK_DUPLICATE;
    track->seen |= bit;
    track->received += 1;
    return TRACK_LATE;
}
