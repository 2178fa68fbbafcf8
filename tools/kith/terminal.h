/* terminal.h - a screen of its own, keys as they are pressed, and the way back.
 *
 * While it is open signals only say what they want (terminal_wait): so it is given back as it
 * was, however the program ends, but for SIGKILL. */
#ifndef TOOLS_KITH_TERMINAL_H
#define TOOLS_KITH_TERMINAL_H

#include "schema/buf.h"

typedef struct terminal terminal_t;

/* NULL, and a sentence on stderr, if standard input and output are none. */
terminal_t *terminal_open(void);
void terminal_close(terminal_t **terminal_p);

typedef struct terminal_size {
    unsigned rows;
    unsigned columns;
} terminal_size_t;

terminal_size_t terminal_size(void);

/* Show these lines from the top, in place of what is there. */
void terminal_show(slice_t lines);

enum { TERMINAL_TIME_UP = 0, TERMINAL_RESIZED = -1, TERMINAL_ENDED = -2 };

/* The key that is pressed within the time, or what has happened else. */
int terminal_wait(terminal_t *terminal, int timeout_ms);

#endif
