/* guests.c - a short list, looked through from the front: a house has few guests. */
#include "broker/guests.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actors/keys.h"
#include "actors/log.h"
#include "schema/mem.h"

enum { NAME_SIZE = 64, LINE_SIZE = 256 };

typedef struct guest {
    char name[NAME_SIZE];
    char key[KEY_TEXT_SIZE];
    roles_t roles;
} guest_t;

struct guests {
    guest_t *items;
    size_t count;
};

void guests_destroy(guests_t **guests_p)
{
    if (*guests_p == NULL)
        return;
    mem_free((*guests_p)->items);
    mem_free(*guests_p);
    *guests_p = NULL;
}

const char *guests_name(const guests_t *guests, const char *key)
{
    for (size_t i = 0; i < guests->count; i++)
        if (strcmp(guests->items[i].key, key) == 0)
            return guests->items[i].name;
    return NULL;
}

roles_t guests_roles(const guests_t *guests, const char *name)
{
    for (size_t i = 0; i < guests->count; i++)
        if (strcmp(guests->items[i].name, name) == 0)
            return guests->items[i].roles;
    return 0;
}

/* ---- reading ---- */

static roles_t s_role(const char *word)
{
    static const struct {
        const char *word;
        peer_role_t role;
    } rows[] = {
        {"edge", peer_role_EDGE},
        {"actor", peer_role_ACTOR},
        {"operator", peer_role_OPERATOR},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].word, word) == 0)
            return ROLE_BIT(rows[i].role);
    return 0;
}

/* NULL, or what is wrong with the line. */
static const char *s_take_line(guests_t *guests, char *line)
{
    char *rest = NULL;
    const char *role = strtok_r(line, " \t\r\n", &rest);
    const char *name = strtok_r(NULL, " \t\r\n", &rest);
    const char *key = strtok_r(NULL, " \t\r\n", &rest);
    if (role == NULL || *role == '#')
        return NULL;
    if (key == NULL || strtok_r(NULL, " \t\r\n", &rest) != NULL)
        return "is not of the form `role name public-key`";
    if (s_role(role) == 0)
        return "has another role than edge, actor or operator";
    if (strlen(name) >= NAME_SIZE)
        return "has a name of more than 63 characters";
    if (!keys_valid(key))
        return "has a key that is none";
    if (guests_roles(guests, name) != 0 || guests_name(guests, key) != NULL)
        return "has a name or a key of a line before";
    guests->items = mem_grow(guests->items, (guests->count + 1) * sizeof(guest_t));
    guest_t *guest = &guests->items[guests->count++];
    guest->roles = s_role(role);
    snprintf(guest->name, sizeof guest->name, "%s", name);
    snprintf(guest->key, sizeof guest->key, "%s", key);
    return NULL;
}

static err_t s_read(FILE *file, const char *path, guests_t *guests)
{
    char line[LINE_SIZE];
    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        bool whole = strchr(line, '\n') != NULL || feof(file);
        const char *fault = whole ? s_take_line(guests, line) : "is too long";
        if (fault == NULL)
            continue;
        log_error("keys", "%s, line %d %s", path, number, fault);
        return ERR_INVALID;
    }
    return ERR_OK;
}

err_t guests_load(const char *path, guests_t **ret_guests)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        log_error("keys", "cannot read %s: %s; `kith keygen` makes one", path, strerror(errno));
        return ERR_NOT_FOUND;
    }
    guests_t *guests = mem_new(guests_t);
    err_t err = s_read(file, path, guests);
    fclose(file);
    if (err == ERR_OK)
        *ret_guests = TAKE(guests);
    guests_destroy(&guests);
    return err;
}
