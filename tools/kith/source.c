/* source.c - one of the two is open: the journal, or the peer. */
#include "tools/kith/source.h"

#include <assert.h>

#include "schema/mem.h"
#include "tools/kith/peer.h"
#include "tools/kith/place.h"

enum { PAGE_BYTES = 1024 * 1024 };

struct source {
    const options_t *options;
    journal_t *journal;
    peer_t *peer;
    uint64_t head;
};

/* A room's records have an index at the broker; the rest is left out here. */
static ids_t s_rooms(const source_t *source)
{
    const uint64_t *room = &source->options->room;
    return *room != 0 ? (ids_t){room, 1} : (ids_t){0};
}

static slice_t s_prefix(const source_t *source)
{
    return slice_of(source->options->type != NULL ? source->options->type : "");
}

static err_t s_subscribe(source_t *source)
{
    const void *answer;
    bus_subscribe_call_t wish = {.prefix = s_prefix(source), .rooms = s_rooms(source)};
    err_t err = peer_call(source->peer, CALL_bus_subscribe, &wish, &answer);
    if (err == ERR_OK)
        source->head = ((const bus_subscribed_t *)answer)->head;
    return err;
}

static err_t s_ask_head(source_t *source)
{
    const void *answer;
    err_t err = peer_call(source->peer, CALL_bus_status, &(bus_status_call_t){}, &answer);
    if (err == ERR_OK)
        source->head = ((const bus_state_t *)answer)->head;
    return err;
}

static err_t s_open(source_t *source)
{
    const options_t *options = source->options;
    if (options->bus == NULL) {
        err_t err = place_journal(options->data, &source->journal);
        if (err == ERR_OK)
            source->head = journal_head(source->journal);
        return err;
    }
    err_t err = peer_connect(options->bus, options->keys, &source->peer);
    if (err != ERR_OK)
        return err;
    return options->follow ? s_subscribe(source) : s_ask_head(source);
}

err_t source_open(const options_t *options, source_t **ret_source)
{
    source_t *source = mem_new(source_t);
    source->options = options;
    err_t err = s_open(source);
    if (err == ERR_OK)
        *ret_source = TAKE(source);

    source_close(&source); /* NULL after TAKE: closes on failure only */
    return err;
}

void source_close(source_t **source_p)
{
    source_t *source = *source_p;
    if (source == NULL)
        return;
    journal_close(&source->journal);
    peer_close(&source->peer);
    mem_free(source);
    *source_p = NULL;
}

uint64_t source_head(const source_t *source)
{
    return source->head;
}

static err_t s_page_of_files(source_t *source, uint64_t from, buf_t *out, uint64_t *ret_next,
                             bool *ret_complete)
{
    uint64_t first = journal_first(source->journal);
    *ret_next = from > first ? from : first;
    *ret_complete = *ret_next > source->head;
    if (*ret_complete)
        return ERR_OK;
    err_t err = journal_read(source->journal, *ret_next, PAGE_BYTES, out, ret_next);
    *ret_complete = *ret_next > source->head;
    return err;
}

err_t source_page(source_t *source, uint64_t from, buf_t *out, uint64_t *ret_next,
                  bool *ret_complete)
{
    const void *answer;
    if (source->journal != NULL)
        return s_page_of_files(source, from, out, ret_next, ret_complete);

    bus_read_call_t wish = {.from = from, .rooms = s_rooms(source)};
    err_t err = peer_call(source->peer, CALL_bus_read, &wish, &answer);
    if (err != ERR_OK)
        return err;
    const bus_page_t *page = answer;
    buf_append(out, page->records);
    *ret_next = page->next;
    *ret_complete = page->complete;
    return ERR_OK;
}

err_t source_live(source_t *source, record_t *ret_record)
{
    assert(source->peer != NULL);
    return peer_record(source->peer, ret_record);
}
