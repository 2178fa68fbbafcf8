/* main.c - kith-matchmaker: people open tickets at a steady rate, and are matched.
 *
 *   kith-matchmaker BUS SERVER PEOPLE RATE SECONDS
 *
 * Who is matched opens another ticket when it is their turn again.  Prints a line of what came of
 * it; tests/bench/matchmaker/run starts the server, whose process SERVER is. */
#include <stdio.h>
#include <stdlib.h>

#include "schema/mem.h"
#include "tests/bench/matchmaker/players.h"
#include "tools/bench/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/proc.h"

enum { EXIT_USAGE = 2, WARMUP_S = 2, AT_ONCE_MAX = 2000 };

/* Tickets at this rate for so long. */
static void s_go_on(players_t *players, uint64_t rate, uint64_t seconds)
{
    uint64_t start = clock_ns(), sent = 0, end = seconds * CLOCK_SECOND_NS;
    for (uint64_t at = 0; at < end; at = clock_ns() - start) {
        uint64_t due = rate * at / CLOCK_SECOND_NS - sent;
        size_t before = players->idle_count;
        players_send(players, due < AT_ONCE_MAX ? due : AT_ONCE_MAX);
        sent += before - players->idle_count;
        players_hear(players);
    }
}

static double s_ms(const latency_t *latency, double share)
{
    return (double)latency_at(latency, share) / 1e6;
}

static void s_print(const players_t *players, double seconds, double server_s)
{
    printf("opened %.0f/s  matched %.0f/s  refused %.0f/s  closed %.0f/s  waiting %zu  "
           "wait p50 %.0f ms  p99 %.0f ms  max %.0f ms  server CPU %.0f %%\n",
           (double)players->opened / seconds, (double)players->matched / seconds,
           (double)players->refused / seconds, (double)players->closed / seconds,
           players->count - players->idle_count, s_ms(&players->waits, 0.5),
           s_ms(&players->waits, 0.99), (double)players->waits.max_ns / 1e6,
           100 * server_s / seconds);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: kith-matchmaker BUS SERVER PEOPLE RATE SECONDS\n");
        return EXIT_USAGE;
    }
    pid_t server = (pid_t)strtol(argv[2], NULL, 10);
    uint64_t rate = strtoull(argv[4], NULL, 10), seconds = strtoull(argv[5], NULL, 10);
    players_t *players = mem_new(players_t);
    bus_start();
    players_open(players, argv[1], strtoull(argv[3], NULL, 10));
    s_go_on(players, rate, WARMUP_S);
    players_measure(players);
    uint64_t from = clock_ns(), cpu = proc_sample(server).cpu_ns;
    s_go_on(players, rate, seconds);
    s_print(players, (double)(clock_ns() - from) / 1e9,
            (double)(proc_sample(server).cpu_ns - cpu) / 1e9);
    players_close(players);
    mem_free(players);
    bus_stop();
    return EXIT_SUCCESS;
}
