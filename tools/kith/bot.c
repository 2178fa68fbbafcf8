/* bot.c - kith bot: who may come by the bus as a bot, and what each may.
 *
 * The server knows a bot's public key only.  `bot add` reads it from FILE.public, which the
 * bot's author has sent; where there is none yet it makes the pair, so that on one machine this
 * one command is all. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/keys.h"
#include "tools/kith/ask.h"

enum { PATH_SIZE = 4096 };

/* ---- its key ---- */

static outcome_t s_read_public(const char *path, char ret_key[KEY_TEXT_SIZE])
{
    char line[KEY_TEXT_SIZE + 1] = "";
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(line, sizeof line, file) != NULL;
    if (file != NULL)
        fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    if (!read || !keys_valid(line)) {
        fprintf(stderr, "kith: %s holds no public key: a line of 40 characters is wanted\n", path);
        return OUTCOME_BAD;
    }
    memcpy(ret_key, line, KEY_TEXT_SIZE);
    return OUTCOME_GOOD;
}

static outcome_t s_make_pair(const char *path, char ret_key[KEY_TEXT_SIZE])
{
    key_pair_t pair;
    keys_make(&pair);
    err_t err = keys_write(path, &pair);
    memcpy(ret_key, pair.public_key, KEY_TEXT_SIZE);
    explicit_bzero(&pair, sizeof pair);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}

static outcome_t s_key(const char *path, char ret_key[KEY_TEXT_SIZE])
{
    char name[PATH_SIZE];
    snprintf(name, sizeof name, "%s.public", path);
    return access(name, F_OK) == 0 ? s_read_public(name, ret_key) : s_make_pair(path, ret_key);
}

/* ---- commands ---- */

static void s_print_line(const bot_t *bot)
{
    printf("%-24.*s #%-8" PRIu64 " %s  %.*s  %.*s\n", SLICE_ARG(bot->login), bot->account,
           ask_show_time(bot->created).text, SLICE_ARG(bot->key), SLICE_ARG(bot->scopes));
}

static void s_print(const bot_t *bot, bool json)
{
    if (json)
        ask_print_json(shape_bot(), bot);
    else
        s_print_line(bot);
}

static bool s_has_scopes(const options_t *options)
{
    if (options->scopes != NULL)
        return true;
    fprintf(stderr, "kith: say --scopes, such as \"messages rooms\"\n");
    return false;
}

/* Ask for something of which a bot comes, and print that. */
static outcome_t s_ask(const options_t *options, call_number_t type, const void *body)
{
    peer_t *peer = ask_meet(options);
    const bot_t *bot = peer != NULL ? ask(peer, type, body) : NULL;
    if (bot != NULL)
        s_print(bot, options->json);
    peer_close(&peer);
    return bot != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t bot_add_run(const options_t *options)
{
    char key[KEY_TEXT_SIZE];
    if (!s_has_scopes(options))
        return OUTCOME_USAGE;
    if (s_key(options->operands[1], key) != OUTCOME_GOOD)
        return OUTCOME_BAD;
    return s_ask(options, CALL_bot_add,
                 &(bot_add_call_t){
                     .login = slice_of(options->operands[0]),
                     .key = slice_of(key),
                     .scopes = slice_of(options->scopes),
                 });
}

outcome_t bot_scopes_run(const options_t *options)
{
    if (!s_has_scopes(options))
        return OUTCOME_USAGE;
    return s_ask(options, CALL_bot_scopes,
                 &(bot_scopes_call_t){
                     .login = slice_of(options->operands[0]),
                     .scopes = slice_of(options->scopes),
                 });
}

outcome_t bot_revoke_run(const options_t *options)
{
    bot_revoke_call_t body = {.login = slice_of(options->operands[0])};
    peer_t *peer = ask_meet(options);
    const void *answer = peer != NULL ? ask(peer, CALL_bot_revoke, &body) : NULL;
    peer_close(&peer);
    return answer != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t bot_list_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    const bot_list_t *page = NULL;
    uint64_t after = 0;
    if (peer == NULL)
        return OUTCOME_BAD;
    if (!options->json)
        printf("%-24s %-9s %-20s  %-40s  %s\n", "login", "account", "let in", "key", "scopes");
    do {
        page = ask(peer, CALL_bot_list, &(bot_list_call_t){after});
        const bot_t *bots = page != NULL ? page->bots.items : NULL;
        for (size_t i = 0; page != NULL && i < page->bots.count; i++) {
            s_print(&bots[i], options->json);
            after = bots[i].account;
        }
    } while (page != NULL && page->bots.count == LIMIT_PAGE);
    peer_close(&peer);
    return page != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}
