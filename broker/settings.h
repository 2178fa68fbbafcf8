/* settings.h - the table of everything that can be set, and how it is explained. */
#ifndef BROKER_SETTINGS_H
#define BROKER_SETTINGS_H

#include "actors/config.h"

/* All settings at their defaults. */
config_t *settings_new(void);
void settings_destroy(config_t **config_p);

/* On stdout: a line or two each, and a file of all of them at their defaults. */
void settings_explain(void);
void settings_print_file(void);

/* After a reload: what needs a restart keeps the value that `running` has, and the log
 * says so. */
void settings_keep_running(config_t *fresh, const config_t *running);

#endif
