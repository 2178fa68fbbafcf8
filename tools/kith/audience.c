#include "tools/kith/audience.h"

#include <stdio.h>
#include <string.h>

#include "actors/clock.h"
#include "schema/codec.h"
#include "schema/mem.h"
#include "tools/kith/ask.h"

struct audience {
    swarm_t *swarm;
    peer_t *peer;
    const mint_t *mint;
    arena_t *arena;     /* of one token */
    uint64_t *accounts; /* of the swarm's first `count` clients */
    uint32_t count;
};

audience_t *audience_new(swarm_t *swarm, peer_t *peer, const mint_t *mint)
{
    audience_t *audience = mem_new(audience_t);
    *audience = (audience_t){
        .swarm = swarm,
        .peer = peer,
        .mint = mint,
        .arena = arena_new(),
        .accounts = mem_zeroed(swarm->count * sizeof *audience->accounts),
    };
    return audience;
}

void audience_destroy(audience_t **audience_p)
{
    audience_t *audience = TAKE(*audience_p);
    if (audience == NULL)
        return;
    arena_destroy(&audience->arena);
    mem_free(audience->accounts);
    mem_free(audience);
}

/* Give the client a token for an account, signed as the server signs. */
static bool s_sign_in(audience_t *audience, client_t *client, uint64_t account)
{
    const signed_in_t *session =
        ask(audience->peer, CALL_session_mint,
            &(session_mint_call_t){.account = account, .device = slice_of("kith bench")});
    if (session == NULL)
        return false;
    arena_reset(audience->arena);
    slice_t token =
        token_make(audience->mint, session, 0, clock_us(CLOCK_REALTIME), audience->arena);
    client->token = strndup((const char *)token.ptr, token.len);
    return true;
}

bool audience_add(audience_t *audience)
{
    char login[LIMIT_LOGIN];
    uint32_t number = audience->count;
    snprintf(login, sizeof login, "bench-%08x-%u", audience->swarm->nonce, number);
    const account_t *account = ask(audience->peer, CALL_account_create,
                                   &(account_create_call_t){.login = slice_of(login)});
    if (account == NULL)
        return false;
    audience->accounts[audience->count++] = account->id;
    return s_sign_in(audience, &audience->swarm->clients[number], audience->accounts[number]);
}

bool audience_whole(const audience_t *audience)
{
    return audience->count == audience->swarm->count;
}

/* From the last on, so that `count` stays true; a server that has gone is asked once. */
bool audience_remove(audience_t *audience)
{
    while (audience->count > 0) {
        account_remove_call_t body = {.account = audience->accounts[audience->count - 1]};
        if (ask(audience->peer, CALL_account_remove, &body) == NULL)
            break;
        audience->count -= 1;
    }
    if (audience->count > 0)
        fprintf(stderr, "kith: %u accounts are left, bench-%08x-0 and so on\n", audience->count,
                audience->swarm->nonce);
    return audience->count == 0;
}
