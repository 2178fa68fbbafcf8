/* key.c - kith key: API keys, for the app's own backend.
 *
 * A key is a token with scopes.  It is printed once, when it is made, and kept nowhere:
 * who loses it revokes it and makes another. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/clock.h"
#include "actors/token.h"
#include "schema/codec.h"
#include "tools/kith/ask.h"

static outcome_t s_print_token(const options_t *options, const signed_in_t *session)
{
    mint_t *mint = NULL;
    arena_t *arena = arena_new();
    err_t err = mint_open(options->data, &mint);
    if (err == ERR_OK)
        printf("%.*s\n", SLICE_ARG(token_make(mint, session, 0, clock_us(CLOCK_REALTIME), arena)));
    mint_close(&mint);
    arena_destroy(&arena);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t key_create_run(const options_t *options)
{
    key_create_call_t body = {
        .name = slice_of(options->operands[0]),
        .scopes = slice_of(options->scopes != NULL ? options->scopes : ""),
        .account = options->account,
    };
    if (options->data == NULL || options->scopes == NULL) {
        fprintf(stderr, "kith: say %s\n",
                options->data == NULL ? "--data DIR: the key that signs is there"
                                      : "--scopes, such as \"accounts tokens rooms messages\"");
        return OUTCOME_USAGE;
    }
    peer_t *peer = ask_meet(options);
    const signed_in_t *session = peer != NULL ? ask(peer, CALL_key_create, &body) : NULL;
    outcome_t outcome = session != NULL ? s_print_token(options, session) : OUTCOME_BAD;
    peer_close(&peer);
    return outcome;
}

static void s_print_line(const session_info_t *key)
{
    printf("%-8" PRIu64 " #%-8" PRIu64 " %s  %-32.*s ", key->id, key->account,
           ask_show_time(key->created).text, SLICE_ARG(key->scopes));
    ask_print_text(key->device);
}

outcome_t key_list_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    const session_list_t *list =
        peer != NULL ? ask(peer, CALL_key_list, &(key_list_call_t){}) : NULL;
    if (list != NULL && options->json) {
        ask_print(CALL_key_list, list);
    } else if (list != NULL) {
        const session_info_t *keys = list->sessions.items;
        printf("%-8s %-9s %-20s  %-32s %s\n", "id", "account", "created", "scopes", "name");
        for (size_t i = 0; i < list->sessions.count; i++)
            s_print_line(&keys[i]);
    }
    peer_close(&peer);
    return list != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t key_revoke_run(const options_t *options)
{
    char *end = NULL;
    uint64_t id = strtoull(options->operands[0], &end, 10);
    if (id == 0 || *end != '\0') {
        fprintf(stderr, "kith: `%s` is no key's number; kith key list shows them\n",
                options->operands[0]);
        return OUTCOME_USAGE;
    }
    peer_t *peer = ask_meet(options);
    const void *answer = peer != NULL ? ask(peer, CALL_key_revoke, &(key_revoke_call_t){id}) : NULL;
    peer_close(&peer);
    return answer != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}
