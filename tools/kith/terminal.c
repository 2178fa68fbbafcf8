/* terminal.c - ANSI escapes (ECMA-48, and xterm's alternate screen), termios, signals.
 *
 * Signals are blocked but while ppoll waits, so none falls between a look at what they want
 * and the sleep. */
#include "tools/kith/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "schema/mem.h"

struct terminal {
    struct termios before;
    sigset_t mask; /* as it was */
};

static const char s_enter[] = "\033[?1049h\033[?25l\033[H\033[2J";
static const char s_leave[] = "\033[?25h\033[?1049l";
static const int s_ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

static volatile sig_atomic_t s_ended_by, s_resized, s_suspended;

static void s_on_signal(int number)
{
    if (number == SIGWINCH)
        s_resized = 1;
    else if (number == SIGTSTP)
        s_suspended = 1;
    else
        s_ended_by = number;
}

/* All of it, or as much as the terminal takes: a screen that is gone wants nothing. */
static void s_write(slice_t bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes.ptr, bytes.len);
        if (written < 0 && errno != EINTR)
            return;
        bytes = slice_from(bytes, written > 0 ? (size_t)written : 0);
    }
}

static void s_enter_screen(const terminal_t *terminal)
{
    struct termios raw = terminal->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    s_write(SLICE_LIT(s_enter));
}

static void s_leave_screen(const terminal_t *terminal)
{
    s_write(SLICE_LIT(s_leave));
    tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before);
}

static void s_catch_signals(terminal_t *terminal)
{
    struct sigaction action = {.sa_handler = s_on_signal};
    sigset_t caught;
    sigemptyset(&caught);
    sigaddset(&caught, SIGWINCH);
    sigaddset(&caught, SIGTSTP);
    for (size_t i = 0; i < COUNT_OF(s_ends); i++)
        sigaddset(&caught, s_ends[i]);
    sigprocmask(SIG_BLOCK, &caught, &terminal->mask);
    sigaction(SIGWINCH, &action, NULL);
    sigaction(SIGTSTP, &action, NULL);
    for (size_t i = 0; i < COUNT_OF(s_ends); i++)
        sigaction(s_ends[i], &action, NULL);
}

terminal_t *terminal_open(void)
{
    terminal_t *terminal = mem_new(terminal_t);
    if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &terminal->before) != 0) {
        fprintf(stderr, "kith: this is no terminal: say --once or --json\n");
        mem_free(terminal);
        return NULL;
    }
    s_catch_signals(terminal);
    s_enter_screen(terminal);
    return terminal;
}

void terminal_close(terminal_t **terminal_p)
{
    if (*terminal_p == NULL)
        return;
    s_leave_screen(*terminal_p);
    mem_free(*terminal_p);
    *terminal_p = NULL;
}

terminal_size_t terminal_size(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return (terminal_size_t){24, 80};
    return (terminal_size_t){size.ws_row, size.ws_col};
}

/* Each line is written over what is there, and the rest of it cleared: nothing flickers. */
void terminal_show(slice_t lines)
{
    buf_t out = {0};
    buf_append_text(&out, "\033[H");
    for (size_t i = 0; i < lines.len; i++) {
        if (lines.ptr[i] != '\n')
            buf_append_byte(&out, lines.ptr[i]);
        else
            buf_append_text(&out, i + 1 < lines.len ? "\033[K\r\n" : "\033[K");
    }
    buf_append_text(&out, "\033[J");
    s_write(buf_slice(&out));
    buf_free(&out);
}

/* As the shell wants it: stopped on its own screen, and back on ours. */
static void s_stop(terminal_t *terminal)
{
    s_suspended = 0;
    s_leave_screen(terminal);
    raise(SIGSTOP);
    s_enter_screen(terminal);
}

int terminal_wait(terminal_t *terminal, int timeout_ms)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    unsigned char key;
    int ready = ppoll(&input, 1, &timeout, &terminal->mask);
    if (s_suspended) {
        s_stop(terminal);
        return TERMINAL_RESIZED;
    }
    if (s_ended_by != 0)
        return TERMINAL_ENDED;
    if (s_resized) {
        s_resized = 0;
        return TERMINAL_RESIZED;
    }
    if (ready <= 0)
        return TERMINAL_TIME_UP;
    return read(STDIN_FILENO, &key, 1) == 1 ? key : TERMINAL_ENDED; /* it has hung up */
}
