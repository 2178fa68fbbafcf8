/* story.c - lines on the way out, and a running hash. */
#include "tests/world/story.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/world/hour.h"

enum { LINE_SIZE = 2048, VIOLATIONS_SHOWN = 20 };

static bool s_aloud;
static uint64_t s_number = 0xcbf29ce484222325u;
static unsigned s_violations;

void story_aloud(bool aloud)
{
    s_aloud = aloud;
}

static void s_mix(uint64_t word)
{
    s_number = (s_number ^ word) * 0x9fb21c651e98df25u;
    s_number ^= s_number >> 32;
}

void story_bytes(slice_t bytes)
{
    uint64_t word;
    s_mix(bytes.len);
    for (; bytes.len >= sizeof word; bytes = slice_from(bytes, sizeof word)) {
        memcpy(&word, bytes.ptr, sizeof word);
        s_mix(word);
    }
    word = 0;
    if (bytes.len > 0)
        memcpy(&word, bytes.ptr, bytes.len);
    s_mix(word);
}

uint64_t story_number(void)
{
    return s_number;
}

/* Past our own write: that is the world's disk. */
static void s_print(const char *mark, const char *text)
{
    char line[LINE_SIZE + 64];
    int64_t now = hour_now();
    int len = snprintf(line, sizeof line, "%s%6lld.%06lld  %s\n", mark, (long long)(now / 1000000),
                       (long long)(now % 1000000), text);
    syscall(SYS_write, STDOUT_FILENO, line, (size_t)len);
}

void story(const char *format, ...)
{
    char text[LINE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s_mix((uint64_t)hour_now());
    story_bytes(slice_of(text));
    if (s_aloud)
        s_print("", text);
}

bool story_is_aloud(void)
{
    return s_aloud;
}

void story_aside(const char *format, ...)
{
    char text[LINE_SIZE];
    va_list args;
    if (!s_aloud)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s_print("", text);
}

void story_violation(const char *format, ...)
{
    char text[LINE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (++s_violations <= VIOLATIONS_SHOWN)
        s_print("VIOLATION ", text);
}

unsigned story_violations(void)
{
    return s_violations;
}
