/* options.h - what may be said on the command line; the same words for every command. */
#ifndef TOOLS_KITH_OPTIONS_H
#define TOOLS_KITH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum option_id {
    OPTION_DATA,
    OPTION_BUS,
    OPTION_FROM,
    OPTION_TO,
    OPTION_TYPE,
    OPTION_ROOM,
    OPTION_ACCOUNT,
    OPTION_COUNT,
    OPTION_FOLLOW,
    OPTION_JSON,
    OPTION_MD,
    OPTION_OPENAPI,
    OPTION_ASYNCAPI,
    OPTION_TYPESCRIPT,
    OPTION_ROLE,
    OPTION_EMAIL,
    OPTION_PASSWORD,
    OPTION_UNTIL,
    OPTION_REASON,
    OPTION_SCOPES,
    OPTION_KEYS,
    OPTION_HTTP,
    OPTION_ROOMS,
    OPTION_PEOPLE,
    OPTION_WINDOW,
    OPTION_RATE,
    OPTION_SECONDS,
    OPTION_PAYLOAD,
    OPTION_KEEP,
    OPTION_ANCHOR,
    OPTION_VERIFY,
    OPTION_AT,
    OPTION_AS,
    OPTION_INTO,
    OPTION_SPEED,
    OPTION_DIALECT,
    OPTION_CONNECTIONS,
    OPTION_PREFIX,
    OPTION_FILLER,
    OPTION_LOOSE,
    OPTION_KEY,
    OPTION_CONFIG,
    OPTION_KEYRING,
    OPTION_INTERVAL,
    OPTION_SORT,
    OPTION_ONCE,
    OPTION_BYTES,
    OPTION_WITHOUT,
    OPTION_HELP,
    OPTION_VERSION,
    OPTIONS,
} option_id_t;

/* A set of options: the bit of each. */
typedef uint64_t option_set_t;
#define OPTION_BIT(name) ((option_set_t)1 << OPTION_##name)
_Static_assert(OPTIONS <= 64, "a set of options has as many bits");

typedef struct options {
    option_set_t given; /* those that were said */
    const char *data;   /* folder of a stopped server */
    const char *bus;    /* endpoint of a running one */
    uint64_t from;      /* sequences */
    uint64_t to;
    const char *type; /* a prefix of the type's name */
    uint64_t room;
    uint64_t account;
    uint64_t count;
    bool follow;
    bool json;
    const char *role;
    const char *email;
    const char *until;
    const char *reason;
    const char *scopes;
    const char *keys; /* folder */
    const char *http; /* HOST:PORT; the rest of these 0 if not said */
    uint64_t rooms;
    uint64_t people;
    uint64_t window;
    uint64_t rate;
    uint64_t seconds;
    uint64_t payload;
    bool keep;
    const char *anchor; /* file */
    bool verify;
    const char *at; /* a sequence, or a time */
    uint64_t as;
    uint64_t bytes;    /* 0: not said */
    uint64_t without;  /* a sequence; 0: none */
    uint64_t interval; /* seconds; 0 if not said */
    const char *sort;
    bool once;
    const char *into;  /* URL */
    const char *speed; /* "max", or a factor */
    const char *dialect;
    uint64_t connections;
    const char *prefix;
    bool filler;
    bool loose;
    const char *key;          /* file */
    const char *config;       /* file */
    const char *keyring;      /* file */
    const char *const *words; /* those that are not options */
    size_t word_count;
    const char *const *operands; /* the words behind the command's name */
    size_t operand_count;
} options_t;

/* False after a sentence on stderr about what cannot be understood. */
bool options_parse(int argc, char **argv, options_t *ret_options);

/* Every option of the set that was said but is not in `known`, is too much: false
 * after a sentence on stderr. */
bool options_fit(const options_t *options, option_set_t known, const char *command);

/* All options as they are typed, a blank between, on stdout. */
void options_print_flags(void);

/* The options of a set, a line each, on stdout. */
void options_explain(option_set_t set);

#endif
