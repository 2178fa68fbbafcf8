/* options.c - one table: what is said, how it is read, how it is explained. */
#include "tools/kith/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Codes of options without a letter. */
enum { CODE_FIRST = 256 };

static const struct {
    const char *name;
    const char *argument; /* NULL: takes none */
    char letter;          /* 0: none */
    const char *doc;
} s_rows[OPTIONS] = {
    [OPTION_DATA] = {"data", "DIR", 0, "the data folder of the server"},
    [OPTION_BUS] = {"bus", "ENDPOINT", 0, "a running server, such as ipc://data/bus"},
    [OPTION_FROM] = {"from", "SEQ", 0, "begin at this sequence"},
    [OPTION_TO] = {"to", "SEQ", 0, "end behind this sequence"},
    [OPTION_TYPE] = {"type", "PREFIX", 0,
                     "only types that begin so, such as room.posted or session"},
    [OPTION_ROOM] = {"room", "N", 0, "only what this room hears"},
    [OPTION_ACCOUNT] = {"account", "N", 0, "only what this account hears or did"},
    [OPTION_COUNT] = {"count", "N", 'n', "at most so many records (1 to 100000)"},
    [OPTION_FOLLOW] = {"follow", NULL, 'f', "wait for what has not happened yet"},
    [OPTION_JSON] = {"json", NULL, 0, "one JSON object a line"},
    [OPTION_MD] = {"md", NULL, 0, "as Markdown, which is also what comes without it"},
    [OPTION_OPENAPI] = {"openapi", NULL, 0, "the REST API as OpenAPI 3.1, in JSON"},
    [OPTION_ASYNCAPI] = {"asyncapi", NULL, 0, "the WebSocket as AsyncAPI 3.0, in JSON"},
    [OPTION_TYPESCRIPT] = {"typescript", NULL, 0, "as types of TypeScript"},
    [OPTION_ROLE] = {"role", "ROLE", 0, "user, moderator, admin or bot; of a key: edge, actor or operator"},
    [OPTION_EMAIL] = {"email", "ADDRESS", 0, "of the new account"},
    [OPTION_PASSWORD] = {"password", NULL, 0, "read one from the terminal or from standard input"},
    [OPTION_UNTIL] = {"until", "TIME", 0,
                      "2026-12-31, or 2026-12-31T18:00:00Z; for good if missing"},
    [OPTION_REASON] = {"reason", "TEXT", 0, "what the person is told"},
    [OPTION_SCOPES] = {"scopes", "WORDS", 0, "what the key may, such as \"tokens rooms\""},
    [OPTION_KEYS] = {"keys", "DIR", 0, "folder of keys, for tcp; data/keys without it"},
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
    return true;
}

static bool s_count(const char *text, uint64_t *ret_value)
{
    enum { COUNT_MAX = 100000 };
    if (!s_number(OPTION_COUNT, text, ret_value))
        return false;
    if (*ret_value >= 1 && *ret_value <= COUNT_MAX)
        return true;
    fprintf(stderr, "kith: --count takes 1 to %d\n", COUNT_MAX);
    return false;
}

static bool s_take(options_t *options, option_id_t option, char *argument)
{
    options->given |= 1u << option;
    switch (option) {
    case OPTION_DATA:
        options->data = argument;
        return true;
    case OPTION_BUS:
        options->bus = argument;
        return true;
    case OPTION_FROM:
        return s_number(option, argument, &options->from);
    case OPTION_TO:
        return s_number(option, argument, &options->to);
    case OPTION_TYPE:
        options->type = argument;
        return true;
    case OPTION_ROOM:
        return s_number(option, argument, &options->room);
    case OPTION_ACCOUNT:
        return s_number(option, argument, &options->account);
    case OPTION_COUNT:
        return s_count(argument, &options->count);
    case OPTION_FOLLOW:
        options->follow = true;
        return true;
    case OPTION_JSON:
        options->json = true;
        return true;
    case OPTION_ROLE:
        options->role = argument;
        return true;
    case OPTION_EMAIL:
        options->email = argument;
        return true;
    case OPTION_UNTIL:
        options->until = argument;
        return true;
    case OPTION_REASON:
        options->reason = argument;
        return true;
    case OPTION_SCOPES:
        options->scopes = argument;
        return true;
    case OPTION_KEYS:
        options->keys = argument;
        return true;
    case OPTION_PASSWORD:
    case OPTION_MD:
    case OPTION_OPENAPI:
    case OPTION_ASYNCAPI:
    case OPTION_TYPESCRIPT:
    case OPTION_HELP:
    case OPTION_VERSION:
    case OPTIONS:
        return true;
    }
    return false;
}

static void s_fill(struct option table[OPTIONS + 1])
{
    for (int i = 0; i < OPTIONS; i++)
        table[i] = (struct option){
            .name = s_rows[i].name,
            .has_arg = s_rows[i].argument != NULL ? required_argument : no_argument,
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

bool options_fit(const options_t *options, unsigned known, const char *command)
{
    for (int i = 0; i < OPTIONS; i++)
        if ((options->given & ~known) >> i & 1) {
            fprintf(stderr, "kith: %s does not take --%s; see kith %s --help\n", command,
                    s_rows[i].name, command);
            return false;
        }
    return true;
}

void options_explain(unsigned set)
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
