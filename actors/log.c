/* log.c - a line is put together first and written by one call, so that lines of
 * several threads do not mix. */
#include "actors/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 1024 };

static atomic_int s_level = LOG_INFO;

void log_set_level(log_level_t level)
{
    atomic_store(&s_level, (int)level);
}

static int s_head(char *line, const char *level, const char *area)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    int len = (int)strftime(line, LINE_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    return len + snprintf(line + len, (size_t)(LINE_SIZE - len), ".%03ldZ %-5s %-8s ",
                          now.tv_nsec / 1000000, level, area);
}

static void s_write(log_level_t level, const char *word, const char *area, const char *format,
                    va_list args)
{
    char line[LINE_SIZE];
    if ((int)level > atomic_load(&s_level))
        return;
    int len = s_head(line, word, area);
    int text = vsnprintf(line + len, (size_t)(LINE_SIZE - len - 1), format, args);
    if (text > 0)
        len += text < LINE_SIZE - len - 1 ? text : LINE_SIZE - len - 2;
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        return; /* nobody is left to tell */
}

#define LOG_FUNCTION(name, level, word)                  \
    void name(const char *area, const char *format, ...) \
    {                                                    \
        va_list args;                                    \
        va_start(args, format);                          \
        s_write(level, word, area, format, args);        \
        va_end(args);                                    \
    }

LOG_FUNCTION(log_error, LOG_ERROR, "ERROR")
LOG_FUNCTION(log_warn, LOG_WARN, "WARN")
LOG_FUNCTION(log_info, LOG_INFO, "INFO")
LOG_FUNCTION(log_debug, LOG_DEBUG, "DEBUG")
