/* main.c - kith-start: the parts of tests/bench/start/run that need the house.
 *
 *   kith-start fill DIR MESSAGES ROOMS ACCOUNTS   make a data folder
 *   kith-start serve DIR ENDPOINT                 broker and actors, without an edge
 *   kith-start watch ENDPOINT                     say when such a server, or kithd, is there */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/actor.h"
#include "actors/bus.h"
#include "actors/crypto.h"
#include "broker/broker.h"
#include "tests/bench/start/fill.h"
#include "tests/bench/start/watch.h"

enum { EXIT_USAGE = 2, DRAIN_MS = 5000 };

static int s_outcome(err_t err)
{
    if (err != ERR_OK)
        fprintf(stderr, "kith-start: %s\n", err_info(err)->sentence);
    return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int s_fill(char **words)
{
    return s_outcome(fill_run(&(fill_options_t){
        .data = words[0],
        .messages = (unsigned)atoi(words[1]),
        .rooms = (unsigned)atoi(words[2]),
        .accounts = (unsigned)atoi(words[3]),
    }));
}

static int s_serve(char **words)
{
    static const char inner[] = "inproc://broker";
    broker_options_t options = {.data = words[0],
                                .keys = "",
                                .inner = inner,
                                .bus = (const char *const *)&words[1],
                                .bus_count = 1};
    actor_options_t actor = {.data = words[0], .bus = inner};
    broker_t *broker = NULL;
    actor_t *session = NULL, *room = NULL;
    sigset_t ends;
    int signal;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    err_t err = broker_start(&options, &broker);
    if (err == ERR_OK)
        err = actor_start(&session_actor, &actor, &session);
    if (err == ERR_OK)
        err = actor_start(&room_actor, &actor, &room);
    if (err == ERR_OK)
        sigwait(&ends, &signal);
    if (broker != NULL)
        broker_drain(broker, DRAIN_MS);
    actor_stop(&room);
    actor_stop(&session);
    broker_stop(&broker);
    return s_outcome(err);
}

static int s_watch(char **words)
{
    watch_times_t times;
    err_t err = watch_run(words[0], &times);
    if (err == ERR_OK)
        printf("%lld %lld %lld %llu\n", (long long)times.answered, (long long)times.ready,
               (long long)times.indexed, (unsigned long long)times.head);
    return s_outcome(err);
}

static const struct {
    const char *name;
    int words; /* behind the name */
    int (*run)(char **words);
} s_commands[] = {{"fill", 4, s_fill}, {"serve", 2, s_serve}, {"watch", 1, s_watch}};

int main(int argc, char **argv)
{
    int code = EXIT_USAGE;
    if (crypto_start() != ERR_OK)
        return EXIT_FAILURE;
    bus_start();
    for (size_t i = 0; i < COUNT_OF(s_commands); i++)
        if (argc == s_commands[i].words + 2 && strcmp(argv[1], s_commands[i].name) == 0)
            code = s_commands[i].run(argv + 2);
    bus_stop();
    if (code == EXIT_USAGE)
        fprintf(stderr, "kith-start: it is for tests/bench/start/run\n");
    return code;
}
