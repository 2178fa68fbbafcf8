/* log.h - one line a fact, on stderr, with a time, a level, an area and ids.
 *
 *     2026-11-21T10:41:07.123Z WARN  broker  peer 3 is silent and is cut off
 *
 * Never a password, a token or a message's text. */
#ifndef ACTORS_LOG_H
#define ACTORS_LOG_H

#include <stdbool.h>

typedef enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
} log_level_t;

/* Lines above this level are not written; LOG_LEVEL_INFO at start. */
void log_set_level(log_level_t level);

/* Each line as a JSON object instead: `time`, `level`, `part`, `message`. */
void log_set_json(bool json);

void log_error(const char *area, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *area, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *area, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *area, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
