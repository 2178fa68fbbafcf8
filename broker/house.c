/* house.c - the parts, put together; the only file that knows them all.
 *
 *   broker ── actors ── edge          each on a thread of its own
 *
 * Those that run here meet over inproc; a part that runs without its broker connects
 * to the setting `bus`.  It ends in the order in which work flows: the edge takes no
 * more, what is on its way reaches the disk, the actors write their projections, the
 * journal closes. */
#include "broker/house.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/actor.h"
#include "actors/app_keys.h"
#include "actors/bus.h"
#include "actors/log.h"
#include "broker/broker.h"
#include "broker/mailing.h"
#include "schema/mem.h"
#include "ws-edge/edge.h"
#include "ws-edge/listen.h"
#include "ws-edge/signpost.h"

enum {
    DRAIN_MS = 5000,
    PATH_SIZE = 4096,
    LISTENERS_MAX = 16,
    NUMBER_MAX = 1000000,
    SNAPSHOTS_MAX = 100,
    UNIX_MODE_MAX = 0777,
    PATIENCE_MAX = 60000, /* ms */
};

static const char s_inner[] = "inproc://broker";

static const actor_row_t *const s_actors[] = {&session_actor, &matching_actor, &room_actor,
                                              &search_actor, &notifier_actor};

struct house {
    broker_t *broker;
    actor_t *actors[COUNT_OF(s_actors)];
    edge_t *edge;
    mailing_t *mailing;
};

/* ---- lists in settings ---- */

/* The words of a setting, split in place at its commas. */
typedef struct words {
    char text[PATH_SIZE];
    const char *items[LISTENERS_MAX];
    size_t count;
} words_t;

static void s_split(const config_t *config, const char *key, words_t *words)
{
    char *rest = NULL;
    snprintf(words->text, sizeof words->text, "%s", config_get(config, key));
    words->count = 0;
    for (char *at = strtok_r(words->text, ", ", &rest); at != NULL && words->count < LISTENERS_MAX;
         at = strtok_r(NULL, ", ", &rest))
        words->items[words->count++] = at;
}

static bool s_plays(const config_t *config, const char *role)
{
    words_t words;
    s_split(config, "role", &words);
    for (size_t i = 0; i < words.count; i++)
        if (strcmp(words.items[i], role) == 0 || strcmp(words.items[i], "all") == 0)
            return true;
    return false;
}

/* ---- what does not go together ---- */

static bool s_is_role(const char *word)
{
    bool known =
        strcmp(word, "all") == 0 || strcmp(word, "broker") == 0 || strcmp(word, "edge") == 0;
    for (size_t i = 0; i < COUNT_OF(s_actors); i++)
        known = known || strcmp(word, s_actors[i]->name) == 0;
    return known;
}

static bool s_roles_known(const config_t *config)
{
    words_t words;
    s_split(config, "role", &words);
    for (size_t i = 0; i < words.count; i++)
        if (!s_is_role(words.items[i]))
            return false;
    return words.count > 0;
}

/* What an edge listens on. */
typedef struct doors {
    words_t http;
    words_t tls;
    words_t line;
} doors_t;

static void s_add(words_t *words, const char *word)
{
    if (words->count < LISTENERS_MAX)
        words->items[words->count++] = word;
}

static void s_find_doors(const config_t *config, doors_t *doors)
{
    s_split(config, "http", &doors->http);
    if (config_is(config, "preset", "compat")) { /* where clients of 002 and 000 dial */
        s_add(&doors->http, "127.0.0.1:8000");
        s_add(&doors->http, "127.0.0.1:4440");
    }
    s_split(config, "tls.listen", &doors->tls);
    s_split(config, "line", &doors->line);
}

static bool s_all_local(const words_t *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++)
        if (!listen_is_local(endpoints->items[i]))
            return false;
    return true;
}

static bool s_loopback_only(const config_t *config)
{
    doors_t doors;
    s_find_doors(config, &doors);
    return s_all_local(&doors.http) && s_all_local(&doors.tls) && s_all_local(&doors.line);
}

/* A number of a few digits; UINT_MAX for anything else. */
static unsigned s_number(const config_t *config, const char *key, int radix)
{
    const char *text = config_get(config, key);
    char *end;
    unsigned long number = strtoul(text, &end, radix);
    bool good = *text >= '0' && *text <= '9' && *end == '\0' && number <= NUMBER_MAX;
    return good ? (unsigned)number : UINT_MAX;
}

/* Of Engine.IO, in milliseconds: up to ten minutes. */
static bool s_is_beat(const config_t *config, const char *key)
{
    unsigned number = s_number(config, key, 10);
    return number >= 100 && number <= 600000;
}

static void s_copy(char to[APP_TEXT_SIZE], const config_t *config, const char *key)
{
    snprintf(to, APP_TEXT_SIZE, "%s", config_get(config, key));
}

static app_keys_t s_app_keys(const config_t *config)
{
    app_keys_t keys;
    s_copy(keys.id, config, "pusher.app_id");
    s_copy(keys.key, config, "pusher.key");
    s_copy(keys.secret, config, "pusher.secret");
    s_copy(keys.cluster, config, "pusher.cluster");
    return keys;
}

static const char *s_pusher_fault(const config_t *config)
{
    app_keys_t keys = s_app_keys(config);
    const char *webhook = config_get(config, "pusher.webhook");
    unsigned seconds = s_number(config, "pusher.activity_timeout", 10);
    if (*webhook != '\0' && strncmp(webhook, "http://", 7) != 0 &&
        strncmp(webhook, "https://", 8) != 0)
        return "setting `pusher.webhook` takes a URL of http or https";
    if (seconds == 0 || seconds > 600)
        return "setting `pusher.activity_timeout` takes 1 to 600 seconds";
    return app_keys_fault(&keys);
}

/* What is for tests does not go near a network. */
static const char *s_test_fault(const config_t *config)
{
    if (config_is(config, "argon2", "test"))
        return "argon2=test hashes passwords weakly and starts on loopback listeners only";
    if (config_is(config, "uuid_mode", "documented"))
        return "uuid_mode=documented lets anyone act as anyone and starts on loopback listeners "
               "only";
    return NULL;
}

/* What of the past is kept. */
static err_t s_read_keep(const config_t *config, keeper_options_t *keep, uint64_t *ret_segment)
{
    err_t err = keeper_read_size(config_get(config, "journal.max_size"), &keep->bytes);
    if (err == ERR_OK)
        err = keeper_read_age(config_get(config, "journal.max_age"), &keep->age_us);
    if (err == ERR_OK)
        err = keeper_read_size(config_get(config, "journal.segment_size"), ret_segment);
    keep->snapshots = s_number(config, "journal.snapshots", 10);
    return err == ERR_OK && keep->snapshots - 1u >= SNAPSHOTS_MAX ? ERR_INVALID : err;
}

static bool s_keep_understood(const config_t *config)
{
    keeper_options_t keep;
    uint64_t segment;
    return s_read_keep(config, &keep, &segment) == ERR_OK;
}

const char *house_fault(const config_t *config)
{
    const char *fault = s_pusher_fault(config);
    if (fault != NULL)
        return fault;
    if (s_number(config, "unix_mode", 8) > UNIX_MODE_MAX)
        return "setting `unix_mode` takes a file's mode in octal, such as 0660";
    if (s_number(config, "connections_per_address", 10) == UINT_MAX)
        return "setting `connections_per_address` takes a number; 0: any";
    if (s_number(config, "files.sweep", 10) == UINT_MAX)
        return "setting `files.sweep` takes seconds; 0: never";
    if (s_number(config, "bots.patience", 10) - 1u >= PATIENCE_MAX)
        return "setting `bots.patience` takes 1 to 60000 milliseconds";
    if (!s_is_beat(config, "socketio.heartbeat_ms") ||
        !s_is_beat(config, "socketio.heartbeat_timeout_ms"))
        return "settings `socketio.heartbeat_ms`, `socketio.heartbeat_timeout_ms`: 100 to 600000";
    if (*config_get(config, "tls.listen") != '\0' &&
        (*config_get(config, "tls.certificate") == '\0' || *config_get(config, "tls.key") == '\0'))
        return "setting `tls.listen` needs `tls.certificate` and `tls.key` too";
    if (!s_roles_known(config))
        return "setting `role` takes all, or a list of broker, session, room, search, matching, "
               "notifier, edge";
    if (!s_keep_understood(config))
        return "settings `journal.max_size`, `journal.segment_size`: such as 512K, 256M, 50G or "
               "off; "
               "`journal.max_age`: such as 12h, 90d or off; `journal.snapshots`: 1 to 100";
    if (mailing_fault(config) != NULL)
        return mailing_fault(config);
    return s_loopback_only(config) ? NULL : s_test_fault(config);
}

/* ---- where the broker is ---- */

/* What the settings say of the bus, with their defaults put in. */
typedef struct place {
    words_t bus;  /* endpoints for other processes; a part alone takes the first */
    words_t bots; /* and for bots */
    char keys[PATH_SIZE];
} place_t;

static void s_find_place(const config_t *config, place_t *place)
{
    const char *data = config_get(config, "data"), *keys = config_get(config, "keys");
    s_split(config, "bus", &place->bus);
    s_split(config, "bots", &place->bots);
    if (place->bus.count == 0) {
        snprintf(place->bus.text, sizeof place->bus.text, "ipc://%s/bus", data);
        place->bus.items[place->bus.count++] = place->bus.text;
    }
    if (*keys != '\0')
        snprintf(place->keys, sizeof place->keys, "%s", keys);
    else
        snprintf(place->keys, sizeof place->keys, "%s/keys", data);
}

/* How a part reaches the broker. */
typedef struct way {
    const char *endpoint;
    const keyring_t *keys; /* NULL: none are wanted */
    keyring_t ring;
} way_t;

static err_t s_find_way(const house_t *house, const place_t *place, const char *part, way_t *way)
{
    *way = (way_t){.endpoint = house->broker != NULL ? s_inner : place->bus.items[0]};
    if (!bus_is_keyed(way->endpoint))
        return ERR_OK;
    way->keys = &way->ring;
    return keys_read_ring(place->keys, part, &way->ring);
}

/* ---- start ---- */

static err_t s_start_broker(house_t *house, const config_t *config, const place_t *place)
{
    broker_options_t options = {
        .data = config_get(config, "data"),
        .keys = place->keys,
        .inner = s_inner,
        .bus = place->bus.items,
        .bus_count = place->bus.count,
        .bots = place->bots.items,
        .bot_count = place->bots.count,
        .patience_ms = s_number(config, "bots.patience", 10),
        .unsynced = config_is(config, "journal.sync", "off"),
    };
    if (s_read_keep(config, &options.keep, &options.segment_bytes) != ERR_OK)
        return ERR_INVALID;
    return s_plays(config, "broker") ? broker_start(&options, &house->broker) : ERR_OK;
}

static err_t s_start_actor(house_t *house, size_t index, const config_t *config,
                           const place_t *place)
{
    way_t way;
    err_t err = s_find_way(house, place, "actor", &way);
    actor_options_t options = {
        .data = config_get(config, "data"),
        .bus = way.endpoint,
        .keys = way.keys,
        .weak_passwords = config_is(config, "argon2", "test"),
        .md5_clients = config_is(config, "md5_clients", "on"),
        .public_uuids = config_is(config, "uuid_mode", "documented"),
        .reveal_emails = config_is(config, "reveal_emails", "signed-in"),
        .proven_only = config_is(config, "sign_in", "proven"),
        .mail = &house->mailing->mail,
        .hooks = &house->mailing->hooks,
        .pushes = config_is(config, "push", "on") ? &house->mailing->pushes : NULL,
    };
    return err == ERR_OK ? actor_start(s_actors[index], &options, &house->actors[index]) : err;
}

static err_t s_start_actors(house_t *house, const config_t *config, const place_t *place)
{
    err_t err = ERR_OK;
    house->mailing = mailing_new(config);
    for (size_t i = 0; i < COUNT_OF(s_actors) && err == ERR_OK; i++)
        if (s_plays(config, s_actors[i]->name))
            err = s_start_actor(house, i, config, place);
    return err;
}

/* Without limits, and where tests sign up by the thousand, the words are all "off". */
static void s_set_rates(const config_t *config, edge_options_t *options)
{
    bool limited = config_is(config, "limits", "on");
#define RATE(id, name, number, seconds, doc) \
    options->rates[RATE_##id] = limited ? config_get(config, "rate." name) : "off";
#include "schema/rates.def"
#undef RATE
    if (config_is(config, "argon2", "test"))
        options->rates[RATE_SIGN_UP] = "off";
    if (limited)
        options->connections_per_address = s_number(config, "connections_per_address", 10);
}

static edge_options_t s_edge_options(const config_t *config, const doors_t *doors)
{
    edge_options_t options = edge_options_default();
    options.http = doors->http.items;
    options.http_count = doors->http.count;
    options.tls = doors->tls.items;
    options.tls_count = doors->tls.count;
    options.line = doors->line.items;
    options.line_count = doors->line.count;
    options.certificate = config_get(config, "tls.certificate");
    options.key = config_get(config, "tls.key");
    options.reuse_port = config_is(config, "reuse_port", "on");
    options.unix_mode = s_number(config, "unix_mode", 8);
    options.data = config_get(config, "data");
    options.public_url = config_get(config, "public_url");
    options.origins = config_get(config, "origins");
    options.trusted_proxies = config_get(config, "trusted_proxies");
    options.metrics_from = config_get(config, "metrics.from");
    options.trace_addresses = config_get(config, "trace.addresses");
    options.files = config_get(config, "files");
    options.sweep_s = s_number(config, "files.sweep", 10);
    options.refused_types = config_get(config, "files.refuse");
    options.official_writes = config_is(config, "write", "official");
    options.heartbeat_ms = s_number(config, "socketio.heartbeat_ms", 10);
    options.heartbeat_timeout_ms = s_number(config, "socketio.heartbeat_timeout_ms", 10);
    options.jsonp = config_is(config, "socketio.jsonp", "on");
    options.pusher = (pusher_options_t){
        .keys = s_app_keys(config),
        .open_to_all = config_get(config, "pusher.open_to_all"),
        .webhook = config_get(config, "pusher.webhook"),
        .activity_s = s_number(config, "pusher.activity_timeout", 10),
    };
    s_set_rates(config, &options);
    options.issuer = (issuer_options_t){
        .name = config_get(config, "issuer.name"),
        .audience = config_get(config, "issuer.audience"),
        .secret_file = config_get(config, "issuer.secret_file"),
        .key_file = config_get(config, "issuer.key_file"),
        .jwks_file = config_get(config, "issuer.jwks_file"),
    };
    return options;
}

static err_t s_start_edge(house_t *house, const config_t *config, const place_t *place)
{
    way_t way;
    doors_t doors;
    if (!s_plays(config, "edge"))
        return ERR_OK;
    s_find_doors(config, &doors);
    edge_options_t options = s_edge_options(config, &doors);
    err_t err = s_find_way(house, place, "edge", &way);
    options.bus = way.endpoint;
    options.keys = way.keys;
    return err == ERR_OK ? edge_start(&options, &house->edge) : err;
}

err_t house_start(const config_t *config, house_t **ret_house)
{
    place_t place;
    house_t *house = mem_new(house_t);
    if (config_is(config, "uuid_mode", "documented"))
        log_warn("kithd", "uuid_mode=documented: whoever has seen a person's uuid can act as them");
    s_find_place(config, &place);
    err_t err = s_start_broker(house, config, &place);
    if (err == ERR_OK)
        err = s_start_actors(house, config, &place);
    if (err == ERR_OK)
        err = s_start_edge(house, config, &place);
    if (err == ERR_OK)
        *ret_house = house;
    else
        house_stop(&house);
    return err;
}

/* ---- would it start? ---- */

/* A folder that is missing will be made: then the one above it counts. */
static err_t s_check_data(const config_t *config)
{
    const char *data = config_get(config, "data");
    char above[PATH_SIZE];
    struct stat status;
    bool there = stat(data, &status) == 0;
    snprintf(above, sizeof above, "%s", data);
    const char *folder = there ? data : dirname(above);
    if (access(folder, R_OK | W_OK | X_OK) != 0) {
        log_error("kithd", "setting `data`: %s: %s; its owner has to be who runs kithd", folder,
                  strerror(errno));
        return ERR_STORAGE;
    }
    if (there && (status.st_mode & 07) != 0)
        log_warn("kithd", "setting `data`: everybody may look into %s: chmod 700 it", data);
    return ERR_OK;
}

static err_t s_check_endpoint(const char *key, const char *endpoint)
{
    if (strncmp(endpoint, "ipc://", 6) == 0 || strncmp(endpoint, "tcp://", 6) == 0)
        return ERR_OK;
    log_error("kithd", "setting `%s`: %s: it takes ipc://PATH and tcp://HOST:PORT", key, endpoint);
    return ERR_INVALID;
}

/* At most as many as the broker binds. */
static err_t s_check_endpoints(const char *key, const words_t *endpoints, bool *keyed)
{
    err_t err = ERR_OK;
    for (size_t i = 0; i < endpoints->count; i++) {
        *keyed = *keyed || bus_is_keyed(endpoints->items[i]);
        err = s_check_endpoint(key, endpoints->items[i]) != ERR_OK ? ERR_INVALID : err;
    }
    if (endpoints->count <= BROKER_ENDPOINTS_MAX)
        return err;
    log_error("kithd", "setting `%s` takes %d endpoints at most", key, BROKER_ENDPOINTS_MAX);
    return ERR_INVALID;
}

static err_t s_check_broker(const place_t *place)
{
    bool keyed = false;
    err_t err = s_check_endpoints("bus", &place->bus, &keyed);
    if (err == ERR_OK)
        err = s_check_endpoints("bots", &place->bots, &keyed);
    return err == ERR_OK && keyed ? broker_check_keys(place->keys) : err;
}

/* The keys of a part that runs without the broker. */
static err_t s_check_way(const place_t *place, const char *part)
{
    keyring_t ring;
    err_t err = s_check_endpoint("bus", place->bus.items[0]);
    if (err == ERR_OK && bus_is_keyed(place->bus.items[0]))
        err = keys_read_ring(place->keys, part, &ring);
    explicit_bzero(&ring, sizeof ring);
    return err;
}

static err_t s_check_edge(const config_t *config)
{
    doors_t doors;
    s_find_doors(config, &doors);
    edge_options_t options = s_edge_options(config, &doors);
    return edge_check(&options);
}

static bool s_plays_actor(const config_t *config)
{
    for (size_t i = 0; i < COUNT_OF(s_actors); i++)
        if (s_plays(config, s_actors[i]->name))
            return true;
    return false;
}

err_t house_check(const config_t *config)
{
    place_t place;
    s_find_place(config, &place);
    bool broker = s_plays(config, "broker"), edge = s_plays(config, "edge");
    err_t errs[] = {
        s_check_data(config),
        broker ? s_check_broker(&place) : ERR_OK,
        !broker && s_plays_actor(config) ? s_check_way(&place, "actor") : ERR_OK,
        !broker && edge ? s_check_way(&place, "edge") : ERR_OK,
        edge ? s_check_edge(config) : ERR_OK,
    };
    for (size_t i = 0; i < COUNT_OF(errs); i++)
        if (errs[i] != ERR_OK)
            return errs[i];
    return ERR_OK;
}

/* ---- while it runs, and its end ---- */

err_t house_reload(house_t *house, const config_t *config)
{
    doors_t doors;
    s_find_doors(config, &doors);
    edge_options_t options = s_edge_options(config, &doors);
    err_t err = house->edge != NULL ? edge_reload(house->edge, &options) : ERR_OK;
    if (err == ERR_OK && house->broker != NULL)
        err = broker_reload(house->broker);
    return err;
}

void house_print_routes(void)
{
    signpost_print(stdout);
}

void house_stop(house_t **house_p)
{
    house_t *house = *house_p;
    *house_p = NULL;
    if (house->edge != NULL)
        edge_drain(house->edge);
    if (house->broker != NULL)
        broker_drain(house->broker, DRAIN_MS);
    for (size_t i = COUNT_OF(s_actors); i-- > 0;)
        actor_stop(&house->actors[i]);
    broker_stop(&house->broker);
    mailing_destroy(&house->mailing);
    edge_destroy(&house->edge);
    mem_free(house);
}
