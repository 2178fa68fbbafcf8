/* place.c - is a server using these files?
 *
 * LevelDB locks each of its databases for one process.  Asking for the holder of
 * those locks, without taking them, tells more than a failed opening would. */
#include "tools/kith/place.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/row.h"

const char *const place_actors[] = {"session", "room", "search", "matching", "notifier", NULL};

/* The schema's sentences are for clients; some errors mean something else here. */
static const char *s_sentence(err_t err)
{
    if (err == ERR_NOT_FOUND)
        return "There is nothing of Kith here.";
    if (err == ERR_UNAVAILABLE)
        return "Nobody answers: is the server running?";
    if (err == ERR_TOO_OLD)
        return "That sequence is no longer in the journal: take a later one.";
    return err_info(err)->sentence;
}

void place_complain(const char *what, err_t err)
{
    fprintf(stderr, "kith: %s: %s\n", what, s_sentence(err));
}

void place_join(char ret_path[PATH_MAX], const char *data, const char *name)
{
    if (snprintf(ret_path, PATH_MAX, "%s/%s", data, name) >= PATH_MAX)
        ret_path[0] = '\0'; /* no such folder, then */
}

uint64_t place_first(const char *data)
{
    char path[PATH_MAX];
    fault_t fault;
    row_t *row = NULL;
    place_join(path, data, "journal");
    uint64_t first = 1;
    if (row_open(path, &fault, &row) == ERR_OK && row_count(row) > 0)
        first = row_first(row, 0);
    row_close(&row);
    return first;
}

/* The process that holds a lock on the file; 0 for none. */
static pid_t s_holder(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return 0;
    bool held = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    return held ? lock.l_pid : 0;
}

pid_t place_server(const char *data)
{
    char pattern[PATH_MAX];
    pid_t holder = 0;
    glob_t found = {0};
    place_join(pattern, data, "*/LOCK");
    glob(pattern, 0, NULL, &found);
    place_join(pattern, data, "*/*/LOCK");
    glob(pattern, GLOB_APPEND, NULL, &found);
    for (size_t i = 0; holder == 0 && i < found.gl_pathc; i++)
        holder = s_holder(found.gl_pathv[i]);
    globfree(&found);
    return holder;
}

bool place_free(const char *data)
{
    struct stat seen;
    if (stat(data, &seen) != 0) {
        fprintf(stderr, "kith: %s: %s\n", data, strerror(errno));
        return false;
    }
    pid_t server = place_server(data);
    if (server != 0)
        fprintf(stderr, "kith: %s is in use by process %d: stop it, or use --bus ipc://%s/bus\n",
                data, server, data);
    return server == 0;
}

err_t place_journal(const char *data, journal_t **ret_journal)
{
    char path[PATH_MAX];
    place_join(path, data, "journal");
    return journal_open(path, &(journal_options_t){.existing = true}, ret_journal);
}

bool place_open(const char *data, journal_t **ret_journal)
{
    if (!place_free(data))
        return false;
    err_t err = place_journal(data, ret_journal);
    if (err != ERR_OK)
        place_complain(data, err);
    return err == ERR_OK;
}
