/* matcha_sio.c - Matcha's Socket.IO (document 000), in the namespace /api/socket.
 *
 *     connect_logged_user  proves nothing: who one is, a request's cookie has said
 *     join                 room.get, and hear it
 *     message              room.post, with what else the client says
 *     manage_notification  what the matching actor does
 *
 * Clients name themselves by their login, which must be the account's.  It is asked for
 * once somebody is there, and what they say meanwhile waits; so does what they say while
 * they are joining, that they may hear it themselves.  The document has no refusals: we
 * send an event `refused` that its clients pass over and people who look can see.
 *
 * Sign-out leaves the connection: it is nobody's then, and may be somebody's again. */
#include "ws-edge/dialects/matcha.h"

#include "schema/text.h"
#include "ws-edge/extra.h"

static const char s_nsp[] = "/api/socket";

enum { WAITING_BYTES_MAX = 64 * 1024, LOGIN_BYTES_MAX = LIMIT_LOGIN * 4 };

typedef struct page {
    uint64_t account; /* whose `login` it is */
    size_t login_len; /* 0: not known yet */
    uint8_t login[LOGIN_BYTES_MAX];
    unsigned joining; /* rooms that it is about to hear */
    buf_t waiting;    /* what was said meanwhile: JSON arrays, each behind its length */
} page_t;

/* What a call was made for, as its tag. */
typedef enum errand_kind { ERRAND_LOGIN, ERRAND_JOIN, ERRAND_OTHER } errand_kind_t;

static void s_free(void *state)
{
    page_t *page = state;
    buf_free(&page->waiting);
}

/* ---- frames ---- */

static void s_begin(buf_t *out, const char *name)
{
    buf_append_text(out, "42");
    buf_append_text(out, s_nsp);
    buf_append_text(out, ",[\"");
    buf_append_text(out, name);
    buf_append_text(out, "\",");
}

static void s_refuse(talk_t *talk, err_t err)
{
    s_begin(talk->out, "refused");
    buf_append_text(talk->out, "{\"message\":");
    json_put_text(talk->out, slice_of(err_info(err)->sentence));
    buf_append_text(talk->out, "}]");
    talk->verbs->send(talk);
}

/* ---- reading ---- */

/* Decimal, as a number or a text. */
static bool s_id(const json_node_t *node, uint64_t *ret_id)
{
    enum { DIGITS_MAX = 16 };
    slice_t text;
    bool read =
        json_u64(node, ret_id) || (json_text(node, &text) && text_number(text, DIGITS_MAX, ret_id));
    return read && *ret_id > 0;
}

static slice_t s_login(const page_t *page)
{
    return slice_new(page->login, page->login_len);
}

/* Whether `author` is who is there. */
static bool s_is_author(const talk_t *talk, const json_node_t *said)
{
    slice_t author;
    return json_text(json_member(said, "author"), &author) &&
           slice_eq(author, s_login(talk->state));
}

static void s_call(talk_t *talk, call_number_t call, const void *args, errand_kind_t kind)
{
    const call_type_t *type = call_type((uint16_t)call);
    fault_t fault = {0};
    if (codec_check(type->shape(), args, &fault) == ERR_OK)
        talk->verbs->call(talk, type, args, kind);
    else
        s_refuse(talk, ERR_INVALID);
}

/* ---- what is said ---- */

static void s_connect_logged_user(talk_t *talk, const json_node_t *said)
{
    uint64_t account;
    if (!s_id(said, &account) || account != talk->who.account)
        s_refuse(talk, ERR_FORBIDDEN);
}

static void s_join(talk_t *talk, const json_node_t *said)
{
    room_get_call_t get = {0};
    if (!s_id(said, &get.room)) {
        s_refuse(talk, ERR_INVALID);
        return;
    }
    ((page_t *)talk->state)->joining++;
    s_call(talk, CALL_room_get, &get, ERRAND_JOIN);
}

/* As the client has it: a text, or a number's digits. */
static slice_t s_time(const talk_t *talk, const json_node_t *said)
{
    slice_t time = {0};
    int64_t number;
    const json_node_t *date = json_member(said, "creation_date");
    if (date != NULL && !json_text(date, &time) && json_i64(date, &number))
        time = arena_printf(talk->arena, "%lld", (long long)number);
    return time;
}

static const char *const s_known[] = {"text", "chat_id", "author", "creation_date", "type", NULL};

static void s_message(talk_t *talk, const json_node_t *said)
{
    room_post_call_t post = {0};
    if (!s_is_author(talk, said)) {
        s_refuse(talk, ERR_FORBIDDEN);
        return;
    }
    if (!s_id(json_member(said, "chat_id"), &post.room) ||
        !json_text(json_member(said, "text"), &post.text)) {
        s_refuse(talk, ERR_INVALID);
        return;
    }
    post.client_time = s_time(talk, said);
    post.extra = extra_take(said, s_known, talk->arena);
    s_call(talk, CALL_room_post, &post, ERRAND_OTHER);
}

/* What a notification really does; all calls are about one `account`. */
static const struct {
    const char *type;
    call_number_t call;
} s_deeds[] = {
    {"history", CALL_people_visit},
    {"like", CALL_people_like},
    {"dislike", CALL_people_unlike},
    {"fake", CALL_people_report},
};

static void s_do(talk_t *talk, call_number_t call, slice_t account)
{
    const shape_t *shape = call_type((uint16_t)call)->shape();
    const field_t *field = shape_field(shape, SLICE_LIT("account"));
    void *args = arena_alloc(talk->arena, shape->size);
    fault_t fault = {0};
    if (codec_set_text(args, field, account, talk->arena, &fault) != ERR_OK) {
        s_refuse(talk, ERR_INVALID);
        return;
    }
    if (call == CALL_people_report)
        ((people_report_call_t *)args)->reason = report_reason_FAKE;
    s_call(talk, call, args, ERRAND_OTHER);
}

static void s_manage_notification(talk_t *talk, const json_node_t *said)
{
    uint64_t partner = 0;
    slice_t type = {0};
    if (!s_is_author(talk, said)) {
        s_refuse(talk, ERR_FORBIDDEN);
        return;
    }
    (void)json_text(json_member(said, "type"), &type);
    (void)s_id(json_member(said, "partner_id"), &partner); /* 0 is nobody, and refused */
    for (size_t i = 0; i < COUNT_OF(s_deeds); i++)
        if (slice_is(type, s_deeds[i].type)) {
            s_do(talk, s_deeds[i].call,
                 arena_printf(talk->arena, "%llu", (unsigned long long)partner));
            return;
        }
    s_refuse(talk, ERR_INVALID);
}

static const struct {
    const char *name;
    void (*hear)(talk_t *talk, const json_node_t *said);
} s_events[] = {
    {"connect_logged_user", s_connect_logged_user},
    {"join", s_join},
    {"message", s_message},
    {"manage_notification", s_manage_notification},
};

static void s_hear(talk_t *talk, const json_node_t *args)
{
    slice_t name = {0};
    (void)json_text(json_item(args, 0), &name);
    for (size_t i = 0; i < COUNT_OF(s_events); i++)
        if (slice_is(name, s_events[i].name)) {
            s_events[i].hear(talk, json_item(args, 1));
            return;
        }
    s_refuse(talk, ERR_UNKNOWN_TYPE);
}

/* ---- who is there ---- */

static void s_keep(talk_t *talk, const json_node_t *args)
{
    page_t *page = talk->state;
    buf_t text = {0};
    json_put_node(&text, args);
    size_t len = text.len;
    if (page->waiting.len + sizeof len + len <= WAITING_BYTES_MAX) {
        buf_append(&page->waiting, slice_new(&len, sizeof len));
        buf_append(&page->waiting, buf_slice(&text));
    } else {
        s_refuse(talk, ERR_UNAVAILABLE);
    }
    buf_free(&text);
}

static bool s_is_ready(const page_t *page)
{
    return page->login_len > 0 && page->joining == 0;
}

/* What is said there may make the rest wait again. */
static void s_hear_kept(talk_t *talk)
{
    page_t *page = talk->state;
    buf_t waiting = page->waiting;
    slice_t rest = buf_slice(&waiting);
    page->waiting = (buf_t){0};
    while (rest.len > 0 && s_is_ready(page)) {
        size_t len;
        const json_node_t *args = NULL;
        memcpy(&len, rest.ptr, sizeof len);
        if (json_parse(slice_new(rest.ptr + sizeof len, len), &args) == ERR_OK)
            s_hear(talk, args);
        json_free(&args);
        rest = slice_from(rest, sizeof len + len);
    }
    buf_append(&page->waiting, rest);
    buf_free(&waiting);
}

static void s_joined(talk_t *talk)
{
    ((page_t *)talk->state)->joining--;
    s_hear_kept(talk);
}

/* Begin to find out the login, if that is not known or under way. */
static void s_meet(talk_t *talk)
{
    page_t *page = talk->state;
    account_get_call_t get = {.account = talk->who.account};
    if (page->account == talk->who.account)
        return;
    page->account = talk->who.account;
    page->login_len = 0;
    s_call(talk, CALL_account_get, &get, ERRAND_LOGIN);
}

static void s_utter(talk_t *talk, const utterance_t *utterance)
{
    page_t *page = talk->state;
    if (talk->who.account == 0) {
        s_refuse(talk, ERR_UNAUTHENTICATED);
        return;
    }
    s_meet(talk);
    if (s_is_ready(page))
        s_hear(talk, utterance->args);
    else
        s_keep(talk, utterance->args);
}

static void s_met(talk_t *talk, const answer_t *answer)
{
    page_t *page = talk->state;
    if (answer->status != ERR_OK) {
        page->account = 0; /* asked again with what is said next */
        buf_reset(&page->waiting);
        s_refuse(talk, answer->status);
        return;
    }
    slice_t login = ((const account_t *)answer->object)->login;
    page->login_len = login.len < sizeof page->login ? login.len : sizeof page->login;
    memcpy(page->login, login.ptr, page->login_len);
    s_hear_kept(talk);
}

static void s_reply(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    if (tag == ERRAND_LOGIN) {
        s_met(talk, answer);
        return;
    }
    if (answer->status != ERR_OK)
        s_refuse(talk, answer->status);
    if (tag == ERRAND_JOIN && answer->status == ERR_OK)
        talk->verbs->hear(talk, ((const room_t *)answer->object)->id, 0);
    else if (tag == ERRAND_JOIN)
        s_joined(talk);
}

static void s_heard(talk_t *talk, uint64_t tag)
{
    (void)tag;
    s_joined(talk);
}

/* It is nobody's then, and not closed. */
static void s_ended(talk_t *talk)
{
    page_t *page = talk->state;
    page->account = 0;
    page->login_len = 0;
    page->joining = 0;
    buf_reset(&page->waiting);
}

/* ---- what happens ---- */

static void s_put_message(const message_t *message, buf_t *out)
{
    s_begin(out, "receive_message");
    buf_append_text(out, "{\"type\":\"message\",\"text\":");
    json_put_text(out, message->text);
    buf_append_text(out, ",\"chat_id\":");
    json_put_u64(out, message->room);
    buf_append_text(out, ",\"author\":");
    json_put_text(out, message->login);
    buf_append_text(out, ",\"creation_date\":");
    if (message->client_time.len > 0)
        json_put_text(out, message->client_time);
    else
        matcha_put_time(out, message->time);
    extra_put(out, message->extra, s_known);
    buf_append_text(out, "}]");
}

/* The document's strings: of whom, what, and perhaps its text.  For the other kinds it has
 * no words. */
static const struct {
    notice_kind_t kind;
    bool names, quotes;
    const char *words;
} s_notices[] = {
    {notice_kind_MESSAGE, .names = true, .words = ": ", .quotes = true},
    {notice_kind_NOTE, .names = true, .words = ": ", .quotes = true},
    {notice_kind_LIKE, .names = true, .words = " liked you"},
    {notice_kind_UNLIKE, .names = true, .words = " disliked you"},
    {notice_kind_VISIT, .names = true, .words = " has visited your profile"},
    {notice_kind_FAKE, .words = "You are blocked"},
};

static bool s_put_notice(const notified_event_t *notice, buf_t *out)
{
    buf_t sentence = {0};
    size_t i = 0;
    while (i < COUNT_OF(s_notices) && s_notices[i].kind != notice->kind)
        i++;
    if (i == COUNT_OF(s_notices))
        return false;
    if (s_notices[i].names)
        buf_append(&sentence, notice->from_login);
    buf_append_text(&sentence, s_notices[i].words);
    if (s_notices[i].quotes)
        buf_append(&sentence, notice->text);
    s_begin(out, "notification");
    json_put_text(out, buf_slice(&sentence));
    buf_append_byte(out, ']');
    buf_free(&sentence);
    return true;
}

static bool s_event(const event_t *event, const void *state, buf_t *out)
{
    (void)state;
    if (event->type->number == EVENT_notified)
        return s_put_notice(event->object, out);
    if (event->type->number != EVENT_room_posted)
        return false;
    s_put_message(((const room_posted_event_t *)event->object)->message, out);
    return true;
}

const dialect_t matcha_sio_dialect = {
    .name = "matcha.socketio",
    .cookie = "session",
    .nsp = s_nsp,
    .hears = HEARS_PICKED,
    .state_size = sizeof(page_t),
    .state_free = s_free,
    .utter = s_utter,
    .reply = s_reply,
    .heard = s_heard,
    .ended = s_ended,
    .event = s_event,
};
