/* errand.c - from a call to its answer, and from the last answer to the reply.
 *
 *     call ── pay ─ ask ─> answer ─ show ──┬─> reply
 *      ^                                   │
 *      └── the dialect wants more ─────────┘
 *
 * Files pass by here too: a body that is taken in before the call that names it is made,
 * and one that is given in place of what a dialect writes. */
#include "ws-edge/errand.h"

#include "actors/log.h"
#include "actors/photo.h"
#include "ws-edge/answer.h"
#include "ws-edge/download.h"
#include "ws-edge/hang.h"
#include "ws-edge/pass.h"
#include "ws-edge/upload.h"

/* ---- replies ---- */

static slice_t s_origin(const errand_t *errand)
{
    return slice_new(errand->origin, errand->origin_len);
}

void front_begin_headers(edge_t *edge, slice_t origin, bool secretive)
{
    buf_reset(&edge->headers);
    buf_reset(&edge->body);
    origin_put_headers(&edge->headers, origin);
    if (secretive)
        buf_append_text(&edge->headers,
                        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n");
}

response_t front_response(const edge_t *edge, int status)
{
    return (response_t){
        .status = status,
        .headers = buf_slice(&edge->headers),
        .body = status == 204 || status == 304 ? (slice_t){0} : buf_slice(&edge->body),
    };
}

/* Of what is kept the tag is too. */
static void s_make_tag(const errand_t *errand, slice_t shown, char ret_tag[ETAG_SIZE])
{
    if (errand->page != NULL) {
        memcpy(ret_tag, errand->page->tag, ETAG_SIZE);
        return;
    }
    etag_of(shown, ret_tag);
    if (!errand->keeps)
        return;
    page_t page = {.as_of = errand->as_of, .shown = shown};
    memcpy(page.tag, ret_tag, ETAG_SIZE);
    pages_put(errand->edge->pages, &errand->page_id, &page);
}

/* What can be asked for again gets a tag; who has named it already gets no more than that.
 * Only its reader may keep it, and asks each time whether it still is so. */
static void s_tag(const errand_t *errand, visit_t *visit)
{
    char tag[ETAG_SIZE];
    bool whole = visit->tagged == visit->body->len;
    if (errand->secretive || visit->tagged == 0 || visit->tagged > ETAG_BODY_MAX)
        return; /* shown by a route, from here on */
    if (errand->route->method != METHOD_GET || visit->status != 200)
        return;
    s_make_tag(errand, slice_new(visit->body->data, visit->tagged), tag);
    buf_printf(visit->headers, "ETag: %s\"%s\"\r\nCache-Control: private, no-cache\r\n",
               whole ? "" : "W/", tag);
    if (etag_names(slice_new(errand->match, errand->match_len), slice_of(tag)))
        visit->status = 304;
}

/* What is in an answer is its reader's affair: who says nothing else of it has it kept by none,
 * since a cookie is no sign to a proxy that others are not to see what it is given. */
static void s_keep_private(visit_t *visit)
{
    static const char name[] = "Cache-Control:";
    buf_t *headers = visit->headers;
    if (memmem(headers->data, headers->len, name, sizeof name - 1) == NULL)
        buf_append_text(headers, "Cache-Control: no-store\r\n");
}

static void s_free(errand_t *errand)
{
    for (size_t i = 0; i < VISIT_NOTES; i++)
        buf_free(&errand->notes[i]);
    gallery_destroy(&errand->gallery);
    page_release(&errand->page);
    mem_free(errand);
}

static void s_on_parted(void *ctx, uint64_t tag, const reply_t *reply)
{
    (void)ctx;
    (void)tag;
    (void)reply;
}

/* Close the session that was opened for this request alone; nobody waits for that. */
static void s_part(const errand_t *errand)
{
    const session_close_call_t *args = arena_new_of(errand->edge->arena, session_close_call_t);
    waiter_t waiter = {.answer = s_on_parted, .type = CALL_session_close};
    if (!errand->passing || errand->who.account == 0)
        return;
    if (link_ask(errand->edge->link, errand->who, args, &waiter) != ERR_OK)
        log_warn("edge", "session %llu of account %llu, opened for one request, stays open",
                 (unsigned long long)errand->who.session, (unsigned long long)errand->who.account);
}

static void s_on_begun(void *ctx, err_t err);

void errand_respond(errand_t *errand, visit_t *visit)
{
    edge_t *edge = errand->edge;
    s_part(errand);
    s_tag(errand, visit);
    s_keep_private(visit);
    response_t response = front_response(edge, visit->status);
    response.content_type = visit->content_type;
    if (visit->give != NULL && !errand->head) {
        download_start(edge, errand->exchange, &response, visit->give, s_on_begun, errand);
        return;
    }
    response.size = visit->give != NULL ? visit->give->count : 0;
    exchange_reply(edge->server, errand->exchange, &response);
    s_free(errand);
}

/* A stranger's session will be one that this dialect has issued. */
void errand_be(errand_t *errand, who_t who)
{
    errand->who = who;
    errand->payer.account = who.account;
    if (who.account == 0)
        errand->who.via = errand->dialect->via;
}

visit_t errand_visit(errand_t *errand)
{
    edge_t *edge = errand->edge;
    visit_t visit = {
        .route = errand->route,
        .who = errand->who,
        .hub = edge->hub,
        .arena = edge->arena,
        .sets_cookies = errand->sets_cookies,
        .secure = errand->secure,
        .mask = mint_mask(edge->mint),
        .status = errand->route != NULL && errand->route->status != 0 ? errand->route->status : 200,
        .headers = &edge->headers,
        .body = &edge->body,
    };
    memcpy(visit.memo, errand->memo, sizeof visit.memo);
    for (size_t i = 0; i < VISIT_NOTES; i++)
        visit.notes[i] = buf_slice(&errand->notes[i]);
    front_begin_headers(edge, s_origin(errand), errand->secretive);
    return visit;
}

/* What the dialect wants to remember. */
static void s_keep(errand_t *errand, const visit_t *visit)
{
    errand->passing |= visit->passing;
    if (visit->picture_count > 0)
        errand->gallery = gallery_new(visit->pictures, visit->picture_count);
    memcpy(errand->memo, visit->memo, sizeof errand->memo);
    for (size_t i = 0; i < VISIT_NOTES; i++) {
        if (visit->notes[i].ptr == errand->notes[i].data)
            continue; /* kept already */
        buf_reset(&errand->notes[i]);
        buf_append(&errand->notes[i], visit->notes[i]);
    }
}

void front_put_retry(buf_t *headers, const answer_t *refusal)
{
    if (refusal->retry_after_s > 0)
        buf_printf(headers, "Retry-After: %u\r\n", refusal->retry_after_s);
}

void errand_refuse(errand_t *errand, visit_t *visit, const answer_t *refusal)
{
    edge_refuse(errand->edge, errand->who.account, refusal->status);
    front_put_retry(visit->headers, refusal);
    visit->call = 0;
    errand->dialect->refuse(visit, refusal);
}

/* A file that the room or the profile has and the shelf has not is nobody's mistake but ours. */
static void s_on_begun(void *ctx, err_t err)
{
    errand_t *errand = ctx;
    if (err == ERR_OK) {
        s_free(errand);
        return;
    }
    arena_reset(errand->edge->arena);
    visit_t visit = errand_visit(errand);
    answer_t refusal = answer_refuse(NULL, err == ERR_NOT_FOUND ? ERR_CORRUPT : err, NULL);
    errand_refuse(errand, &visit, &refusal);
    errand_respond(errand, &visit);
}

/* ---- calls ---- */

static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply);

/* If the edge has the page, it is not to be given again while it holds. */
static const void *s_spare_page(errand_t *errand, const visit_t *visit)
{
    const room_history_call_t *wish = visit->args;
    errand->keeps = visit->keeps;
    if (!visit->keeps)
        return wish;
    errand->page_id = (page_id_t){errand->dialect, errand->who.account, wish->room, wish->limit};
    errand->page = pages_take(errand->edge->pages, &errand->page_id);
    if (errand->page == NULL)
        return wish;
    room_history_call_t *spared = arena_new_of(errand->edge->arena, room_history_call_t);
    *spared = *wish;
    spared->known = errand->page->as_of;
    return spared;
}

/* The page that the edge has, or the one that came in its place. */
static void s_use_page(errand_t *errand, answer_t *answer)
{
    const message_list_t *page = answer->object;
    if (errand->page != NULL && page->same)
        answer->shown = errand->page->shown;
    else
        page_release(&errand->page);
}

/* Make the visit's call; what is refused here has not been done. */
static answer_t s_try(errand_t *errand, const visit_t *visit)
{
    edge_t *edge = errand->edge;
    const call_type_t *type = call_type(visit->call);
    waiter_t waiter = {.answer = s_on_answer, .ctx = errand, .type = visit->call};
    if (errand->head && !type->query)
        return answer_refuse(type, ERR_METHOD_NOT_ALLOWED, "HEAD changes nothing: use GET");

    answer_t answer = answer_refuse(type, ERR_TOO_MANY, NULL);
    answer.retry_after_s =
        toll_pay(&edge->toll, &errand->payer, type, visit->args, loop_now_us(edge->loop));
    if (answer.retry_after_s > 0)
        return answer;
    const void *args = s_spare_page(errand, visit);
    err_t err = link_ask(edge->link, errand->who, args, &waiter);
    errand->asked = link_time();
    return answer_refuse(type, err, NULL);
}

static dialect_id_t s_dialect_id(const errand_t *errand)
{
    dialect_id_t id = 0;
    while (dialects[id] != errand->dialect)
        id++;
    return id;
}

static void s_note_post(const errand_t *errand, const message_t *message)
{
    diary_post(errand->edge->diary, &(post_note_t){
                                        .message = message->id,
                                        .account = errand->who.account,
                                        .address = errand->payer.address,
                                        .asked = errand->asked,
                                        .answered = link_time(),
                                        .dialect = (uint8_t)s_dialect_id(errand),
                                    });
}

/* A body on its way to the shelf, and what is to be said of it then. */
typedef struct parcel {
    errand_t *errand;
    uint16_t call; /* file_add or photo_add */
    uint64_t room;
    bool main;
    buf_t text; /* the file's name, or the photo that it replaces */
} parcel_t;

static void s_parcel_free(parcel_t *parcel)
{
    buf_free(&parcel->text);
    mem_free(parcel);
}

static parcel_t *s_parcel(errand_t *errand, const visit_t *visit)
{
    parcel_t *parcel = mem_new(parcel_t);
    parcel->errand = errand;
    parcel->call = visit->call;
    if (visit->call == CALL_photo_add) {
        const photo_add_call_t *photo = visit->args;
        parcel->main = photo->main;
        buf_append(&parcel->text, photo->replaces);
    } else {
        const file_add_call_t *file = visit->args;
        parcel->room = file->room;
        buf_append(&parcel->text, file->file->name);
    }
    return parcel;
}

static const void *s_unpack(const parcel_t *parcel, const kept_t *kept, arena_t *arena)
{
    slice_t text = arena_copy(arena, buf_slice(&parcel->text)), type = slice_of(kept->type);
    file_t *file = arena_new_of(arena, file_t);
    *file = (file_t){.id = slice_of(kept->id), .type = type, .size = kept->size};
    if (parcel->call == CALL_photo_add) {
        photo_add_call_t *photo = arena_new_of(arena, photo_add_call_t);
        file->name = slice_of(photo_name(type));
        *photo = (photo_add_call_t){.file = file, .main = parcel->main, .replaces = text};
        return photo;
    }
    file_add_call_t *add = arena_new_of(arena, file_add_call_t);
    file->name = text;
    *add = (file_add_call_t){parcel->room, file};
    return add;
}

static answer_t s_refuse_parcel(const parcel_t *parcel, err_t err)
{
    bool photo = parcel->call == CALL_photo_add && err == ERR_UNSUPPORTED_TYPE;
    return answer_refuse(call_type(parcel->call), err,
                         photo ? "a photo is a whole JPEG, PNG, GIF or WebP" : NULL);
}

static void s_on_stored(void *ctx, err_t err, const kept_t *kept)
{
    parcel_t *parcel = ctx;
    errand_t *errand = parcel->errand;
    arena_reset(errand->edge->arena);
    visit_t visit = errand_visit(errand);
    if (err == ERR_OK) {
        visit.call = parcel->call;
        visit.args = s_unpack(parcel, kept, visit.arena);
    } else {
        answer_t refusal = s_refuse_parcel(parcel, err);
        errand_refuse(errand, &visit, &refusal);
    }
    s_parcel_free(parcel);
    errand_go_on(errand, &visit);
}

static uint64_t s_announced(const visit_t *visit)
{
    return visit->call == CALL_photo_add ? ((const photo_add_call_t *)visit->args)->file->size
                                         : ((const file_add_call_t *)visit->args)->file->size;
}

/* Have the body stored, before the call is made that names it. */
static answer_t s_take_in(errand_t *errand, const visit_t *visit)
{
    edge_t *edge = errand->edge;
    upload_order_t order = {.account = errand->who.account,
                            .size = s_announced(visit),
                            .photo = visit->call == CALL_photo_add};
    answer_t answer = answer_refuse(call_type(visit->call), ERR_TOO_MANY, NULL);
    answer.retry_after_s =
        toll_pay_upload(&edge->toll, &errand->payer, order.size, loop_now_us(edge->loop));
    if (answer.retry_after_s > 0)
        return answer;
    parcel_t *parcel = s_parcel(errand, visit);
    err_t err = upload_start(edge, errand->exchange, &order, s_on_stored, parcel);
    if (err != ERR_OK)
        s_parcel_free(parcel);
    return answer_refuse(answer.type, err, NULL);
}

static answer_t s_call(errand_t *errand, const visit_t *visit)
{
    const char *detail;
    if (pass_call(&errand->who, visit->call, errand->edge->arena, &detail) != ERR_OK)
        return answer_refuse(call_type(visit->call), ERR_FORBIDDEN, detail);
    if (visit->hang && errand->gallery != NULL)
        return hang_pictures(errand, visit);
    return visit->take_in ? s_take_in(errand, visit) : s_try(errand, visit);
}

void errand_go_on(errand_t *errand, visit_t *visit)
{
    if (visit->call != 0) {
        s_keep(errand, visit);
        answer_t refusal = s_call(errand, visit);
        if (refusal.status == ERR_OK)
            return;
        errand_refuse(errand, visit, &refusal);
    }
    errand_respond(errand, visit);
}

/* A page of Matcha has opened its socket before. */
static void s_bind_socket(const errand_t *errand)
{
    if (errand->who.via == VIA_MATCHA && !errand->passing)
        engine_bind(errand->edge, slice_new(errand->sid, errand->sid_len), errand->who,
                    &errand->caller);
}

/* Whoever has just signed in makes what calls follow. */
static void s_sign_in(errand_t *errand, const signed_in_t *session)
{
    errand->secretive = true;
    if (errand->who.account != 0)
        return;
    errand_be(errand, (who_t){
                          .account = session->account->id,
                          .session = session->session,
                          .via = errand->who.via,
                          .expires = session->expires,
                      });
    s_bind_socket(errand);
}

static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply)
{
    errand_t *errand = ctx;
    edge_t *edge = errand->edge;
    (void)tag;
    arena_reset(edge->arena);
    toll_settle(&edge->toll, &errand->payer, call_type(reply->type), reply->status,
                loop_now_us(edge->loop));
    answer_t answer = answer_read(reply, errand->who, edge->mint, edge->arena);
    if (answer.token.len > 0)
        s_sign_in(errand, answer.object);
    errand->as_of = answer.as_of;
    if (answer.status == ERR_OK && errand->keeps)
        s_use_page(errand, &answer);
    if (answer.status == ERR_OK && reply->type == CALL_room_post)
        s_note_post(errand, answer.object);
    visit_t visit = errand_visit(errand);
    if (answer.status != ERR_OK)
        errand_refuse(errand, &visit, &answer);
    else if (errand->route->show != NULL)
        errand->route->show(&visit, &answer);
    else
        errand->dialect->show(&visit, &answer);
    errand_go_on(errand, &visit);
}
