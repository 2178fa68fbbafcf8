/* into.c - kith replay --into: the journal's records, deed by deed, played on another server.
 *
 *     journal (walk.c) ── script.c ──> deeds ── player.c ──> a tongue ──> the target
 *
 * What lies before the point to begin at sets the scene: the rooms that there were, and who was
 * in them.  What comes behind it is played at its time. */
#include "tools/kith/into/into.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "schema/codec.h"
#include "schema/mem.h"
#include "tools/kith/filter.h"
#include "tools/kith/into/player.h"
#include "tools/kith/into/script.h"
#include "tools/kith/show.h"
#include "tools/kith/walk.h"

enum { CONNECTIONS = 64, KEY_BYTES_MAX = 4096, NONCE_BYTES = 3 };

/* A signal ends it; what has been done so far is told. */
static volatile sig_atomic_t s_stop;

typedef struct into {
    const options_t *options;
    play_plan_t plan;
    atlas_plan_t names;
    char url[512];
    char key[KEY_BYTES_MAX];
    char prefix[ATLAS_PREFIX_MAX + 1];
    uint64_t from_seq; /* it begins here */
    int64_t from_time;
    int64_t until_time; /* and ends before the first record that is later */
    script_t *script;
    atlas_t *atlas;
    tally_t *tally;
    player_t *player;
    arena_t *arena;
    bool damaged;
} into_t;

/* ---- what is wanted ---- */

static bool s_say_so(const char *format, const char *what)
{
    fprintf(stderr, "kith: ");
    fprintf(stderr, format, what);
    fprintf(stderr, "\n");
    return false;
}

/* http:// or https://, a host, perhaps a port, and nothing behind. */
static bool s_plan_url(into_t *into)
{
    const char *url = into->options->into;
    const char *host = strstr(url, "://");
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    bool known = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    if (!known || host == NULL || len >= sizeof into->url || host + 3 >= url + len)
        return s_say_so("`%s` is no http:// or https:// address", url);
    snprintf(into->url, sizeof into->url, "%.*s", (int)len, url);
    into->plan.target.url = into->url;
    into->plan.target.host = strstr(into->url, "://") + 3;
    if (strchr(into->plan.target.host, '/') != NULL)
        return s_say_so("`%s`: a path is no part of where a server is", url);
    return true;
}

static bool s_plan_tongue(into_t *into)
{
    buf_t names = {0};
    const char *dialect = into->options->dialect;
    into->plan.tongue = tongue_named(dialect != NULL ? dialect : "native");
    if (into->plan.tongue != NULL)
        return true;
    tongue_put_names(&names);
    fprintf(stderr, "kith: --dialect takes one of: %.*s\n", SLICE_ARG(buf_slice(&names)));
    buf_free(&names);
    return false;
}

static bool s_plan_tempo(into_t *into)
{
    const char *speed = into->options->speed;
    if (tempo_read(speed != NULL ? speed : "1", &into->plan.tempo))
        return true;
    return s_say_so("--speed takes `max`, or how many times its own pace, not `%s`", speed);
}

static bool s_plan_key(into_t *into)
{
    const char *path = into->options->key;
    if (path == NULL)
        return true;
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(into->key, sizeof into->key, file) == NULL)
        into->key[0] = '\0';
    if (file != NULL)
        fclose(file);
    into->key[strcspn(into->key, "\r\n")] = '\0';
    into->plan.target.key = into->key;
    return into->key[0] != '\0' || s_say_so("no key can be read from `%s`", path);
}

static bool s_plan_prefix(into_t *into)
{
    uint8_t nonce[NONCE_BYTES];
    const char *prefix = into->options->prefix;
    if (prefix != NULL && (prefix[0] == '\0' || strlen(prefix) > ATLAS_PREFIX_MAX ||
                           strspn(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-_.") != strlen(prefix)))
        return s_say_so("`%s` is no prefix: at most 24 letters, digits and -_.", prefix);
    crypto_random(nonce, sizeof nonce);
    if (prefix != NULL)
        snprintf(into->prefix, sizeof into->prefix, "%s", prefix);
    else
        snprintf(into->prefix, sizeof into->prefix, "r%02x%02x%02x-", nonce[0], nonce[1], nonce[2]);
    into->names = (atlas_plan_t){.prefix = into->prefix, .filler = into->options->filler};
    return true;
}

static bool s_plan_points(into_t *into)
{
    char *end = NULL;
    const options_t *options = into->options;
    into->from_seq = options->from;
    into->until_time = INT64_MAX;
    if (options->until != NULL && !show_read_time(options->until, &into->until_time))
        return false;
    if (options->at == NULL)
        return true;
    uint64_t seq = strtoull(options->at, &end, 10);
    if (end != options->at && *end == '\0') {
        into->from_seq = seq;
        return true;
    }
    return show_read_time(options->at, &into->from_time);
}

static bool s_plan(into_t *into)
{
    const options_t *options = into->options;
    into->plan.connections = options->connections > 0 ? options->connections : CONNECTIONS;
    into->plan.loose = options->loose;
    into->plan.stop = &s_stop;
    return s_plan_url(into) && s_plan_tongue(into) && s_plan_tempo(into) && s_plan_key(into) &&
           s_plan_prefix(into) && s_plan_points(into);
}

/* ---- records ---- */

/* Names are known of everybody, so that whoever is needed later can be signed up. */
static void s_introduce(into_t *into, const record_t *record)
{
    const void *body = NULL;
    fault_t fault;
    if (record->type != EVENT_account_registered ||
        codec_unpack(record->body, shape_account_registered_event(), into->arena, &fault, &body) !=
            ERR_OK)
        return;
    const account_registered_event_t *event = body;
    atlas_introduce(into->atlas, event->id, event->login, event->username, event->email.len > 0);
}

static bool s_before(const into_t *into, const record_t *record)
{
    return record->seq < into->from_seq || record->time < into->from_time;
}

static bool s_behind(const into_t *into, const record_t *record)
{
    return (into->options->to != 0 && record->seq > into->options->to) ||
           record->time > into->until_time;
}

/* Whoever is needed of those who had signed up before is signed up then. */
static bool s_is_played(const into_t *into, const record_t *record, const deed_t *deed,
                        script_verdict_t verdict)
{
    if (!filter_fits(into->options, record))
        return false;
    if (!s_before(into, record))
        return true;
    return verdict == SCRIPT_DEED && deed->sets_scene && deed->call != CALL_account_register;
}

static bool s_record(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    into_t *into = ctx;
    deed_t deed;
    const char *why = NULL;
    (void)hash;
    if (s_behind(into, record) || into->damaged)
        return false;
    arena_reset(into->arena);
    s_introduce(into, record);
    script_verdict_t verdict = script_read(into->script, record, into->arena, &deed, &why);
    if (!s_is_played(into, record, &deed, verdict))
        return s_stop == 0;
    if (verdict == SCRIPT_DEED)
        return player_play(into->player, &deed, &into->arena, s_before(into, record));
    if (verdict == SCRIPT_UNSAID)
        tally_unsaid(into->tally, event_type(record->type)->name, why);
    else
        tally_followed(into->tally);
    return s_stop == 0;
}

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    into_t *into = ctx;
    if (flaw->damage)
        walk_print_flaw(flaw, "kith: ", stderr);
    into->damaged = into->damaged || flaw->damage;
}

/* ---- the whole ---- */

static void s_tell(const into_t *into)
{
    buf_t out = {0};
    tally_frame_t frame = {
        .url = into->url,
        .dialect = into->plan.tongue->name,
        .prefix = into->prefix,
        .took_ns = player_took_ns(into->player),
        .paced = !into->plan.tempo.at_once,
        .stopped = s_stop != 0,
    };
    atlas_count(into->atlas, &frame.accounts, &frame.rooms);
    if (into->options->json)
        tally_put_json(into->tally, &frame, &out);
    else
        tally_put(into->tally, &frame, &out);
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

static void s_on_signal(int number)
{
    (void)number;
    s_stop = 1;
}

static bool s_play(into_t *into)
{
    walk_t walk = {.options = into->options, .eyes = {into, s_record, s_flaw}, .quiet = true};
    signal(SIGINT, s_on_signal);
    signal(SIGTERM, s_on_signal);
    bool good = walk_run(&walk);
    good = player_finish(into->player) && good && !into->damaged;
    s_tell(into);
    return good && tally_is_clean(into->tally);
}

/* A target that is not there is told before anything is read. */
static bool s_reach(const into_t *into)
{
    const char *why = NULL;
    dial_t *dial = dial_open(into->url, &why);
    if (dial == NULL)
        fprintf(stderr, "kith: %s: %s\n", into->url, why);
    bool reached = dial != NULL;
    dial_close(&dial);
    return reached;
}

outcome_t into_run(const options_t *options)
{
    into_t into = {.options = options};
    if (!s_plan(&into))
        return OUTCOME_USAGE;
    if (!s_reach(&into))
        return OUTCOME_BAD;
    into.arena = arena_new();
    into.script = script_new();
    into.atlas = atlas_new(&into.names);
    into.tally = tally_new();
    into.player = player_new(&into.plan, into.atlas, into.tally);
    bool good = s_play(&into);
    player_destroy(&into.player);
    tally_destroy(&into.tally);
    atlas_destroy(&into.atlas);
    script_destroy(&into.script);
    arena_destroy(&into.arena);
    crypto_wipe(into.key, sizeof into.key);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
