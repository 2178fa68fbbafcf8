/* log.c - a line is put together first and written by one call, so that lines of
 * several threads do not mix.
 *
 * Nothing is allocated: a line also has to come out of a process that has no memory
 * left.  Whatever is no printable ASCII is written as a `?`, since words of strangers may be
 * among the arguments: no line is forged, and no terminal obeys one. */
#include "actors/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 1024, TIME_SIZE = 32, LINE_SIZE = 2 * MESSAGE_SIZE + 256 };

typedef struct level_word {
    const char *text;
    const char *json;
} level_word_t;

static const level_word_t s_words[] = {
    [LOG_LEVEL_ERROR] = {"ERROR", "error"},
    [LOG_LEVEL_WARN] = {"WARN", "warn"},
    [LOG_LEVEL_INFO] = {"INFO", "info"},
    [LOG_LEVEL_DEBUG] = {"DEBUG", "debug"},
};

static atomic_int s_level = LOG_LEVEL_INFO;
static atomic_bool s_json;

void log_set_level(log_level_t level)
{
    atomic_store(&s_level, (int)level);
}

void log_set_json(bool json)
{
    atomic_store(&s_json, json);
}

static void s_time(char text[TIME_SIZE])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + len, TIME_SIZE - len, ".%03ldZ", now.tv_nsec / 1000000);
}

static void s_clean(char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

/* A clean text as one of JSON, of at most twice the bytes. */
static void s_escape(const char *text, char escaped[2 * MESSAGE_SIZE])
{
    char *at = escaped;
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            *at++ = '\\';
        *at++ = *text;
    }
    *at = '\0';
}

static void s_write(log_level_t level, const char *area, const char *format, va_list args)
{
    char message[MESSAGE_SIZE], escaped[2 * MESSAGE_SIZE], line[LINE_SIZE], time[TIME_SIZE];
    int len;
    if ((int)level > atomic_load(&s_level))
        return;
    s_time(time);
    vsnprintf(message, sizeof message, format, args);
    s_clean(message);
    s_escape(message, escaped);
    if (atomic_load(&s_json))
        len = snprintf(line, sizeof line,
                       "{\"time\":\"%s\",\"level\":\"%s\",\"part\":\"%s\",\"message\":\"%s\"}\n",
                       time, s_words[level].json, area, escaped);
    else
        len = snprintf(line, sizeof line, "%s %-5s %-8s %s\n", time, s_words[level].text, area,
                       message);
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        return; /* nobody is left to tell */
}

#define LOG_FUNCTION(name, level)                        \
    void name(const char *area, const char *format, ...) \
    {                                                    \
        va_list args;                                    \
        va_start(args, format);                          \
        s_write(level, area, format, args);              \
        va_end(args);                                    \
    }

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
