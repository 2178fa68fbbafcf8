/* main.c - kith-cuts: power cuts, thousands of them, without cutting any power.
 *
 *   kith-cuts [--cuts N] [--refusals N] [--seed S] [--only AT] [--unsynced]
 *
 * A life is lived on a disk that remembers (life.h, disk.h); then, for cuts behind deeds that chance
 * picks, what such a cut may leave is made in a folder (cut.h) and looked at (judge.h).  Each life
 * has CUTS of them.  With --unsynced the journal does not sync, and something must be lost.
 *
 * With --refusals there are so many short lives instead, in each of which the disk refuses one call,
 * with EIO or ENOSPC.  A life ends where it is told of that, and there the power goes.
 *
 * Prints what is violated, with the words that make it again (--seed and --only), and at the end
 * "N passed, N failed".  Folders are in TMPDIR, or in /dev/shm.  With KITH_CUTS_LOG set what the
 * house logs comes to stderr. */
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tests/crash/cuts/cut.h"
#include "tests/crash/cuts/disk.h"
#include "tests/crash/cuts/judge.h"

enum { CUTS = 100, STEPS = 220, FEW_STEPS = 60, SHOWN = 20, UPGRADES = 6 };

typedef struct run {
    uint64_t cuts; /* that are wanted */
    uint64_t seed; /* of the first life */
    uint64_t only; /* a cut of that one; UINT64_MAX: any */
    bool unsynced;
    uint64_t refusals; /* that are wanted instead of cuts */
    char folder[PATH_MAX];
    uint64_t passed, failed;
} run_t;

/* ---- folders ---- */

static int s_remove_one(const char *path, const struct stat *seen, int kind, struct FTW *at)
{
    (void)seen, (void)kind, (void)at;
    return remove(path);
}

static void s_empty(const char *path)
{
    nftw(path, s_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (mkdir(path, 0700) != 0) {
        perror(path);
        exit(2);
    }
}

static void s_make_folder(run_t *run)
{
    const char *parent = getenv("TMPDIR");
    snprintf(run->folder, sizeof run->folder, "%.3000s/kith-cuts-XXXXXX",
             parent != NULL ? parent : "/dev/shm");
    if (mkdtemp(run->folder) == NULL) {
        perror(run->folder);
        exit(2);
    }
}

/* ---- cuts ---- */

static int s_compare(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left > right) - (left < right);
}

/* One in a few falls while the projection is brought to another format. */
static size_t s_draw_place(const life_t *life, uint64_t *seed, size_t deeds)
{
    if (life_draw(seed) % UPGRADES == 0)
        return life->upgrade + life_draw(seed) % (life->upgraded - life->upgrade + 1);
    return life_draw(seed) % (deeds + 1);
}

/* Ascending places, some of them several times: what is left differs. */
static size_t s_draw_places(const run_t *run, const life_t *life, size_t deeds, size_t places[CUTS])
{
    uint64_t seed = life->seed;
    size_t count = run->cuts - run->passed - run->failed < CUTS
                       ? (size_t)(run->cuts - run->passed - run->failed)
                       : CUTS;
    for (size_t i = 0; i < count; i++)
        places[i] = s_draw_place(life, &seed, deeds);
    qsort(places, count, sizeof *places, s_compare);
    return count;
}

static void s_tell(run_t *run, const life_t *life, size_t place, const char *words)
{
    run->failed++;
    if (run->failed <= SHOWN && !run->unsynced)
        printf("--seed %" PRIu64 " --only %zu: %s\n", life->seed, place, words);
}

static void s_cut(run_t *run, const life_t *life, cut_t *cut, size_t place, uint64_t seed)
{
    char left[PATH_MAX + 8], words[VERDICT_SIZE];
    snprintf(left, sizeof left, "%s/left", run->folder);
    s_empty(left);
    cut_leave(cut, place, seed, left);
    if (judge_look(life, left, life_promised(life, place), words))
        run->passed++;
    else
        s_tell(run, life, place, words);
}

static void s_cut_all(run_t *run, const life_t *life)
{
    size_t places[CUTS], deeds = disk_count();
    size_t count = s_draw_places(run, life, deeds, places);
    cut_t *cut = cut_new(disk_deeds(), deeds);
    for (size_t i = 0; i < count; i++)
        if (run->only == UINT64_MAX || run->only == places[i])
            s_cut(run, life, cut, places[i], life->seed * CUTS + i);
    cut_destroy(&cut);
}

/* A life that nobody but a disk that refuses may have ended. */
static life_t *s_live(const run_t *run, uint64_t seed, unsigned steps)
{
    char lived[PATH_MAX + 8];
    snprintf(lived, sizeof lived, "%s/lived", run->folder);
    s_empty(lived);
    disk_watch(lived);
    life_t *life = life_live(lived, seed, steps, run->unsynced);
    disk_rest();
    if (life->fault != NULL && disk_refused() == 0) {
        printf("--seed %" PRIu64 ": %s\n", seed, life->fault);
        exit(2);
    }
    return life;
}

static void s_live_and_cut(run_t *run, uint64_t seed)
{
    life_t *life = s_live(run, seed, STEPS);
    s_cut_all(run, life);
    life_destroy(&life);
    disk_forget();
}

/* ---- refusals ---- */

/* Of each kind there are many calls and few; the first ones are of the start. */
static void s_refuse(uint64_t seed)
{
    static const int errors[] = {EIO, ENOSPC};
    refusal_t kind = (refusal_t)(life_draw(&seed) % REFUSALS);
    uint64_t most = UINT64_C(1) << (2 + life_draw(&seed) % 8);
    disk_refuse(kind, 1 + life_draw(&seed) % most, errors[life_draw(&seed) % 2]);
}

static void s_live_refused(run_t *run, uint64_t seed)
{
    s_refuse(seed);
    life_t *life = s_live(run, seed, FEW_STEPS);
    size_t deeds = disk_count();
    cut_t *cut = cut_new(disk_deeds(), deeds);
    s_cut(run, life, cut, deeds, seed);
    cut_destroy(&cut);
    life_destroy(&life);
    disk_forget();
}

/* ---- the command ---- */

static run_t s_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"cuts", required_argument, NULL, 'c'}, {"seed", required_argument, NULL, 's'},
        {"only", required_argument, NULL, 'o'}, {"refusals", required_argument, NULL, 'r'},
        {"unsynced", no_argument, NULL, 'u'},   {0}};
    run_t run = {.cuts = CUTS, .seed = 1, .only = UINT64_MAX};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'c')
            run.cuts = strtoull(optarg, NULL, 10);
        else if (option == 's')
            run.seed = strtoull(optarg, NULL, 10);
        else if (option == 'o')
            run.only = strtoull(optarg, NULL, 10);
        else if (option == 'r')
            run.refusals = strtoull(optarg, NULL, 10);
        else if (option == 'u')
            run.unsynced = true;
        else
            exit(2);
    }
    return run;
}

int main(int argc, char **argv)
{
    run_t run = s_options(argc, argv);
    if (getenv("KITH_CUTS_LOG") == NULL && freopen("/dev/null", "w", stderr) == NULL)
        return 2;
    s_make_folder(&run);
    for (uint64_t i = 0; i < run.refusals; i++)
        s_live_refused(&run, run.seed + i);
    for (uint64_t seed = run.seed; run.refusals == 0 && run.passed + run.failed < run.cuts;
         seed++) {
        s_live_and_cut(&run, seed);
        if (run.only != UINT64_MAX)
            break;
    }
    nftw(run.folder, s_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", run.passed, run.failed);
    return run.failed > 0;
}
