/* main.c - kithd: the composition root, the only file that knows all parts.
 *
 *   settings ── broker ── actors ── edge ── wait for SIGTERM or SIGINT
 *
 * It ends in the order in which work flows: the edge takes no more, what is on its
 * way reaches the disk, the actors write their projections, the journal closes. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "actors/actor.h"
#include "actors/bus.h"
#include "actors/config.h"
#include "actors/crypto.h"
#include "actors/log.h"
#include "broker/broker.h"
#include "ws-edge/edge.h"

enum { EXIT_USAGE = 2, DRAIN_MS = 5000, PATH_SIZE = 4096, LISTENERS_MAX = 16 };

#define SETTING(key_, words_, value_, doc_) \
    {.key = (key_), .words = (words_), .doc = (doc_), .value = (value_)},
static setting_t s_settings[] = {
#include "broker/settings.def"
};
#undef SETTING

static config_t s_config = {.settings = s_settings, .count = COUNT_OF(s_settings)};

static const actor_row_t *const s_actors[] = {&session_actor, &room_actor};

/* Everything that runs. */
typedef struct house {
    broker_t *broker;
    actor_t *actors[COUNT_OF(s_actors)];
    edge_t *edge;
} house_t;

/* ---- flags and settings ---- */

static void s_help(void)
{
    printf(
        "kithd - chat, presence, matching and notifications, in one server\n\n"
        "usage: kithd [--data DIR] [--http HOST:PORT[,HOST:PORT…]] [--line HOST:PORT]\n"
        "             [--bus ENDPOINT] [--config FILE] [--set KEY=VALUE]… [--help] [--version]\n\n"
        "Flags count in their order, a later one wins.  SIGTERM and SIGINT end it gracefully.\n\n"
        "settings (a flag --KEY exists for the first four):\n");
    for (size_t i = 0; i < COUNT_OF(s_settings); i++)
        printf("  %-13s %s\n  %-13s %s%s%s%s\n", s_settings[i].key, s_settings[i].doc, "",
               s_settings[i].words != NULL ? s_settings[i].words : "",
               s_settings[i].words != NULL ? "; " : "", "default ",
               *s_settings[i].value != '\0' ? s_settings[i].value : "none");
}

static int s_usage(const char *problem)
{
    fprintf(stderr, "kithd: %s\nTry `kithd --help`.\n", problem);
    return EXIT_USAGE;
}

static const struct option s_flags[] = {
    {"data", required_argument, NULL, 's'},
    {"http", required_argument, NULL, 's'},
    {"line", required_argument, NULL, 's'},
    {"bus", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"set", required_argument, NULL, 'k'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

/* -1: go on; otherwise the program's exit code. */
static int s_read_flags(int argc, char **argv)
{
    int flag, row = 0;
    while ((flag = getopt_long(argc, argv, "h", s_flags, &row)) != -1) {
        err_t err = ERR_OK;
        if (flag == 'h') {
            s_help();
            return EXIT_SUCCESS;
        }
        if (flag == 'v') {
            puts("kithd " KITH_VERSION);
            return EXIT_SUCCESS;
        }
        if (flag == '?')
            return s_usage("that flag is not known or lacks its value");
        if (flag == 's')
            err = config_set(&s_config, s_flags[row].name, optarg);
        else if (flag == 'c')
            err = config_load(&s_config, optarg);
        else
            err = config_set_word(&s_config, optarg);
        if (err != ERR_OK)
            return s_usage(s_config.fault);
    }
    return optind < argc ? s_usage("it takes flags only") : -1;
}

static const char *s_get(const char *key)
{
    return config_get(&s_config, key);
}

static bool s_is(const char *key, const char *value)
{
    return config_is(&s_config, key, value);
}

/* ---- safety ---- */

/* The listeners of the setting, split in place at its commas. */
typedef struct listeners {
    char text[PATH_SIZE];
    const char *items[LISTENERS_MAX];
    size_t count;
} listeners_t;

static void s_split(listeners_t *listeners)
{
    char *rest = NULL;
    snprintf(listeners->text, sizeof listeners->text, "%s", s_get("http"));
    listeners->count = 0;
    for (char *at = strtok_r(listeners->text, ", ", &rest);
         at != NULL && listeners->count < LISTENERS_MAX; at = strtok_r(NULL, ", ", &rest))
        listeners->items[listeners->count++] = at;
}

static bool s_loopback(const char *endpoint)
{
    return strncmp(endpoint, "127.", 4) == 0 || strncmp(endpoint, "localhost:", 10) == 0 ||
           strncmp(endpoint, "[::1]:", 6) == 0;
}

/* Weak hashing is for tests: it does not go near a network. */
static bool s_loopback_only(void)
{
    listeners_t listeners;
    s_split(&listeners);
    for (size_t i = 0; i < listeners.count; i++)
        if (!s_loopback(listeners.items[i]))
            return false;
    return true;
}

static const char *s_unsafe(void)
{
    if (s_is("argon2", "test") && !s_loopback_only())
        return "argon2=test hashes passwords weakly and starts on loopback listeners only";
    return NULL;
}

static void s_warn(void)
{
    if (s_is("argon2", "test"))
        log_warn("kithd", "argon2=test: passwords are hashed weakly; for tests only");
    if (s_is("journal.sync", "off"))
        log_warn("kithd", "journal.sync=off: a power cut will lose acknowledged messages");
}

static void s_raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warn("kithd", "open files stay limited: %s", strerror(errno));
}

static void s_set_log_level(void)
{
    static const char *const words[] = {"error", "warn", "info", "debug"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (s_is("log", words[i]))
            log_set_level((log_level_t)i);
}

/* ---- start and stop ---- */

static err_t s_start_actors(house_t *house, const char *inner)
{
    actor_options_t options = {
        .data = s_get("data"),
        .bus = inner,
        .weak_passwords = s_is("argon2", "test"),
    };
    err_t err = ERR_OK;
    for (size_t i = 0; i < COUNT_OF(s_actors) && err == ERR_OK; i++)
        err = actor_start(s_actors[i], &options, &house->actors[i]);
    return err;
}

static err_t s_start_edge(house_t *house, const char *inner)
{
    listeners_t listeners;
    s_split(&listeners);
    bool limited = s_is("limits", "on") && !s_is("argon2", "test");
    edge_options_t options = edge_options_default();
    options.http = listeners.items;
    options.http_count = listeners.count;
    options.bus = inner;
    options.data = s_get("data");
    options.public_url = s_get("public_url");
    options.origins = s_get("origins");
    options.official_writes = s_is("write", "official");
    options.limit_sign_ups = limited;
    options.limit_failures = s_is("limits", "on");
    return edge_start(&options, &house->edge);
}

static err_t s_start(house_t *house)
{
    static const char inner[] = "inproc://broker";
    char bus[PATH_SIZE];
    bool chosen = *s_get("bus") != '\0';
    snprintf(bus, sizeof bus, "%s%s%s", chosen ? "" : "ipc://", s_get(chosen ? "bus" : "data"),
             chosen ? "" : "/bus");
    broker_options_t broker = {
        .data = s_get("data"),
        .inner = inner,
        .bus = bus,
        .unsynced = s_is("journal.sync", "off"),
    };
    err_t err = broker_start(&broker, &house->broker);
    if (err == ERR_OK)
        err = s_start_actors(house, inner);
    if (err == ERR_OK)
        err = s_start_edge(house, inner);
    return err;
}

static void s_stop(house_t *house)
{
    edge_stop(&house->edge);
    if (house->broker != NULL)
        broker_drain(house->broker, DRAIN_MS);
    for (size_t i = COUNT_OF(s_actors); i-- > 0;)
        actor_stop(&house->actors[i]);
    broker_stop(&house->broker);
}

static int s_serve(const sigset_t *ends)
{
    house_t house = {0};
    int signal = 0;
    err_t err = s_start(&house);
    if (err == ERR_OK) {
        sigwait(ends, &signal);
        log_info("kithd", "%s: ending", strsignal(signal));
    } else {
        log_error("kithd", "cannot start: %s", err_info(err)->sentence);
    }
    s_stop(&house);
    if (err == ERR_OK)
        log_info("kithd", "everything is on disk");
    return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    sigset_t ends;
    int code = s_read_flags(argc, argv);
    if (code >= 0)
        return code;
    if (s_unsafe() != NULL)
        return s_usage(s_unsafe());
    if (mkdir(s_get("data"), 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "kithd: cannot make the folder %s: %s\n", s_get("data"), strerror(errno));
        return EXIT_FAILURE;
    }

    /* Threads inherit the mask: signals are this thread's alone. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    s_set_log_level();
    s_raise_descriptors();
    s_warn();
    err_t crypto = crypto_start();
    if (crypto != ERR_OK)
        return EXIT_FAILURE;
    bus_start();
    code = s_serve(&ends);
    bus_stop();
    config_clear(&s_config);
    return code;
}
