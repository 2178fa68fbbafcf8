/* pusher_api.c - look at all of a request, then do all of it.
 *
 * An event that cannot be said to one of its channels is said to none, and a batch of which
 * one event is refused says nothing. */
#include "ws-edge/pusher_api.h"

#include "ws-edge/pusher_frame.h"
#include "ws-edge/pusher_grant.h"
#include "ws-edge/request.h"

/* What came of a request, or of a part: 200 and nothing to say, or why not. */
typedef struct outcome {
    int status;
    const char *why;
} outcome_t;

static const outcome_t s_good = {200, NULL};

/* One request under way. */
typedef struct turn {
    pusher_hub_t *hub;
    const pusher_ask_t *ask;
    arena_t *arena;
    buf_t *out;
} turn_t;

/* ---- what is asked about channels ---- */

typedef struct info {
    bool peers;  /* `subscription_count` */
    bool people; /* `user_count` */
    bool cache;
} info_t;

static bool s_has_word(slice_t list, const char *word)
{
    size_t len = strlen(word);
    while (list.len > 0) {
        const uint8_t *comma = memchr(list.ptr, ',', list.len);
        size_t item = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
        if (item == len && memcmp(list.ptr, word, len) == 0)
            return true;
        list = slice_from(list, item + (comma != NULL));
    }
    return false;
}

static info_t s_read_info(slice_t list)
{
    return (info_t){
        .peers = s_has_word(list, "subscription_count"),
        .people = s_has_word(list, "user_count"),
        .cache = s_has_word(list, "cache"),
    };
}

/* A parameter of the query, which has been read once without a fault; zero: none. */
static slice_t s_parameter(const turn_t *turn, const char *wanted)
{
    slice_t rest = turn->ask->request.query, name, value;
    while (request_query_next(&rest, turn->arena, &name, &value) == ERR_OK)
        if (slice_is(name, wanted))
            return value;
    return (slice_t){0};
}

static void s_put_counts(buf_t *out, const info_t *info, const pusher_count_t *count)
{
    if (info->people)
        json_put_u64_member(out, "user_count", count->people);
    if (info->peers)
        json_put_u64_member(out, "subscription_count", count->peers);
}

static bool s_is_presence(slice_t name)
{
    pusher_channel_t channel;
    return pusher_channel_read(name, &channel) == ERR_OK && channel.kind == PUSHER_PRESENCE;
}

/* ---- events ---- */

/* One event, and where it goes. */
typedef struct post {
    pusher_event_t event;
    buf_t data; /* where it did not come as a text */
    pusher_channel_t channels[PUSHER_API_CHANNELS_MAX];
    size_t count;
    slice_t except; /* socket id of who need not hear it */
    info_t info;
    bool asks; /* to be told of the channels */
} post_t;

static bool s_goes_to(const post_t *post, slice_t channel)
{
    for (size_t i = 0; i < post->count; i++)
        if (slice_eq(channel, post->channels[i].name))
            return true;
    return false;
}

/* A channel that is named twice is one. */
static outcome_t s_read_channel(post_t *post, const json_node_t *node)
{
    slice_t name;
    if (!json_text(node, &name) ||
        pusher_channel_read(name, &post->channels[post->count]) != ERR_OK)
        return (outcome_t){400, "there can be no channel of this name"};
    if (pusher_is_own(name))
        return (outcome_t){403, "what is said in this channel is said in Kith"};
    if (!s_goes_to(post, name))
        post->count++;
    return s_good;
}

static outcome_t s_read_channels(post_t *post, const json_node_t *json)
{
    const json_node_t *one = json_member(json, "channel"), *list = json_member(json, "channels");
    if (json_count(list) + (one != NULL) > PUSHER_API_CHANNELS_MAX)
        return (outcome_t){400, "an event goes to at most 100 channels"};
    outcome_t outcome = one != NULL ? s_read_channel(post, one) : s_good;
    for (size_t i = 0; i < json_count(list) && outcome.status == 200; i++)
        outcome = s_read_channel(post, json_item(list, i));
    if (outcome.status == 200 && post->count == 0)
        return (outcome_t){400, "`channels` or `channel` must be there"};
    return outcome;
}

static outcome_t s_read_data(post_t *post, const json_node_t *data)
{
    if (data == NULL)
        return (outcome_t){400, "`data` must be there"};
    if (!json_text(data, &post->event.data)) {
        json_put_node(&post->data, data);
        post->event.data = buf_slice(&post->data);
    }
    if (post->event.data.len > PUSHER_DATA_SIZE_MAX)
        return (outcome_t){413, "the data of an event has at most 10 KB"};
    return s_good;
}

static outcome_t s_read_name(post_t *post, const json_node_t *name)
{
    slice_t *text = &post->event.name;
    if (!json_text(name, text) || text->len == 0 || text->len > PUSHER_EVENT_SIZE_MAX)
        return (outcome_t){400, "`name` must be a text of at most 200 bytes"};
    if (slice_starts(*text, SLICE_LIT("pusher:")) ||
        slice_starts(*text, SLICE_LIT("pusher_internal:")))
        return (outcome_t){400, "events of this name are the protocol's own"};
    return s_good;
}

/* Who said it, and need not hear it. */
static outcome_t s_read_except(post_t *post, const json_node_t *node)
{
    if (node == NULL || json_is_null(node))
        return s_good;
    if (!json_text(node, &post->except) || !pusher_socket_id_valid(post->except))
        return (outcome_t){400, "`socket_id` is none"};
    return s_good;
}

static outcome_t s_read_post(const json_node_t *json, post_t *post)
{
    slice_t info = {0};
    post->asks = json_text(json_member(json, "info"), &info);
    post->info = s_read_info(info);
    outcome_t outcome = s_read_name(post, json_member(json, "name"));
    if (outcome.status == 200)
        outcome = s_read_data(post, json_member(json, "data"));
    if (outcome.status == 200)
        outcome = s_read_channels(post, json);
    if (outcome.status == 200)
        outcome = s_read_except(post, json_member(json, "socket_id"));
    return outcome;
}

static void s_say(const turn_t *turn, const post_t *post)
{
    buf_t channels = {0};
    for (size_t i = 0; i < post->count; i++) {
        buf_append_text(&channels, i > 0 ? " " : "");
        buf_append(&channels, post->channels[i].name);
    }
    pusher_hub_broadcast(turn->hub, &(pusher_relay_t){
                                        .channels = buf_slice(&channels),
                                        .name = post->event.name,
                                        .data = post->event.data,
                                        .except = post->except,
                                    });
    buf_free(&channels);
}

static void s_put_counts_of(const turn_t *turn, const post_t *post, size_t at)
{
    pusher_count_t count = pusher_hub_count(turn->hub, post->channels[at].name);
    info_t info = post->info;
    info.people = info.people && post->channels[at].kind == PUSHER_PRESENCE;
    buf_append_byte(turn->out, '{');
    s_put_counts(turn->out, &info, &count);
    buf_append_byte(turn->out, '}');
}

static void s_put_said(const turn_t *turn, const post_t *post)
{
    buf_append_text(turn->out, "{");
    for (size_t i = 0; post->asks && i < post->count; i++) {
        buf_append_text(turn->out, i == 0 ? "\"channels\":{" : ",");
        json_put_text(turn->out, post->channels[i].name);
        buf_append_byte(turn->out, ':');
        s_put_counts_of(turn, post, i);
    }
    buf_append_text(turn->out, post->asks ? "}}" : "}");
}

static outcome_t s_events(const turn_t *turn)
{
    post_t post = {0};
    outcome_t outcome = s_read_post(turn->ask->json, &post);
    if (outcome.status == 200) {
        s_say(turn, &post);
        s_put_said(turn, &post);
    }
    buf_free(&post.data);
    return outcome;
}

/* An event of a batch goes to one channel, and is answered in its place. */
static void s_put_batch(const turn_t *turn, const post_t *posts, size_t count)
{
    bool asks = false;
    for (size_t i = 0; i < count; i++)
        asks = asks || posts[i].asks;
    buf_append_text(turn->out, asks ? "{\"batch\":[" : "{");
    for (size_t i = 0; asks && i < count; i++) {
        buf_append_text(turn->out, i == 0 ? "" : ",");
        s_put_counts_of(turn, &posts[i], 0);
    }
    buf_append_text(turn->out, asks ? "]}" : "}");
}

static outcome_t s_batch(const turn_t *turn)
{
    const json_node_t *batch = json_member(turn->ask->json, "batch");
    size_t count = json_count(batch);
    outcome_t outcome = s_good;
    if (!json_is_array(batch) || count > PUSHER_API_BATCH_MAX)
        return (outcome_t){400, "`batch` must be a list of at most 10 events"};
    post_t *posts = arena_alloc(turn->arena, (count + 1) * sizeof *posts);
    for (size_t i = 0; i < count && outcome.status == 200; i++)
        outcome = s_read_post(json_item(batch, i), &posts[i]);
    for (size_t i = 0; i < count && outcome.status == 200; i++)
        s_say(turn, &posts[i]);
    if (outcome.status == 200)
        s_put_batch(turn, posts, count);
    for (size_t i = 0; i < count; i++)
        buf_free(&posts[i].data);
    return outcome;
}

/* ---- looking ---- */

static outcome_t s_channels(const turn_t *turn)
{
    slice_t prefix = s_parameter(turn, "filter_by_prefix"), name;
    info_t info = s_read_info(s_parameter(turn, "info"));
    const char *comma = "";
    pusher_count_t count;
    size_t at = 0;
    if (info.people && !slice_starts(prefix, SLICE_LIT("presence-")))
        return (outcome_t){400, "`user_count` is there of presence channels only: filter by them"};
    buf_append_text(turn->out, "{\"channels\":{");
    while (pusher_hub_walk(turn->hub, &at, &name, &count)) {
        if (!slice_starts(name, prefix))
            continue;
        buf_append_text(turn->out, comma);
        json_put_text(turn->out, name);
        buf_append_text(turn->out, ":{");
        s_put_counts(turn->out, &info, &count);
        buf_append_byte(turn->out, '}');
        comma = ",";
    }
    buf_append_text(turn->out, "}}");
    return s_good;
}

static void s_put_cache(const turn_t *turn, slice_t channel)
{
    slice_t data;
    uint64_t seconds;
    if (!pusher_hub_kept_data(turn->hub, channel, &data, &seconds))
        return;
    json_put_key(turn->out, "cache");
    buf_append_text(turn->out, "{\"data\":");
    json_put_text(turn->out, data);
    json_put_u64_member(turn->out, "ttl", seconds);
    buf_append_byte(turn->out, '}');
}

static outcome_t s_channel(const turn_t *turn)
{
    pusher_channel_t channel;
    info_t info = s_read_info(s_parameter(turn, "info"));
    if (pusher_channel_read(turn->ask->name, &channel) != ERR_OK)
        return (outcome_t){400, "there can be no channel of this name"};
    if (info.people && channel.kind != PUSHER_PRESENCE)
        return (outcome_t){400, "`user_count` is there of presence channels only"};
    pusher_count_t count = pusher_hub_count(turn->hub, channel.name);
    buf_printf(turn->out, "{\"occupied\":%s", count.peers > 0 ? "true" : "false");
    s_put_counts(turn->out, &info, &count);
    if (info.cache)
        s_put_cache(turn, channel.name);
    buf_append_byte(turn->out, '}');
    return s_good;
}

static outcome_t s_users(const turn_t *turn)
{
    const struct pusher_person *person = NULL;
    const char *comma = "";
    if (!s_is_presence(turn->ask->name))
        return (outcome_t){400, "users are there of presence channels only"};
    buf_append_text(turn->out, "{\"users\":[");
    while ((person = pusher_hub_person(turn->hub, turn->ask->name, person)) != NULL) {
        buf_printf(turn->out, "%s{\"id\":", comma);
        json_put_text(turn->out, pusher_person_show(person).id);
        buf_append_byte(turn->out, '}');
        comma = ",";
    }
    buf_append_text(turn->out, "]}");
    return s_good;
}

static outcome_t s_terminate(const turn_t *turn)
{
    if (turn->ask->name.len > PUSHER_USER_ID_SIZE_MAX)
        return (outcome_t){400, "the id of a user has at most 128 bytes"};
    pusher_hub_broadcast(turn->hub, &(pusher_relay_t){.user = turn->ask->name});
    buf_append_text(turn->out, "{}");
    return s_good;
}

/* ---- all of them ---- */

static outcome_t (*const s_serve[])(const turn_t *turn) = {
    [PUSHER_API_EVENTS] = s_events,     [PUSHER_API_BATCH] = s_batch,
    [PUSHER_API_CHANNELS] = s_channels, [PUSHER_API_CHANNEL] = s_channel,
    [PUSHER_API_USERS] = s_users,       [PUSHER_API_TERMINATE] = s_terminate,
};

static outcome_t s_check(const turn_t *turn)
{
    const pusher_setup_t *setup = pusher_hub_setup(turn->hub);
    err_t err = pusher_request_check(&setup->app, &turn->ask->request, pusher_hub_time_s(turn->hub),
                                     turn->arena);
    if (err == ERR_MALFORMED)
        return (outcome_t){400, "the query cannot be read"};
    if (err != ERR_OK || !slice_eq(turn->ask->app, setup->id))
        return (outcome_t){401, "key, time, signature or the body's hash are not right"};
    return s_good;
}

int pusher_api_serve(pusher_hub_t *hub, const pusher_ask_t *ask, arena_t *arena, buf_t *out)
{
    turn_t turn = {hub, ask, arena, out};
    outcome_t outcome = s_check(&turn);
    if (outcome.status == 200)
        outcome = s_serve[ask->what](&turn);
    if (outcome.status != 200) {
        buf_append_text(out, "{\"error\":");
        json_put_text(out, slice_of(outcome.why));
        buf_append_byte(out, '}');
    }
    return outcome.status;
}
