/* postman.c - postmen: each a thread behind a pair of buses.
 *
 *   actor's thread                     postman's thread
 *   postmen_give ── [mail] ─────────> sign the link, write the letter, hand it over
 *   postmen_result <── [outcome] ───────┘
 *
 * The link is signed here and nowhere else, so that neither the journal nor a row has one
 * that works. */
#include "actors/notifier/postman.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "actors/bus.h"
#include "actors/dispatch.h"
#include "actors/log.h"
#include "actors/notifier/letter.h"
#include "actors/notifier/outbox.h"
#include "actors/token.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum { POSTMEN = 2, NAME_SIZE = 64, ADDRESS_SIZE = 4 * LIMIT_EMAIL + 1 };

typedef struct postman {
    const mail_options_t *options;
    const mint_t *mint; /* only read, so all have the same */
    bus_t *bus;         /* the actor's end */
    bus_t *far_bus;     /* the thread's */
    pthread_t thread;
    bool started;
    atomic_bool stopping;
    uint64_t mail; /* on the way; 0: free */
    char name[NAME_SIZE];
} postman_t;

struct postmen {
    mint_t *mint;
    postman_t all[POSTMEN];
};

/* ---- the postman's thread ---- */

static void s_fail(delivery_t *delivery, enum delivery_outcome outcome, const char *reason)
{
    delivery->outcome = outcome;
    snprintf(delivery->reason, sizeof delivery->reason, "%s", reason);
}

static slice_t s_sign(const postman_t *postman, const mail_t *mail, arena_t *arena)
{
    const account_link_t link = {
        .account = mail->account,
        .purpose = mail->purpose,
        .nonce = mail->nonce,
        .expires = mail->expires,
    };
    return token_make_link(postman->mint, &link, arena);
}

static void s_send(postman_t *postman, const mail_t *mail, slice_t letter, delivery_t *delivery)
{
    const mail_options_t *options = postman->options;
    char reason[DISPATCH_REASON_SIZE], to[ADDRESS_SIZE];
    snprintf(to, sizeof to, "%.*s", SLICE_ARG(mail->email));
    const posting_t posting = {
        .server = options->server,
        .user = options->user,
        .password_file = options->password_file,
        .plain = options->plain,
        .from = options->from,
        .to = to,
        .letter = letter,
        .stop = &postman->stopping,
    };
    err_t err = dispatch_mail(&posting, reason);
    if (err != ERR_OK)
        s_fail(delivery, err == ERR_UNAVAILABLE ? DELIVERY_LATER : DELIVERY_NEVER, reason);
}

static void s_hand_over(postman_t *postman, const mail_t *mail, slice_t letter,
                        delivery_t *delivery)
{
    if (*postman->options->server != '\0')
        s_send(postman, mail, letter, delivery);
    else if (outbox_put(postman->options->data, mail->id, letter) != ERR_OK)
        s_fail(delivery, DELIVERY_LATER, "the outbox cannot be written");
}

static void s_carry(postman_t *postman, const mail_t *mail, arena_t *arena, delivery_t *delivery)
{
    buf_t letter = {0};
    *delivery = (delivery_t){.mail = mail->id};
    if (letter_fit(mail->email)) {
        letter_write(&letter, postman->options, mail, s_sign(postman, mail, arena));
        s_hand_over(postman, mail, buf_slice(&letter), delivery);
    } else {
        s_fail(delivery, DELIVERY_NEVER, "this is no address");
    }
    buf_free(&letter);
}

static void s_report(postman_t *postman, const delivery_t *delivery)
{
    buf_t message = {0};
    pack_u64(&message, delivery->mail);
    pack_u64(&message, delivery->outcome);
    pack_str(&message, slice_of(delivery->reason));
    err_t err = bus_send(postman->far_bus, &message);
    assert(err == ERR_OK); /* one message at a time */
}

static void s_work(postman_t *postman, slice_t message)
{
    const void *mail;
    fault_t fault;
    delivery_t delivery;
    arena_t *arena = arena_new();
    err_t err = codec_unpack(message, shape_mail(), arena, &fault, &mail);
    assert(err == ERR_OK);
    s_carry(postman, mail, arena, &delivery);
    s_report(postman, &delivery);
    arena_destroy(&arena);
}

static void *s_main(void *ctx)
{
    postman_t *postman = ctx;
    uint32_t peer;
    slice_t message;
    prctl(PR_SET_NAME, postman->name);
    while (!atomic_load(&postman->stopping)) {
        bus_wait(&postman->far_bus, 1, -1);
        while (!atomic_load(&postman->stopping) && bus_receive(postman->far_bus, &peer, &message))
            s_work(postman, message);
    }
    return NULL;
}

/* ---- the actor's side ---- */

static err_t s_start(postman_t *postman, const mail_options_t *options, const mint_t *mint)
{
    static atomic_uint postmen; /* a name of its own for each pair */
    postman->options = options;
    postman->mint = mint;
    snprintf(postman->name, sizeof postman->name, "postman-%u", atomic_fetch_add(&postmen, 1));
    err_t err = bus_pair_bind(postman->name, &postman->bus);
    if (err == ERR_OK)
        err = bus_pair_connect(postman->name, &postman->far_bus);
    if (err == ERR_OK && pthread_create(&postman->thread, NULL, s_main, postman) != 0)
        err = ERR_UNAVAILABLE;
    postman->started = err == ERR_OK;
    return err;
}

static void s_stop(postman_t *postman)
{
    buf_t wake = {0};
    atomic_store(&postman->stopping, true);
    if (postman->started) {
        pack_nil(&wake);
        err_t err = bus_send(postman->bus, &wake);
        assert(err == ERR_OK);
        pthread_join(postman->thread, NULL);
    }
    bus_close(&postman->bus);
    bus_close(&postman->far_bus);
}

postmen_t *postmen_new(const mail_options_t *options)
{
    postmen_t *postmen = mem_new(postmen_t);
    dispatch_start();
    err_t err = mint_open(options->data, &postmen->mint);
    for (size_t i = 0; i < POSTMEN && err == ERR_OK; i++)
        err = s_start(&postmen->all[i], options, postmen->mint);
    if (err != ERR_OK) {
        log_error("notifier", "no mail is sent: %s", err_info(err)->name);
        postmen_destroy(&postmen);
    }
    return postmen;
}

void postmen_destroy(postmen_t **postmen_p)
{
    postmen_t *postmen = *postmen_p;
    if (postmen == NULL)
        return;
    *postmen_p = NULL;
    for (size_t i = 0; i < POSTMEN; i++)
        s_stop(&postmen->all[i]);
    mint_close(&postmen->mint);
    mem_free(postmen);
}

bool postmen_have(const postmen_t *postmen, uint64_t mail)
{
    for (size_t i = 0; i < POSTMEN; i++)
        if (postmen->all[i].mail == mail)
            return true;
    return false;
}

bool postmen_free(const postmen_t *postmen)
{
    return postmen_have(postmen, 0);
}

void postmen_give(postmen_t *postmen, const mail_t *mail)
{
    size_t i = 0;
    buf_t message = {0};
    assert(postmen_free(postmen));
    while (postmen->all[i].mail != 0)
        i++;
    codec_pack(&message, shape_mail(), mail);
    err_t err = bus_send(postmen->all[i].bus, &message);
    assert(err == ERR_OK); /* one message at a time */
    postmen->all[i].mail = mail->id;
}

static void s_read(slice_t message, delivery_t *ret_delivery)
{
    unpack_t in = {message};
    uint64_t outcome;
    slice_t reason;
    bool read = unpack_u64(&in, &ret_delivery->mail) == ERR_OK &&
                unpack_u64(&in, &outcome) == ERR_OK && unpack_str(&in, &reason) == ERR_OK;
    assert(read);
    ret_delivery->outcome = (enum delivery_outcome)outcome;
    snprintf(ret_delivery->reason, sizeof ret_delivery->reason, "%.*s", SLICE_ARG(reason));
}

bool postmen_result(postmen_t *postmen, delivery_t *ret_delivery)
{
    for (size_t i = 0; i < POSTMEN; i++) {
        postman_t *postman = &postmen->all[i];
        uint32_t peer;
        slice_t message;
        if (!bus_receive(postman->bus, &peer, &message))
            continue;
        s_read(message, ret_delivery);
        postman->mail = 0;
        return true;
    }
    return false;
}
