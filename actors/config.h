/* config.h - settings: one table, filled from a file and from `key=value` words.
 *
 * The door of zconfig.  A file has one `key = value` a line, dots as nesting:
 *
 *     http = "127.0.0.1:8080"
 *     journal
 *         sync = off
 *
 * An unknown key or a word
 * that a setting does not take is an error that names it. */
#ifndef ACTORS_CONFIG_H
#define ACTORS_CONFIG_H

#include "schema/err.h"

/* One row of a program's table of settings. */
typedef struct setting {
    const char *key;
    const char *words; /* "on|off" for a closed set; NULL: any text */
    const char *doc;
    bool live;         /* a reload takes it over; otherwise it counts from the start */
    const char *value; /* the default, until it is set; owned once `set` */
    bool set;
} setting_t;

typedef struct config {
    setting_t *settings;
    size_t count;
    const char *file; /* the last that was read, as it was named; NULL: none was */
    char fault[256];  /* of the last ERR_INVALID, one sentence */
} config_t;

/* Errors: INVALID, with config->fault; NOT_FOUND for a file that cannot be read. */
MUST_CHECK err_t config_set(config_t *config, const char *key, const char *value);
MUST_CHECK err_t config_set_word(config_t *config, const char *key_and_value); /* "key=value" */
MUST_CHECK err_t config_load(config_t *config, const char *path);

/* Never NULL for a key of the table. */
const char *config_get(const config_t *config, const char *key);
bool config_is(const config_t *config, const char *key, const char *value);

/* Release what was set. */
void config_clear(config_t *config);

#endif
