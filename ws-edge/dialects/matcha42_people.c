/* matcha42_people.c - people of matcha42 look at each other, and say what they think of that.
 *
 *     profile   people.visit ─ profile.get ────────┐
 *     research  people.recommend ──────────────────┼─ presence.get ─> shown
 *     history   people.visits ─ profile.list ──────┘
 *
 *     like, connect, disconnect, block, unblock, report   the route's one call; for connect
 *                                                         by a login, behind account.find */
#include "ws-edge/dialects/matcha42.h"

#include "ws-edge/instant.h"
#include "ws-edge/param.h"
#include "ws-edge/recall.h"

/* What is kept for the calls that follow. */
typedef enum people_memo { MEMO_TARGET } people_memo_t;
typedef enum people_note { NOTE_PEOPLE, NOTE_PROFILES } people_note_t;

/* ---- a profile ---- */

static const presence_state_t *s_presence(const presence_list_t *presence, uint64_t account)
{
    const presence_state_t *people = presence->people.items;
    for (size_t i = 0; i < presence->people.count; i++)
        if (people[i].account == account)
            return &people[i];
    return NULL;
}

static void s_put_flag(buf_t *out, const char *name, bool on)
{
    json_put_key(out, name);
    buf_append_text(out, on ? "true" : "false");
}

static void s_put_time(buf_t *out, const char *name, int64_t time)
{
    json_put_key(out, name);
    if (time > 0)
        instant_put(out, time);
    else
        buf_append_text(out, "null");
}

static void s_put_tags(buf_t *out, const list_t *list)
{
    const tag_t *tags = list->items;
    json_put_key(out, "tags");
    buf_append_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        buf_append_text(out, i > 0 ? "," : "");
        json_put_text(out, tags[i].name);
    }
    buf_append_byte(out, ']');
}

/* The main one first. */
static void s_put_images(buf_t *out, const list_t *list)
{
    const photo_t *photos = list->items;
    const char *comma = "";
    json_put_key(out, "images");
    buf_append_byte(out, '[');
    for (int main = 1; main >= 0; main--)
        for (size_t i = 0; i < list->count; i++) {
            if (photos[i].main != main)
                continue;
            buf_append_text(out, comma);
            json_put_text(out, photos[i].url);
            comma = ",";
        }
    buf_append_byte(out, ']');
}

/* A number that nobody may know is null. */
static void s_put_number(buf_t *out, const char *name, bool known, uint64_t number)
{
    json_put_key(out, name);
    if (known)
        json_put_u64(out, number);
    else
        buf_append_text(out, "null");
}

/* Behind what the object has already. */
static void s_put_profile(buf_t *out, const profile_t *profile, const presence_list_t *presence)
{
    const presence_state_t *state = s_presence(presence, profile->account);
    slice_t sex = profile->preference;
    matcha42_put_id(out, "user_id", profile->account);
    matcha42_put_text(out, "login", profile->login);
    matcha42_put_text(out, "first_name", profile->first_name);
    matcha42_put_text(out, "last_name", profile->last_name);
    matcha42_put_text(out, "gender", profile->gender);
    s_put_number(out, "age", profile->age > 0, profile->age);
    matcha42_put_text(out, "description", profile->description);
    matcha42_put_text(out, "sex", sex.len > 0 ? sex : SLICE_LIT("any"));
    s_put_tags(out, &profile->tags);
    s_put_images(out, &profile->photos);
    matcha42_put_id(out, "fame", profile->fame);
    s_put_flag(out, "online", state != NULL && state->online);
    s_put_time(out, "last_seen", state != NULL ? state->last_seen : 0);
}

/* ---- who is here ---- */

static void s_call_presence(visit_t *visit, const uint64_t *accounts, size_t count)
{
    presence_get_call_t *args = arena_new_of(visit->arena, presence_get_call_t);
    args->accounts = (ids_t){accounts, count};
    visit->call = CALL_presence_get;
    visit->args = args;
}

/* ---- one person ---- */

static void s_call_profile(visit_t *visit)
{
    profile_get_call_t *args = arena_new_of(visit->arena, profile_get_call_t);
    args->account = visit->memo[MEMO_TARGET];
    visit->call = CALL_profile_get;
    visit->args = args;
}

/* Nobody visits themselves. */
err_t matcha42_ask_profile(visit_t *visit, answer_t *ret_refusal)
{
    people_visit_call_t *args = arena_new_of(visit->arena, people_visit_call_t);
    err_t err = matcha42_own(visit, ret_refusal);
    if (err == ERR_OK)
        err = matcha42_target(visit, ret_refusal, &args->account);
    if (err != ERR_OK)
        return err;
    visit->memo[MEMO_TARGET] = args->account;
    if (args->account != visit->who.account)
        return matcha42_call(visit, ret_refusal, CALL_people_visit, args);
    s_call_profile(visit);
    return ERR_OK;
}

static void s_show_profile(visit_t *visit, const presence_list_t *presence)
{
    const profile_t *profile = recall(visit, NOTE_PEOPLE, shape_profile());
    buf_append_text(visit->body, "{\"status\":\"ok\"");
    s_put_profile(visit->body, profile, presence);
    buf_append_byte(visit->body, '}');
}

void matcha42_show_profile(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_people_visit) {
        s_call_profile(visit);
    } else if (answer->type->number == CALL_profile_get) {
        recall_keep(visit, NOTE_PEOPLE, shape_profile(), answer->object);
        s_call_presence(visit, &visit->memo[MEMO_TARGET], 1);
    } else {
        s_show_profile(visit, answer->object);
    }
}

/* ---- recommendations ---- */

enum { SORTS = 5 }; /* numbered from 0 as people_sort's words are from 1 */

static const struct {
    const char *parameter;
    const char *field; /* of people.recommend */
} s_filters[] = {
    {"age_min", "age_min"},   {"age_max", "age_max"},   {"distance_max_km", "distance_max"},
    {"fame_min", "fame_min"}, {"fame_max", "fame_max"}, {"tags", "tags"},
    {"limit", "limit"},       {"cursor", "cursor"},
};

static err_t s_read_sort(const visit_t *visit, answer_t *ret_refusal, people_sort_t *ret_sort)
{
    uint64_t code = 0;
    err_t err = param_u64(visit, "sort_by", &code);
    if ((err != ERR_OK && err != ERR_NOT_FOUND) || code >= SORTS)
        return matcha42_wrong(visit, ret_refusal, "sort_by", "is none of 0 to 4");
    *ret_sort = (people_sort_t)(code + people_sort_BEST);
    return ERR_OK;
}

err_t matcha42_ask_research(visit_t *visit, answer_t *ret_refusal)
{
    people_recommend_call_t *args = arena_new_of(visit->arena, people_recommend_call_t);
    fault_t fault = {0};
    err_t err = matcha42_own(visit, ret_refusal);
    if (err == ERR_OK)
        err = s_read_sort(visit, ret_refusal, &args->sort);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; err == ERR_OK && i < COUNT_OF(s_filters); i++)
        err = param_field(visit, s_filters[i].parameter, shape_people_recommend_call(),
                          s_filters[i].field, args, &fault);
    if (err == ERR_OK)
        return matcha42_call(visit, ret_refusal, CALL_people_recommend, args);
    ret_refusal->detail = fault_text(&fault, visit->arena);
    return err;
}

static void s_keep_recommended(visit_t *visit, const recommendation_list_t *list)
{
    const recommendation_t *people = list->people.items;
    uint64_t *accounts = arena_alloc(visit->arena, list->people.count * sizeof *accounts + 1);
    for (size_t i = 0; i < list->people.count; i++)
        accounts[i] = people[i].profile->account;
    recall_keep(visit, NOTE_PEOPLE, shape_recommendation_list(), list);
    s_call_presence(visit, accounts, list->people.count);
}

static void s_put_recommended(buf_t *out, const recommendation_t *person,
                              const presence_list_t *presence)
{
    buf_append_byte(out, '{');
    s_put_profile(out, person->profile, presence);
    matcha42_put_id(out, "score", person->score);
    s_put_number(out, "distance_km", person->profile->distance > 0, person->profile->distance);
    matcha42_put_id(out, "common_tags", person->common_tags);
    buf_append_byte(out, '}');
}

void matcha42_show_research(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_people_recommend) {
        s_keep_recommended(visit, answer->object);
        return;
    }
    const recommendation_list_t *list = recall(visit, NOTE_PEOPLE, shape_recommendation_list());
    const recommendation_t *people = list->people.items;
    buf_append_text(visit->body, "{\"status\":\"ok\",\"users\":[");
    for (size_t i = 0; i < list->people.count; i++) {
        buf_append_text(visit->body, i > 0 ? "," : "");
        s_put_recommended(visit->body, &people[i], answer->object);
    }
    buf_append_byte(visit->body, ']');
    if (list->next.len > 0)
        matcha42_put_text(visit->body, "next", list->next);
    buf_append_byte(visit->body, '}');
}

/* ---- visitors ---- */

err_t matcha42_ask_history(visit_t *visit, answer_t *ret_refusal)
{
    people_visits_call_t *args = arena_new_of(visit->arena, people_visits_call_t);
    err_t err = matcha42_own(visit, ret_refusal);
    if (err == ERR_OK)
        err = matcha42_id(visit, ret_refusal, "before", &args->before);
    if (err == ERR_OK)
        err = matcha42_id(visit, ret_refusal, "limit", &args->limit);
    return err == ERR_OK ? matcha42_call(visit, ret_refusal, CALL_people_visits, args) : err;
}

static void s_keep_visitors(visit_t *visit, const encounter_list_t *list)
{
    const encounter_t *people = list->people.items;
    profile_list_call_t *args = arena_new_of(visit->arena, profile_list_call_t);
    uint64_t *accounts = arena_alloc(visit->arena, list->people.count * sizeof *accounts + 1);
    for (size_t i = 0; i < list->people.count; i++)
        accounts[i] = people[i].account;
    recall_keep(visit, NOTE_PEOPLE, shape_encounter_list(), list);
    args->accounts = (ids_t){accounts, list->people.count};
    visit->call = CALL_profile_list;
    visit->args = args;
}

static void s_keep_profiles(visit_t *visit, const profile_list_t *list)
{
    const profile_t *profiles = list->profiles.items;
    uint64_t *accounts = arena_alloc(visit->arena, list->profiles.count * sizeof *accounts + 1);
    for (size_t i = 0; i < list->profiles.count; i++)
        accounts[i] = profiles[i].account;
    recall_keep(visit, NOTE_PROFILES, shape_profile_list(), list);
    s_call_presence(visit, accounts, list->profiles.count);
}

static const profile_t *s_profile(const profile_list_t *list, uint64_t account)
{
    const profile_t *profiles = list->profiles.items;
    for (size_t i = 0; i < list->profiles.count; i++)
        if (profiles[i].account == account)
            return &profiles[i];
    return NULL;
}

/* In the order of their visits; whose profile may not be seen is left out. */
static void s_show_visitors(visit_t *visit, const presence_list_t *presence)
{
    const encounter_list_t *list = recall(visit, NOTE_PEOPLE, shape_encounter_list());
    const profile_list_t *profiles = recall(visit, NOTE_PROFILES, shape_profile_list());
    const encounter_t *people = list->people.items;
    const char *comma = "";
    buf_append_text(visit->body, "{\"status\":\"ok\",\"users\":[");
    for (size_t i = 0; i < list->people.count; i++) {
        const profile_t *profile = s_profile(profiles, people[i].account);
        if (profile == NULL)
            continue;
        buf_printf(visit->body, "%s{", comma);
        s_put_profile(visit->body, profile, presence);
        s_put_time(visit->body, "visited_at", people[i].time);
        buf_append_byte(visit->body, '}');
        comma = ",";
    }
    buf_append_byte(visit->body, ']');
    if (list->next > 0)
        matcha42_put_id(visit->body, "next", list->next);
    buf_append_byte(visit->body, '}');
}

void matcha42_show_history(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_people_visits)
        s_keep_visitors(visit, answer->object);
    else if (answer->type->number == CALL_profile_list)
        s_keep_profiles(visit, answer->object);
    else
        s_show_visitors(visit, answer->object);
}

/* ---- what one thinks of somebody ---- */

/* The route's call: each has whom it is about as `account`. */
static void *s_about(const visit_t *visit, uint64_t account)
{
    const shape_t *shape = call_type(visit->route->call)->shape();
    uint8_t *args = arena_alloc(visit->arena, shape->size);
    const field_t *field = shape_field(shape, SLICE_LIT("account"));
    *(uint64_t *)(void *)(args + field->offset) = account;
    return args;
}

static void s_call_about(visit_t *visit, uint64_t account)
{
    visit->call = visit->route->call;
    visit->args = s_about(visit, account);
}

/* `target_id` is a login, or an id, which is a number. */
static err_t s_ask_by_login(visit_t *visit, answer_t *ret_refusal)
{
    account_find_call_t *args = arena_new_of(visit->arena, account_find_call_t);
    uint64_t account;
    err_t err = matcha42_text(visit, ret_refusal, "target_id", &args->login);
    if (err != ERR_OK)
        return err;
    if (!param_number(args->login, &account) || account == 0)
        return matcha42_call(visit, ret_refusal, CALL_account_find, args);
    s_call_about(visit, account);
    return ERR_OK;
}

err_t matcha42_ask_person(visit_t *visit, answer_t *ret_refusal)
{
    uint64_t account;
    err_t err = matcha42_own(visit, ret_refusal);
    if (err == ERR_OK)
        err = matcha42_target(visit, ret_refusal, &account);
    if (err == ERR_OK)
        s_call_about(visit, account);
    return err;
}

err_t matcha42_ask_connect(visit_t *visit, answer_t *ret_refusal)
{
    slice_t login;
    err_t err = matcha42_own(visit, ret_refusal);
    if (err != ERR_OK)
        return err;
    if (param_text(visit, "target_id", &login) == ERR_NOT_FOUND)
        return matcha42_ask_person(visit, ret_refusal);
    return s_ask_by_login(visit, ret_refusal);
}

void matcha42_show_connected(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_account_find)
        s_call_about(visit, ((const account_t *)answer->object)->id);
    else
        matcha42_show_done(visit, answer);
}

void matcha42_show_liked(visit_t *visit, const answer_t *answer)
{
    const relation_t *relation = answer->object;
    buf_append_text(visit->body, "{\"status\":\"ok\"");
    s_put_flag(visit->body, "match", relation->matched != 0);
    buf_append_byte(visit->body, '}');
}

/* ---- reports ---- */

err_t matcha42_ask_report(visit_t *visit, answer_t *ret_refusal)
{
    static const report_reason_t reasons[] = {
        report_reason_OTHER,      report_reason_FAKE,   report_reason_SPAM,
        report_reason_HARASSMENT, report_reason_NUDITY, report_reason_UNDERAGE,
    };
    uint64_t id;
    people_report_call_t *args = arena_new_of(visit->arena, people_report_call_t);
    err_t err = matcha42_own(visit, ret_refusal);
    if (err == ERR_OK)
        err = matcha42_target(visit, ret_refusal, &args->account);
    if (err == ERR_OK && (param_u64(visit, "report_id", &id) != ERR_OK || id >= COUNT_OF(reasons)))
        err = matcha42_wrong(visit, ret_refusal, "report_id", "is none of 0 to 5");
    if (err != ERR_OK)
        return err;
    args->reason = reasons[id];
    return matcha42_call(visit, ret_refusal, CALL_people_report, args);
}
