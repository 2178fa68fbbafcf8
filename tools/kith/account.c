/* account.c - kith account: the people of a running server, as its operator sees them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/token.h"
#include "tools/kith/ask.h"
#include "tools/kith/show.h"

static const char *s_role(const account_t *account)
{
    return choice_word(choices_role, account->role != role_NONE ? (int)account->role : role_USER);
}

/* What is special about an account, in a word. */
static const char *s_standing(const account_t *account)
{
    if (account->deleted != 0)
        return "deleted";
    if (account->banned)
        return "banned";
    return account->online ? "online" : "";
}

/* ---- list and show ---- */

static void s_print_line(const account_t *account)
{
    printf("%-8" PRIu64 " %-24.*s %-10s %-8s %s  %.*s\n", account->id, SLICE_ARG(account->login),
           s_role(account), s_standing(account), ask_show_time(account->created).text,
           SLICE_ARG(account->email));
}

static void s_print(const account_t *account, bool json)
{
    if (json)
        ask_print_json(shape_account(), account);
    else
        s_print_line(account);
}

outcome_t account_list_run(const options_t *options)
{
    enum { PAGE = LIMIT_PAGE };
    peer_t *peer = ask_meet(options);
    const account_list_t *page = NULL;
    uint64_t after = 0;
    if (peer == NULL)
        return OUTCOME_BAD;
    if (!options->json)
        printf("%-8s %-24s %-10s %-8s %-20s  %s\n", "id", "login", "role", "", "created", "e-mail");
    do {
        page = ask(peer, CALL_account_list, &(account_list_call_t){after, PAGE});
        const account_t *accounts = page != NULL ? page->accounts.items : NULL;
        for (size_t i = 0; page != NULL && i < page->accounts.count; i++) {
            s_print(&accounts[i], options->json);
            after = accounts[i].id;
        }
    } while (page != NULL && page->accounts.count == PAGE);
    peer_close(&peer);
    return page != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

static void s_print_page(const account_t *account)
{
    printf("id         %" PRIu64 "\nuuid       %.*s\nlogin      %.*s\nusername   %.*s\n"
           "e-mail     %.*s%s\nrole       %s\nstanding   %s\ncreated    %s\nlast seen  %s\n",
           account->id, SLICE_ARG(account->uuid), SLICE_ARG(account->login),
           SLICE_ARG(account->username), SLICE_ARG(account->email),
           account->email.len == 0 ? "-"
           : account->verified     ? " (verified)"
                                   : " (not verified)",
           s_role(account), s_standing(account)[0] != '\0' ? s_standing(account) : "offline",
           ask_show_time(account->created).text, ask_show_time(account->last_seen).text);
}

outcome_t account_show_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    const account_t *account = peer != NULL ? ask_account(peer, options->operands[0]) : NULL;
    if (account != NULL && options->json)
        ask_print_json(shape_account(), account);
    else if (account != NULL)
        s_print_page(account);
    peer_close(&peer);
    return account != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

/* ---- changes ---- */

/* A password from the terminal, unseen, or from a pipe; false after a sentence. */
static bool s_read_password(char ret_password[LIMIT_PASSWORD * 4 + 2])
{
    if (isatty(STDIN_FILENO)) {
        const char *typed = getpass("password: ");
        snprintf(ret_password, LIMIT_PASSWORD * 4 + 2, "%s", typed != NULL ? typed : "");
    } else if (fgets(ret_password, LIMIT_PASSWORD * 4 + 2, stdin) == NULL) {
        fprintf(stderr, "kith: no password came on standard input\n");
        return false;
    }
    ret_password[strcspn(ret_password, "\r\n")] = '\0';
    return true;
}

outcome_t account_create_run(const options_t *options)
{
    char password[LIMIT_PASSWORD * 4 + 2] = "";
    if ((options->given & OPTION_BIT(PASSWORD)) && !s_read_password(password))
        return OUTCOME_BAD;
    account_create_call_t ask_for = {
        .login = slice_of(options->operands[0]),
        .email = slice_of(options->email != NULL ? options->email : ""),
        .password = slice_of(password),
        .role = (role_t)choice_number(choices_role,
                                      slice_of(options->role != NULL ? options->role : "user")),
    };
    peer_t *peer = ask_meet(options);
    const account_t *account = peer != NULL ? ask(peer, CALL_account_create, &ask_for) : NULL;
    explicit_bzero(password, sizeof password);
    if (account != NULL)
        s_print(account, options->json);
    peer_close(&peer);
    return account != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

/* Make one change to the account that is named, with a body that begins with its id. */
static outcome_t s_change(const options_t *options, call_number_t type, void *body,
                          uint64_t *account_in_body)
{
    peer_t *peer = ask_meet(options);
    const account_t *account = peer != NULL ? ask_account(peer, options->operands[0]) : NULL;
    const void *answer = NULL;
    if (account != NULL) {
        *account_in_body = account->id;
        answer = ask(peer, type, body);
    }
    peer_close(&peer);
    return answer != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t account_role_run(const options_t *options)
{
    account_set_role_call_t body = {
        .role = (role_t)choice_number(choices_role, slice_of(options->operands[1]))};
    if (body.role != role_NONE)
        return s_change(options, CALL_account_set_role, &body, &body.account);
    fprintf(stderr, "kith: a role is one of user, moderator, admin and bot\n");
    return OUTCOME_USAGE;
}

outcome_t account_ban_run(const options_t *options)
{
    account_ban_call_t body = {.reason = slice_of(options->reason != NULL ? options->reason : "")};
    if (options->until != NULL && !show_read_time(options->until, &body.until))
        return OUTCOME_USAGE;
    return s_change(options, CALL_account_ban, &body, &body.account);
}

outcome_t account_unban_run(const options_t *options)
{
    account_unban_call_t body = {0};
    return s_change(options, CALL_account_unban, &body, &body.account);
}

outcome_t account_delete_run(const options_t *options)
{
    account_remove_call_t body = {0};
    return s_change(options, CALL_account_remove, &body, &body.account);
}

outcome_t account_verify_run(const options_t *options)
{
    account_verify_call_t body = {0};
    return s_change(options, CALL_account_verify, &body, &body.account);
}

/* ---- links ---- */

static outcome_t s_print_link(const options_t *options, const account_link_t *link)
{
    mint_t *mint = NULL;
    arena_t *arena = arena_new();
    err_t err = mint_open(options->data, &mint);
    if (err == ERR_OK && link->nonce.len == 0)
        fprintf(stderr, "kith: no such link waits to be used: the person has to ask for it\n");
    else if (err == ERR_OK)
        printf("%.*s\n", SLICE_ARG(token_make_link(mint, link, arena)));
    mint_close(&mint);
    arena_destroy(&arena);
    return err == ERR_OK && link->nonce.len > 0 ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t account_link_run(const options_t *options)
{
    account_link_call_t body = {
        .purpose = (purpose_t)choice_number(choices_purpose, slice_of(options->operands[1]))};
    if (body.purpose == purpose_NONE) {
        fprintf(stderr, "kith: a link is one of verify and reset\n");
        return OUTCOME_USAGE;
    }
    if (options->data == NULL) {
        fprintf(stderr, "kith: say --data DIR: the key that signs links is there\n");
        return OUTCOME_USAGE;
    }
    peer_t *peer = ask_meet(options);
    const account_t *account = peer != NULL ? ask_account(peer, options->operands[0]) : NULL;
    const account_link_t *link = NULL;
    if (account != NULL) {
        body.account = account->id;
        link = ask(peer, CALL_account_link, &body);
    }
    outcome_t outcome = link != NULL ? s_print_link(options, link) : OUTCOME_BAD;
    peer_close(&peer);
    return outcome;
}
