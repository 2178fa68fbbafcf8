#include "tests/bench/search/talk.h"

#include <math.h>

#include "schema/mem.h"

enum { VOCABULARY = 100 * 1000, WORDS_MIN = 3, WORDS_SPREAD = 22, UNIQUE_EVERY = 4 };

static const char *const s_syllables[] = {
    "ba",  "con", "der", "el", "fi",  "ga",   "her", "in",  "jo",  "ka",
    "lo",  "men", "no",  "or", "pre", "qui",  "re",  "sta", "ter", "un",
    "ver", "wa",  "xi",  "yo", "zu",  "tion", "sh",  "th",  "ou",  "ing",
};

uint64_t talk_number(talk_t *talk, uint64_t below)
{
    talk->state = talk->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (talk->state >> 33) % below;
}

/* Short ones are the frequent ones. */
void talk_rank(buf_t *out, uint64_t rank)
{
    for (uint64_t left = rank + 1; left > 0; left /= COUNT_OF(s_syllables))
        buf_append_text(out, s_syllables[(left + rank) % COUNT_OF(s_syllables)]);
}

void talk_word(talk_t *talk, buf_t *out)
{
    double share = (double)talk_number(talk, 1u << 30) / (1u << 30);
    talk_rank(out, (uint64_t)pow(VOCABULARY, share) - 1);
}

void talk_unique(buf_t *out, unsigned message)
{
    buf_printf(out, "n%u", message);
}

void talk_message(talk_t *talk, buf_t *out, unsigned message)
{
    buf_append_text(out, TALK_COMMON);
    for (uint64_t words = WORDS_MIN + talk_number(talk, WORDS_SPREAD); words > 1; words--) {
        buf_append_byte(out, ' ');
        talk_word(talk, out);
    }
    if (message % UNIQUE_EVERY > 0)
        return;
    buf_append_byte(out, ' ');
    talk_unique(out, message);
}
