#include "tools/kith/into/atlas.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "actors/crypto.h"
#include "schema/map.h"
#include "schema/mem.h"
#include "schema/text.h"

enum {
    PASSWORD_BYTES = 15, /* of randomness, in hex */
    NUMBER_MAX = 21,     /* bytes of "-" and an account */
};

/* A time so far ahead is for good. */
#define FAR_US (INT64_C(1000) * 24 * 3600 * 1000000)

struct atlas {
    atlas_plan_t plan;
    map_t *stand_ins; /* by account */
    map_t *venues;    /* by room */
    map_t *messages;  /* by room: a map of sequences */
};

atlas_t *atlas_new(const atlas_plan_t *plan)
{
    atlas_t *atlas = mem_new(atlas_t);
    *atlas = (atlas_t){*plan, map_new(), map_new(), map_new()};
    return atlas;
}

static void s_forget(stand_in_t *stand_in)
{
    mem_free(stand_in->name);
    mem_free(stand_in->login);
    mem_free(stand_in->username);
    mem_free(stand_in->email);
    mem_free(stand_in->password);
    mem_free(stand_in->next_password);
    mem_free(stand_in->token);
    mem_free(stand_in);
}

void atlas_destroy(atlas_t **atlas_p)
{
    atlas_t *atlas = TAKE(*atlas_p);
    uint64_t key;
    void *value;
    if (atlas == NULL)
        return;
    for (size_t at = 0; map_next(atlas->stand_ins, &at, &key, &value);)
        s_forget(value);
    for (size_t at = 0; map_next(atlas->venues, &at, &key, &value);)
        mem_free(value);
    for (size_t at = 0; map_next(atlas->messages, &at, &key, &value);)
        map_destroy((map_t **)&value);
    map_destroy(&atlas->stand_ins);
    map_destroy(&atlas->venues);
    map_destroy(&atlas->messages);
    mem_free(atlas);
}

void atlas_count(const atlas_t *atlas, uint64_t *ret_accounts, uint64_t *ret_rooms)
{
    uint64_t key;
    void *value;
    *ret_accounts = *ret_rooms = 0;
    for (size_t at = 0; map_next(atlas->stand_ins, &at, &key, &value);)
        *ret_accounts += ((const stand_in_t *)value)->there;
    for (size_t at = 0; map_next(atlas->venues, &at, &key, &value);)
        *ret_rooms += ((const venue_t *)value)->known;
}

/* ---- accounts ---- */

static char *s_copy(slice_t text)
{
    char *copy = mem_zeroed(text.len + 1);
    memcpy(copy, text.ptr, text.len);
    return copy;
}

stand_in_t *atlas_stand_in(atlas_t *atlas, uint64_t account)
{
    stand_in_t *stand_in = map_get(atlas->stand_ins, account);
    if (stand_in != NULL)
        return stand_in;
    stand_in = mem_new(stand_in_t);
    stand_in->original = account;
    map_put(atlas->stand_ins, account, stand_in);
    return stand_in;
}

/* The name behind the prefix; one that is too long keeps its beginning, and the account's
 * number keeps it apart from others. */
static char *s_name(const atlas_t *atlas, slice_t name, size_t characters_max, uint64_t account)
{
    size_t prefix = strlen(atlas->plan.prefix);
    char number[NUMBER_MAX + 1] = "";
    if (prefix + text_length(name) > characters_max)
        snprintf(number, sizeof number, "-%" PRIu64, account);
    size_t room = characters_max - prefix - strlen(number);
    slice_t kept = text_cut(name, room);
    while (kept.len > 0 && number[0] != '\0' && kept.ptr[kept.len - 1] == ' ')
        kept.len--;
    char *made = mem_zeroed(prefix + kept.len + strlen(number) + 1);
    sprintf(made, "%s%.*s%s", atlas->plan.prefix, SLICE_ARG(kept), number);
    return made;
}

/* `change` tells the later addresses of one account apart. */
static char *s_email(const atlas_t *atlas, uint64_t account, uint64_t change)
{
    char email[ATLAS_PREFIX_MAX + 64];
    snprintf(email, sizeof email, "%s%" PRIu64 ".%" PRIu64 "@replay.example", atlas->plan.prefix,
             account, change);
    return mem_text(email);
}

const char *atlas_next_password(stand_in_t *stand_in)
{
    uint8_t bytes[PASSWORD_BYTES];
    buf_t hex = {0};
    if (stand_in->next_password != NULL)
        return stand_in->next_password;
    crypto_random(bytes, sizeof bytes);
    crypto_hex(&hex, slice_new(bytes, sizeof bytes));
    stand_in->next_password = s_copy(buf_slice(&hex));
    buf_free(&hex);
    return stand_in->next_password;
}

void atlas_take_password(stand_in_t *stand_in)
{
    mem_free(stand_in->password);
    stand_in->password = TAKE(stand_in->next_password);
}

void atlas_introduce(atlas_t *atlas, uint64_t account, slice_t login, slice_t username,
                     bool has_email)
{
    stand_in_t *stand_in = atlas_stand_in(atlas, account);
    if (stand_in->name != NULL)
        return;
    stand_in->name = s_copy(login);
    stand_in->login = s_name(atlas, login, LIMIT_USERNAME, account); /* in some dialects one name */
    stand_in->username = s_name(atlas, username, LIMIT_USERNAME, account);
    stand_in->email = s_email(atlas, account, 0);
    stand_in->has_email = has_email;
    (void)atlas_next_password(stand_in);
    atlas_take_password(stand_in);
}

void atlas_sign_in(stand_in_t *stand_in, slice_t token)
{
    mem_free(stand_in->token);
    stand_in->token = token.len > 0 ? s_copy(token) : NULL;
}

/* ---- rooms and messages ---- */

venue_t *atlas_venue(atlas_t *atlas, uint64_t room)
{
    venue_t *venue = map_get(atlas->venues, room);
    if (venue == NULL) {
        venue = mem_new(venue_t);
        map_put(atlas->venues, room, venue);
    }
    return venue;
}

void atlas_learn_room(atlas_t *atlas, uint64_t room, uint64_t id, slice_t gid)
{
    venue_t *venue = atlas_venue(atlas, room);
    venue->id = id;
    venue->known = true;
    if (gid.len == ATLAS_GID_SIZE)
        memcpy(venue->gid, gid.ptr, gid.len);
}

void atlas_learn_message(atlas_t *atlas, uint64_t room, uint64_t seq, uint64_t seq_there)
{
    map_t *messages = map_get(atlas->messages, room);
    if (messages == NULL)
        map_put(atlas->messages, room, messages = map_new());
    map_put(messages, seq, (void *)(uintptr_t)seq_there);
}

uint64_t atlas_message(const atlas_t *atlas, uint64_t room, uint64_t seq)
{
    const map_t *messages = map_get(atlas->messages, room);
    return messages != NULL ? (uintptr_t)map_get(messages, seq) : 0;
}

/* ---- texts ---- */

/* A letter of as many bytes, so that texts weigh what they weighed; spaces stay. */
static void s_put_filler(buf_t *out, slice_t text)
{
    static const char *const letters[] = {"", "x", "ø", "字", "🙂"};
    for (size_t at = 0, len; at < text.len; at += len) {
        uint32_t point;
        len = text_decode(slice_from(text, at), &point);
        if (len == 0)
            return;
        if (point <= ' ')
            buf_append_byte(out, text.ptr[at]);
        else
            buf_append_text(out, letters[len]);
    }
}

static void s_put(const atlas_t *atlas, buf_t *out, slice_t text)
{
    if (atlas->plan.filler)
        s_put_filler(out, text);
    else
        buf_append(out, text);
}

/* Whose login the text begins with: the longest of them. */
static const stand_in_t *s_mentioned(atlas_t *atlas, slice_t text, ids_t accounts)
{
    const stand_in_t *found = NULL;
    for (size_t i = 0; i < accounts.count; i++) {
        const stand_in_t *other = atlas_stand_in(atlas, accounts.items[i]);
        size_t len = other->name != NULL ? strlen(other->name) : 0;
        if (len > 0 && len <= text.len &&
            strncasecmp((const char *)text.ptr, other->name, len) == 0 &&
            (found == NULL || len > strlen(found->name)))
            found = other;
    }
    return found;
}

slice_t atlas_text(atlas_t *atlas, slice_t text, ids_t accounts, arena_t *arena)
{
    buf_t out = {0};
    slice_t rest = text;
    for (const uint8_t *sign; (sign = memchr(rest.ptr, '@', rest.len)) != NULL;) {
        size_t at = (size_t)(sign - rest.ptr);
        const stand_in_t *other = s_mentioned(atlas, slice_from(rest, at + 1), accounts);
        s_put(atlas, &out, slice_new(rest.ptr, at + (other == NULL)));
        if (other != NULL)
            buf_printf(&out, "@%s", other->login);
        rest = slice_from(rest, at + 1 + (other != NULL ? strlen(other->name) : 0));
        if (rest.len == 0)
            break;
    }
    s_put(atlas, &out, rest);
    slice_t made = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return made;
}

/* ---- arguments ---- */

typedef struct mapping {
    atlas_t *atlas;
    const deed_t *deed;
    int64_t now;
    arena_t *arena;
    const char *why;
} mapping_t;

static void s_map_account(mapping_t *mapping, uint64_t *account)
{
    if (*account == 0)
        return;
    const stand_in_t *stand_in = atlas_stand_in(mapping->atlas, *account);
    if (!stand_in->there)
        mapping->why = "the person is not on the target";
    *account = stand_in->id;
}

/* Where a room is known by other things than its id, that is 0 and nobody looks at it. */
static void s_map_room(mapping_t *mapping, uint64_t *room)
{
    const venue_t *venue = atlas_venue(mapping->atlas, *room);
    if (!venue->known)
        mapping->why = "the room is not on the target";
    *room = venue->id;
}

static void s_map_message(mapping_t *mapping, uint64_t *seq)
{
    *seq = atlas_message(mapping->atlas, mapping->deed->room, *seq);
    if (*seq == 0)
        mapping->why = "the message is not on the target";
}

/* What a message answers may not have been played; it is said all the same. */
static void s_map_mention_of(mapping_t *mapping, uint64_t *seq)
{
    *seq = atlas_message(mapping->atlas, mapping->deed->room, *seq);
}

static const struct {
    const char *field;
    void (*map)(mapping_t *mapping, uint64_t *number);
} s_numbers[] = {
    {"account", s_map_account},     {"room", s_map_room},         {"seq", s_map_message},
    {"reply_to", s_map_mention_of}, {"thread", s_map_mention_of},
};

/* Texts that people wrote. */
static const char *const s_texts[] = {"text",        "name",       "topic",     "reason",
                                      "description", "first_name", "last_name", "city"};

static void s_map_number(mapping_t *mapping, const field_t *field, uint64_t *number)
{
    for (size_t i = 0; i < COUNT_OF(s_numbers); i++)
        if (strcmp(s_numbers[i].field, field->name) == 0)
            s_numbers[i].map(mapping, number);
}

static void s_map_text(mapping_t *mapping, const field_t *field, slice_t *text)
{
    for (size_t i = 0; i < COUNT_OF(s_texts); i++)
        if (text->len > 0 && strcmp(s_texts[i], field->name) == 0)
            *text =
                text_cut(atlas_text(mapping->atlas, *text, mapping->deed->mentions, mapping->arena),
                         field->max);
}

static void s_map_time(mapping_t *mapping, int64_t *time)
{
    int64_t ahead = *time - mapping->deed->time;
    if (*time > 0)
        *time = ahead > FAR_US ? 0 : mapping->now + ahead;
}

static void s_map_field(mapping_t *mapping, const field_t *field, void *at)
{
    if (field->kind == KIND_U64)
        s_map_number(mapping, field, at);
    else if (field->kind == KIND_STR)
        s_map_text(mapping, field, at);
    else if (field->kind == KIND_TIME)
        s_map_time(mapping, at);
}

/* What has no id of its own: a message gets a client id, so that a retry is one message. */
static void s_map_names(mapping_t *mapping, void *args)
{
    atlas_t *atlas = mapping->atlas;
    const deed_t *deed = mapping->deed;
    stand_in_t *doer = atlas_stand_in(atlas, deed->doer);
    if (deed->call == CALL_account_register) {
        account_register_call_t *call = args;
        call->login = slice_of(doer->login);
        call->username = slice_of(doer->username);
        call->email = slice_of(doer->has_email ? doer->email : NULL);
    } else if (deed->call == CALL_session_open) {
        ((session_open_call_t *)args)->login = slice_of(doer->login);
    } else if (deed->call == CALL_account_rename) {
        slice_t *name = &((account_rename_call_t *)args)->username;
        char *made = s_name(atlas, *name, LIMIT_USERNAME, deed->doer);
        *name = arena_copy(mapping->arena, slice_of(made));
        mem_free(made);
    } else if (deed->call == CALL_email_change && ((email_change_call_t *)args)->email.len > 0) {
        char *email = s_email(atlas, deed->doer, deed->record);
        ((email_change_call_t *)args)->email = arena_copy(mapping->arena, slice_of(email));
        mem_free(email);
    }
}

static void s_map_client_id(mapping_t *mapping, const shape_t *shape, uint8_t *args)
{
    const field_t *field = shape_field(shape, SLICE_LIT("client_id"));
    slice_t *client_id = field != NULL ? (slice_t *)(void *)(args + field->offset) : NULL;
    if (client_id != NULL && client_id->len == 0)
        *client_id = arena_printf(mapping->arena, "replay-%" PRIu64, mapping->deed->record);
}

const void *atlas_args(atlas_t *atlas, const deed_t *deed, int64_t now, arena_t *arena,
                       const char **ret_why)
{
    const shape_t *shape = call_type((uint16_t)deed->call)->shape();
    mapping_t mapping = {atlas, deed, now, arena, NULL};
    uint8_t *args = arena_alloc(arena, shape->size + 1);
    memcpy(args, deed->args, shape->size);
    for (size_t i = 0; i < shape->count && mapping.why == NULL; i++)
        s_map_field(&mapping, &shape->fields[i], args + shape->fields[i].offset);
    s_map_names(&mapping, args);
    s_map_client_id(&mapping, shape, args);
    *ret_why = mapping.why;
    return mapping.why == NULL ? args : NULL;
}
