#include "tools/kith/into/tempo.h"

#include <string.h>

enum { NORMAL = 100, WHOLE_DIGITS_MAX = 6, NS_A_US = 1000 };

bool tempo_read(const char *text, tempo_t *ret_tempo)
{
    uint64_t whole = 0, unit = NORMAL, percent = 0;
    size_t digits = strspn(text, "0123456789");
    *ret_tempo = (tempo_t){.at_once = strcmp(text, "max") == 0, .percent = NORMAL};
    if (ret_tempo->at_once)
        return true;
    if (digits == 0 || digits > WHOLE_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < digits; i++)
        whole = 10 * whole + (uint64_t)(text[i] - '0');
    text += digits;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++)
            percent += (unit /= 10) * (uint64_t)(*text - '0');
    ret_tempo->percent = whole * NORMAL + percent;
    return *text == '\0' && ret_tempo->percent > 0;
}

uint64_t tempo_due(tempo_t *tempo, int64_t time, uint64_t now_ns)
{
    if (tempo->origin == 0) {
        tempo->origin = time;
        tempo->start_ns = now_ns;
    }
    if (tempo->at_once || time <= tempo->origin)
        return tempo->start_ns;
    uint64_t since = (uint64_t)(time - tempo->origin);
    /* a recording of 5,000 years does not overflow */
    return tempo->start_ns + since * NORMAL / tempo->percent * NS_A_US;
}
