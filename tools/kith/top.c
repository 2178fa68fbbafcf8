/* top.c - kith top: two samples, and what lies between them, again and again.
 *
 *   sample ── interval ──> sample ──> span ──> screen, lines or JSON
 *                             └── is the one before of the next
 *
 * Keys: n c e b l put the actors in order, o and w the connections; a blank looks at once; q ends,
 * as a signal does.  So does a server that does not answer; the terminal is as it was then. */
#include <stdio.h>
#include <unistd.h>

#include "actors/clock.h"
#include "schema/mem.h"
#include "tools/kith/ask.h"
#include "tools/kith/command.h"
#include "tools/kith/place.h"
#include "tools/kith/span_view.h"
#include "tools/kith/terminal.h"

enum { ONCE_COLUMNS = 120, ONCE_ROWS = 1000 };

typedef struct top {
    const options_t *options;
    peer_t *peer;
    sample_t *before;
    sample_t *now;
    span_order_t order;
    bool oldest;
    int interval_ms;
    terminal_t *terminal; /* NULL: on no screen */
} top_t;

/* The next sample; the one that it follows is forgotten with the one after. */
static err_t s_look(top_t *top)
{
    sample_t *sample = NULL;
    err_t err = sample_take(top->peer, &sample);
    if (err != ERR_OK)
        return err;
    sample_destroy(&top->before);
    top->before = top->now;
    top->now = sample;
    return ERR_OK;
}

/* Before there are two, the first stands for both: nothing has happened. */
static span_t s_span(const top_t *top)
{
    const sample_t *before = top->before != NULL ? top->before : top->now;
    double seconds = (double)(top->now->at - before->at) / 1e6;
    return (span_t){top->now, before, seconds > 0 ? seconds : 1, top->order, top->oldest};
}

/* ---- for programs, and once ---- */

static void s_print(const top_t *top)
{
    span_t span = s_span(top);
    buf_t out = {0};
    if (top->options->json)
        span_put_json(&span, &out);
    else
        span_view(&span, ONCE_ROWS, ONCE_COLUMNS, &out);
    fwrite(out.data, 1, out.len, stdout);
    fflush(stdout);
    buf_free(&out);
}

static err_t s_run_plainly(top_t *top)
{
    err_t err = s_look(top);
    while (err == ERR_OK) {
        usleep((useconds_t)top->interval_ms * 1000);
        err = s_look(top);
        if (err != ERR_OK || ferror(stdout))
            break;
        s_print(top);
        if (top->options->once)
            break;
    }
    return err;
}

/* ---- on a screen ---- */

/* The last line, as far as there are columns; without an end, which would scroll. */
static void s_put_foot(const top_t *top, size_t columns, buf_t *out)
{
    size_t before = out->len;
    buf_printf(out, "every %d s  actors by %s  slowest by %s  keys: n c e b l o w q",
               top->interval_ms / 1000, span_order_word(top->order),
               top->oldest ? "waiting" : "queued");
    if (out->len > before + columns)
        out->len = before + columns;
}

static void s_draw(const top_t *top)
{
    terminal_size_t size = terminal_size();
    span_t span = s_span(top);
    buf_t lines = {0};
    size_t shown = span_view(&span, size.rows - 1, size.columns, &lines);
    for (; shown + 1 < size.rows; shown++)
        buf_append_byte(&lines, '\n');
    s_put_foot(top, size.columns, &lines);
    terminal_show(buf_slice(&lines));
    buf_free(&lines);
}

/* False: that was the last one. */
static bool s_press(top_t *top, int key)
{
    static const struct {
        char key;
        span_order_t order;
    } orders[] = {{'n', ORDER_NAME},
                  {'c', ORDER_CALLS},
                  {'e', ORDER_EVENTS},
                  {'b', ORDER_QUEUE},
                  {'l', ORDER_LAG}};
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        if (orders[i].key == key)
            top->order = orders[i].order;
    if (key == 'o' || key == 'w')
        top->oldest = key == 'o';
    return key != 'q' && key != TERMINAL_ENDED;
}

/* Keys and sizes until it is time for the next look; false once that is wanted no more. */
static bool s_wait(top_t *top)
{
    int64_t due = clock_us(CLOCK_MONOTONIC) + top->interval_ms * INT64_C(1000);
    for (;;) {
        int64_t left_ms = (due - clock_us(CLOCK_MONOTONIC) + 999) / 1000;
        int key = terminal_wait(top->terminal, left_ms > 0 ? (int)left_ms : 0);
        if (key == TERMINAL_TIME_UP || key == ' ')
            return true;
        if (!s_press(top, key))
            return false;
        s_draw(top);
    }
}

static err_t s_run_on_screen(top_t *top)
{
    err_t err = ERR_OK;
    top->terminal = terminal_open();
    if (top->terminal == NULL)
        return ERR_INVALID;
    do {
        err = s_look(top);
        if (err == ERR_OK)
            s_draw(top);
    } while (err == ERR_OK && s_wait(top));
    terminal_close(&top->terminal);
    return err;
}

static err_t s_run(top_t *top)
{
    return top->options->json || top->options->once ? s_run_plainly(top) : s_run_on_screen(top);
}

outcome_t top_run(const options_t *options)
{
    top_t top = {
        .options = options,
        .interval_ms = options->interval > 0 ? (int)options->interval * 1000 : 1000,
    };
    char endpoint[4096];
    if (options->sort != NULL && !span_read_order(options->sort, &top.order)) {
        fprintf(stderr, "kith: --sort takes name, calls, events, queue or lag, not `%s`\n",
                options->sort);
        return OUTCOME_USAGE;
    }
    top.peer = ask_meet(options);
    err_t err = top.peer != NULL ? s_run(&top) : ERR_INVALID;
    ask_endpoint(options, endpoint, sizeof endpoint);
    if (err != ERR_OK && err != ERR_INVALID)
        place_complain(endpoint, err);
    peer_close(&top.peer);
    sample_destroy(&top.before);
    sample_destroy(&top.now);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}
