/* token_fuzz.c - any bytes as whatever we sign: a token, the id of a link, a private id, the name
 * of a photo; as they are, and one that is good with a single byte of it changed.
 *
 * The first byte chooses the credential, the next three what is changed in a good one.  Nothing
 * that we have not signed is taken for anybody's. */
#include <assert.h>

#include "actors/crypto.h"
#include "tests/unit/ws-edge/spare_mint.h"
#include "ws-edge/portrait.h"
#include "ws-edge/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ACCOUNT = 7, SESSION = 70 };

static const int64_t s_now = INT64_C(1790000000) * 1000000; /* µs */

typedef bool taken_fn(slice_t credential, arena_t *arena);

/* ---- what is good ---- */

static slice_t s_make_token(arena_t *arena)
{
    const account_t account = {
        .id = ACCOUNT, .login = SLICE_LIT("ann"), .username = SLICE_LIT("Ann")};
    const signed_in_t session = {
        .account = &account, .session = SESSION, .expires = s_now + 3600 * INT64_C(1000000)};
    return token_make(spare_mint(), &session, 0, s_now, arena);
}

static slice_t s_make_link(arena_t *arena)
{
    const account_link_t link = {
        .account = ACCOUNT,
        .purpose = purpose_RESET,
        .nonce = SLICE_LIT("nonce"),
        .expires = s_now + 3600 * INT64_C(1000000),
    };
    return token_make_link(spare_mint(), &link, arena);
}

static slice_t s_make_ticket(arena_t *arena)
{
    buf_t text = {0};
    const ticket_t ticket = {.who = {.account = ACCOUNT, .session = SESSION, .expires = s_now},
                             .sid = "abcdefghijklmnopqrst"};
    ticket_put(&text, spare_mint(), &ticket);
    slice_t copy = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return copy;
}

/* ---- what is taken ---- */

static bool s_take_token(slice_t credential, arena_t *arena)
{
    who_t who = {0};
    const char *why = NULL;
    (void)arena;
    bool taken = token_check(spare_mint(), credential, s_now, &who, &why) == ERR_OK;
    assert(taken == (why == NULL));
    assert(!taken || (who.account == ACCOUNT && who.session == SESSION));
    return taken;
}

static bool s_take_link(slice_t credential, arena_t *arena)
{
    account_link_t link;
    bool other =
        token_check_link(spare_mint(), credential, purpose_VERIFY, s_now, arena, &link) == ERR_OK;
    assert(!other);
    return token_check_link(spare_mint(), credential, purpose_RESET, s_now, arena, &link) == ERR_OK;
}

static bool s_take_ticket(slice_t credential, arena_t *arena)
{
    ticket_t ticket;
    (void)arena;
    return ticket_read(spare_mint(), credential, &ticket) == ERR_OK;
}

/* An address is not secret in all of its parts, but who may look is signed. */
static bool s_take_portrait(slice_t credential, arena_t *arena)
{
    photo_show_call_t show = {.name = credential};
    portrait_open(spare_mint(), &show, arena);
    return show.viewer != 0;
}

/* ---- */

static slice_t s_change(slice_t good, const uint8_t *how, arena_t *arena)
{
    slice_t copy = arena_copy(arena, good);
    uint8_t *bytes = (uint8_t *)(uintptr_t)copy.ptr;
    bytes[(size_t)(how[0] << 8 | how[1]) % copy.len] = how[2];
    return copy;
}

/* The last character of a signature may have bits that say nothing: those are refused too. */
static void s_try_changed(slice_t good, const uint8_t *how, taken_fn *take, arena_t *arena)
{
    slice_t changed = s_change(good, how, arena);
    assert(take(changed, arena) == slice_eq(changed, good));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    err_t err = crypto_start();
    assert(err == ERR_OK);
    arena_t *arena = arena_new();
    slice_t input = slice_new(data + 4, size - 4);
    taken_fn *const takers[] = {s_take_token, s_take_link, s_take_ticket, s_take_portrait};
    for (size_t i = 0; i < COUNT_OF(takers); i++)
        assert(!takers[i](input, arena));
    if (data[0] % 3 == 0)
        s_try_changed(s_make_token(arena), data + 1, s_take_token, arena);
    else if (data[0] % 3 == 1)
        s_try_changed(s_make_link(arena), data + 1, s_take_link, arena);
    else
        s_try_changed(s_make_ticket(arena), data + 1, s_take_ticket, arena);
    arena_destroy(&arena);
    return 0;
}
