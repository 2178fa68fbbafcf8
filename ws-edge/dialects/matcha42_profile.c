/* matcha42_profile.c - what people of matcha42 say of themselves: signing up, changing it.
 *
 *     registr       account.register ─ profile.update
 *     save_profile  profile.update; by login and password: session.open ─ profile.update
 *
 * Only what is sent changes, and what is sent empty is emptied.  The profile is looked at
 * before the first call, so that nobody is registered whose profile would be refused; a
 * picture that is sent along is stored once it is known whose it is. */
#include "ws-edge/dialects/matcha42.h"

#include <stdlib.h>

#include "actors/matching/claim.h"
#include "ws-edge/param.h"
#include "ws-edge/picture.h"
#include "ws-edge/present.h"
#include "ws-edge/recall.h"

/* What is kept for the second call. */
typedef enum profile_note { NOTE_PROFILE } profile_note_t;

/* ---- one parameter, one field ---- */

static const struct {
    const char *parameter;
    const char *field; /* of profile.update */
} s_fields[] = {
    {"first_name", "first_name"}, {"last_name", "last_name"},     {"gender", "gender"},
    {"sex", "preference"},        {"description", "description"}, {"age", "age"},
};

static void s_clear(const visit_t *visit, profile_update_call_t *update, const char *field)
{
    update->clear = arena_printf(visit->arena, "%.*s%s%s", SLICE_ARG(update->clear),
                                 update->clear.len > 0 ? " " : "", field);
}

static err_t s_read_field(const visit_t *visit, answer_t *ret_refusal, size_t row,
                          profile_update_call_t *update)
{
    slice_t text;
    fault_t fault = {0};
    err_t err = param_text(visit, s_fields[row].parameter, &text);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err == ERR_OK && text.len == 0) {
        s_clear(visit, update, s_fields[row].field);
        return ERR_OK;
    }
    err = param_field(visit, s_fields[row].parameter, shape_profile_update_call(),
                      s_fields[row].field, update, &fault);
    if (err != ERR_OK)
        ret_refusal->detail = fault_text(&fault, visit->arena);
    return err;
}

/* ---- lists ---- */

enum { WORDS_MAX = 32 }; /* more than any list of a profile takes */

typedef struct words {
    slice_t items[WORDS_MAX];
    size_t count;
    bool present;
} words_t;

static err_t s_add_word(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                        slice_t word, words_t *words)
{
    if (word.len == 0)
        return ERR_OK;
    if (words->count == WORDS_MAX)
        return matcha42_wrong(visit, ret_refusal, parameter, "has too many");
    words->items[words->count++] = word;
    return ERR_OK;
}

/* `"tags":["a","b"]` */
static err_t s_words_of_list(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                             const json_node_t *list, words_t *words)
{
    slice_t word;
    err_t err = ERR_OK;
    words->present = true;
    for (size_t i = 0; err == ERR_OK && i < json_count(list); i++) {
        if (!json_text(json_item(list, i), &word))
            return matcha42_wrong(visit, ret_refusal, parameter, "has one that is no text");
        err = s_add_word(visit, ret_refusal, parameter, word, words);
    }
    return err;
}

/* `image=a&image=b`: every parameter of that name. */
static err_t s_words_of_form(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                             slice_t form, words_t *words)
{
    slice_t name, value;
    err_t err = ERR_OK;
    while (err == ERR_OK && request_query_next(&form, visit->arena, &name, &value) == ERR_OK) {
        if (!slice_is(name, parameter))
            continue;
        words->present = true;
        err = s_add_word(visit, ret_refusal, parameter, value, words);
    }
    return err;
}

/* All values of a parameter: a list's items, or as often as it is given. */
static err_t s_words(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                     words_t *ret_words)
{
    const json_node_t *member = json_member(visit->json, parameter);
    slice_t text;
    *ret_words = (words_t){0};
    if (json_is_array(member))
        return s_words_of_list(visit, ret_refusal, parameter, member, ret_words);
    if (json_text(member, &text)) {
        ret_words->present = true;
        return s_add_word(visit, ret_refusal, parameter, text, ret_words);
    }
    if (member != NULL && !json_is_null(member))
        return matcha42_wrong(visit, ret_refusal, parameter, "is neither a list nor a text");
    err_t err = s_words_of_form(visit, ret_refusal, parameter, visit->form, ret_words);
    if (err == ERR_OK && !ret_words->present)
        err = s_words_of_form(visit, ret_refusal, parameter, visit->request->query, ret_words);
    return err;
}

static slice_t s_trimmed(slice_t text)
{
    while (text.len > 0 && text.ptr[0] == ' ')
        text = slice_from(text, 1);
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* Each value may be several, with commas between. */
static err_t s_split(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                     const words_t *words, words_t *ret_parts)
{
    err_t err = ERR_OK;
    *ret_parts = (words_t){.present = words->present};
    for (size_t i = 0; i < words->count; i++) {
        slice_t rest = words->items[i];
        while (err == ERR_OK && rest.len > 0) {
            const uint8_t *comma = memchr(rest.ptr, ',', rest.len);
            size_t len = comma != NULL ? (size_t)(comma - rest.ptr) : rest.len;
            slice_t part = s_trimmed(slice_new(rest.ptr, len));
            rest = slice_from(rest, comma != NULL ? len + 1 : len);
            err = s_add_word(visit, ret_refusal, parameter, part, ret_parts);
        }
    }
    return err;
}

static err_t s_read_tags(const visit_t *visit, answer_t *ret_refusal, profile_update_call_t *update)
{
    words_t words, tags;
    err_t err = s_words(visit, ret_refusal, "tags", &words);
    if (err == ERR_OK)
        err = s_split(visit, ret_refusal, "tags", &words, &tags);
    if (err != ERR_OK || !tags.present)
        return err;
    tag_t *items = arena_alloc(visit->arena, tags.count * sizeof *items + 1);
    for (size_t i = 0; i < tags.count; i++)
        items[i].name = tags.items[i];
    update->tags = (list_t){items, tags.count};
    if (tags.count == 0)
        s_clear(visit, update, "tags");
    return ERR_OK;
}

/* ---- pictures ---- */

typedef struct images {
    photo_t photos[WORDS_MAX];
    picture_t pictures[LIMIT_PHOTOS];
    file_t stored[LIMIT_PHOTOS];
    size_t picture_count;
} images_t;

/* One that was sent along is shown under the name that it will have. */
static err_t s_read_image(const visit_t *visit, answer_t *ret_refusal, slice_t uri, photo_t *photo,
                          images_t *images)
{
    const char *problem = "has too many";
    picture_t *picture = &images->pictures[images->picture_count];
    photo->url = uri;
    if (!picture_is_data(uri))
        return ERR_OK;
    if (images->picture_count == LIMIT_PHOTOS ||
        picture_read(uri, visit->arena, picture, &problem) != ERR_OK)
        return matcha42_wrong(visit, ret_refusal, "image", problem);
    photo->url = picture->url;
    images->stored[images->picture_count++] = picture->file;
    return ERR_OK;
}

static err_t s_read_images(visit_t *visit, answer_t *ret_refusal, profile_update_call_t *update)
{
    words_t uris;
    images_t *images = arena_new_of(visit->arena, images_t);
    err_t err = s_words(visit, ret_refusal, "image", &uris);
    for (size_t i = 0; err == ERR_OK && i < uris.count; i++)
        err = s_read_image(visit, ret_refusal, uris.items[i], &images->photos[i], images);
    if (err != ERR_OK || !uris.present)
        return err;
    update->photos = (list_t){images->photos, uris.count};
    update->stored = (list_t){images->stored, images->picture_count};
    visit->pictures = images->pictures;
    visit->picture_count = images->picture_count;
    if (uris.count == 0)
        s_clear(visit, update, "photos");
    return ERR_OK;
}

/* Pages show a picture by an address alone, which says who was shown it: portrait.h. */
err_t matcha42_ask_picture(visit_t *visit, answer_t *ret_refusal)
{
    photo_show_call_t *show = arena_new_of(visit->arena, photo_show_call_t);
    show->name = visit->params[0];
    present_note(visit, show->name.len > LIMIT_FILE_ID ? slice_new(show->name.ptr, LIMIT_FILE_ID)
                                                       : (slice_t){0});
    return matcha42_call(visit, ret_refusal, CALL_photo_show, show);
}

void matcha42_show_picture(visit_t *visit, const answer_t *answer)
{
    present_file(visit, answer->object, PRESENT_PORTRAIT);
}

/* ---- the place ---- */

/* Degrees at the start of a text, in millionths; false beyond `max`. */
static bool s_degrees(const char *text, double max, char **ret_end, int64_t *ret_micro)
{
    static const double micro = 1e6;
    double degrees = strtod(text, ret_end);
    if (*ret_end == text || !(degrees >= -max && degrees <= max)) /* as NaN is not */
        return false;
    *ret_micro = (int64_t)(degrees * micro + (degrees < 0 ? -0.5 : 0.5));
    return true;
}

/* `lat,lon` */
static err_t s_read_gps(const visit_t *visit, answer_t *ret_refusal, profile_update_call_t *update)
{
    slice_t text;
    char *end;
    err_t err = param_text(visit, "gps", &text);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err == ERR_OK && text.len == 0) {
        s_clear(visit, update, "position");
        return ERR_OK;
    }
    const char *place = err == ERR_OK ? (const char *)arena_copy(visit->arena, text).ptr : "";
    if (!s_degrees(place, 90, &end, &update->lat) || *end != ',' ||
        !s_degrees(end + 1, 180, &end, &update->lon) || *end != '\0')
        return matcha42_wrong(visit, ret_refusal, "gps", "is no `latitude,longitude`");
    return ERR_OK;
}

/* ---- the profile ---- */

/* The document's name of a field of profile.update. */
static const char *s_parameter(const char *field)
{
    if (strcmp(field, "photos") == 0)
        return "image";
    for (size_t i = 0; i < COUNT_OF(s_fields); i++)
        if (strcmp(s_fields[i].field, field) == 0)
            return s_fields[i].parameter;
    return field;
}

static err_t s_check_profile(const visit_t *visit, answer_t *ret_refusal,
                             const profile_update_call_t *update)
{
    fault_t fault = {0};
    profile_t profile = {0};
    err_t err = codec_check(shape_profile_update_call(), update, &fault);
    if (err == ERR_OK)
        err = claim_take(update, visit->arena, &profile, &fault);
    if (err == ERR_OK)
        return ERR_OK;
    return matcha42_wrong(visit, ret_refusal, s_parameter(fault.field), fault.problem);
}

static err_t s_read_profile(visit_t *visit, answer_t *ret_refusal,
                            profile_update_call_t *ret_update)
{
    err_t err = ERR_OK;
    *ret_update = (profile_update_call_t){0};
    for (size_t i = 0; err == ERR_OK && i < COUNT_OF(s_fields); i++)
        err = s_read_field(visit, ret_refusal, i, ret_update);
    if (err == ERR_OK)
        err = s_read_tags(visit, ret_refusal, ret_update);
    if (err == ERR_OK)
        err = s_read_images(visit, ret_refusal, ret_update);
    if (err == ERR_OK)
        err = s_read_gps(visit, ret_refusal, ret_update);
    return err == ERR_OK ? s_check_profile(visit, ret_refusal, ret_update) : err;
}

/* Behind the call that says who is asking, the profile's own. */
static void s_keep_profile(visit_t *visit, const profile_update_call_t *update)
{
    recall_keep(visit, NOTE_PROFILE, shape_profile_update_call(), update);
}

static void s_call_update(visit_t *visit)
{
    visit->call = CALL_profile_update;
    visit->args = recall(visit, NOTE_PROFILE, shape_profile_update_call());
    visit->hang = true;
}

/* ---- signing up ---- */

static err_t s_read_mail(const visit_t *visit, answer_t *ret_refusal, slice_t *ret_mail)
{
    if (param_text(visit, "email", ret_mail) == ERR_OK && ret_mail->len > 0)
        return ERR_OK;
    return matcha42_text(visit, ret_refusal, "mail", ret_mail);
}

static err_t s_read_account(const visit_t *visit, answer_t *ret_refusal,
                            account_register_call_t *account)
{
    slice_t name;
    err_t err = matcha42_text(visit, ret_refusal, "login", &account->login);
    if (err == ERR_OK)
        err = s_read_mail(visit, ret_refusal, &account->email);
    if (err == ERR_OK)
        err = matcha42_secret(visit, ret_refusal, "password", &account->password);
    if (err == ERR_OK)
        err = matcha42_text(visit, ret_refusal, "first_name", &name);
    if (err == ERR_OK)
        err = matcha42_text(visit, ret_refusal, "last_name", &name);
    return err;
}

err_t matcha42_ask_register(visit_t *visit, answer_t *ret_refusal)
{
    account_register_call_t *account = arena_new_of(visit->arena, account_register_call_t);
    profile_update_call_t update;
    err_t err = s_read_account(visit, ret_refusal, account);
    if (err == ERR_OK)
        err = s_read_profile(visit, ret_refusal, &update);
    if (err != ERR_OK)
        return err;
    s_keep_profile(visit, &update);
    visit->passing = true;
    return matcha42_call(visit, ret_refusal, CALL_account_register, account);
}

static void s_begin_registered(visit_t *visit)
{
    buf_append_text(visit->body, "{\"status\":\"ok\"");
    matcha42_put_id(visit->body, "user_id", visit->who.account);
}

void matcha42_show_registered(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_account_register) {
        s_call_update(visit);
        return;
    }
    s_begin_registered(visit);
    buf_append_byte(visit->body, '}');
}

bool matcha42_is_registered(visit_t *visit, const answer_t *refusal)
{
    bool late = refusal->type != NULL && refusal->type->number == CALL_profile_update;
    if (!late || visit->route->call != CALL_account_register)
        return false;
    s_begin_registered(visit);
    matcha42_put_text(visit->body, "warning", SLICE_LIT("the profile is not saved: save it again"));
    buf_append_byte(visit->body, '}');
    return true;
}

/* ---- changing it ---- */

err_t matcha42_ask_save(visit_t *visit, answer_t *ret_refusal)
{
    profile_update_call_t *update = arena_new_of(visit->arena, profile_update_call_t);
    err_t err = s_read_profile(visit, ret_refusal, update);
    if (err != ERR_OK)
        return err;
    visit->hang = visit->who.account != 0;
    if (visit->hang)
        return matcha42_call(visit, ret_refusal, CALL_profile_update, update);
    s_keep_profile(visit, update);
    visit->passing = true;
    return matcha42_ask_login(visit, ret_refusal);
}

void matcha42_show_saved(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_session_open)
        s_call_update(visit);
    else
        matcha42_show_done(visit, answer);
}
