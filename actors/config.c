#include "actors/config.h"

#include <assert.h>
#include <czmq.h>
#include <stdio.h>
#include <string.h>

static setting_t *s_find(const config_t *config, const char *key)
{
    for (size_t i = 0; i < config->count; i++)
        if (strcmp(config->settings[i].key, key) == 0)
            return &config->settings[i];
    return NULL;
}

static err_t s_fault(config_t *config, const char *key, const char *problem, const char *words)
{
    snprintf(config->fault, sizeof config->fault, "setting `%s` %s%s", key, problem, words);
    return ERR_INVALID;
}

/* Whether `value` is one of the words in "one|two|three". */
static bool s_among(const char *words, const char *value)
{
    size_t len = strlen(value);
    for (const char *at = words; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (strncmp(at, value, len) == 0 && (at[len] == '|' || at[len] == '\0'))
            return true;
    }
    return false;
}

err_t config_set(config_t *config, const char *key, const char *value)
{
    setting_t *setting = s_find(config, key);
    if (setting == NULL)
        return s_fault(config, key, "is not known; `kithd --help` lists them", "");
    if (setting->words != NULL && !s_among(setting->words, value))
        return s_fault(config, key, "takes ", setting->words);
    if (setting->set)
        mem_free((void *)(uintptr_t)setting->value);
    setting->value = mem_text(value);
    setting->set = true;
    return ERR_OK;
}

err_t config_set_word(config_t *config, const char *key_and_value)
{
    char key[128];
    const char *equals = strchr(key_and_value, '=');
    size_t len = equals != NULL ? (size_t)(equals - key_and_value) : 0;
    if (len == 0 || len >= sizeof key)
        return s_fault(config, key_and_value, "is not of the form key=value", "");
    memcpy(key, key_and_value, len);
    key[len] = '\0';
    return config_set(config, key, equals + 1);
}

/* Each value of the tree under its dotted key; a branch without a value is passed. */
static err_t s_walk(config_t *config, zconfig_t *node, const char *prefix)
{
    err_t err = ERR_OK;
    for (; node != NULL && err == ERR_OK; node = zconfig_next(node)) {
        char key[128];
        const char *value = zconfig_value(node);
        snprintf(key, sizeof key, "%s%s%s", prefix, *prefix != '\0' ? "." : "", zconfig_name(node));
        if (value != NULL && *value != '\0')
            err = config_set(config, key, value);
        if (err == ERR_OK && zconfig_child(node) != NULL)
            err = s_walk(config, zconfig_child(node), key);
    }
    return err;
}

/* As zconfig_load, which leaks what it knows of a file that it cannot make sense of. */
static zconfig_t *s_load(const char *path)
{
    zchunk_t *content = zchunk_slurp(path, 0);
    zconfig_t *root = content != NULL ? zconfig_chunk_load(content) : NULL;
    zchunk_destroy(&content);
    return root;
}

err_t config_load(config_t *config, const char *path)
{
    zconfig_t *root = s_load(path);
    if (root == NULL) {
        snprintf(config->fault, sizeof config->fault, "cannot read the configuration file %s",
                 path);
        return ERR_NOT_FOUND;
    }
    err_t err = s_walk(config, zconfig_child(root), "");
    config->file = path;
    zconfig_destroy(&root);
    return err;
}

const char *config_get(const config_t *config, const char *key)
{
    const setting_t *setting = s_find(config, key);
    assert(setting != NULL);
    return setting->value;
}

bool config_is(const config_t *config, const char *key, const char *value)
{
    return strcmp(config_get(config, key), value) == 0;
}

void config_clear(config_t *config)
{
    for (size_t i = 0; i < config->count; i++)
        if (config->settings[i].set) {
            mem_free((void *)(uintptr_t)config->settings[i].value);
            config->settings[i].set = false;
        }
}
