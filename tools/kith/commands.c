/* commands.c - the table of kith's commands: what each takes, and what its help page says. */
#include "schema/mem.h"
#include "tools/kith/command.h"

/* Besides --help, which all of them take. */
#define FILES OPTION_BIT(DATA)
#define LIVE (OPTION_BIT(BUS) | OPTION_BIT(KEYS))
#define SERVER (LIVE | OPTION_BIT(DATA)) /* in whose --data its bus is */
#define FILTER (OPTION_BIT(TYPE) | OPTION_BIT(ROOM) | OPTION_BIT(ACCOUNT))

const command_t commands[] = {
    {
        .name = "tail",
        .takes = FILES | LIVE | FILTER | OPTION_BIT(FROM) | OPTION_BIT(COUNT) | OPTION_BIT(FOLLOW) |
                 OPTION_BIT(JSON),
        .summary = "the last records, and over --bus what happens from then on",
        .detail =
            "Prints the last ten records that fit, or those from --from on, to the head.  Over\n"
            "--bus it then goes on live until interrupted, without a gap and nothing twice, also\n"
            "past a restart of the server.  --count N ends it: the last N records, or the first\n"
            "N from --from on; with --follow the next N, however long that takes.",
        .run = tail_run,
    },
    {
        .name = "journal dump",
        .takes = FILES | FILTER | OPTION_BIT(FROM) | OPTION_BIT(TO) | OPTION_BIT(JSON),
        .running = true,
        .summary = "every record of a journal, to look at",
        .detail =
            "Prints a record a line, in order, whether or not a server runs.  What no client may\n"
            "see is left out; kith export says everything.",
        .run = dump_run,
    },
    {
        .name = "journal verify",
        .takes = FILES | OPTION_BIT(ANCHOR) | OPTION_BIT(JSON),
        .running = true,
        .summary = "is the journal whole?",
        .detail =
            "Reads every byte of it: checksums, sequences without a gap, the chain of hashes; and\n"
            "holds its end against what is noted outside of it.  All that is wrong is told, with\n"
            "the file and the sequences; the exit code is then 1.  Nothing is written, so it may\n"
            "be a running server's.  Keep what --json prints elsewhere: with --anchor it shows a\n"
            "later run whether history was changed since.",
        .run = verify_run,
    },
    {
        .name = "journal prove",
        .operands = "SEQ",
        .takes = FILES | OPTION_BIT(ANCHOR),
        .running = true,
        .summary = "evidence of one record, for a report",
        .detail =
            "Prints a JSON object: the record, and the hashes between it and the root of the\n"
            "tree over all records, or over those up to a kept --anchor.  It shows nothing of\n"
            "any other record.  A damaged journal proves nothing.",
        .run = prove_run,
    },
    {
        .name = "journal check",
        .operands = "FILE",
        .takes = OPTION_BIT(ANCHOR) | OPTION_BIT(JSON),
        .summary = "does such evidence hold?",
        .detail = "Without the journal.  What it proves is that the record is in the history with\n"
                  "that root; that the root is the journal's is told by an --anchor that was kept.",
        .run = check_run,
    },
    {
        .name = "journal stats",
        .takes = FILES | OPTION_BIT(JSON),
        .summary = "how large the journal is, and from when to when",
        .detail = "Counts without reading the records.",
        .run = stats_run,
    },
    {
        .name = "export",
        .takes = FILES | FILTER | OPTION_BIT(FROM) | OPTION_BIT(TO),
        .running = true,
        .summary = "the journal as lines of JSON, with all that is in it",
        .detail =
            "A record a line: what schema/SCHEMA.md calls `exported`, with the event as `body`,\n"
            "hidden fields and all; so the lines are as secret as the journal.  Each makes its\n"
            "record again byte for byte.  The journal is checked on the way, and may be a running\n"
            "server's.  Exits with 1 when it is damaged.",
        .run = export_run,
    },
    {
        .name = "import",
        .operands = "[FILE]",
        .takes = FILES | OPTION_BIT(KEYRING) | OPTION_BIT(JSON),
        .running = true,
        .summary = "a new journal out of such lines",
        .detail =
            "In --data, a folder that is empty or missing; from standard input without FILE.\n"
            "The same records with the same sequences, and so the same hashes: an anchor of the\n"
            "old journal holds for the new one.  What is sealed stays so, and --keyring names\n"
            "the file `keyring` beside the old journal.  All lines are wanted, from record 1 on,\n"
            "as far as they go (kith export --to N); what filters have left holes in is refused.\n"
            "Where lines were edited take `hash` and `record` out of all of them: chain and\n"
            "seals are made anew.",
        .run = import_run,
    },
    {
        .name = "backup",
        .operands = "FOLDER",
        .takes = FILES | OPTION_BIT(CONFIG) | OPTION_BIT(JSON),
        .running = true,
        .summary = "a copy of the data folder, also of a running server",
        .detail =
            "Everything that was acknowledged before it began, and what is needed to go on from\n"
            "there: files, keys, snapshots; projections are made anew.  The same FOLDER again\n"
            "takes what is new only; until that is whole the last backup stays as it was.  Files\n"
            "that never change are taken by a second name where both folders are on one disk.\n"
            "The journal is checked as it is copied.  backup.json stands for a whole backup, and\n"
            "is an anchor, too.",
        .run = backup_run,
    },
    {
        .name = "restore",
        .operands = "FOLDER",
        .takes = FILES | OPTION_BIT(JSON),
        .running = true,
        .summary = "a data folder out of a backup",
        .detail =
            "In --data, which is empty or missing.  First every file's hash and every record is\n"
            "checked; all that is wrong is told, and then nothing is written.",
        .run = restore_run,
    },
    {
        .name = "digest",
        .takes = FILES | OPTION_BIT(JSON),
        .summary = "a hash of each projection, to compare two of them",
        .detail = "Prints each actor's name, the sequence that its projection reflects, and the\n"
                  "BLAKE2b-256 of its rows.  Projections of the same journal at the same sequence\n"
                  "are equal, however they came about.",
        .run = digest_run,
    },
    {
        .name = "replay",
        .takes = FILES | FILTER | OPTION_BIT(VERIFY) | OPTION_BIT(JSON) | OPTION_BIT(INTO) |
                 OPTION_BIT(SPEED) | OPTION_BIT(DIALECT) | OPTION_BIT(FROM) | OPTION_BIT(TO) |
                 OPTION_BIT(AT) | OPTION_BIT(UNTIL) | OPTION_BIT(CONNECTIONS) | OPTION_BIT(PREFIX) |
                 OPTION_BIT(FILLER) | OPTION_BIT(LOOSE) | OPTION_BIT(KEY),
        .running = true,
        .summary = "are the projections right? or play what happened on another server",
        .detail =
            "With --verify: makes every projection anew from the journal, in a folder in $TMPDIR\n"
            "or /var/tmp that goes again, up to the record that the one on disk has applied, and\n"
            "compares the digests of their rows, of a stopped server.  Exits with 1 when one is\n"
            "different.\n\n"
            "With --into: does on another server what people did on this one, as clients of a\n"
            "--dialect, at its pace --speed times or as fast as it can be.  People get new\n"
            "accounts with names behind --prefix, fresh passwords and e-mails that are nobody's.\n"
            "It begins at --from or --at, with the rooms as they were then, and ends at --to or\n"
            "--until.\n"
            "Tells how many calls there were of each kind, how long they took, what was refused,\n"
            "and what could not be said.  Exits with 1 when anything was refused.",
        .run = replay_run,
    },
    {
        .name = "state",
        .operands = "WHAT [WHICH]",
        .takes = FILES | OPTION_BIT(AT) | OPTION_BIT(AS) | OPTION_BIT(JSON),
        .running = true,
        .summary = "what a room, an account, an inbox was at a point of the past",
        .detail =
            "WHAT is room, with a number, or account, presence, profile, matches or inbox, with a\n"
            "login or '#12'; or any query of schema/SCHEMA.md, with its body as JSON, such as\n"
            "room.history '{\"room\":5,\"limit\":10}', asked by an operator or --as an account.\n"
            "The point is behind the record --at, or before the first that is later than the time\n"
            "--at; the head without it.  The actors that know apply the journal up to there, in a\n"
            "folder in $TMPDIR or /var/tmp that goes again.",
        .run = state_run,
    },
    {
        .name = "trace",
        .operands = "MESSAGE",
        .takes = SERVER | OPTION_BIT(JSON),
        .running = true,
        .summary = "the biography of one message",
        .detail =
            "By its id or its client id: from whom, when, for whom; who was told and who has read\n"
            "it; what was done to it and what came of that: from the journal in --data.  Of a\n"
            "running server, which is met on DIR/bus or on --bus, its edges tell by which\n"
            "connection it came, which ones it went to, and why not to others, as far as they\n"
            "remember.",
        .run = trace_run,
    },
    {
        .name = "record start",
        .operands = "NAME",
        .takes = SERVER | OPTION_BIT(BYTES) | OPTION_BIT(JSON),
        .live = true,
        .summary = "record what goes into each actor, and what it makes of it",
        .detail =
            "From now on until kith record stop, or until an actor's part has --bytes; then that\n"
            "part ends, and the server goes on.  Each writes DATA/recordings/NAME/ACTOR.tape\n"
            "where it runs, for its own user to read: there is what people say in it, but no\n"
            "password and no token.",
        .run = record_start_run,
    },
    {
        .name = "record stop",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "end the recording",
        .detail = "Prints what each actor has recorded.",
        .run = record_stop_run,
    },
    {
        .name = "record status",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "how the recording goes, or how the last one ended",
        .detail = "",
        .run = record_status_run,
    },
    {
        .name = "rerun",
        .operands = "NAME",
        .takes = FILES | OPTION_BIT(WITHOUT) | OPTION_BIT(JSON),
        .running = true,
        .summary = "decide once more what was recorded: is it the same?",
        .detail =
            "Gives each actor of the recording NAME what it was given then, from where the\n"
            "journal in DATA had brought it, and compares every decision and every event.  Exits\n"
            "with 0 if all are the same; with 1 otherwise, having told of each actor the first\n"
            "that is not: the input, what came of it then and now, and the rows that were looked\n"
            "at.\n\n"
            "--without SEQ tells instead what would have come of it all without the input that\n"
            "led to record SEQ; it exits with 0 once that is told.",
        .run = rerun_run,
    },
    {
        .name = "rebuild",
        .takes = FILES,
        .summary = "delete the projections; the next start makes them anew",
        .detail =
            "The journal stays as it is: it is the truth, and projections follow from it.  If\n"
            "that was cut they follow from a snapshot and what is behind it; without one that\n"
            "will do nothing is deleted.",
        .run = rebuild_run,
    },
    {
        .name = "snapshot take",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "copy all projections of a running server, for retention",
        .detail =
            "Every actor copies its own while it goes on; the copies are read back and compared.\n"
            "Retention (the settings journal.max_age and journal.max_size) takes them by itself.",
        .run = snapshot_take_run,
    },
    {
        .name = "snapshot list",
        .takes = FILES | OPTION_BIT(JSON),
        .running = true,
        .summary = "the snapshots that there are, and how far each reaches",
        .detail = "",
        .run = snapshot_list_run,
    },
    {
        .name = "status",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "is a running server ready, and where does it stand?",
        .detail = "Exits with 0 when every actor serves, and with 1 when not.",
        .run = status_run,
    },
    {
        .name = "top",
        .takes =
            SERVER | OPTION_BIT(INTERVAL) | OPTION_BIT(SORT) | OPTION_BIT(ONCE) | OPTION_BIT(JSON),
        .live = true,
        .summary = "how a running server works, live",
        .detail =
            "A screen that follows it: the journal and its commits; the actors' calls, queues\n"
            "and lag; the edges' connections and traffic, by dialect; the connections for which\n"
            "most waits to be taken; bots.  The numbers are those of /metrics, of all edges,\n"
            "between two looks.  Keys: n c e b l put the actors in order by name, calls, events,\n"
            "bytes queued or lag; o and w the slowest connections by how long or how much waits;\n"
            "a blank looks at once, q ends.  With --json an object for each look, until\n"
            "interrupted or --once.",
        .run = top_run,
    },
    {
        .name = "account list",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "all accounts",
        .detail = "By ascending id; with --json an object a line.",
        .run = account_list_run,
    },
    {
        .name = "account show",
        .operands = "LOGIN",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "one account",
        .detail =
            "Instead of a login, '#12' is the account with the id 12; so in all of these.  The\n"
            "quotes are for the shell.",
        .run = account_show_run,
    },
    {
        .name = "account create",
        .operands = "LOGIN",
        .takes =
            SERVER | OPTION_BIT(ROLE) | OPTION_BIT(EMAIL) | OPTION_BIT(PASSWORD) | OPTION_BIT(JSON),
        .live = true,
        .summary = "make an account; the first admin is made so",
        .detail = "Without --password nobody signs in to it until it has one: by\n"
                  "`kith account link LOGIN reset`, or with a token that an API key mints.",
        .run = account_create_run,
    },
    {
        .name = "account role",
        .operands = "LOGIN ROLE",
        .takes = SERVER,
        .live = true,
        .summary = "what an account may: user, moderator, admin or bot",
        .detail = "",
        .run = account_role_run,
    },
    {
        .name = "account ban",
        .operands = "LOGIN",
        .takes = SERVER | OPTION_BIT(UNTIL) | OPTION_BIT(REASON),
        .live = true,
        .summary = "end an account's sessions and let it sign in no more",
        .detail = "",
        .run = account_ban_run,
    },
    {
        .name = "account unban",
        .operands = "LOGIN",
        .takes = SERVER,
        .live = true,
        .summary = "let it sign in again",
        .detail = "",
        .run = account_unban_run,
    },
    {
        .name = "account verify",
        .operands = "LOGIN",
        .takes = SERVER,
        .live = true,
        .summary = "take its e-mail as proven",
        .detail = "",
        .run = account_verify_run,
    },
    {
        .name = "account link",
        .operands = "LOGIN KIND",
        .takes = SERVER,
        .live = true,
        .summary = "the id of a link that the person waits for: verify or reset",
        .detail = "What stands in the mail: PUT it to /v1/password-resets, or POST it to\n"
                  "/v1/email-verifications.  It needs --data DIR, where the key is that signs it.",
        .run = account_link_run,
    },
    {
        .name = "account delete",
        .operands = "LOGIN",
        .takes = SERVER,
        .live = true,
        .summary = "delete an account, for good",
        .detail = "Its messages stay; its login stays taken.",
        .run = account_delete_run,
    },
    {
        .name = "redact",
        .operands = "LOGIN",
        .takes = SERVER,
        .live = true,
        .summary = "delete an account with all that is personal in the journal, for good",
        .detail =
            "Destroys the key that seals it: names, addresses, texts, files' names, places.  The\n"
            "records stay, and their hashes; messages keep their place, and say nothing.  For\n"
            "the time that it takes to make the projections anew the server takes no calls; this\n"
            "waits for that.  Backups and exports from before still have it all.",
        .run = redact_run,
    },
    {
        .name = "room list",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "all rooms",
        .detail = "By ascending id; with --json an object a line.",
        .run = room_list_run,
    },
    {
        .name = "room show",
        .operands = "ROOM",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "one room and who is in it",
        .detail = "",
        .run = room_show_run,
    },
    {
        .name = "key create",
        .operands = "NAME",
        .takes = SERVER | OPTION_BIT(SCOPES) | OPTION_BIT(ACCOUNT),
        .live = true,
        .summary = "make an API key and print it, this once",
        .detail = "It may what its scopes say, as the system, or with --account as that bot.\n"
                  "It needs --data DIR, where the key is that signs it.",
        .run = key_create_run,
    },
    {
        .name = "key list",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "all API keys",
        .detail = "",
        .run = key_list_run,
    },
    {
        .name = "key revoke",
        .operands = "ID",
        .takes = SERVER,
        .live = true,
        .summary = "end an API key at once",
        .detail = "",
        .run = key_revoke_run,
    },
    {
        .name = "bot add",
        .operands = "LOGIN FILE",
        .takes = SERVER | OPTION_BIT(SCOPES) | OPTION_BIT(JSON),
        .live = true,
        .summary = "let a bot come by the bus, with its key in FILE.public",
        .detail =
            "Its account is made if there is none.  Where there is no FILE.public the pair is\n"
            "made, FILE.secret and FILE.public: the first is the bot's alone.  A bot has one\n"
            "key at a time.  It may what --scopes says; docs/bus.md is what it speaks.",
        .run = bot_add_run,
    },
    {
        .name = "bot list",
        .takes = SERVER | OPTION_BIT(JSON),
        .live = true,
        .summary = "the bots that may come by the bus",
        .detail = "",
        .run = bot_list_run,
    },
    {
        .name = "bot revoke",
        .operands = "LOGIN",
        .takes = SERVER,
        .live = true,
        .summary = "let a bot in no more, and cut it off at once",
        .detail = "Its account stays, and what it has said.",
        .run = bot_revoke_run,
    },
    {
        .name = "bot scopes",
        .operands = "LOGIN",
        .takes = SERVER | OPTION_BIT(SCOPES) | OPTION_BIT(JSON),
        .live = true,
        .summary = "what a bot may from now on: all of --scopes, and nothing else",
        .detail = "",
        .run = bot_scopes_run,
    },
    {
        .name = "keygen",
        .operands = "[FILE]",
        .takes = OPTION_BIT(KEYS) | OPTION_BIT(ROLE),
        .summary = "keys, for parts that meet over tcp",
        .detail =
            "Without FILE: a folder with the pairs of the broker, an edge, the actors and an\n"
            "operator, and with `authorized`, the list of who may come.  With FILE: one more\n"
            "pair, FILE.secret and FILE.public, of the --role edge (which it is without one),\n"
            "actor or operator; what is printed is the line for `authorized`.  Nothing is\n"
            "overwritten.",
        .run = keygen_run,
    },
    {
        .name = "pusher",
        .takes = FILES | OPTION_BIT(JSON),
        .summary = "app id, key, secret and cluster, for clients of Pusher's protocol",
        .detail =
            "Those that were made at the server's first start.  What the settings pusher.app_id,\n"
            "pusher.key, pusher.secret and pusher.cluster say wins over them.",
        .run = pusher_run,
    },
    {
        .name = "bench",
        .takes = SERVER | OPTION_BIT(HTTP) | OPTION_BIT(ROOMS) | OPTION_BIT(PEOPLE) |
                 OPTION_BIT(WINDOW) | OPTION_BIT(RATE) | OPTION_BIT(SECONDS) | OPTION_BIT(PAYLOAD) |
                 OPTION_BIT(KEEP) | OPTION_BIT(JSON),
        .live = true,
        .summary = "put a load on a server and measure it",
        .detail =
            "Makes accounts and rooms, lets people talk over WebSockets, and tells how many\n"
            "messages and deliveries a second there were, how long they took, and whether any\n"
            "came twice, late or not at all.  The first in each room sends; with --rate all do.\n\n"
            "It puts real load on the server, which slows down everybody else, and real records\n"
            "into its journal, which stay: messages of deleted rooms, and the logins of deleted\n"
            "accounts, bench-NONCE-NUMBER.  When it ends, also by Ctrl-C, it deletes its rooms\n"
            "and accounts.  It needs --data DIR, where the key is that signs tokens.",
        .run = bench_run,
    },
    {
        .name = "schema",
        .takes =
            OPTION_BIT(MD) | OPTION_BIT(OPENAPI) | OPTION_BIT(ASYNCAPI) | OPTION_BIT(TYPESCRIPT),
        .summary = "everything that can be said to Kith and by it",
        .detail =
            "Commands, queries, events, entities, errors and limits, as schema/SCHEMA.md has\n"
            "them; or for programs, as docs/openapi.json, docs/asyncapi.json and the types of\n"
            "the TypeScript client do.",
        .run = schema_run,
    },
    {
        .name = "completion",
        .summary = "what bash needs to complete this: source <(kith completion)",
        .detail = "",
        .run = completion_run,
    },
    {
        .name = "version",
        .takes = OPTION_BIT(VERSION),
        .summary = "which Kith this is",
        .detail = "",
        .run = version_run,
    },
};

const size_t command_count = COUNT_OF(commands);
