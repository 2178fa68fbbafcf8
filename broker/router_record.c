/* router_record.c - recordings: the order goes to every actor, and each tells how its part goes.
 *
 * The broker keeps the last report of each, and nothing else: it is the actors that record. */
#include "broker/router_state.h"

#include <stdio.h>

#include "actors/recorder.h"

static bool s_goes_on(const router_t *router, const tape_report_t *report)
{
    const peer_t *peer = router->offices[report->part.actor];
    return report->part.going && peer != NULL && peer->id == report->peer;
}

static bool s_any_goes_on(const router_t *router)
{
    for (int owner = 0; owner < OWNERS; owner++)
        if (s_goes_on(router, &router->recordings.reports[owner]))
            return true;
    return false;
}

static void s_order(router_t *router, const bus_record_event_t *order)
{
    buf_t notice = {0};
    record_begin(&notice, &(record_t){.type = EVENT_bus_record, .version = 1});
    codec_pack(&notice, shape_bus_record_event(), order);
    record_end(&notice);
    for (int owner = 0; owner < OWNERS; owner++)
        if (router->offices[owner] != NULL)
            buf_append(&router->offices[owner]->out, buf_slice(&notice));
    buf_free(&notice);
}

err_t router_start_recording(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const record_start_call_t *wish = body;
    if (peer->role != peer_role_OPERATOR)
        return ERR_FORBIDDEN;
    if (!recorder_takes_name(wish->name)) {
        router_refuse(router, peer, call, ERR_INVALID,
                      "`name`: takes letters, digits and `-_.`, with no dot before");
        return ERR_OK;
    }
    if (s_any_goes_on(router)) {
        router_refuse(router, peer, call, ERR_EXISTS, "a recording is going on: stop it first");
        return ERR_OK;
    }
    router->recordings = (recordings_t){0};
    for (int owner = 0; owner < OWNERS; owner++)
        router->recordings.asked[owner] = router->offices[owner] != NULL;
    s_order(router, &(bus_record_event_t){wish->name, wish->bytes});
    router_answer(router, peer, call, &(nothing_t){});
    return ERR_OK;
}

err_t router_stop_recording(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    (void)body;
    if (peer->role != peer_role_OPERATOR)
        return ERR_FORBIDDEN;
    s_order(router, &(bus_record_event_t){0});
    router_answer(router, peer, call, &(nothing_t){});
    return ERR_OK;
}

err_t router_hear_recording(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const recording_t *part = ((const record_report_call_t *)body)->part;
    if (peer->role != peer_role_ACTOR || router->offices[peer->actor] != peer)
        return ERR_FORBIDDEN;
    tape_report_t *report = &router->recordings.reports[peer->actor];
    report->part = *part;
    report->part.actor = peer->actor;
    report->peer = peer->id;
    snprintf(report->name, sizeof report->name, "%.*s", SLICE_ARG(part->name));
    snprintf(report->reason, sizeof report->reason, "%.*s", SLICE_ARG(part->reason));
    report->part.name = slice_of(report->name);
    report->part.reason = slice_of(report->reason);
    router_answer(router, peer, call, &(nothing_t){});
    return ERR_OK;
}

/* An actor that has gone meanwhile records no more, whatever it said last. */
static recording_t s_part(const router_t *router, const tape_report_t *report)
{
    recording_t part = report->part;
    part.going = s_goes_on(router, report);
    if (report->part.going && !part.going)
        part.reason = SLICE_LIT("the actor is gone");
    return part;
}

err_t router_tell_recordings(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    recording_t parts[OWNERS];
    uint64_t asked[OWNERS];
    size_t count = 0, asked_count = 0;
    (void)body;
    if (peer->role != peer_role_OPERATOR)
        return ERR_FORBIDDEN;
    for (int owner = 0; owner < OWNERS; owner++) {
        if (router->recordings.asked[owner])
            asked[asked_count++] = (uint64_t)owner;
        if (router->recordings.reports[owner].peer != 0)
            parts[count++] = s_part(router, &router->recordings.reports[owner]);
    }
    router_answer(router, peer, call,
                  &(recording_list_t){.asked = {asked, asked_count}, .parts = {parts, count}});
    return ERR_OK;
}
