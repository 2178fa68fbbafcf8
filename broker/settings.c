/* settings.c - settings.def as a table that can be read several times.
 *
 * A reload reads everything anew into a second table, so that a file that is refused
 * has changed nothing. */
#include "broker/settings.h"

#include <stdio.h>
#include <string.h>

#include "actors/log.h"
#include "schema/mem.h"

enum { START = false, LIVE = true, LINE_COLUMNS = 90 };

#define SETTING(key_, live_, words_, value_, doc_) \
    {.key = (key_), .live = (live_), .words = (words_), .doc = (doc_), .value = (value_)},
static const setting_t s_defaults[] = {
#include "broker/settings.def"
};
#undef SETTING

config_t *settings_new(void)
{
    config_t *config = mem_new(config_t);
    config->settings = mem_zeroed(sizeof s_defaults);
    memcpy(config->settings, s_defaults, sizeof s_defaults);
    config->count = COUNT_OF(s_defaults);
    return config;
}

void settings_destroy(config_t **config_p)
{
    if (*config_p == NULL)
        return;
    config_clear(*config_p);
    mem_free((*config_p)->settings);
    mem_free(*config_p);
    *config_p = NULL;
}

/* ---- explaining ---- */

void settings_explain(void)
{
    for (size_t i = 0; i < COUNT_OF(s_defaults); i++) {
        const setting_t *setting = &s_defaults[i];
        printf("  %-13s %s\n  %-13s %s%sdefault %s%s\n", setting->key, setting->doc, "",
               setting->words != NULL ? setting->words : "", setting->words != NULL ? "; " : "",
               *setting->value != '\0' ? setting->value : "none",
               setting->live ? "; reloaded on SIGHUP" : "");
    }
}

/* A comment, broken between words. */
static void s_print_comment(const char *indent, const char *text)
{
    size_t column = LINE_COLUMNS + 1;
    for (const char *at = text; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (column + word + 1 > LINE_COLUMNS) {
            printf("%s%s#", at == text ? "" : "\n", indent);
            column = strlen(indent) + 1;
        }
        printf(" %.*s", (int)word, at);
        column += word + 1;
        at += word;
        at += strspn(at, " ");
    }
    putchar('\n');
}

static void s_print_setting(const setting_t *setting, const char *indent, const char *name)
{
    s_print_comment(indent, setting->doc);
    if (setting->words != NULL)
        printf("%s# One of: %s.\n", indent, setting->words);
    printf("%s# %s\n", indent, setting->live ? "Taken over on SIGHUP." : "Needs a restart.");
    printf("%s%s = \"%s\"\n\n", indent, name, setting->value);
}

/* Rows of one group, `group.key`, follow each other, so that the group is opened once. */
void settings_print_file(void)
{
    const char *open = "";
    printf("# Kith's settings, each at its default.  A flag behind --config wins over the file,\n"
           "# a flag before it does not.  `kithd --check --config FILE` looks it over, and SIGHUP\n"
           "# has a running server read it again.\n\n");
    for (size_t i = 0; i < COUNT_OF(s_defaults); i++) {
        const setting_t *setting = &s_defaults[i];
        const char *dot = strchr(setting->key, '.');
        size_t group = dot != NULL ? (size_t)(dot - setting->key) : 0;
        bool inside = dot != NULL && strlen(open) >= group &&
                      strncmp(open, setting->key, group) == 0 &&
                      (open[group] == '.' || open[group] == '\0');
        if (dot != NULL && !inside)
            printf("%.*s\n", (int)group, setting->key);
        s_print_setting(setting, dot != NULL ? "    " : "", dot != NULL ? dot + 1 : setting->key);
        open = setting->key;
    }
}

/* ---- reloading ---- */

/* Values that are in no log. */
static bool s_is_secret(const char *key)
{
    static const char *const ends[] = {".secret", ".password"};
    size_t len = strlen(key);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        size_t end = strlen(ends[i]);
        if (len >= end && strcmp(key + len - end, ends[i]) == 0)
            return true;
    }
    return false;
}

void settings_keep_running(config_t *fresh, const config_t *running)
{
    for (size_t i = 0; i < fresh->count; i++) {
        const setting_t *setting = &fresh->settings[i];
        const char *value = config_get(running, setting->key);
        if (setting->live || strcmp(setting->value, value) == 0)
            continue;
        log_warn("kithd", "setting `%s` has changed and needs a restart; it stays `%s`",
                 setting->key, s_is_secret(setting->key) ? "as it was" : value);
        err_t err = config_set(fresh, setting->key, value);
        if (err != ERR_OK)
            log_error("kithd", "%s", fresh->fault); /* it was taken once: cannot be */
    }
}
