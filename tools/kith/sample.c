/* sample.c - three questions; what is answered is copied, as the peer forgets it. */
#include "tools/kith/sample.h"

#include "actors/clock.h"
#include "schema/mem.h"

static slice_t s_keep(arena_t *arena, slice_t text)
{
    return arena_copy(arena, text);
}

static list_t s_keep_metrics(arena_t *arena, list_t metrics)
{
    const metric_t *items = metrics.items;
    metric_t *kept = arena_alloc(arena, (metrics.count + 1) * sizeof *kept);
    for (size_t i = 0; i < metrics.count; i++) {
        kept[i] = items[i];
        kept[i].name = s_keep(arena, items[i].name);
        kept[i].labels = s_keep(arena, items[i].labels);
    }
    return (list_t){kept, metrics.count};
}

/* An actor that is not there, or refuses, has counted nothing. */
static err_t s_ask(peer_t *peer, sample_t *sample, call_number_t type)
{
    const void *answer;
    err_t err = peer_call(peer, type, &(bus_metrics_call_t){}, &answer);
    if (err == ERR_OK)
        census_take(&sample->broker,
                    s_keep_metrics(sample->arena, ((const metric_list_t *)answer)->metrics));
    return err;
}

/* What it has told lives in the sample's arena. */
static void s_on_told(void *ctx, const bus_told_event_t *told)
{
    sample_t *sample = ctx;
    if (told->standing == NULL || sample->edge_count == SAMPLE_EDGES_MAX)
        return;
    edge_sample_t *edge = &sample->edges[sample->edge_count++];
    *edge = (edge_sample_t){.edge = told->edge, .slowest = told->standing->slowest};
    census_take(&edge->census, told->standing->metrics);
}

err_t sample_take(peer_t *peer, sample_t **ret_sample)
{
    sample_t *sample = mem_new(sample_t);
    bus_ask_call_t question = {.what = edge_question_STANDING};
    sample->arena = arena_new();
    sample->time = clock_us(CLOCK_REALTIME);
    sample->at = clock_us(CLOCK_MONOTONIC);
    err_t err = s_ask(peer, sample, CALL_bus_metrics);
    if (err == ERR_OK)
        (void)s_ask(peer, sample, CALL_notifier_metrics);
    if (err == ERR_OK)
        err = edges_ask(peer, &question, sample->arena, s_on_told, sample, &sample->asked);
    if (err == ERR_OK)
        *ret_sample = TAKE(sample);
    sample_destroy(&sample);
    return err;
}

void sample_destroy(sample_t **sample_p)
{
    sample_t *sample = *sample_p;
    if (sample == NULL)
        return;
    *sample_p = NULL;
    for (size_t i = 0; i < sample->edge_count; i++)
        census_free(&sample->edges[i].census);
    census_free(&sample->broker);
    arena_destroy(&sample->arena);
    mem_free(sample);
}

const edge_sample_t *sample_edge(const sample_t *sample, uint64_t edge)
{
    static const edge_sample_t none;
    for (size_t i = 0; i < sample->edge_count; i++)
        if (sample->edges[i].edge == edge)
            return &sample->edges[i];
    return &none;
}
