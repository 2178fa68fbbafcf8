/* matcha_profile.c - document 000: one's own profile, and what one does to other people's.
 *
 * A page sends the whole user back when something has changed, so that an e-mail or a name
 * that is the present one is no change.  Name and e-mail are the account's: a new e-mail takes
 * the password besides.  An update is then up to seven calls:
 *
 *     account.get, or email.change ─ account.rename ─ profile.update ─> as matcha_users.c
 *
 * What is sent as null or empty is emptied; what is not sent stays. */
#include "ws-edge/dialects/matcha.h"

#include <stdlib.h>

#include "ws-edge/dialects/flask.h"
#include "ws-edge/param.h"
#include "ws-edge/recall.h"

static const double s_micro = 1e6;

/* ---- where one is ---- */

static bool s_read_degrees(const visit_t *visit, const char *name, double max, int64_t *ret_value)
{
    slice_t text;
    char *end;
    if (!flask_text(visit, name, &text))
        return false;
    const char *digits = (const char *)arena_copy(visit->arena, text).ptr;
    double degrees = strtod(digits, &end);
    if (end == digits || *end != '\0' || !(degrees >= -max && degrees <= max))
        return false; /* what is no number is in no range */
    *ret_value = (int64_t)(degrees * s_micro + (degrees < 0 ? -0.5 : 0.5));
    return true;
}

bool matcha_read_position(const visit_t *visit, int64_t *ret_lat, int64_t *ret_lon)
{
    return s_read_degrees(visit, "latitude", 90, ret_lat) &&
           s_read_degrees(visit, "longitude", 180, ret_lon);
}

/* ---- reading an update ---- */

typedef struct update {
    const visit_t *visit;
    profile_update_call_t *args;
    buf_t clear; /* names of fields, each with a blank behind it */
} update_t;

/* What the document calls a text, and what the profile does. */
static const struct {
    const char *name;
    const char *field;
} s_texts[] = {
    {"first_name", "first_name"},  {"last_name", "last_name"}, {"sex", "gender"},
    {"preferences", "preference"}, {"bio", "description"},     {"city", "city"},
};

static bool s_is_empty(const json_node_t *node)
{
    slice_t text;
    return json_is_null(node) || (json_text(node, &text) && text.len == 0) ||
           (json_is_array(node) && json_count(node) == 0);
}

/* The member, if there is something in it; one that is empty empties the field. */
static const json_node_t *s_member(update_t *update, const char *name, const char *field)
{
    const json_node_t *node = json_member(update->visit->json, name);
    if (node == NULL || !s_is_empty(node))
        return node;
    buf_printf(&update->clear, "%s ", field);
    return NULL;
}

static bool s_read_texts(update_t *update)
{
    const shape_t *shape = shape_profile_update_call();
    for (size_t i = 0; i < COUNT_OF(s_texts); i++) {
        const json_node_t *node = s_member(update, s_texts[i].name, s_texts[i].field);
        const field_t *field = shape_field(shape, slice_of(s_texts[i].field));
        slice_t *text = (slice_t *)(void *)((uint8_t *)update->args + field->offset);
        if (node != NULL && !json_text(node, text))
            return false;
    }
    return true;
}

static bool s_read_age(update_t *update)
{
    const json_node_t *node = s_member(update, "age", "age");
    return node == NULL || param_u64(update->visit, "age", &update->args->age) == ERR_OK;
}

/* The texts of a list, or those of one text with commas between. */
static bool s_read_list(update_t *update, const char *name, const char *field, slice_t *ret_texts,
                        size_t max, size_t *ret_count)
{
    const json_node_t *node = s_member(update, name, field);
    slice_t text;
    *ret_count = 0;
    for (size_t i = 0; i < json_count(node); i++)
        if (*ret_count == max || !json_text(json_item(node, i), &ret_texts[(*ret_count)++]))
            return false;
    if (node == NULL || !json_text(node, &text))
        return node == NULL || json_is_array(node);
    while (text.len > 0) {
        const uint8_t *comma = memchr(text.ptr, ',', text.len);
        size_t len = comma != NULL ? (size_t)(comma - text.ptr) : text.len;
        if (*ret_count == max)
            return false;
        ret_texts[(*ret_count)++] = slice_new(text.ptr, len);
        text = slice_from(text, comma != NULL ? len + 1 : len);
    }
    return true;
}

static bool s_read_tags(update_t *update)
{
    slice_t texts[LIMIT_TAGS];
    size_t count;
    if (!s_read_list(update, "tags", "tags", texts, LIMIT_TAGS, &count))
        return false;
    tag_t *tags = arena_alloc(update->visit->arena, (count + 1) * sizeof *tags);
    for (size_t i = 0; i < count; i++)
        tags[i] = (tag_t){.name = texts[i]};
    update->args->tags = (list_t){tags, count};
    return true;
}

static bool s_read_photos(update_t *update)
{
    slice_t texts[LIMIT_PHOTOS];
    size_t count;
    if (!s_read_list(update, "avatar", "photos", texts, LIMIT_PHOTOS, &count))
        return false;
    photo_t *photos = arena_alloc(update->visit->arena, (count + 1) * sizeof *photos);
    for (size_t i = 0; i < count; i++)
        photos[i] = (photo_t){.url = texts[i], .main = i == 0};
    update->args->photos = (list_t){photos, count};
    return true;
}

static err_t s_read_update(update_t *update, answer_t *ret_refusal)
{
    if (!s_read_texts(update))
        return flask_wrong(ret_refusal, "names, sex, preferences, bio and city are texts");
    if (!s_read_age(update))
        return flask_wrong(ret_refusal, "age must be a whole number");
    if (!s_read_tags(update))
        return flask_wrong(ret_refusal, "tags must be a list of at most 10 texts");
    if (!s_read_photos(update))
        return flask_wrong(ret_refusal, "avatar must be a list of at most 5 addresses");
    (void)matcha_read_position(update->visit, &update->args->lat, &update->args->lon);
    update->args->clear = arena_copy(update->visit->arena, buf_slice(&update->clear));
    return ERR_OK;
}

/* ---- updating ---- */

typedef enum update_note { NOTE_UPDATE, NOTE_NAME, NOTE_EMAIL } update_note_t;
enum { MEMO_SHOWING = VISIT_MEMOS - 1 }; /* all is changed */

/* The first call: with a password the new e-mail, else what it is now. */
static err_t s_ask_account(visit_t *visit, answer_t *ret_refusal)
{
    email_change_call_t *change = arena_new_of(visit->arena, email_change_call_t);
    (void)flask_text(visit, "user_name", &visit->notes[NOTE_NAME]);
    (void)flask_text(visit, "email", &visit->notes[NOTE_EMAIL]);
    if (visit->notes[NOTE_EMAIL].len == 0 || !flask_password(visit, &change->password))
        return flask_call(visit, ret_refusal, CALL_account_get,
                          arena_new_of(visit->arena, account_get_call_t));
    change->email = visit->notes[NOTE_EMAIL];
    return flask_call(visit, ret_refusal, CALL_email_change, change);
}

err_t matcha_ask_update(visit_t *visit, answer_t *ret_refusal)
{
    uint64_t id;
    profile_update_call_t *args = arena_new_of(visit->arena, profile_update_call_t);
    update_t update = {.visit = visit, .args = args};
    err_t err = matcha_own_id(visit, &id);
    if (err == ERR_OK)
        err = s_read_update(&update, ret_refusal);
    buf_free(&update.clear);
    if (err == ERR_OK)
        err = flask_call(visit, ret_refusal, CALL_profile_update, args);
    if (err != ERR_OK)
        return err;
    recall_keep(visit, NOTE_UPDATE, shape_profile_update_call(), args);
    return s_ask_account(visit, ret_refusal);
}

static void s_ask_profile(visit_t *visit)
{
    visit->call = CALL_profile_update;
    visit->args = recall(visit, NOTE_UPDATE, shape_profile_update_call());
}

static void s_go_on(visit_t *visit, const account_t *account)
{
    slice_t email = visit->notes[NOTE_EMAIL], name = visit->notes[NOTE_NAME];
    account_rename_call_t *rename = arena_new_of(visit->arena, account_rename_call_t);
    rename->username = arena_copy(visit->arena, name);
    if (email.len > 0 && !slice_eq(email, account->email)) {
        matcha_deny(visit, ERR_INVALID, "a new e-mail takes the password, too");
    } else if (name.len > 0 && !slice_eq(name, account->username)) {
        visit->call = CALL_account_rename;
        visit->args = rename;
    } else {
        s_ask_profile(visit);
    }
}

void matcha_show_updated(visit_t *visit, const answer_t *answer)
{
    if (visit->memo[MEMO_SHOWING] != 0) {
        matcha_show_users(visit, answer);
    } else if (answer->type->answer == shape_account) {
        s_go_on(visit, answer->object);
    } else {
        visit->memo[MEMO_SHOWING] = 1;
        matcha_go_to_user(visit, visit->who.account);
    }
}

/* ---- photos ---- */

err_t matcha_ask_drop_image(visit_t *visit, answer_t *ret_refusal)
{
    if (!param_number(visit->params[0], &visit->memo[0]))
        return ERR_NOT_FOUND;
    return flask_call(visit, ret_refusal, CALL_profile_get,
                      arena_new_of(visit->arena, profile_get_call_t));
}

static void s_drop_photo(visit_t *visit, const profile_t *profile)
{
    profile_update_call_t *args = arena_new_of(visit->arena, profile_update_call_t);
    list_t photos = matcha_order_photos(&profile->photos, visit->arena);
    photo_t *items = (photo_t *)(uintptr_t)photos.items; /* our own copy */
    if (visit->memo[0] >= photos.count) {
        matcha_deny(visit, ERR_NOT_FOUND, NULL);
        return;
    }
    for (size_t i = visit->memo[0]; i + 1 < photos.count; i++)
        items[i] = items[i + 1];
    args->photos = (list_t){items, photos.count - 1};
    if (photos.count == 1)
        args->clear = SLICE_LIT("photos");
    visit->call = CALL_profile_update;
    visit->args = args;
}

void matcha_show_dropped(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_profile_get)
        s_drop_photo(visit, answer->object);
    else
        matcha_show_ok(visit, answer);
}

/* ---- other people ---- */

err_t matcha_ask_person(visit_t *visit, answer_t *ret_refusal)
{
    const shape_t *shape = call_type(visit->route->call)->shape();
    const field_t *field = shape_field(shape, SLICE_LIT("account"));
    void *args = arena_alloc(visit->arena, shape->size);
    fault_t fault;
    if (codec_set_text(args, field, visit->params[0], visit->arena, &fault) != ERR_OK ||
        slice_is(visit->params[0], "0"))
        return ERR_NOT_FOUND;
    if (visit->route->call == CALL_people_report)
        ((people_report_call_t *)args)->reason = report_reason_FAKE;
    return flask_call(visit, ret_refusal, (call_number_t)visit->route->call, args);
}

err_t matcha_ask_tags(visit_t *visit, answer_t *ret_refusal)
{
    people_tags_call_t *args = arena_new_of(visit->arena, people_tags_call_t);
    args->limit = LIMIT_PEOPLE_PAGE;
    return flask_call(visit, ret_refusal, CALL_people_tags, args);
}

void matcha_show_tags(visit_t *visit, const answer_t *answer)
{
    const tag_list_t *list = answer->object;
    const tag_t *tags = list->tags.items;
    buf_append_byte(visit->body, '[');
    for (size_t i = 0; i < list->tags.count; i++) {
        if (i > 0)
            buf_append_byte(visit->body, ',');
        json_put_text(visit->body, tags[i].name);
    }
    buf_append_byte(visit->body, ']');
}
