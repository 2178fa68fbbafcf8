/* stats.c - kith journal stats */
#include <inttypes.h>
#include <stdio.h>

#include "tools/kith/command.h"
#include "tools/kith/place.h"
#include "tools/kith/show.h"

static void s_print(const journal_stats_t *stats)
{
    buf_t out = {0};
    buf_printf(&out, "segments   %" PRIu64 "\n", stats->segments);
    buf_printf(&out, "records    %" PRIu64 "\n", stats->records);
    buf_printf(&out, "sequences  %" PRIu64 " to %" PRIu64 "\n", stats->first, stats->last);
    buf_printf(&out, "bytes      %" PRIu64 " on disk\n", stats->bytes);
    buf_printf(&out, "epoch      %" PRIu64 "\n", stats->epoch);
    buf_append_text(&out, "from       ");
    show_time(&out, stats->first_time);
    buf_append_text(&out, "\nto         ");
    show_time(&out, stats->last_time);
    buf_append_text(&out, "\n");
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

static void s_print_json(const journal_stats_t *stats)
{
    printf("{\"segments\":%" PRIu64 ",\"records\":%" PRIu64 ",\"first\":%" PRIu64
           ",\"last\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"epoch\":%" PRIu64
           ",\"first_time\":%" PRId64 ",\"last_time\":%" PRId64 "}\n",
           stats->segments, stats->records, stats->first, stats->last, stats->bytes, stats->epoch,
           stats->first_time, stats->last_time);
}

outcome_t stats_run(const options_t *options)
{
    journal_t *journal = NULL;
    journal_stats_t stats = {0};
    if (!place_open(options->data, &journal))
        return OUTCOME_BAD;
    err_t err = journal_stats(journal, &stats);
    journal_close(&journal);
    if (err != ERR_OK)
        place_complain(options->data, err);
    else if (options->json)
        s_print_json(&stats);
    else
        s_print(&stats);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}
