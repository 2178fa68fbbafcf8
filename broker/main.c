/* main.c - kithd: flags and signals around the house.
 *
 *   flags and files ── house ── SIGHUP: read them again ── SIGTERM, SIGINT: end
 *
 * Flags count in their order, and a reload reads them in that order again, so that a
 * flag behind --config goes on winning over the file. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "actors/bus.h"
#include "actors/crypto.h"
#include "actors/elliptic.h"
#include "actors/failpoint.h"
#include "actors/log.h"
#include "broker/house.h"
#include "broker/notify.h"
#include "broker/settings.h"
#include "broker/warden.h"
#include "schema/map.h"

enum {
    EXIT_USAGE = 2,
    DESCRIPTORS_LEAST = 512, /* at rest it has a hundred, and keeps 256 from connections */
};

/* What the flags ask for. */
typedef enum wish {
    WISH_SERVE,
    WISH_HELP,
    WISH_VERSION,
    WISH_WRITE_CONFIG,
    WISH_ROUTES,
    WISH_CHECK,
    WISH_NONE
} wish_t;

/* ---- flags ---- */

static void s_help(void)
{
    printf(
        "kithd - accounts, rooms, messages and presence, in one server\n\n"
        "usage: kithd [--role ROLE[,ROLE…]] [--data DIR] [--http HOST:PORT[,HOST:PORT…]]\n"
        "             [--line HOST:PORT] [--bus ENDPOINT] [--config FILE] [--set KEY=VALUE]…\n"
        "       kithd --check …          look whether it would start: 0 if so, 1 if not, 2 if the\n"
        "                                settings are not understood; stderr says what to do\n"
        "       kithd --write-config     print a configuration file that explains every key\n"
        "       kithd --routes           print what each front door takes, a line a route\n"
        "       kithd --help | --version\n\n"
        "Flags count in their order, a later one wins.  SIGTERM and SIGINT end it gracefully,\n"
        "SIGHUP has it read its settings again.\n\n"
        "settings (a flag --KEY exists for the first five):\n");
    settings_explain();
}

static const struct option s_flags[] = {
    {"role", required_argument, NULL, 's'},
    {"data", required_argument, NULL, 's'},
    {"http", required_argument, NULL, 's'},
    {"line", required_argument, NULL, 's'},
    {"bus", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"set", required_argument, NULL, 'k'},
    {"check", no_argument, NULL, 't'},
    {"write-config", no_argument, NULL, 'w'},
    {"routes", no_argument, NULL, 'r'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static wish_t s_misused(config_t *config, const char *problem)
{
    snprintf(config->fault, sizeof config->fault, "%s", problem);
    return WISH_NONE;
}

static wish_t s_take_flag(config_t *config, int flag, const char *name, wish_t wish)
{
    err_t err = ERR_OK;
    switch (flag) {
    case 'h':
        return WISH_HELP;
    case 'v':
        return WISH_VERSION;
    case 't':
        return WISH_CHECK;
    case 'w':
        return WISH_WRITE_CONFIG;
    case 'r':
        return WISH_ROUTES;
    case 's':
        err = config_set(config, name, optarg);
        break;
    case 'c':
        err = config_load(config, optarg);
        break;
    case 'k':
        err = config_set_word(config, optarg);
        break;
    default:
        return s_misused(config, "that flag is not known or lacks its value");
    }
    return err == ERR_OK ? wish : WISH_NONE;
}

/* WISH_NONE: they make no sense, and the config's fault says why. */
static wish_t s_read_flags(int argc, char **argv, config_t *config)
{
    wish_t wish = WISH_SERVE;
    int flag, row = 0;
    optind = 0; /* from the start, also the second time */
    while ((wish == WISH_SERVE || wish == WISH_CHECK) &&
           (flag = getopt_long(argc, argv, "h", s_flags, &row)) != -1)
        wish = s_take_flag(config, flag, s_flags[row].name, wish);
    bool settings = wish == WISH_SERVE || wish == WISH_CHECK;
    if (settings && optind < argc)
        return s_misused(config, "it takes flags only");
    if (settings && house_fault(config) != NULL)
        return s_misused(config, house_fault(config));
    return wish;
}

/* ---- the process ---- */

static void s_set_log(const config_t *config)
{
    static const char *const words[] = {"error", "warn", "info", "debug"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (config_is(config, "log", words[i]))
            log_set_level((log_level_t)i);
    log_set_json(config_is(config, "log.format", "json"));
}

static void s_warn(const config_t *config)
{
    if (config_is(config, "argon2", "test"))
        log_warn("kithd", "argon2=test: passwords are hashed weakly; for tests only");
    if (config_is(config, "journal.sync", "off"))
        log_warn("kithd", "journal.sync=off: a power cut will lose acknowledged messages");
}

/* As many as may be; with too few, libraries would end the process in the middle of its work. */
static err_t s_raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return ERR_OK;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warn("kithd", "open files stay limited: %s", strerror(errno));
    if (limit.rlim_cur >= DESCRIPTORS_LEAST)
        return ERR_OK;
    log_error("kithd", "it may open %llu files, and needs %d: see `ulimit -Hn`, or LimitNOFILE",
              (unsigned long long)limit.rlim_cur, DESCRIPTORS_LEAST);
    return ERR_UNAVAILABLE;
}

/* Threads inherit the mask: signals are this thread's alone. */
static void s_take_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Settings that make no sense change nothing. */
static void s_reload(int argc, char **argv, house_t *house, config_t **config_p)
{
    config_t *fresh = settings_new();
    if (s_read_flags(argc, argv, fresh) != WISH_SERVE) {
        log_error("kithd", "nothing is reloaded: %s", fresh->fault);
        settings_destroy(&fresh);
        return;
    }
    settings_keep_running(fresh, *config_p);
    s_set_log(fresh);
    if (house_reload(house, fresh) == ERR_OK)
        log_info("kithd", "the settings are reloaded");
    settings_destroy(config_p);
    *config_p = TAKE(fresh);
}

/* The lines before say what, and of which file. */
static const char *s_way_out(err_t err)
{
    if (err == ERR_STORAGE)
        return "make room on the disk or mend it, and start again: what was acknowledged is there";
    if (err == ERR_CORRUPT)
        return "restore the file from a backup (docs/operating.md)";
    return "mend what is said above, and start again";
}

static int s_give_up(err_t err)
{
    log_error("kithd", "cannot start: %s; %s", err_info(err)->name, s_way_out(err));
    return EXIT_FAILURE;
}

static int s_serve(int argc, char **argv, config_t **config_p, const sigset_t *signals)
{
    house_t *house = NULL;
    int signal = 0;
    err_t err = house_start(*config_p, &house);
    if (err != ERR_OK)
        return s_give_up(err);
    notify("READY=1");
    while (sigwait(signals, &signal) == 0 && signal == SIGHUP)
        s_reload(argc, argv, house, config_p);
    log_info("kithd", "%s: ending", strsignal(signal));
    notify("STOPPING=1");
    house_stop(&house);
    log_info("kithd", "everything is on disk");
    return EXIT_SUCCESS;
}

static void s_seed_tables(void)
{
    uint64_t seed;
    crypto_random((uint8_t *)&seed, sizeof seed);
    map_seed(seed);
}

static int s_run(int argc, char **argv, config_t **config_p)
{
    sigset_t signals;
    s_take_signals(&signals);
    s_set_log(*config_p);
    err_t err = s_raise_descriptors();
    if (err == ERR_OK)
        err = warden_enter(*config_p);
    if (err != ERR_OK)
        return s_give_up(err);
    s_warn(*config_p);
    if (failpoint_arm() != ERR_OK) {
        fputs("kithd: there is no such failpoint\n", stderr);
        return EXIT_USAGE;
    }
    elliptic_start();
    if (crypto_start() != ERR_OK)
        return EXIT_FAILURE;
    s_seed_tables();
    bus_start();
    int code = s_serve(argc, argv, config_p, &signals);
    bus_stop();
    return code;
}

static int s_check(const config_t *config)
{
    if (crypto_start() != ERR_OK)
        return EXIT_FAILURE;
    bus_start();
    err_t err = house_check(config);
    bus_stop();
    if (err == ERR_OK)
        puts("kithd: it would start");
    return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int s_grant(wish_t wish, int argc, char **argv, config_t **config_p)
{
    switch (wish) {
    case WISH_SERVE:
        return s_run(argc, argv, config_p);
    case WISH_CHECK:
        return s_check(*config_p);
    case WISH_HELP:
        s_help();
        return EXIT_SUCCESS;
    case WISH_VERSION:
        puts("kithd " KITH_VERSION);
        return EXIT_SUCCESS;
    case WISH_WRITE_CONFIG:
        settings_print_file();
        return EXIT_SUCCESS;
    case WISH_ROUTES:
        house_print_routes();
        return EXIT_SUCCESS;
    case WISH_NONE:
        break;
    }
    fprintf(stderr, "kithd: %s\nTry `kithd --help`.\n", (*config_p)->fault);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    config_t *config = settings_new();
    int code = s_grant(s_read_flags(argc, argv, config), argc, argv, &config);
    settings_destroy(&config);
    return code;
}
