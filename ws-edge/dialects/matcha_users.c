/* matcha_users.c - people as document 000 shows them.
 *
 * A user is put together from two actors: the session actor knows the account, the matching
 * actor the profile and how the asker stands to them.  Who may not be seen has no profile in
 * the latter's list, and is left out.  So a list of users is these calls, one after another:
 *
 *     people.likes ─ people.visits ─ account.list ─ profile.list ─┬─> the reply
 *      (of oneself)                       ^                       │
 *                                         └─── the next page ─────┘
 *
 * and a single user the same with account.get or account.find.  What a search has found are
 * profiles, of which the accounts are asked after. */
#include "ws-edge/dialects/matcha.h"

#include "ws-edge/dialects/flask.h"
#include "ws-edge/param.h"
#include "ws-edge/recall.h"

enum { USERS_PAGE = LIMIT_PAGE - 1 }; /* and oneself, whose login is shown in others' likes */

/* What is kept from call to call. */
typedef enum users_note { NOTE_OWN, NOTE_ACCOUNTS, NOTE_DONE, NOTE_FOUND = 0 } users_note_t;
typedef enum users_memo { MEMO_KIND, MEMO_ACCOUNT, MEMO_AFTER } users_memo_t;
typedef enum users_kind { KIND_ALL, KIND_ID, KIND_LOGIN } users_kind_t;

/* ---- one user ---- */

typedef struct user {
    const account_t *account;
    const profile_t *profile;
    slice_t own;  /* members `likes` and `history` of the asker, who is this one */
    slice_t self; /* the asker's login */
} user_t;

static void s_put_maybe_text(buf_t *out, const char *name, slice_t text)
{
    json_put_key(out, name);
    if (text.len > 0)
        json_put_text(out, text);
    else
        buf_append_text(out, "null");
}

/* When they were last here, if that may be known; they were when they signed up. */
static void s_put_online(buf_t *out, const account_t *account)
{
    int64_t time = account->last_seen > 0 ? account->last_seen : account->created;
    json_put_key(out, "online");
    if (account->online)
        buf_append_text(out, "\"online\"");
    else if (time > 0)
        matcha_put_time(out, time);
    else
        buf_append_text(out, "null");
}

static void s_put_tags(buf_t *out, const list_t *list)
{
    const tag_t *tags = list->items;
    json_put_key(out, "tags");
    for (size_t i = 0; i < list->count; i++) {
        buf_append_byte(out, i == 0 ? '[' : ',');
        json_put_text(out, tags[i].name);
    }
    buf_append_text(out, list->count > 0 ? "]" : "null");
}

list_t matcha_order_photos(const list_t *photos, arena_t *arena)
{
    const photo_t *items = photos->items;
    photo_t *ordered = arena_alloc(arena, (photos->count + 1) * sizeof *ordered);
    size_t count = 0;
    for (size_t i = 0; i < photos->count; i++)
        if (items[i].main)
            ordered[count++] = items[i];
    for (size_t i = 0; i < photos->count; i++)
        if (!items[i].main)
            ordered[count++] = items[i];
    return (list_t){ordered, count};
}

static void s_put_photos(buf_t *out, const list_t *list, arena_t *arena)
{
    list_t ordered = matcha_order_photos(list, arena);
    const photo_t *photos = ordered.items;
    json_put_key(out, "avatar");
    for (size_t i = 0; i < ordered.count; i++) {
        buf_append_byte(out, i == 0 ? '[' : ',');
        json_put_text(out, photos[i].url);
    }
    buf_append_text(out, ordered.count > 0 ? "]" : "null");
}

/* Of what others have done one sees oneself alone. */
static void s_put_self_in(buf_t *out, const char *name, bool in, slice_t self)
{
    json_put_key(out, name);
    buf_append_text(out, in ? "[" : "null");
    if (!in)
        return;
    json_put_text(out, self);
    buf_append_byte(out, ']');
}

static void s_put_fans(buf_t *out, const user_t *user)
{
    const relation_t *relation = user->profile->relation;
    if (user->own.len > 0) {
        buf_append_byte(out, ',');
        buf_append(out, user->own);
        return;
    }
    s_put_self_in(out, "likes", relation != NULL && relation->liked > 0, user->self);
    s_put_self_in(out, "history", relation != NULL && relation->visited > 0, user->self);
}

static void s_put_profile(buf_t *out, const profile_t *profile, arena_t *arena)
{
    s_put_maybe_text(out, "city", profile->city);
    json_put_key(out, "age");
    if (profile->age > 0)
        json_put_u64(out, profile->age);
    else
        buf_append_text(out, "null");
    s_put_maybe_text(out, "sex", profile->gender);
    s_put_maybe_text(out, "preferences", profile->preference);
    s_put_maybe_text(out, "bio", profile->description);
    s_put_tags(out, &profile->tags);
    s_put_photos(out, &profile->photos, arena);
}

/* Whose session comes from elsewhere may be another document's client: see `via`. */
static void s_put_user(const visit_t *visit, buf_t *out, const user_t *user)
{
    const account_t *account = user->account;
    buf_append_byte(out, '{');
    flask_put_id(out, "user_id", account->id);
    flask_put_text(out, "login", account->login);
    flask_put_text(out, "email", account->email);
    flask_put_text(out, "user_name", account->username);
    s_put_online(out, account);
    s_put_profile(out, user->profile, visit->arena);
    s_put_fans(out, user);
    flask_put_id(out, "sumlikes", user->profile->likes);
    if (visit->who.via == VIA_OTHER) {
        flask_put_id(out, "id", account->id);
        flask_put_text(out, "userName", account->login);
    }
    buf_append_byte(out, '}');
}

/* ---- which users ---- */

static err_t s_begin(visit_t *visit, answer_t *ret_refusal, users_kind_t kind)
{
    people_likes_call_t *args = arena_new_of(visit->arena, people_likes_call_t);
    visit->memo[MEMO_KIND] = kind;
    args->limit = LIMIT_PAGE;
    return flask_call(visit, ret_refusal, CALL_people_likes, args);
}

err_t matcha_ask_users(visit_t *visit, answer_t *ret_refusal)
{
    return s_begin(visit, ret_refusal, KIND_ALL);
}

err_t matcha_ask_user(visit_t *visit, answer_t *ret_refusal)
{
    err_t err = matcha_own_id(visit, &visit->memo[MEMO_ACCOUNT]);
    if (err == ERR_NOT_FOUND || visit->memo[MEMO_ACCOUNT] == 0)
        return ERR_NOT_FOUND; /* anybody's will do here */
    return s_begin(visit, ret_refusal, KIND_ID);
}

err_t matcha_ask_login(visit_t *visit, answer_t *ret_refusal)
{
    fault_t fault;
    visit->notes[NOTE_DONE] = visit->params[0];
    account_find_call_t find = {visit->params[0]};
    if (codec_check(shape_account_find_call(), &find, &fault) != ERR_OK)
        return ERR_NOT_FOUND;
    return s_begin(visit, ret_refusal, KIND_LOGIN);
}

void matcha_go_to_user(visit_t *visit, uint64_t account)
{
    people_likes_call_t *args = arena_new_of(visit->arena, people_likes_call_t);
    args->limit = LIMIT_PAGE;
    visit->memo[MEMO_KIND] = KIND_ID;
    visit->memo[MEMO_ACCOUNT] = account;
    memset(visit->notes, 0, sizeof visit->notes);
    visit->call = CALL_people_likes;
    visit->args = args;
}

/* ---- call by call ---- */

/* Add the logins of people to the asker's own members. */
static void s_note_people(visit_t *visit, const char *name, const list_t *list)
{
    const encounter_t *people = list->items;
    buf_t text = {0};
    buf_append(&text, visit->notes[NOTE_OWN]);
    buf_printf(&text, "%s\"%s\":", text.len > 0 ? "," : "", name);
    for (size_t i = 0; i < list->count; i++) {
        buf_append_byte(&text, i == 0 ? '[' : ',');
        json_put_text(&text, people[i].login);
    }
    buf_append_text(&text, list->count > 0 ? "]" : "null");
    visit->notes[NOTE_OWN] = arena_copy(visit->arena, buf_slice(&text));
    buf_free(&text);
}

static void s_ask_visits(visit_t *visit)
{
    people_visits_call_t *args = arena_new_of(visit->arena, people_visits_call_t);
    args->limit = LIMIT_PAGE;
    visit->call = CALL_people_visits;
    visit->args = args;
}

static void s_ask_one(visit_t *visit)
{
    account_get_call_t *args = arena_new_of(visit->arena, account_get_call_t);
    args->account = visit->memo[MEMO_ACCOUNT];
    visit->call = CALL_account_get;
    visit->args = args;
}

static void s_ask_named(visit_t *visit)
{
    account_find_call_t *args = arena_new_of(visit->arena, account_find_call_t);
    args->login = arena_copy(visit->arena, visit->notes[NOTE_DONE]);
    visit->notes[NOTE_DONE] = (slice_t){0};
    visit->call = CALL_account_find;
    visit->args = args;
}

static void s_ask_page(visit_t *visit)
{
    account_list_call_t *args = arena_new_of(visit->arena, account_list_call_t);
    args->after = visit->memo[MEMO_AFTER];
    args->limit = USERS_PAGE;
    visit->call = CALL_account_list;
    visit->args = args;
}

static void s_ask_accounts(visit_t *visit)
{
    switch ((users_kind_t)visit->memo[MEMO_KIND]) {
    case KIND_ALL:
        s_ask_page(visit);
        return;
    case KIND_ID:
        s_ask_one(visit);
        return;
    case KIND_LOGIN:
        s_ask_named(visit);
        return;
    }
}

/* The accounts are kept until their profiles have come. */
static void s_ask_profiles(visit_t *visit, const account_list_t *list)
{
    const account_t *accounts = list->accounts.items;
    profile_list_call_t *args = arena_new_of(visit->arena, profile_list_call_t);
    size_t count = list->accounts.count;
    uint64_t *ids = arena_alloc(visit->arena, (count + 1) * sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = accounts[i].id;
    ids[count] = visit->who.account;
    args->accounts = (ids_t){ids, count + 1};
    recall_keep(visit, NOTE_ACCOUNTS, shape_account_list(), list);
    visit->call = CALL_profile_list;
    visit->args = args;
}

static const profile_t *s_profile_of(const profile_list_t *list, uint64_t account)
{
    const profile_t *profiles = list->profiles.items;
    for (size_t low = 0, high = list->profiles.count; low < high;) {
        size_t middle = (low + high) / 2;
        if (profiles[middle].account == account)
            return &profiles[middle];
        if (profiles[middle].account < account)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void s_put_page(visit_t *visit, const account_list_t *list, const profile_list_t *profiles)
{
    const account_t *accounts = list->accounts.items;
    const profile_t *self = s_profile_of(profiles, visit->who.account);
    for (size_t i = 0; i < list->accounts.count; i++) {
        user_t user = {.account = &accounts[i]};
        user.profile = s_profile_of(profiles, accounts[i].id);
        user.self = self != NULL ? self->login : (slice_t){0};
        if (user.profile == NULL)
            continue;
        if (user.profile == self)
            user.own = visit->notes[NOTE_OWN];
        if (visit->body->len > 0)
            buf_append_byte(visit->body, ',');
        s_put_user(visit, visit->body, &user);
    }
}

/* One user, or null; all, or the next page. */
static void s_show_page(visit_t *visit, const profile_list_t *profiles)
{
    const account_list_t *list = recall(visit, NOTE_ACCOUNTS, shape_account_list());
    const account_t *accounts = list->accounts.items;
    buf_append(visit->body, visit->notes[NOTE_DONE]);
    s_put_page(visit, list, profiles);
    if (visit->memo[MEMO_KIND] != KIND_ALL) {
        buf_append_text(visit->body, visit->body->len > 0 ? "" : "null");
    } else if (list->accounts.count == USERS_PAGE) {
        visit->memo[MEMO_AFTER] = accounts[USERS_PAGE - 1].id;
        visit->notes[NOTE_DONE] = arena_copy(visit->arena, buf_slice(visit->body));
        s_ask_page(visit);
    } else {
        slice_t all = arena_copy(visit->arena, buf_slice(visit->body));
        buf_reset(visit->body);
        buf_printf(visit->body, "[%.*s]", SLICE_ARG(all));
    }
}

void matcha_show_users(visit_t *visit, const answer_t *answer)
{
    const shape_t *(*shape)(void) = answer->type->answer;
    if (answer->type->number == CALL_people_likes) {
        s_note_people(visit, "likes", &((const encounter_list_t *)answer->object)->people);
        s_ask_visits(visit);
    } else if (answer->type->number == CALL_people_visits) {
        s_note_people(visit, "history", &((const encounter_list_t *)answer->object)->people);
        s_ask_accounts(visit);
    } else if (shape == shape_account_list) {
        s_ask_profiles(visit, answer->object);
    } else if (shape == shape_account) {
        s_ask_profiles(visit, &(account_list_t){.accounts = {answer->object, 1}});
    } else {
        s_show_page(visit, answer->object);
    }
}

/* ---- what a search has found ---- */

err_t matcha_ask_rating(visit_t *visit, answer_t *ret_refusal)
{
    people_recommend_call_t *args = arena_new_of(visit->arena, people_recommend_call_t);
    args->sort = people_sort_FAME;
    args->any = true;
    args->limit = LIMIT_PEOPLE_PAGE;
    return flask_call(visit, ret_refusal, CALL_people_recommend, args);
}

err_t matcha_ask_search(visit_t *visit, answer_t *ret_refusal)
{
    static const char *const filters[] = {
        "sort",         "limit",    "cursor",   "age_min", "age_max",
        "distance_max", "fame_min", "fame_max", "tags",
    };
    const shape_t *shape = shape_people_recommend_call();
    people_recommend_call_t *args = arena_new_of(visit->arena, people_recommend_call_t);
    fault_t fault = {0};
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        err_t err = param_field(visit, filters[i], shape, filters[i], args, &fault);
        if (err == ERR_OK)
            continue;
        ret_refusal->detail = fault_text(&fault, visit->arena);
        return err;
    }
    args->any = true;
    if (args->limit == 0)
        args->limit = LIMIT_PEOPLE_PAGE;
    return flask_call(visit, ret_refusal, CALL_people_recommend, args);
}

/* Who they are, and oneself. */
static void s_ask_found(visit_t *visit, const recommendation_list_t *list)
{
    const recommendation_t *people = list->people.items;
    account_list_call_t *args = arena_new_of(visit->arena, account_list_call_t);
    uint64_t *ids = arena_alloc(visit->arena, (list->people.count + 1) * sizeof *ids);
    for (size_t i = 0; i < list->people.count; i++)
        ids[i] = people[i].profile->account;
    ids[list->people.count] = visit->who.account;
    args->accounts = (ids_t){ids, list->people.count + 1};
    recall_keep(visit, NOTE_FOUND, shape_recommendation_list(), list);
    visit->call = CALL_account_list;
    visit->args = args;
}

static const account_t *s_account_of(const account_list_t *list, uint64_t id)
{
    const account_t *accounts = list->accounts.items;
    for (size_t i = 0; i < list->accounts.count; i++)
        if (accounts[i].id == id)
            return &accounts[i];
    return NULL;
}

static void s_show_people(visit_t *visit, const recommendation_list_t *list,
                          const account_list_t *accounts)
{
    const recommendation_t *people = list->people.items;
    const account_t *self = s_account_of(accounts, visit->who.account);
    buf_append_byte(visit->body, '[');
    for (size_t i = 0; i < list->people.count; i++) {
        user_t user = {.profile = people[i].profile};
        user.account = s_account_of(accounts, user.profile->account);
        user.self = self != NULL ? self->login : (slice_t){0};
        if (user.account == NULL)
            continue;
        if (visit->body->len > 1)
            buf_append_byte(visit->body, ',');
        s_put_user(visit, visit->body, &user);
    }
    buf_append_byte(visit->body, ']');
}

void matcha_show_found(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_people_recommend)
        s_ask_found(visit, answer->object);
    else
        s_show_people(visit, recall(visit, NOTE_FOUND, shape_recommendation_list()),
                      answer->object);
}
