#include "tools/kith/crowd.h"

#include <stdio.h>
#include <string.h>

#include "actors/clock.h"
#include "schema/codec.h"
#include "schema/mem.h"
#include "tools/kith/ask.h"

struct crowd {
    swarm_t *swarm;
    peer_t *peer;
    const mint_t *mint;
    arena_t *arena;     /* of one token */
    uint64_t *accounts; /* of the swarm's first `count` clients */
    uint32_t count;
};

crowd_t *crowd_new(swarm_t *swarm, peer_t *peer, const mint_t *mint)
{
    crowd_t *crowd = mem_new(crowd_t);
    *crowd = (crowd_t){
        .swarm = swarm,
        .peer = peer,
        .mint = mint,
        .arena = arena_new(),
        .accounts = mem_zeroed(swarm->count * sizeof *crowd->accounts),
    };
    return crowd;
}

void crowd_destroy(crowd_t **crowd_p)
{
    crowd_t *crowd = TAKE(*crowd_p);
    if (crowd == NULL)
        return;
    arena_destroy(&crowd->arena);
    mem_free(crowd->accounts);
    mem_free(crowd);
}

/* Give the client a token for an account, signed as the server signs. */
static bool s_sign_in(crowd_t *crowd, client_t *client, uint64_t account)
{
    const signed_in_t *session =
        ask(crowd->peer, CALL_session_mint,
            &(session_mint_call_t){.account = account, .device = slice_of("kith bench")});
    if (session == NULL)
        return false;
    arena_reset(crowd->arena);
    slice_t token = token_make(crowd->mint, session, 0, clock_us(CLOCK_REALTIME), crowd->arena);
    client->token = strndup((const char *)token.ptr, token.len);
    return true;
}

bool crowd_add(crowd_t *crowd)
{
    char login[LIMIT_LOGIN];
    uint32_t number = crowd->count;
    snprintf(login, sizeof login, "bench-%08x-%u", crowd->swarm->nonce, number);
    const account_t *account =
        ask(crowd->peer, CALL_account_create, &(account_create_call_t){.login = slice_of(login)});
    if (account == NULL)
        return false;
    crowd->accounts[crowd->count++] = account->id;
    return s_sign_in(crowd, &crowd->swarm->clients[number], crowd->accounts[number]);
}

bool crowd_whole(const crowd_t *crowd)
{
    return crowd->count == crowd->swarm->count;
}

/* From the last on, so that `count` stays true; a server that has gone is asked once. */
bool crowd_remove(crowd_t *crowd)
{
    while (crowd->count > 0) {
        account_remove_call_t body = {.account = crowd->accounts[crowd->count - 1]};
        if (ask(crowd->peer, CALL_account_remove, &body) == NULL)
            break;
        crowd->count -= 1;
    }
    if (crowd->count > 0)
        fprintf(stderr, "kith: %u accounts are left, bench-%08x-0 and so on\n", crowd->count,
                crowd->swarm->nonce);
    return crowd->count == 0;
}
