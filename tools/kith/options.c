/* options.c - one table: what is said, how it is read, how it is explained. */
#include "tools/kith/options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/type.h"
#include "tools/bench/stamp.h"

/* Codes of options without a letter. */
enum { CODE_FIRST = 256 };

enum { COUNT_MAX = 100000, WINDOW_MAX = 1000, CONNECTIONS_MAX = 10000, HOUR = 3600 };
enum { INTERVAL_MAX = 5 }; /* a peer that is silent for longer is taken for dead */

/* What an option takes, and where in options_t that goes. */
typedef enum takes { TAKES_NOTHING, TAKES_TEXT, TAKES_NUMBER } takes_t;

#define FLAG(field) .at = offsetof(options_t, field), .is_flag = true
#define TEXT(field) .at = offsetof(options_t, field), .takes = TAKES_TEXT
#define NUMBER(field, least_, most_) \
    .at = offsetof(options_t, field), .takes = TAKES_NUMBER, .least = (least_), .most = (most_)

static const struct {
    const char *name;
    const char *argument; /* as the help calls it; NULL: takes none */
    char letter;          /* 0: none */
    const char *doc;
    takes_t takes;
    bool is_flag; /* otherwise what takes nothing has no field: that it was given is all */
    size_t at;
    uint64_t least;
    uint64_t most;
} s_rows[OPTIONS] = {
    [OPTION_DATA] = {"data", "DIR", 0, "the data folder of the server", TEXT(data)},
    [OPTION_BUS] = {"bus", "ENDPOINT", 0, "a running server, such as ipc://data/bus", TEXT(bus)},
    [OPTION_FROM] = {"from", "SEQ", 0, "begin at this sequence", NUMBER(from, 0, INT64_MAX)},
    [OPTION_TO] = {"to", "SEQ", 0, "end behind this sequence", NUMBER(to, 0, INT64_MAX)},
    [OPTION_TYPE] = {"type", "PREFIX", 0,
                     "only types that begin so, such as room.posted or session", TEXT(type)},
    [OPTION_ROOM] = {"room", "N", 0, "only what this room hears", NUMBER(room, 0, INT64_MAX)},
    [OPTION_ACCOUNT] = {"account", "N", 0, "only what this account hears or did",
                        NUMBER(account, 0, INT64_MAX)},
    [OPTION_COUNT] = {"count", "N", 'n', "at most so many records (1 to 100000)",
                      NUMBER(count, 1, COUNT_MAX)},
    [OPTION_FOLLOW] = {"follow", NULL, 'f', "wait for what has not happened yet", FLAG(follow)},
    [OPTION_JSON] = {"json", NULL, 0, "one JSON object a line", FLAG(json)},
    [OPTION_MD] = {"md", NULL, 0, "as Markdown, which is also what comes without it"},
    [OPTION_OPENAPI] = {"openapi", NULL, 0, "the REST API as OpenAPI 3.1, in JSON"},
    [OPTION_ASYNCAPI] = {"asyncapi", NULL, 0, "the WebSocket as AsyncAPI 3.0, in JSON"},
    [OPTION_TYPESCRIPT] = {"typescript", NULL, 0, "as types of TypeScript"},
    [OPTION_ROLE] = {"role", "ROLE", 0,
                     "user, moderator, admin or bot; of a key: edge, actor or operator",
                     TEXT(role)},
    [OPTION_EMAIL] = {"email", "ADDRESS", 0, "of the new account", TEXT(email)},
    [OPTION_PASSWORD] = {"password", NULL, 0, "read one from the terminal or from standard input"},
    [OPTION_UNTIL] = {"until", "TIME", 0,
                      "2026-12-31, or 2026-12-31T18:00:00Z; for good if missing", TEXT(until)},
    [OPTION_REASON] = {"reason", "TEXT", 0, "what the person is told", TEXT(reason)},
    [OPTION_SCOPES] = {"scopes", "WORDS", 0, "what the key or bot may, such as \"tokens rooms\"",
                       TEXT(scopes)},
    [OPTION_KEYS] = {"keys", "DIR", 0, "folder of keys, for tcp; data/keys without it", TEXT(keys)},
    [OPTION_HTTP] = {"http", "HOST:PORT", 0, "where it serves plain HTTP (127.0.0.1:8080)",
                     TEXT(http)},
    [OPTION_ROOMS] = {"rooms", "N", 0, "how many (1)", NUMBER(rooms, 1, COUNT_MAX)},
    [OPTION_PEOPLE] = {"people", "N", 0, "in each room (100)", NUMBER(people, 1, COUNT_MAX)},
    [OPTION_WINDOW] = {"window", "N", 0, "messages under way in each room at once (8)",
                       NUMBER(window, 1, WINDOW_MAX)},
    [OPTION_RATE] = {"rate", "N", 0,
                     "instead: messages a second over all rooms, whatever comes back",
                     NUMBER(rate, 1, UINT32_MAX)},
    [OPTION_SECONDS] = {"seconds", "S", 0, "how long to measure (5)", NUMBER(seconds, 1, HOUR)},
    [OPTION_PAYLOAD] = {"payload", "N", 0, "bytes of each message (128)",
                        NUMBER(payload, STAMP_BYTES, LIMIT_TEXT)},
    [OPTION_KEEP] = {"keep", NULL, 0, "do not remove what was made", FLAG(keep)},
    [OPTION_ANCHOR] = {"anchor", "FILE", 0, "an anchor that was kept elsewhere, to hold it against",
                       TEXT(anchor)},
    [OPTION_VERIFY] = {"verify", NULL, 0, "make all projections anew, and compare", FLAG(verify)},
    [OPTION_AT] = {"at", "POINT", 0, "a sequence, or a time: 2026-12-31T18:00:00Z", TEXT(at)},
    [OPTION_AS] = {"as", "N", 0, "ask as this account, not as an operator",
                   NUMBER(as, 1, INT64_MAX)},
    [OPTION_INTO] = {"into", "URL", 0, "play it on the server there, such as http://127.0.0.1:8080",
                     TEXT(into)},
    [OPTION_SPEED] = {"speed", "N", 0, "times its own pace (1), or max: as fast as it can be",
                      TEXT(speed)},
    [OPTION_DIALECT] = {"dialect", "NAME", 0,
                        "native, rest, matcha, chatapi, chatbackend, flask or matcha42",
                        TEXT(dialect)},
    [OPTION_CONNECTIONS] = {"connections", "N", 0, "at most so many at once (64)",
                            NUMBER(connections, 1, CONNECTIONS_MAX)},
    [OPTION_PREFIX] = {"prefix", "TEXT", 0, "what names of people begin with there", TEXT(prefix)},
    [OPTION_FILLER] = {"filler", NULL, 0, "say other words of the same length", FLAG(filler)},
    [OPTION_LOOSE] = {"loose", NULL, 0, "people in a room do not wait for each other", FLAG(loose)},
    [OPTION_KEY] = {"key", "FILE", 0, "an API key of that server, for what staff does", TEXT(key)},
    [OPTION_CONFIG] = {"config", "FILE", 0, "the server's settings, which are kept too",
                       TEXT(config)},
    [OPTION_KEYRING] = {"keyring", "FILE", 0, "the keys of the journal that lines are from",
                        TEXT(keyring)},
    [OPTION_INTERVAL] = {"interval", "S", 0, "seconds between two looks (1)",
                         NUMBER(interval, 1, INTERVAL_MAX)},
    [OPTION_SORT] = {"sort", "KEY", 0, "actors by name, calls, events, queue or lag", TEXT(sort)},
    [OPTION_ONCE] = {"once", NULL, 0, "one look, as plain lines", FLAG(once)},
    [OPTION_BYTES] = {"bytes", "N", 0, "at most so many for each actor (268435456)",
                      NUMBER(bytes, 4096, INT64_MAX)},
    [OPTION_WITHOUT] = {"without", "SEQ", 0, "leave out what led to this record",
                        NUMBER(without, 1, INT64_MAX)},
    [OPTION_HELP] = {"help", NULL, 'h', "this page; behind a command, a page about that"},
    [OPTION_VERSION] = {"version", NULL, 0, "which Kith this is"},
};

static int s_code(int option)
{
    return s_rows[option].letter != 0 ? s_rows[option].letter : CODE_FIRST + option;
}

static int s_option_of(int code)
{
    int option = 0;
    while (option < OPTIONS && s_code(option) != code)
        option++;
    return option;
}

static bool s_number(option_id_t option, const char *text, uint64_t *ret_value)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > INT64_MAX) {
        fprintf(stderr, "kith: --%s takes a whole number, not `%s`\n", s_rows[option].name, text);
        return false;
    }
    *ret_value = value;
    if (value >= s_rows[option].least && value <= s_rows[option].most)
        return true;
    fprintf(stderr, "kith: --%s takes %" PRIu64 " to %" PRIu64 "\n", s_rows[option].name,
            s_rows[option].least, s_rows[option].most);
    return false;
}

static bool s_take(options_t *options, option_id_t option, const char *argument)
{
    void *field = (char *)options + s_rows[option].at;
    options->given |= (option_set_t)1 << option;
    switch (s_rows[option].takes) {
    case TAKES_NOTHING:
        if (s_rows[option].is_flag)
            *(bool *)field = true;
        return true;
    case TAKES_TEXT:
        *(const char **)field = argument;
        return true;
    case TAKES_NUMBER:
        return s_number(option, argument, field);
    }
    return false;
}

static void s_fill(struct option table[OPTIONS + 1])
{
    for (int i = 0; i < OPTIONS; i++)
        table[i] = (struct option){
            .name = s_rows[i].name,
            .has_arg = s_rows[i].takes != TAKES_NOTHING ? required_argument : no_argument,
            .val = s_code(i),
        };
    table[OPTIONS] = (struct option){0};
}

bool options_parse(int argc, char **argv, options_t *ret_options)
{
    static char name[] = "kith"; /* as getopt's own sentences begin */
    struct option table[OPTIONS + 1];
    argv[0] = name;
    *ret_options = (options_t){0};
    s_fill(table);
    for (;;) {
        int code = getopt_long(argc, argv, "n:fh", table, NULL);
        if (code == -1) { /* getopt has put the words behind the options */
            ret_options->words = (const char *const *)argv + optind;
            ret_options->word_count = (size_t)(argc - optind);
            return true;
        }
        int option = s_option_of(code);
        if (option == OPTIONS) { /* getopt has said what is wrong */
            fprintf(stderr, "kith: see kith --help\n");
            return false;
        }
        if (!s_take(ret_options, (option_id_t)option, optarg))
            return false;
    }
}

bool options_fit(const options_t *options, option_set_t known, const char *command)
{
    for (int i = 0; i < OPTIONS; i++)
        if ((options->given & ~known) >> i & 1) {
            fprintf(stderr, "kith: %s does not take --%s; see kith %s --help\n", command,
                    s_rows[i].name, command);
            return false;
        }
    return true;
}

void options_explain(option_set_t set)
{
    for (int i = 0; i < OPTIONS; i++) {
        char name[64], letter[8] = "";
        if (!(set >> i & 1))
            continue;
        if (s_rows[i].letter != 0)
            snprintf(letter, sizeof letter, "-%c, ", s_rows[i].letter);
        snprintf(name, sizeof name, "%s--%s %s", letter, s_rows[i].name,
                 s_rows[i].argument != NULL ? s_rows[i].argument : "");
        printf("  %-19s %s\n", name, s_rows[i].doc);
    }
}

void options_print_flags(void)
{
    for (int i = 0; i < OPTIONS; i++)
        printf("%s--%s", i > 0 ? " " : "", s_rows[i].name);
}
