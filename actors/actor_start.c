/* actor_start.c - an actor's beginning and end, on the thread of whoever has it.
 *
 * That it is to stop is said to its thread by a word, so that it need not look now and then. */
#include <assert.h>
#include <stdio.h>

#include "actors/actor_parts.h"
#include "actors/clock.h"
#include "schema/mem.h"

static err_t s_pair(actor_t *actor)
{
    char name[64];
    snprintf(name, sizeof name, "actor-%p", (void *)actor);
    err_t err = bus_pair_bind(name, &actor->stop);
    return err == ERR_OK ? bus_pair_connect(name, &actor->stopped) : err;
}

/* All but the bus and the pool, which are the thread's to close. */
static void s_free(actor_t *actor)
{
    bus_close(&actor->stopped);
    bus_close(&actor->stop);
    stage_destroy(&actor->stage);
    store_close(&actor->store);
    arena_destroy(&actor->arena);
    buf_free(&actor->out);
    mem_free(actor);
}

err_t actor_start(const actor_row_t *row, const actor_options_t *options, actor_t **ret_actor)
{
    char path[4096];
    actor_t *actor = mem_new(actor_t);
    actor->row = row;
    actor->options = *options;
    actor->arena = arena_new();
    snprintf(path, sizeof path, "%s/%s", options->data, row->name);
    err_t err = store_open(path, &actor->store);
    if (err == ERR_OK)
        err = store_expect(actor->store, row->format);
    if (err == ERR_OK)
        clock_go_on_from(store_time(actor->store));
    if (err == ERR_OK)
        err = s_pair(actor);
    if (err == ERR_OK)
        err = bus_connect(options->bus, options->keys, &actor->bus);
    if (err == ERR_OK) {
        actor_make_stage(actor);
        if (pthread_create(&actor->thread, NULL, actor_run, actor) == 0)
            *ret_actor = TAKE(actor);
        else
            err = ERR_UNAVAILABLE;
    }
    if (actor != NULL) {
        bus_close(&actor->bus);
        s_free(actor);
    }
    return err;
}

void actor_stop(actor_t **actor_p)
{
    actor_t *actor = *actor_p;
    if (actor == NULL)
        return;
    *actor_p = NULL;
    buf_t word = {0};
    buf_append_byte(&word, 0);
    err_t err = bus_send(actor->stop, &word);
    assert(err == ERR_OK); /* the first word that is said there */
    pthread_join(actor->thread, NULL);
    s_free(actor);
}
