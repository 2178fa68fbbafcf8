#include "broker/counts.h"

#include <stdio.h>

#include "broker/router_state.h"

enum { LABEL_SIZE = 96 };

static void s_put_refused(const counts_t *counts, ledger_t *ledger)
{
    char label[LABEL_SIZE];
    ledger_family(ledger, metric_kind_COUNTER, "kith_refused_total",
                  "Calls refused by the broker and the actors, by reason", false);
    for (int err = ERR_OK + 1; err < ERR_COUNT_; err++) {
        if (counts->refused[err] == 0)
            continue;
        snprintf(label, sizeof label, "reason=\"%s\"", err_info((err_t)err)->name);
        ledger_value(ledger, label, counts->refused[err]);
    }
}

static void s_put_actor(ledger_t *ledger, size_t owner, uint64_t value)
{
    char label[LABEL_SIZE];
    snprintf(label, sizeof label, "actor=\"%s\"", choice_word(choices_owner, (int)owner));
    ledger_value(ledger, label, value);
}

/* What the actors that there are, or were, have done. */
static void s_put_work(const router_t *router, ledger_t *ledger)
{
    const struct {
        const char *name, *help;
        const uint64_t *values;
    } families[] = {
        {"kith_actor_answered_total", "Calls that the actor has answered", router->counts.answered},
        {"kith_actor_events_total", "Events that the actor has made", router->counts.emitted},
    };
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        ledger_family(ledger, metric_kind_COUNTER, families[i].name, families[i].help, false);
        for (size_t owner = 0; owner < OWNERS; owner++)
            if (router->offices[owner] != NULL || families[i].values[owner] > 0)
                s_put_actor(ledger, owner, families[i].values[owner]);
    }
}

typedef struct bots {
    const router_t *router;
    ledger_t *ledger;
    bool lag; /* else the window */
} bots_t;

static void s_put_bot(void *ctx, peer_t *peer)
{
    const bots_t *bots = ctx;
    char label[LABEL_SIZE];
    if (peer->stream == NULL)
        return;
    uint64_t next = stream_next(peer->stream);
    uint64_t lag = next > 0 && next <= bots->router->head ? bots->router->head - next + 1 : 0;
    snprintf(label, sizeof label, "bot=\"%llu/%llx\"",
             (unsigned long long)stream_bot(peer->stream)->account, (unsigned long long)peer->id);
    ledger_value(bots->ledger, label, bots->lag ? lag : stream_unacknowledged(peer->stream));
}

/* Each connection, as the bot's account and the number that the log knows it by. */
static void s_put_bots(const router_t *router, ledger_t *ledger)
{
    bots_t bots = {router, ledger, true};
    ledger_family(ledger, metric_kind_GAUGE, "kith_bot_lag_records",
                  "Records that a connection of a bot has not looked at yet", false);
    registry_each(router->registry, s_put_bot, &bots);
    bots.lag = false;
    ledger_family(ledger, metric_kind_GAUGE, "kith_bot_unacknowledged_events",
                  "Events that were sent to it, of the window that there is", false);
    registry_each(router->registry, s_put_bot, &bots);
}

static void s_put_actors(const router_t *router, ledger_t *ledger)
{
    static const struct {
        const char *name, *help;
    } families[] = {
        {"kith_actor_ready", "1: the actor takes calls"},
        {"kith_actor_queue_bytes", "Waiting to be sent to the actor"},
        {"kith_actor_waiting_calls", "Calls that the actor has not decided yet"},
        {"kith_actor_applied", "Last sequence in its projection, as it said half a second ago"},
    };
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        ledger_family(ledger, metric_kind_GAUGE, families[i].name, families[i].help, false);
        for (size_t owner = 0; owner < OWNERS; owner++) {
            const peer_t *actor = router->offices[owner];
            if (actor == NULL)
                continue;
            const uint64_t values[] = {actor->ready, actor->out.len, actor->docket.count,
                                       actor->applied};
            s_put_actor(ledger, owner, values[i]);
        }
    }
}

static uint64_t s_hashes(const router_t *router)
{
    uint64_t hashes = 0;
    for (size_t owner = 0; owner < OWNERS; owner++)
        hashes += router->offices[owner] != NULL ? router->offices[owner]->hashes : 0;
    return hashes;
}

static void s_put_verdicts(const counts_t *counts, const router_t *router, ledger_t *ledger)
{
    char label[LABEL_SIZE];
    ledger_one(ledger, metric_kind_GAUGE, "kith_judged_waiting_calls",
               "Commands that wait for a bot's verdict, or behind one that does",
               verdicts_count(router->verdicts));
    ledger_one(ledger, metric_kind_COUNTER, "kith_judge_questions_total",
               "Messages that bots were asked about", counts->judge_asked);
    ledger_family(ledger, metric_kind_COUNTER, "kith_verdicts_total", "What bots said of them",
                  false);
    for (int ruling = ruling_ALLOW; ruling <= ruling_TRANSFORM; ruling++) {
        snprintf(label, sizeof label, "verdict=\"%s\"", choice_word(choices_ruling, ruling));
        ledger_value(ledger, label, counts->ruled[ruling]);
    }
    ledger_one(ledger, metric_kind_COUNTER, "kith_verdicts_late_total",
               "Verdicts on what waited no longer", counts->verdicts_late);
    ledger_family(ledger, metric_kind_COUNTER, "kith_unjudged_total",
                  "Times that no bot said anything in time, by what came of the message", false);
    ledger_value(ledger, "outcome=\"passed\"", counts->unjudged_passed);
    ledger_value(ledger, "outcome=\"refused\"", counts->unjudged_refused);
}

void counts_put(const counts_t *counts, const router_t *router, ledger_t *ledger)
{
    ledger_one(ledger, metric_kind_GAUGE, "kith_journal_head",
               "Sequence of the last committed record", router->head);
    ledger_one(ledger, metric_kind_GAUGE, "kith_journal_waiting_records",
               "Records on their way to the disk", router->assigned - router->head);
    ledger_one(ledger, metric_kind_GAUGE, "kith_journal_epoch",
               "Rises with each start and each reopened journal", router->epoch);
    ledger_one(ledger, metric_kind_GAUGE, "kith_journal_suspended",
               "1: the disk refuses, nothing is taken", router->suspended);
    ledger_one(ledger, metric_kind_GAUGE, "kith_reply_waiting_bytes",
               "Replies that wait for a commit", flight_bytes(router->flight));
    ledger_one(ledger, metric_kind_GAUGE, "kith_bus_peers", "Peers on the bus",
               registry_count(router->registry));
    ledger_one(ledger, metric_kind_COUNTER, "kith_calls_total", "Calls taken from peers",
               counts->calls);
    ledger_one(ledger, metric_kind_COUNTER, "kith_published_records_total",
               "Records given to those who hear them", router->marks);
    ledger_one(ledger, metric_kind_COUNTER, "kith_password_hashes_total",
               "Passwords that were hashed or held against a hash, as told half a second ago",
               s_hashes(router));
    s_put_verdicts(counts, router, ledger);
    s_put_refused(counts, ledger);
    s_put_actors(router, ledger);
    s_put_work(router, ledger);
    s_put_bots(router, ledger);
    ledger_histogram(ledger, "kith_commit_seconds", "From handing a batch to the disk to its fsync",
                     true, &counts->commit_us);
    ledger_histogram(ledger, "kith_commit_records", "Records of a commit", false,
                     &counts->batch_records);
    ledger_histogram(ledger, "kith_commit_bytes", "Bytes of a commit", false, &counts->batch_bytes);
}
