/* main.c - kith-bench: options in, one measurement, one line of JSON out.
 *
 * It knows nothing of starting servers or of medians: tests/bench/run does
 * that, and calls this once a peer, workload and run. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "tools/bench/fail.h"
#include "tests/bench/peers.h"
#include "tests/bench/workload.h"

enum { PAYLOAD_BYTES_MAX = 16384, CLIENTS_MAX = 1000000, SPARE_FILES = 64, EXIT_MISUSED = 2 };

static const char usage[] =
    "kith-bench - measure one workload on one running server\n"
    "\n"
    "  kith-bench --peer NAME --port PORT --server PID --workload NAME [options]\n"
    "  kith-bench --list [--peer NAME]    the workloads (that fit the peer)\n"
    "  kith-bench --peers                 the servers it can talk to\n"
    "\n"
    "  --port PORT     where the server's WebSocket listens, on 127.0.0.1\n"
    "  --server PID    leader of the server's process group, for CPU and memory\n"
    "  --seconds S     how long to measure (2)\n"
    "  --warmup S      how long to run before that (0.5)\n"
    "  --payload N     bytes of each message (128; at least 34)\n"
    "  --spare-rooms N more rooms of Kith, in which nothing is said (0)\n"
    "  --rooms N, --seats N, --window N, --rate N    instead of the workload's own\n"
    "  --run N         a number to note in the result\n"
    "  --as NAME       what the result calls the peer (its NAME)\n"
    "  --folder DIR    on the disk that is measured (.)\n"
    "  --mark COMMAND  run it with \"begin\" and \"end\" where the measuring begins and ends\n"
    "\n"
    "Writes one line of JSON.  Exit code 0: measured; 1: something went wrong;\n"
    "2: wrong usage.\n";

/* Options are kept as texts until all are there, so their order is free. */
enum option_id {
    OPTION_HELP,
    OPTION_LIST,
    OPTION_PEERS,
    OPTION_PEER,
    OPTION_PORT,
    OPTION_SERVER,
    OPTION_WORKLOAD,
    OPTION_SECONDS,
    OPTION_WARMUP,
    OPTION_PAYLOAD,
    OPTION_SPARE_ROOMS,
    OPTION_ROOMS,
    OPTION_SEATS,
    OPTION_WINDOW,
    OPTION_RATE,
    OPTION_RUN,
    OPTION_AS,
    OPTION_FOLDER,
    OPTION_MARK,
    OPTION_COUNT,
};

static const struct option options[] = {
    {"help", no_argument, NULL, OPTION_HELP},
    {"list", no_argument, NULL, OPTION_LIST},
    {"peers", no_argument, NULL, OPTION_PEERS},
    {"peer", required_argument, NULL, OPTION_PEER},
    {"port", required_argument, NULL, OPTION_PORT},
    {"server", required_argument, NULL, OPTION_SERVER},
    {"workload", required_argument, NULL, OPTION_WORKLOAD},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"warmup", required_argument, NULL, OPTION_WARMUP},
    {"payload", required_argument, NULL, OPTION_PAYLOAD},
    {"spare-rooms", required_argument, NULL, OPTION_SPARE_ROOMS},
    {"rooms", required_argument, NULL, OPTION_ROOMS},
    {"seats", required_argument, NULL, OPTION_SEATS},
    {"window", required_argument, NULL, OPTION_WINDOW},
    {"rate", required_argument, NULL, OPTION_RATE},
    {"run", required_argument, NULL, OPTION_RUN},
    {"as", required_argument, NULL, OPTION_AS},
    {"folder", required_argument, NULL, OPTION_FOLDER},
    {"mark", required_argument, NULL, OPTION_MARK},
    {NULL, 0, NULL, 0},
};

typedef struct arguments {
    const char *given[OPTION_COUNT]; /* NULL: not given */
} arguments_t;

__attribute__((noreturn)) static void s_misused(enum option_id id, const char *problem)
{
    fprintf(stderr, "kith-bench: --%s %s (see --help)\n", options[id].name, problem);
    exit(EXIT_MISUSED);
}

static arguments_t s_read(int argc, char **argv)
{
    arguments_t arguments = {0};
    for (int id; (id = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (id == '?')
            exit(EXIT_MISUSED); /* getopt has said why */
        arguments.given[id] = optarg != NULL ? optarg : "";
    }
    if (optind < argc) {
        fprintf(stderr, "kith-bench: %s: what is this? (see --help)\n", argv[optind]);
        exit(EXIT_MISUSED);
    }
    return arguments;
}

/* A whole number from `min` to `max`; `otherwise` if the option is not there. */
static uint32_t s_number(const arguments_t *arguments, enum option_id id, uint32_t min,
                         uint32_t max, uint32_t otherwise)
{
    const char *text = arguments->given[id];
    if (text == NULL)
        return otherwise;
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || value < min || value > max)
        s_misused(id, "is out of range");
    return (uint32_t)value;
}

static double s_seconds(const arguments_t *arguments, enum option_id id, double otherwise)
{
    const char *text = arguments->given[id];
    if (text == NULL)
        return otherwise;
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0 && value <= 3600))
        s_misused(id, "is no span of up to an hour");
    return value;
}

static const protocol_t *s_peer(const arguments_t *arguments)
{
    const char *name = arguments->given[OPTION_PEER];
    const protocol_t *peer = name != NULL ? peers_find(name) : NULL;
    if (name != NULL && peer == NULL)
        s_misused(OPTION_PEER, "is none that the bench knows");
    return peer;
}

static settings_t s_settings(const arguments_t *arguments)
{
    settings_t settings = {
        .peer = s_peer(arguments),
        .port = (uint16_t)s_number(arguments, OPTION_PORT, 1, UINT16_MAX, 0),
        .server = (pid_t)s_number(arguments, OPTION_SERVER, 1, INT32_MAX, 0),
        .payload_bytes = s_number(arguments, OPTION_PAYLOAD, STAMP_BYTES, PAYLOAD_BYTES_MAX, 128),
        .spare_rooms = s_number(arguments, OPTION_SPARE_ROOMS, 0, CLIENTS_MAX, 0),
        .seconds = s_seconds(arguments, OPTION_SECONDS, 2),
        .warmup_seconds = s_seconds(arguments, OPTION_WARMUP, 0.5),
        .run = s_number(arguments, OPTION_RUN, 0, UINT32_MAX, 1),
        .folder = arguments->given[OPTION_FOLDER] ? arguments->given[OPTION_FOLDER] : ".",
        .mark = arguments->given[OPTION_MARK],
    };
    if (settings.peer == NULL)
        s_misused(OPTION_PEER, "is missing");
    settings.name = arguments->given[OPTION_AS] ? arguments->given[OPTION_AS] : settings.peer->name;
    if (settings.port == 0)
        s_misused(OPTION_PORT, "is missing");
    if (settings.server == 0)
        s_misused(OPTION_SERVER, "is missing");
    return settings;
}

/* A workload whose numbers were changed says so, lest results be mixed up. */
static void s_describe(workload_t *workload)
{
    static char doc[160];
    snprintf(doc, sizeof doc, "%s; changed to %u x %u, window %u, rate %u", workload->doc,
             workload->rooms, workload->seats, workload->load.window, workload->load.rate);
    workload->doc = doc;
}

static workload_t s_workload(const arguments_t *arguments)
{
    const char *name = arguments->given[OPTION_WORKLOAD];
    const workload_t *found = name != NULL ? workload_find(name) : NULL;
    if (found == NULL)
        s_misused(OPTION_WORKLOAD, "is missing, or none of --list");

    workload_t workload = *found;
    load_t *load = &workload.load;
    workload.rooms = s_number(arguments, OPTION_ROOMS, 1, CLIENTS_MAX, workload.rooms);
    workload.seats = s_number(arguments, OPTION_SEATS, 1, CLIENTS_MAX, workload.seats);
    load->window = s_number(arguments, OPTION_WINDOW, 1, UINT16_MAX, load->window);
    load->rate = s_number(arguments, OPTION_RATE, 1, UINT32_MAX, load->rate);
    if (arguments->given[OPTION_ROOMS] || arguments->given[OPTION_SEATS] ||
        arguments->given[OPTION_WINDOW] || arguments->given[OPTION_RATE])
        s_describe(&workload);
    return workload;
}

static void s_open_files_raise(uint64_t clients)
{
    uint64_t most = swarm_raise_files();
    if (clients + SPARE_FILES > most)
        fail("%lu connections are more than this user may open (%lu)", clients, most);
}

static void s_measure(const arguments_t *arguments)
{
    settings_t settings = s_settings(arguments);
    workload_t workload = s_workload(arguments);
    if (!workload_fits(&workload, settings.peer))
        s_misused(OPTION_WORKLOAD, "is not for this peer");

    s_open_files_raise((uint64_t)workload.rooms * workload.seats);
    prctl(PR_SET_TIMERSLACK, 1); /* nanosecond: a fixed rate is kept to */
    workload_run(&workload, &settings);
}

int main(int argc, char **argv)
{
    arguments_t arguments = s_read(argc, argv);
    if (arguments.given[OPTION_HELP] != NULL)
        fputs(usage, stdout);
    else if (arguments.given[OPTION_PEERS] != NULL)
        peers_list();
    else if (arguments.given[OPTION_LIST] != NULL)
        workload_list(s_peer(&arguments));
    else
        s_measure(&arguments);
    return 0;
}
