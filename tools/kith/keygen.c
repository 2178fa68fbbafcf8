/* keygen.c - kith keygen: the keys that parts of Kith show each other over tcp.
 *
 * Without a file it makes a folder that is enough for one machine: the broker's pair, one
 * for each role, and the list of those who may come.  With a file it makes one more pair,
 * and prints the line that lets its owner in.  What is there stays as it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "actors/keys.h"
#include "tools/kith/command.h"

enum { PATH_SIZE = 4096 };

static const char *const s_roles[] = {"edge", "actor", "operator"};

static bool s_is_role(const char *word)
{
    bool known = false;
    for (size_t i = 0; i < sizeof s_roles / sizeof s_roles[0]; i++)
        known = known || strcmp(word, s_roles[i]) == 0;
    return known;
}

static const char *s_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static outcome_t s_make_one(const char *path, const char *role)
{
    key_pair_t pair;
    if (!s_is_role(role)) {
        fprintf(stderr, "kith: a key has the --role edge, actor or operator, not `%s`\n", role);
        return OUTCOME_USAGE;
    }
    keys_make(&pair);
    err_t err = keys_write(path, &pair);
    if (err == ERR_OK)
        printf("%s %s %s\n", role, s_name(path), pair.public_key);
    explicit_bzero(&pair, sizeof pair);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}

static err_t s_make_in(const char *folder, const char *name, FILE *list)
{
    char path[PATH_SIZE];
    key_pair_t pair;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    keys_make(&pair);
    err_t err = keys_write(path, &pair);
    if (err == ERR_OK && list != NULL)
        fprintf(list, "%s %s %s\n", name, name, pair.public_key);
    explicit_bzero(&pair, sizeof pair);
    return err;
}

static outcome_t s_make_folder(const char *folder)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/authorized", folder);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "kith: cannot make the folder %s: %s\n", folder, strerror(errno));
        return OUTCOME_BAD;
    }
    FILE *list = fopen(path, "wxe");
    if (list == NULL) {
        fprintf(stderr, "kith: cannot make %s: %s\n", path, strerror(errno));
        return OUTCOME_BAD;
    }
    fprintf(list, "# Who may come to the broker over tcp: role, name, public key.  SIGHUP has a\n"
                  "# running broker read this again.\n");
    err_t err = s_make_in(folder, "broker", NULL);
    for (size_t i = 0; i < sizeof s_roles / sizeof s_roles[0] && err == ERR_OK; i++)
        err = s_make_in(folder, s_roles[i], list);
    if (fclose(list) != 0 && err == ERR_OK)
        err = ERR_STORAGE;
    if (err == ERR_OK)
        printf("%s: keys of the broker, an edge, the actors and an operator\n", folder);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t keygen_run(const options_t *options)
{
    if (options->operand_count == 0)
        return s_make_folder(options->keys != NULL ? options->keys : "data/keys");
    return s_make_one(options->operands[0], options->role != NULL ? options->role : "edge");
}
