/* nest.c - the journal is moved last: a folder that has one has all that belongs to it. */
#include "tools/kith/nest.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/kith/tree.h"

static const char s_unfinished[] = "unfinished", s_last[] = "journal";

static bool s_has(const char *data, const char *name)
{
    char path[PATH_MAX];
    return tree_join(path, data, name) && access(path, F_OK) == 0;
}

/* Remove all but what is unfinished. */
static bool s_clear(const char *data)
{
    bool good = true;
    char path[PATH_MAX];
    DIR *list = opendir(data);
    if (list == NULL)
        return tree_complain(data);
    for (struct dirent *entry = readdir(list); entry != NULL && good; entry = readdir(list))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, s_unfinished) != 0)
            good = tree_join(path, data, entry->d_name) && tree_remove(path);
    closedir(list);
    return good;
}

/* An attempt that broke off while it moved things into their places has left some there: the
 * folder was empty before it, and has no journal yet. */
static bool s_make_empty(const char *data)
{
    if (tree_is_empty(data, s_unfinished))
        return true;
    if (s_has(data, s_unfinished) && !s_has(data, s_last))
        return s_clear(data);
    fprintf(stderr, "kith: %s is not empty\n", data);
    return false;
}

bool nest_begin(const char *data, char ret_path[PATH_MAX])
{
    if (!s_make_empty(data))
        return false;
    return tree_join(ret_path, data, s_unfinished) &&
           (access(ret_path, F_OK) != 0 || tree_remove(ret_path)) && tree_make(ret_path);
}

static bool s_move(const char *from, const char *to, const char *name)
{
    char old[PATH_MAX], made[PATH_MAX];
    return tree_join(old, from, name) && tree_join(made, to, name) &&
           (rename(old, made) == 0 || tree_complain(made));
}

static bool s_move_others(const char *from, const char *to)
{
    bool good = true;
    DIR *list = opendir(from);
    if (list == NULL)
        return tree_complain(from);
    for (struct dirent *entry = readdir(list); entry != NULL && good; entry = readdir(list))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, s_last) != 0)
            good = s_move(from, to, entry->d_name);
    closedir(list);
    return good;
}

bool nest_finish(const char *data)
{
    char path[PATH_MAX];
    return tree_join(path, data, s_unfinished) && tree_sync(path) && s_move_others(path, data) &&
           s_move(path, data, s_last) && (rmdir(path) == 0 || tree_complain(path)) &&
           tree_sync(data);
}

void nest_abandon(const char *data)
{
    char path[PATH_MAX];
    if (!tree_join(path, data, s_unfinished) || !tree_remove(path))
        fprintf(stderr, "kith: %s/%s is left behind\n", data, s_unfinished);
}
