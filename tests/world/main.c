/* main.c - many worlds, a process each.
 *
 *   world --seed N            tell the story of one
 *   world --seeds A-B         live through all of these
 *         --jobs N            so many at once (the machine's processors)
 *         --twice             each once more: it has to be the same to the byte
 *         --plant FAULT       something is wrong with this world: up to the first seed that notices
 *   world --plants            the names of all such faults
 *
 * A world runs in a process of its own, so that one that ends in an assertion is a world that has
 * failed and no more.  SIGTERM ends it early.  Prints a line for each that has, and "N passed, N failed". */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tests/world/disk.h"
#include "tests/world/plant.h"
#include "tests/world/story.h"
#include "tests/world/world.h"

enum { JOBS_MAX = 64, ROOT_SIZE = 120, PATIENCE_S = 120, DESCRIPTORS = 4096 };

typedef struct options {
    uint64_t first;
    uint64_t last;
    bool aloud;
    bool twice;
    bool planted;
    int jobs;
} options_t;

typedef struct job {
    pid_t pid; /* 0: free */
    uint64_t seed;
    unsigned round;  /* the second of two */
    int out;         /* what it tells in the end */
    uint64_t number; /* of the first round */
} job_t;

static options_t s_options;
static volatile sig_atomic_t s_stopping; /* what has begun goes on to its end, and counts */
static uint64_t s_passed, s_failed;

/* ---- a world's process ---- */

static void s_root(pid_t pid, char root[ROOT_SIZE])
{
    const char *folder = getenv("TMPDIR");
    if (folder == NULL)
        folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(root, ROOT_SIZE, "%s/kith-world-%d", folder, (int)pid);
}

static _Noreturn void s_child(uint64_t seed, int out)
{
    char root[ROOT_SIZE];
    uint64_t number;
    s_root(getpid(), root);
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){DESCRIPTORS, DESCRIPTORS});
    alarm(PATIENCE_S);
    story_aloud(s_options.aloud);
    world_run(seed, root);
    number = story_number();
    (void)!write(out, &number, sizeof number);
    _exit(story_violations() > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void s_start(job_t *job)
{
    int pair[2];
    if (pipe(pair) != 0)
        exit(EXIT_FAILURE);
    fflush(stdout);
    job->pid = fork();
    if (job->pid == 0)
        s_child(job->seed, pair[1]);
    close(pair[1]);
    job->out = pair[0];
}

/* ---- all of them ---- */

static void s_fail(const job_t *job, const char *why)
{
    printf("seed %llu: %s\n", (unsigned long long)job->seed, why);
    s_failed++;
}

static bool s_has_second(const job_t *job)
{
    return s_options.twice && job->round == 0;
}

/* What became of it; true: it is to be lived through once more. */
static bool s_end(job_t *job, int status)
{
    char root[ROOT_SIZE];
    uint64_t number = 0;
    ssize_t got = read(job->out, &number, sizeof number);
    close(job->out);
    s_root(job->pid, root);
    disk_sweep(root);
    job->pid = 0;
    if (WIFSIGNALED(status))
        s_fail(job, WTERMSIG(status) == SIGALRM ? "hangs" : strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0 || got != sizeof number)
        s_fail(job, "does not hold");
    else if (job->round == 1 && number != job->number)
        s_fail(job, "is another one the second time");
    else if (!s_has_second(job))
        s_passed++;
    else {
        job->number = number;
        job->round = 1;
        return true;
    }
    return false;
}

static job_t *s_wait(job_t *jobs)
{
    int status;
    pid_t pid = wait(&status);
    for (int i = 0; i < s_options.jobs; i++) {
        if (jobs[i].pid != pid)
            continue;
        if (s_end(&jobs[i], status))
            s_start(&jobs[i]);
        return &jobs[i];
    }
    return NULL;
}

static bool s_any(const job_t *jobs)
{
    for (int i = 0; i < s_options.jobs; i++)
        if (jobs[i].pid != 0)
            return true;
    return false;
}

static void s_stop(int signal)
{
    (void)signal;
    s_stopping = 1;
}

static void s_run(void)
{
    job_t jobs[JOBS_MAX] = {0};
    uint64_t seed = s_options.first;
    do {
        for (int i = 0; i < s_options.jobs && seed <= s_options.last; i++) {
            if (jobs[i].pid != 0)
                continue;
            jobs[i] = (job_t){.seed = seed++};
            s_start(&jobs[i]);
        }
        s_wait(jobs);
        if (s_stopping || (s_options.planted && s_failed > 0))
            seed = s_options.last + 1;
    } while (seed <= s_options.last || s_any(jobs));
}

static _Noreturn void s_usage(void)
{
    fprintf(stderr, "usage: world --seed N | --seeds A-B [--jobs N] [--twice] [--plant FAULT]\n");
    exit(2);
}

static bool s_read_seeds(const char *text)
{
    char *end;
    s_options.first = strtoull(text, &end, 10);
    if (*end != '-')
        return false;
    s_options.last = strtoull(end + 1, &end, 10);
    return *end == '\0' && s_options.first <= s_options.last;
}

static bool s_option(const char *name, const char *value)
{
    if (strcmp(name, "--seed") == 0) {
        s_options.first = s_options.last = strtoull(value, NULL, 10);
        s_options.aloud = true;
        return true;
    }
    if (strcmp(name, "--seeds") == 0)
        return s_read_seeds(value);
    if (strcmp(name, "--jobs") == 0)
        return (s_options.jobs = atoi(value)) > 0 && s_options.jobs <= JOBS_MAX;
    s_options.planted = strcmp(name, "--plant") == 0 && plant(value);
    return s_options.planted;
}

int main(int argc, char **argv)
{
    s_options.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--plants") == 0)
            return plant_list();
        if (strcmp(argv[i], "--twice") == 0)
            s_options.twice = true;
        else if (i + 1 == argc || !s_option(argv[i], argv[i + 1]))
            s_usage();
        else
            i++;
    }
    if (s_options.last == 0)
        s_usage();
    signal(SIGTERM, s_stop);
    s_run();
    printf("%llu passed, %llu failed\n", (unsigned long long)s_passed,
           (unsigned long long)s_failed);
    return s_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
