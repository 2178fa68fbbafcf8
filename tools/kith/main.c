/* main.c - kith: how a command is found, and explained. */
#include <stdio.h>
#include <string.h>

#include "actors/bus.h"
#include "actors/crypto.h"
#include "tools/kith/command.h"

static void s_explain_all(void)
{
    printf("kith - look into a Kith server: what happens, what is on disk, what can be said\n\n"
           "usage: kith --data DIR COMMAND       on the server of that folder\n"
           "       kith --bus ENDPOINT COMMAND   on a running one that is met there\n"
           "       kith COMMAND --help           about one command\n\n"
           "commands\n");
    for (size_t i = 0; i < command_count; i++)
        printf("  %-15s %s\n", commands[i].name, commands[i].summary);
    printf("\nexit codes\n"
           "  0  done\n"
           "  1  damaged, refused or out of reach; stderr says what\n"
           "  2  not understood; nothing was done\n\n"
           "try\n"
           "  kith --bus ipc://data/bus tail\n"
           "  kith --data data account list\n"
           "  kith --data data journal verify\n");
}

static const char *s_operands(const command_t *command)
{
    return command->operands != NULL ? command->operands : "";
}

static void s_explain(const command_t *command)
{
    printf("kith %s%s%s - %s\n\n", command->name, command->operands != NULL ? " " : "",
           s_operands(command), command->summary);
    if (command->detail[0] != '\0')
        printf("%s\n\n", command->detail);
    printf("options\n");
    options_explain(command->takes | OPTION_BIT(HELP));
}

/* ---- completion ---- */

/* The commands' words in order; behind them the options that there are. */
outcome_t completion_run(const options_t *options)
{
    (void)options;
    printf("_kith() {\n    local words=\"");
    for (size_t i = 0; i < command_count; i++)
        printf("%s%s", i > 0 ? "\n" : "", commands[i].name);
    printf("\"\n    local flags=\"");
    options_print_flags();
    printf(
        "\"\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    case $before in\n"
        "        --data) COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n"
        "    esac\n"
        "    if [[ $current == -* ]]; then\n"
        "        COMPREPLY=($(compgen -W \"$flags\" -- \"$current\"))\n"
        "    else\n"
        "        local second\n"
        "        second=$(grep -oP \"^$before \\K\\S+\" <<<\"$words\")\n"
        "        COMPREPLY=($(compgen -W \"${second:-$(cut -d' ' -f1 <<<\"$words\" | sort -u)}\" "
        "-- \"$current\"))\n"
        "    fi\n"
        "}\n"
        "complete -F _kith kith\n");
    return OUTCOME_GOOD;
}

/* ---- finding ---- */

static size_t s_count_words(const char *text)
{
    size_t count = text[0] != '\0';
    for (const char *at = text; *at != '\0'; at++)
        count += *at == ' ';
    return count;
}

/* Whether the words begin with the command's name. */
static bool s_named(const command_t *command, const options_t *options)
{
    char said[64] = "";
    size_t words = s_count_words(command->name);
    if (words > options->word_count)
        return false;
    for (size_t i = 0, len = 0; i < words && len < sizeof said; i++)
        len += (size_t)snprintf(said + len, sizeof said - len, "%s%s", i > 0 ? " " : "",
                                options->words[i]);
    return strcmp(said, command->name) == 0;
}

static const command_t *s_find(options_t *options)
{
    for (size_t i = 0; i < command_count; i++) {
        if (!s_named(&commands[i], options))
            continue;
        size_t words = s_count_words(commands[i].name);
        options->operands = options->words + words;
        options->operand_count = options->word_count - words;
        return &commands[i];
    }
    return NULL;
}

static bool s_enough(const command_t *command, const options_t *options)
{
    const char *operands = s_operands(command);
    size_t most = s_count_words(operands), least = most;
    for (const char *at = operands; *at != '\0'; at++)
        least -= *at == '[';
    if (options->operand_count >= least && options->operand_count <= most)
        return true;
    fprintf(stderr, "kith: say kith %s %s; see kith %s --help\n", command->name, operands,
            command->name);
    return false;
}

/* One place to look at, if the command looks at any; a server's folder and its bus are
 * one place.  What reads the files of a running server may meet it besides. */
static bool s_placed(const command_t *command, const options_t *options)
{
    option_set_t places = command->takes & (OPTION_BIT(DATA) | OPTION_BIT(BUS));
    option_set_t given = options->given & (OPTION_BIT(DATA) | OPTION_BIT(BUS));
    bool both = given == (OPTION_BIT(DATA) | OPTION_BIT(BUS));
    if (places == 0 || (command->running && given & OPTION_BIT(DATA)) ||
        (!command->running && given != 0 && (command->live || !both)))
        return true;
    fprintf(stderr, "kith: say where: %s%s%s\n",
            command->live               ? "--data DIR of a running server"
            : command->running          ? "--data DIR of a server"
            : places & OPTION_BIT(DATA) ? "--data DIR of a stopped server"
                                        : "",
            !command->running && places == (OPTION_BIT(DATA) | OPTION_BIT(BUS)) ? ", or " : "",
            !command->running && places & OPTION_BIT(BUS) ? "--bus ENDPOINT of a running one" : "");
    return false;
}

static outcome_t s_run(const command_t *command, const options_t *options)
{
    if (!options_fit(options, command->takes, command->name) || !s_enough(command, options) ||
        !s_placed(command, options))
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
    static const char *const version[] = {"version"};
    if (options.given & OPTION_BIT(VERSION)) {
        options.words = version;
        options.word_count = COUNT_OF(version);
    }
    const command_t *command = s_find(&options);
    bool help = options.word_count == 0 || strcmp(options.words[0], "help") == 0;
    if (command == NULL && !help) {
        fprintf(stderr, "kith: there is no command `%s%s%s`; see kith --help\n", options.words[0],
                options.word_count > 1 ? " " : "", options.word_count > 1 ? options.words[1] : "");
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
