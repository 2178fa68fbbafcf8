/* verify.c - kith journal verify */
#include <inttypes.h>
#include <stdio.h>

#include "schema/json.h"
#include "tools/kith/command.h"
#include "tools/kith/place.h"

static void s_print(const journal_report_t *report)
{
    if (report->fault_seq != 0 || report->fault[0] != '\0')
        printf("damaged at sequence %" PRIu64 ": %s\n", report->fault_seq, report->fault);
    printf("%s%" PRIu64 " records, %" PRIu64 " bytes\n",
           report->fault[0] != '\0' ? "sound before it: " : "sound: ", report->records,
           report->bytes);
}

static void s_print_json(const journal_report_t *report, err_t err)
{
    buf_t out = {0};
    buf_printf(&out,
               "{\"sound\":%s,\"records\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"fault_seq\":%" PRIu64
               ",\"fault\":",
               err == ERR_OK ? "true" : "false", report->records, report->bytes, report->fault_seq);
    json_put_text(&out, slice_of(report->fault));
    buf_append_text(&out, "}\n");
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

outcome_t verify_run(const options_t *options)
{
    journal_t *journal = NULL;
    journal_report_t report = {0};
    if (!place_open(options->data, &journal))
        return OUTCOME_BAD;
    err_t err = journal_verify(journal, &report);
    if (options->json)
        s_print_json(&report, err);
    else
        s_print(&report);
    journal_close(&journal);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}
