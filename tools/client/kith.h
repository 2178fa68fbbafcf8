/* kith.h - libkith: a bot on the bus of a Kith server, from C.
 *
 *     kith_t *bot = NULL;
 *     kith_event_t event;
 *     kith_options_t options = {"tcp://127.0.0.1:7100", "echo", "broker.public", 0, 0};
 *     if (kith_connect(&options, &bot) != KITH_OK) …
 *     kith_follow(bot, kith_head(bot), "bot.called");
 *     while (kith_next(bot, -1, &event) >= KITH_OK) …
 *     kith_close(&bot);
 *
 * Bodies are JSON texts: of calls as docs/bus.md and the schema have them, of answers and events
 * the same.  A bot is used by one thread at a time.  It says hello again by itself when the server
 * was away, and follows from where it was, so no event is missed and none comes twice.
 *
 * Manual page: libkith(3). */
#ifndef KITH_H
#define KITH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KITH_API __attribute__((visibility("default")))

enum {
    KITH_OK = 0,
    KITH_REFUSED = -1, /* by the server: kith_status says what for */
    KITH_SILENT = -2,  /* no answer in time */
    KITH_WRONG = -3,   /* an argument: a file without a key, a body that is no JSON */
};

typedef struct kith kith_t;

typedef struct kith_options {
    const char *door;       /* tcp://HOST:PORT or ipc://PATH */
    const char *key;        /* path of the bot's pair, without .secret; NULL over ipc */
    const char *broker_key; /* file with the broker's public key; NULL over ipc */
    uint64_t account;       /* the bot's, over ipc; 0 over tcp */
    int timeout_ms;         /* that a call waits at most; 0: 30 seconds */
} kith_options_t;

/* Connect and say hello; waits for a server that is not there yet.  Whatever comes of it,
 * *ret_bot is to be closed, and tells kith_status. */
KITH_API int kith_connect(const kith_options_t *options, kith_t **ret_bot);

/* Close and null; accepts NULL. */
KITH_API void kith_close(kith_t **bot_p);

/* What the bot is, and the last sequence in the journal when it came. */
KITH_API uint64_t kith_account(const kith_t *bot);
KITH_API uint64_t kith_head(const kith_t *bot);

/* Make a call of this type and wait for its answer, a JSON text that lives until the next call;
 * `ret_answer` may be NULL. */
KITH_API int kith_call(kith_t *bot, const char *type, const char *body, const char **ret_answer);

/* Why the last call was refused: the error's name, and what the server said of it ("" for nothing). */
KITH_API const char *kith_status(const kith_t *bot);
KITH_API const char *kith_detail(const kith_t *bot);

/* Hear the events behind the sequence `after`; 0: all there are.  `types`: beginnings of types'
 * names, with blanks between; NULL: all. */
KITH_API int kith_follow(kith_t *bot, uint64_t after, const char *types);

typedef struct kith_event {
    const char *type;
    uint64_t seq;    /* 0: it is not recorded */
    int64_t time_us; /* since 1970, UTC */
    uint64_t room;
    uint64_t account;
    const char *body; /* JSON */
    uint64_t ticket;  /* not 0: a message that waits to be judged; `type` is the command that it
                         is, `account` whoever sent it, `body` the command's */
} kith_event_t;

/* Be asked about messages before they are decided, in these rooms or, with none, in all that the bot
 * is in; its scopes must have `moderate`.  What is asked comes as an event with a ticket, before
 * all others; answer it soon. */
KITH_API int kith_judge(kith_t *bot, const uint64_t *rooms, size_t count);

/* What is to become of what was asked; it is said and not waited for.  KITH_WRONG: no UTF-8. */
KITH_API int kith_allow(kith_t *bot, uint64_t ticket);
KITH_API int kith_veto(kith_t *bot, uint64_t ticket, const char *reason);
KITH_API int kith_transform(kith_t *bot, uint64_t ticket, const char *text);

/* The next event, which lives until the next call of this function: 1; KITH_OK if none came in
 * time (-1: any time).  The one before is acknowledged by and by. */
KITH_API int kith_next(kith_t *bot, int timeout_ms, kith_event_t *ret_event);

/* Give each event to a function until that gives something else than 0, or something goes wrong;
 * that. */
typedef int kith_event_fn(void *ctx, kith_t *bot, const kith_event_t *event);
KITH_API int kith_run(kith_t *bot, kith_event_fn *on_event, void *ctx);

/* A text or a number in a JSON text, by its path, such as "message.text": 1 if it is there and
 * fits, else 0. */
KITH_API int kith_text(const char *json, const char *path, char *ret_text, size_t size);
KITH_API int kith_number(const char *json, const char *path, uint64_t *ret_number);

/* The text as JSON, quoted and escaped; 0 if that does not fit, or it is no UTF-8. */
KITH_API int kith_quote(const char *text, char *ret_json, size_t size);

#ifdef __cplusplus
}
#endif
#endif
