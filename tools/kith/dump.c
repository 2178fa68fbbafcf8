/* dump.c - kith journal dump */
#include <stdio.h>

#include "tools/kith/command.h"
#include "tools/kith/filter.h"
#include "tools/kith/place.h"
#include "tools/kith/show.h"

enum { PAGE_BYTES = 1024 * 1024 };

typedef struct dump {
    const options_t *options;
    arena_t *arena;
    buf_t page;
    buf_t lines;
} dump_t;

/* Print the wanted records of the page; false behind the last one wanted. */
static bool s_print_page(dump_t *dump)
{
    const options_t *options = dump->options;
    slice_t in = buf_slice(&dump->page);
    record_t record;
    bool wanted = true;
    dump->lines.len = 0;
    while (wanted && in.len > 0 && record_read(&in, &record) == ERR_OK) {
        wanted = options->to == 0 || record.seq <= options->to;
        if (!wanted || !filter_fits(options, &record))
            continue;
        if (options->json)
            show_record_json(&dump->lines, &record, dump->arena);
        else
            show_record(&dump->lines, &record, dump->arena);
    }
    fwrite(dump->lines.data, 1, dump->lines.len, stdout);
    return wanted && !ferror(stdout);
}

static err_t s_dump(dump_t *dump, journal_t *journal)
{
    uint64_t first = journal_first(journal);
    uint64_t from = dump->options->from > first ? dump->options->from : first;
    err_t err = ERR_OK;
    bool more = true;
    while (err == ERR_OK && more && from <= journal_head(journal)) {
        dump->page.len = 0;
        err = journal_read(journal, from, PAGE_BYTES, &dump->page, &from);
        more = s_print_page(dump);
    }
    return err;
}

outcome_t dump_run(const options_t *options)
{
    journal_t *journal = NULL;
    if (!place_open(options->data, &journal))
        return OUTCOME_BAD;
    dump_t dump = {.options = options, .arena = arena_new()};
    err_t err = s_dump(&dump, journal);
    if (err != ERR_OK)
        place_complain(options->data, err);
    journal_close(&journal);
    arena_destroy(&dump.arena);
    buf_free(&dump.page);
    buf_free(&dump.lines);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}
