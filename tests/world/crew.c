/* crew.c - processes: a set of members that live and die together.
 *
 *   DOWN ── due ──> STARTING ── all are there ──> UP ── stop ──> STOPPING ──> STOPPED
 *     ^                └── dies ──┬──────────────┘
 *     └───────────────────────────┘
 *
 * A process that ends by itself, as an actor does whose projection cannot be written, is one that
 * has died. */
#include "tests/world/crew.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/actor.h"
#include "broker/broker.h"
#include "tests/world/chance.h"
#include "tests/world/disk.h"
#include "tests/world/fibre.h"
#include "tests/world/hour.h"
#include "tests/world/net.h"
#include "tests/world/story.h"

enum { RESTART_US = 1500 * 1000, DRAIN_MS = 5000 };

/* The broker is the one without a row. */
static const actor_row_t *const s_rows[] = {
    NULL, &session_actor, &matching_actor, &room_actor, &search_actor, &notifier_actor,
};

enum { MEMBERS = COUNT_OF(s_rows) };

typedef enum state { DOWN, STARTING, UP, STOPPING, STOPPED } state_t;

typedef struct process {
    state_t state;
    int incarnation;
    int64_t due; /* to start again */
    char data[DISK_PATH_SIZE];
    actor_options_t options;
} process_t;

static crew_options_t s_options;
static process_t s_processes[MEMBERS];
static broker_t *s_broker;
static actor_t *s_actors[MEMBERS];
static int s_incarnations;
static char s_folder[DISK_PATH_SIZE];

int crew_count(void)
{
    return s_options.apart ? MEMBERS : 1;
}

static const char *s_member(int member)
{
    return s_rows[member] != NULL ? s_rows[member]->name : "broker";
}

const char *crew_name(int process)
{
    return s_options.apart ? s_member(process) : "kithd";
}

bool crew_is_up(int process)
{
    return s_processes[process].state == UP;
}

static bool s_has(int process, int member)
{
    return !s_options.apart || process == member;
}

/* ---- starting ---- */

static err_t s_start_broker(process_t *process)
{
    static const char *const bus[] = {""};
    const broker_options_t options = {
        .data = process->data,
        .keys = process->data,
        .inner = CREW_BUS,
        .bus = bus,
        .bots = bus,
        .patience_ms = 500,
        .segment_bytes = s_options.segment_bytes,
    };
    return broker_start(&options, &s_broker);
}

static err_t s_start_actor(process_t *process, int member)
{
    process->options = (actor_options_t){
        .data = process->data,
        .bus = CREW_BUS,
        .weak_passwords = true,
    };
    return actor_start(s_rows[member], &process->options, &s_actors[member]);
}

static void *s_start(void *ctx)
{
    process_t *process = ctx;
    int number = (int)(process - s_processes);
    for (int member = 0; member < MEMBERS; member++) {
        if (!s_has(number, member))
            continue;
        err_t err =
            s_rows[member] == NULL ? s_start_broker(process) : s_start_actor(process, member);
        if (err != ERR_OK)
            exit(EXIT_FAILURE);
    }
    process->state = UP;
    return NULL;
}

static void s_begin(int number)
{
    process_t *process = &s_processes[number];
    process->state = STARTING;
    process->incarnation = s_incarnations++;
    disk_mount(process->incarnation, process->data);
    story("crew    %s starts", crew_name(number));
    fibre_start(number, s_start, process);
}

void crew_begin(const crew_options_t *options)
{
    s_options = *options;
}

void crew_step(void)
{
    for (int number = 0; number < crew_count(); number++)
        if (s_processes[number].state == DOWN && s_processes[number].due <= hour_now())
            s_begin(number);
}

int64_t crew_next(void)
{
    int64_t next = INT64_MAX;
    for (int number = 0; number < crew_count(); number++)
        if (s_processes[number].state == DOWN && s_processes[number].due < next)
            next = s_processes[number].due;
    return next;
}

/* ---- ending ---- */

void crew_kill(int number)
{
    process_t *process = &s_processes[number];
    if (process->state == DOWN || process->state == STOPPED)
        return;
    story("crew    %s is dead", crew_name(number));
    fibre_kill(number);
    net_kill(number);
    disk_unmount(process->incarnation);
    disk_doom(number, 0);
    process->state = DOWN;
    process->due = hour_now() + (int64_t)chance_between(1, RESTART_US);
}

void crew_cut_power(void)
{
    for (int number = 0; number < crew_count(); number++)
        crew_kill(number);
    disk_cut();
}

/* In the order of house.c. */
static void *s_stop(void *ctx)
{
    process_t *process = ctx;
    int number = (int)(process - s_processes);
    if (s_has(number, 0))
        broker_drain(s_broker, DRAIN_MS);
    for (int member = MEMBERS - 1; member > 0; member--)
        if (s_has(number, member))
            actor_stop(&s_actors[member]);
    if (s_has(number, 0))
        broker_stop(&s_broker);
    process->state = STOPPED;
    disk_unmount(process->incarnation);
    return NULL;
}

/* Actors before the broker, where they are apart. */
void crew_stop(void)
{
    bool others = false;
    for (int number = crew_count() - 1; number >= 0; number--) {
        process_t *process = &s_processes[number];
        bool waits = number == 0 && others;
        others = others || process->state != STOPPED;
        if (process->state != UP || waits)
            continue;
        process->state = STOPPING;
        fibre_start(number, s_stop, process);
    }
}

bool crew_has_stopped(void)
{
    for (int number = 0; number < crew_count(); number++)
        if (s_processes[number].state != STOPPED)
            return false;
    return true;
}

const char *crew_folder(void)
{
    if (s_folder[0] == '\0')
        disk_mount(s_incarnations++, s_folder);
    return s_folder;
}

/* A process that gives up. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc has names of its own */
void exit(int status)
{
    story("crew    a process exits: %d", status);
    if (fibre_process() == NO_PROCESS)
        _Exit(status);
    fibre_die();
}
