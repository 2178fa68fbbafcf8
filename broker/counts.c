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

static void s_put_actors(const router_t *router, ledger_t *ledger)
{
    static const struct {
        const char *name, *help;
    } families[] = {
        {"kith_actor_ready", "1: the actor takes calls"},
        {"kith_actor_queue_bytes", "Waiting to be sent to the actor"},
        {"kith_actor_waiting_calls", "Calls that the actor has not decided yet"},
    };
    char label[LABEL_SIZE];
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        ledger_family(ledger, metric_kind_GAUGE, families[i].name, families[i].help, false);
        for (size_t owner = 0; owner < OWNERS; owner++) {
            const peer_t *actor = router->offices[owner];
            if (actor == NULL)
                continue;
            const uint64_t values[] = {actor->ready, actor->out.len, actor->docket.count};
            snprintf(label, sizeof label, "actor=\"%s\"", choice_word(choices_owner, (int)owner));
            ledger_value(ledger, label, values[i]);
        }
    }
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
    s_put_refused(counts, ledger);
    s_put_actors(router, ledger);
    ledger_histogram(ledger, "kith_commit_seconds", "From handing a batch to the disk to its fsync",
                     true, &counts->commit_us);
    ledger_histogram(ledger, "kith_commit_records", "Records of a commit", false,
                     &counts->batch_records);
    ledger_histogram(ledger, "kith_commit_bytes", "Bytes of a commit", false, &counts->batch_bytes);
}
