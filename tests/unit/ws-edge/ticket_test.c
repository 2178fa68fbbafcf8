/* ticket_test.c - tickets are read back, and no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "tests/unit/scratch.h"
#include "ws-edge/ticket.h"

typedef struct world {
    char folder[SCRATCH_PATH_SIZE], other[SCRATCH_PATH_SIZE];
    mint_t *mint, *others;
    buf_t text;
    ticket_t ticket;
} world_t;

static int s_begin(void **state)
{
    world_t *world = mem_new(world_t);
    assert_int_equal(crypto_start(), ERR_OK);
    scratch_make(world->folder);
    scratch_make(world->other);
    assert_int_equal(mint_open(world->folder, &world->mint), ERR_OK);
    assert_int_equal(mint_open(world->other, &world->others), ERR_OK);
    world->ticket = (ticket_t){
        .who = {.account = 7, .session = 1ull << 50, .scopes = 3, .via = 2, .expires = 1790000000},
    };
    memcpy(world->ticket.sid, "AbCdEfGhIjKlMnOpQrSt", sizeof world->ticket.sid);
    ticket_put(&world->text, world->mint, &world->ticket);
    *state = world;
    return 0;
}

static int s_end(void **state)
{
    world_t *world = *state;
    mint_close(&world->mint);
    mint_close(&world->others);
    scratch_remove(world->folder);
    scratch_remove(world->other);
    buf_free(&world->text);
    mem_free(world);
    return 0;
}

static void says_what_it_was_made_of(void **state)
{
    world_t *world = *state;
    ticket_t read;
    assert_int_equal(ticket_read(world->mint, buf_slice(&world->text), &read), ERR_OK);
    assert_int_equal(read.who.account, world->ticket.who.account);
    assert_int_equal(read.who.session, world->ticket.who.session);
    assert_int_equal(read.who.scopes, world->ticket.who.scopes);
    assert_int_equal(read.who.via, world->ticket.who.via);
    assert_int_equal(read.who.expires, world->ticket.who.expires);
    assert_memory_equal(read.sid, world->ticket.sid, sizeof read.sid);
}

static void is_nobodys_but_the_signers(void **state)
{
    world_t *world = *state;
    ticket_t read;
    assert_int_equal(ticket_read(world->others, buf_slice(&world->text), &read),
                     ERR_UNAUTHENTICATED);
}

/* Each character counts, and so does the length. */
static void is_not_taken_once_it_was_touched(void **state)
{
    world_t *world = *state;
    slice_t text = buf_slice(&world->text);
    ticket_t read;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t was = world->text.data[i];
        world->text.data[i] = was == 'A' ? 'Q' : 'A';
        assert_int_equal(ticket_read(world->mint, text, &read), ERR_UNAUTHENTICATED);
        world->text.data[i] = was;
        assert_int_equal(ticket_read(world->mint, slice_new(text.ptr, i), &read),
                         ERR_UNAUTHENTICATED);
    }
    buf_append_text(&world->text, "AAAA");
    assert_int_equal(ticket_read(world->mint, buf_slice(&world->text), &read), ERR_UNAUTHENTICATED);
    assert_int_equal(ticket_read(world->mint, (slice_t){0}, &read), ERR_UNAUTHENTICATED);
    assert_int_equal(ticket_read(world->mint, SLICE_LIT("no base64!"), &read), ERR_UNAUTHENTICATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(says_what_it_was_made_of, s_begin, s_end),
        cmocka_unit_test_setup_teardown(is_nobodys_but_the_signers, s_begin, s_end),
        cmocka_unit_test_setup_teardown(is_not_taken_once_it_was_touched, s_begin, s_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
