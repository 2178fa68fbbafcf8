/* command.h - what kith can do: a row and a file each.
 *
 * A command prints its result on stdout and its faults on stderr, and gives the
 * program's exit code. */
#ifndef TOOLS_KITH_COMMAND_H
#define TOOLS_KITH_COMMAND_H

#include "tools/kith/options.h"

typedef enum outcome {
    OUTCOME_GOOD = 0,
    OUTCOME_BAD = 1,   /* damaged, refused, or out of reach */
    OUTCOME_USAGE = 2, /* not understood; nothing was done */
} outcome_t;

typedef outcome_t command_fn(const options_t *options);

typedef struct command {
    const char *name;     /* words, one blank between */
    const char *operands; /* words behind the name; `[WORD]` may be missing; NULL for none */
    option_set_t takes;   /* set of options; of DATA and BUS that it takes, one is needed */
    bool live;            /* it needs a running server; its --data tells where that is */
    bool running;         /* it reads files, whether or not a server runs on them */
    const char *summary;
    const char *detail; /* of its help page */
    command_fn *run;
} command_t;

command_fn tail_run;
command_fn dump_run;
command_fn export_run;
command_fn import_run;
command_fn backup_run;
command_fn restore_run;
command_fn verify_run;
command_fn prove_run;
command_fn check_run;
command_fn replay_run;
command_fn state_run;
command_fn trace_run;
command_fn stats_run;
command_fn record_start_run;
command_fn record_stop_run;
command_fn record_status_run;
command_fn rerun_run;
command_fn digest_run;
command_fn rebuild_run;
command_fn status_run;
command_fn top_run;
command_fn account_list_run;
command_fn account_show_run;
command_fn account_create_run;
command_fn account_role_run;
command_fn account_ban_run;
command_fn account_unban_run;
command_fn account_verify_run;
command_fn account_link_run;
command_fn account_delete_run;
command_fn redact_run;
command_fn snapshot_take_run;
command_fn snapshot_list_run;
command_fn room_list_run;
command_fn room_show_run;
command_fn key_create_run;
command_fn key_list_run;
command_fn key_revoke_run;
command_fn bot_add_run;
command_fn bot_list_run;
command_fn bot_revoke_run;
command_fn bot_scopes_run;
command_fn keygen_run;
command_fn pusher_run;
command_fn bench_run;
command_fn schema_run;
command_fn completion_run;
command_fn version_run;

/* All there are, in the order in which they are explained. */
extern const command_t commands[];
extern const size_t command_count;

/* The forms of kith schema. */
void openapi_print(void);
void asyncapi_print(void);
void typescript_print(void);

#endif
