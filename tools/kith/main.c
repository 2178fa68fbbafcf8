/* main.c - kith: the table of commands, and how one is found and explained. */
#include <stdio.h>
#include <string.h>

#include "actors/bus.h"
#include "actors/crypto.h"
#include "tools/kith/command.h"

/* Besides --help, which all of them take. */
#define FILES OPTION_BIT(DATA)
#define LIVE OPTION_BIT(BUS)
#define FILTER (OPTION_BIT(TYPE) | OPTION_BIT(ROOM) | OPTION_BIT(ACCOUNT))

static const command_t s_commands[] = {
    {
        .name = "tail",
        .takes = FILES | LIVE | FILTER | OPTION_BIT(FROM) | OPTION_BIT(COUNT) | OPTION_BIT(FOLLOW) |
                 OPTION_BIT(JSON),
        .summary = "the last records, and over --bus what happens from then on",
        .detail =
            "Prints the last ten records that fit, or those from --from on, to the head.  Over\n"
            "--bus it then goes on live until interrupted, without a gap and nothing twice, also\n"
            "past a restart of the server.  --count N ends it: the last N records, or the first\n"
            "N from --from on; with --follow the next N, however long that takes.",
        .run = tail_run,
    },
    {
        .name = "journal dump",
        .takes = FILES | FILTER | OPTION_BIT(FROM) | OPTION_BIT(TO) | OPTION_BIT(JSON),
        .summary = "every record of a stopped server's journal",
        .detail = "Prints a record a line, in order.  Secrets are never shown.",
        .run = dump_run,
    },
    {
        .name = "journal verify",
        .takes = FILES | OPTION_BIT(JSON),
        .summary = "is the journal whole?",
        .detail =
            "Reads all of it: checksums, sequences without a gap, the chain of hashes.  Exits\n"
            "with 1 at the first damage and says in which file and at which sequence.",
        .run = verify_run,
    },
    {
        .name = "journal stats",
        .takes = FILES | OPTION_BIT(JSON),
        .summary = "how large the journal is, and from when to when",
        .detail = "Counts without reading the records.",
        .run = stats_run,
    },
    {
        .name = "digest",
        .takes = FILES | OPTION_BIT(JSON),
        .summary = "a hash of each projection, to compare two of them",
        .detail = "Prints each actor's name, the sequence that its projection reflects, and the\n"
                  "BLAKE2b-256 of its rows.  Projections of the same journal at the same sequence\n"
                  "are equal, however they came about.",
        .run = digest_run,
    },
    {
        .name = "rebuild",
        .takes = FILES,
        .summary = "delete the projections; the next start makes them anew",
        .detail = "The journal stays as it is: it is the truth, and projections follow from it.",
        .run = rebuild_run,
    },
    {
        .name = "status",
        .takes = LIVE | OPTION_BIT(JSON),
        .summary = "is a running server ready, and where does it stand?",
        .detail = "Exits with 0 when every actor serves, and with 1 when not.",
        .run = status_run,
    },
    {
        .name = "schema",
        .takes =
            OPTION_BIT(MD) | OPTION_BIT(OPENAPI) | OPTION_BIT(ASYNCAPI) | OPTION_BIT(TYPESCRIPT),
        .summary = "everything that can be said to Kith and by it",
        .detail =
            "Commands, queries, events, entities, errors and limits, as schema/SCHEMA.md has\n"
            "them; or for programs, as docs/openapi.json, docs/asyncapi.json and the types of\n"
            "the TypeScript client do.",
        .run = schema_run,
    },
    {
        .name = "version",
        .takes = OPTION_BIT(VERSION),
        .summary = "which Kith this is",
        .detail = "",
        .run = version_run,
    },
};

static void s_explain_all(void)
{
    printf("kith - look into a Kith server: what happens, what is on disk, what can be said\n\n"
           "usage: kith --data DIR COMMAND       on the files of a stopped server\n"
           "       kith --bus ENDPOINT COMMAND   on a running one\n"
           "       kith COMMAND --help           about one command\n\n"
           "commands\n");
    for (size_t i = 0; i < COUNT_OF(s_commands); i++)
        printf("  %-15s %s\n", s_commands[i].name, s_commands[i].summary);
    printf("\nexit codes\n"
           "  0  done\n"
           "  1  damaged, refused or out of reach; stderr says what\n"
           "  2  not understood; nothing was done\n\n"
           "try\n"
           "  kith --bus ipc://data/bus tail\n"
           "  kith --data data journal verify\n");
}

static void s_explain(const command_t *command)
{
    printf("kith %s - %s\n\n", command->name, command->summary);
    if (command->detail[0] != '\0')
        printf("%s\n\n", command->detail);
    printf("options\n");
    options_explain(command->takes | OPTION_BIT(HELP));
}

static const command_t *s_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(s_commands); i++)
        if (strcmp(s_commands[i].name, name) == 0)
            return &s_commands[i];
    return NULL;
}

/* One place to look at, if the command looks at any. */
static bool s_placed(const command_t *command, const options_t *options)
{
    unsigned places = command->takes & (OPTION_BIT(DATA) | OPTION_BIT(BUS));
    unsigned given = options->given & (OPTION_BIT(DATA) | OPTION_BIT(BUS));
    if (places == 0 || (given != 0 && given != (OPTION_BIT(DATA) | OPTION_BIT(BUS))))
        return true;
    fprintf(stderr, "kith: say where: %s%s%s\n",
            places & OPTION_BIT(DATA) ? "--data DIR of a stopped server" : "",
            places == (OPTION_BIT(DATA) | OPTION_BIT(BUS)) ? ", or " : "",
            places & OPTION_BIT(BUS) ? "--bus ENDPOINT of a running one" : "");
    return false;
}

static outcome_t s_run(const command_t *command, const options_t *options)
{
    if (!options_fit(options, command->takes, command->name) || !s_placed(command, options))
        return OUTCOME_USAGE;
    bus_start();
    outcome_t outcome = command->run(options);
    bus_stop();
    if (fflush(stdout) == 0)
        return outcome;
    perror("kith: writing");
    return OUTCOME_BAD;
}

int main(int argc, char **argv)
{
    options_t options;
    if (!options_parse(argc, argv, &options))
        return OUTCOME_USAGE;
    if (crypto_start() != ERR_OK)
        return OUTCOME_BAD;
    const command_t *command =
        s_find(options.given & OPTION_BIT(VERSION) ? "version" : options.command);
    if (command == NULL && options.command[0] != '\0' && strcmp(options.command, "help") != 0) {
        fprintf(stderr, "kith: there is no command `%s`; see kith --help\n", options.command);
        return OUTCOME_USAGE;
    }
    if (command == NULL)
        s_explain_all();
    else if (options.given & OPTION_BIT(HELP))
        s_explain(command);
    else
        return (int)s_run(command, &options);
    return OUTCOME_GOOD;
}
