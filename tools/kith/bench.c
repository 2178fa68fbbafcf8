/* bench.c - kith bench: put a load on a running server, measure, and put all back.
 *
 *   accounts, tokens        rooms, messages         rooms            accounts
 *   (bus, this process) --> (REST, a process) --> (REST, a process) --> (bus, this one)
 *
 * What runs against the public door ends its process when anything goes wrong, so it has
 * one of its own; whatever becomes of that, this one removes what was made.
 *
 * SIGINT and SIGTERM are blocked throughout and taken when they suit: between two accounts,
 * or while the load runs, which then is ended.  Clearing up is not cut short by them. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tools/bench/http.h"
#include "tools/bench/pace.h"
#include "tools/bench/protocol.h"
#include "tools/bench/scene.h"
#include "tools/kith/ask.h"
#include "tools/kith/audience.h"
#include "tools/kith/load.h"
#include "tools/kith/place.h"

enum {
    PEOPLE_OF_RATE = 1000, /* in a room where all of them send: who hears whom is a square */
    SPARE_FILES = 64,
};

typedef struct bench {
    const options_t *options;
    sigset_t signals;    /* that end it early */
    sigset_t unhindered; /* as before they were blocked */
    swarm_plan_t plan;
    load_plan_t load;
    swarm_t *swarm;
    peer_t *peer;
    mint_t *mint;
    audience_t *audience;
    bool stopped;
} bench_t;

/* ---- what is wanted ---- */

static uint32_t s_or(uint64_t said, uint32_t otherwise)
{
    return said > 0 ? (uint32_t)said : otherwise;
}

/* HOST:PORT as an address of IPv4; false after a sentence. */
static bool s_address(const char *text, struct sockaddr_in *ret_address)
{
    char host[256];
    const char *colon = strrchr(text, ':');
    const struct addrinfo wanted = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (colon != NULL && (size_t)(colon - text) < sizeof host) {
        snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
        if (getaddrinfo(host, colon + 1, &wanted, &found) == 0)
            memcpy(ret_address, found->ai_addr, sizeof *ret_address);
    }
    if (found == NULL)
        fprintf(stderr, "kith: `%s` is no HOST:PORT of IPv4\n", text);
    else
        freeaddrinfo(found);
    return found != NULL;
}

static bool s_fits(const swarm_plan_t *plan, uint32_t rate)
{
    uint64_t people = (uint64_t)plan->rooms * plan->seats, files = swarm_raise_files();
    if (people + SPARE_FILES > files)
        fprintf(stderr, "kith: %lu people are more than the %lu files that may be open here\n",
                people, files);
    else if (rate > 0 && plan->seats > PEOPLE_OF_RATE)
        fprintf(stderr, "kith: with --rate everybody sends, and a room has at most %d people\n",
                PEOPLE_OF_RATE);
    else
        return true;
    return false;
}

static bool s_plan(bench_t *bench)
{
    const options_t *options = bench->options;
    if (options->data == NULL) {
        fprintf(stderr, "kith: say --data DIR: the key that signs tokens is there\n");
        return false;
    }
    bench->plan = (swarm_plan_t){
        .protocol = &protocol_kith,
        .rooms = s_or(options->rooms, 1),
        .seats = s_or(options->people, 100),
        .payload_bytes = s_or(options->payload, 128),
        .in_rooms = true,
    };
    bench->load = (load_plan_t){
        .load = {.pace = options->rate > 0 ? &pace_rate : &pace_window,
                 .window = s_or(options->window, 8),
                 .rate = (uint32_t)options->rate},
        .seconds = s_or(options->seconds, 5),
        .json = options->json,
    };
    return s_address(options->http != NULL ? options->http : "127.0.0.1:8080",
                     &bench->plan.server) &&
           s_fits(&bench->plan, bench->load.load.rate);
}

/* ---- signals and processes ---- */

static void s_hold_signals(bench_t *bench)
{
    sigset_t held;
    sigemptyset(&bench->signals);
    sigaddset(&bench->signals, SIGINT);
    sigaddset(&bench->signals, SIGTERM);
    held = bench->signals;
    sigaddset(&held, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &held, &bench->unhindered);
}

/* Whether somebody wants it to end. */
static bool s_stopped(bench_t *bench)
{
    static const struct timespec at_once;
    if (sigtimedwait(&bench->signals, NULL, &at_once) > 0)
        bench->stopped = true;
    return bench->stopped;
}

/* Wait for the process; a signal ends it early if it is `mortal`. */
static bool s_await(bench_t *bench, pid_t process, bool mortal)
{
    sigset_t awaited;
    int status = 0;
    sigemptyset(&awaited);
    if (mortal)
        awaited = bench->signals;
    sigaddset(&awaited, SIGCHLD);
    while (waitpid(process, &status, WNOHANG) == 0) {
        int number = sigwaitinfo(&awaited, NULL);
        if (number != SIGINT && number != SIGTERM)
            continue;
        bench->stopped = true;
        kill(process, SIGTERM);
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

typedef void work_fn(const bench_t *bench);

/* Do the work in a process of its own, which does not outlive this one. */
static bool s_apart(bench_t *bench, work_fn *work, bool mortal)
{
    fflush(stdout);
    pid_t process = fork();
    if (process < 0)
        perror("kith: bench");
    if (process != 0)
        return process > 0 && s_await(bench, process, mortal);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1); /* nanosecond: a fixed rate is kept to */
    if (mortal)
        pthread_sigmask(SIG_SETMASK, &bench->unhindered, NULL);
    work(bench);
    _exit(fflush(stdout) == 0 ? 0 : 1); /* the bus is the parent's to close */
}

static void s_load(const bench_t *bench)
{
    load_run(bench->swarm, &bench->load);
}

static void s_close_rooms(const bench_t *bench)
{
    scene_close_rooms(bench->swarm);
}

/* ---- the run ---- */

static bool s_open(bench_t *bench)
{
    const struct sockaddr_in *server = &bench->plan.server;
    bench->peer = ask_meet(bench->options);
    if (bench->peer == NULL)
        return false;
    if (!http_listens(server)) {
        fprintf(stderr, "kith: %s:%u: %s; say --http HOST:PORT\n", inet_ntoa(server->sin_addr),
                ntohs(server->sin_port), strerror(errno));
        return false;
    }
    err_t err = mint_open(bench->options->data, &bench->mint);
    if (err != ERR_OK) {
        place_complain(bench->options->data, err);
        return false;
    }
    bench->load.server = place_server(bench->options->data);
    bench->swarm = swarm_new(&bench->plan);
    bench->audience = audience_new(bench->swarm, bench->peer, bench->mint);
    return true;
}

/* Rooms go first: they need their owners. */
static bool s_clear(bench_t *bench)
{
    bool cleared = true;
    if (bench->options->keep)
        return true;
    if (audience_whole(bench->audience))
        cleared = s_apart(bench, s_close_rooms, false);
    if (!cleared)
        fprintf(stderr, "kith: rooms called `bench` may be left\n");
    return audience_remove(bench->audience) && cleared;
}

static bool s_run(bench_t *bench)
{
    bool good = true;
    while (good && !audience_whole(bench->audience) && !s_stopped(bench))
        good = audience_add(bench->audience);
    good = good && !s_stopped(bench) && s_apart(bench, s_load, true);
    return s_clear(bench) && good;
}

static void s_close(bench_t *bench)
{
    audience_destroy(&bench->audience);
    swarm_destroy(&bench->swarm);
    mint_close(&bench->mint);
    peer_close(&bench->peer);
}

outcome_t bench_run(const options_t *options)
{
    bench_t bench = {.options = options};
    if (!s_plan(&bench))
        return OUTCOME_USAGE;
    s_hold_signals(&bench);
    bool good = s_open(&bench) && s_run(&bench);
    if (bench.stopped)
        fprintf(stderr, "kith: bench: stopped\n");
    s_close(&bench);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
