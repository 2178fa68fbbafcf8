/* tongue.c - what the tongues share: requests, what a status means, members of JSON. */
#include "tools/kith/into/tongue.h"

#include <stdarg.h>
#include <stdio.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "schema/text.h"

static const tongue_t *const s_tongues[] = {
    &tongue_native,      &tongue_rest,  &tongue_matcha,   &tongue_chatapi,
    &tongue_chatbackend, &tongue_flask, &tongue_matcha42,
};

const tongue_t *tongue_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(s_tongues); i++)
        if (strcmp(s_tongues[i]->name, name) == 0)
            return s_tongues[i];
    return NULL;
}

void tongue_put_names(buf_t *out)
{
    for (size_t i = 0; i < COUNT_OF(s_tongues); i++)
        buf_printf(out, "%s%s", i > 0 ? " " : "", s_tongues[i]->name);
}

/* ---- asking ---- */

void tongue_ask(const speech_t *speech, buf_t *out, const char *method, const char *path,
                const char *header, slice_t body)
{
    buf_printf(out, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: kith-replay\r\n%s", method, path,
               speech->target->host, header);
    if (body.len > 0)
        buf_append_text(out, "Content-Type: application/json\r\n");
    buf_printf(out, "Content-Length: %zu\r\n\r\n", body.len);
    buf_append(out, body);
}

const char *tongue_bearer(const speech_t *speech)
{
    const char *token = speech->doer != NULL ? speech->doer->token : speech->target->key;
    if (token == NULL)
        return "";
    return (const char *)arena_printf(speech->arena, "Authorization: Bearer %s\r\n", token).ptr;
}

void tongue_ask_as(const speech_t *speech, buf_t *out, const char *method, const char *path,
                   slice_t body)
{
    tongue_ask(speech, out, method, path, tongue_bearer(speech), body);
}

void tongue_upgrade(const target_t *target, const char *path, const char *header, buf_t *out)
{
    buf_printf(out,
               "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: kith-replay\r\nConnection: Upgrade\r\n"
               "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%s\r\n",
               path, target->host, header);
}

slice_t tongue_object(arena_t *arena, const char *name, ...)
{
    va_list more;
    buf_t out = {0};
    va_start(more, name);
    for (const char *key = name; key != NULL; key = va_arg(more, const char *)) {
        buf_append_byte(&out, out.len == 0 ? '{' : ',');
        json_put_text(&out, slice_of(key));
        buf_append_byte(&out, ':');
        json_put_text(&out, va_arg(more, slice_t));
    }
    va_end(more);
    buf_append_byte(&out, '}');
    slice_t object = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return object;
}

/* ---- hearing ---- */

/* They are a stranger's words, which go to a terminal. */
upshot_t tongue_refuse(speech_t *speech, slice_t why)
{
    enum { DELETE = 0x7f, C1_LEAD = 0xc2, C1_END = 0xa0 };
    size_t len = why.len < sizeof speech->why ? why.len : sizeof speech->why - 1;
    while (len > 0 && !text_valid(slice_new(why.ptr, len)))
        len--;
    for (size_t i = 0; i < len; i++) {
        bool control = i > 0 && why.ptr[i - 1] == C1_LEAD && why.ptr[i] < C1_END;
        bool plain = why.ptr[i] >= ' ' && why.ptr[i] != DELETE;
        speech->why[i] = plain ? (char)why.ptr[i] : '?';
        if (control)
            speech->why[i - 1] = speech->why[i] = '?';
    }
    speech->why[len] = '\0';
    return UPSHOT_REFUSED;
}

upshot_t tongue_judge(speech_t *speech, const heard_t *heard)
{
    if (heard->status == 429 || heard->status == 503 || heard->status == 504)
        return UPSHOT_LATER;
    if (heard->status == 401)
        return UPSHOT_SIGNED_OUT;
    if (heard->status >= 200 && heard->status < 300)
        return UPSHOT_DONE;
    return tongue_refuse(speech, arena_printf(speech->arena, "status %d", heard->status));
}

const char *tongue_open_rooms_only(const deed_t *deed)
{
    bool open = deed->kind == room_kind_OPEN;
    switch ((int)deed->call) {
    case CALL_account_register:
    case CALL_session_open:
        return NULL;
    case CALL_room_create:
    case CALL_room_post:
        return open ? NULL : "its rooms are open to everybody";
    case CALL_room_join:
    case CALL_room_enter:
        if (!open)
            return "its rooms are open to everybody";
        return deed->whom == 0 ? NULL : "it lets nobody add others";
    default:
        return "it has no words for it";
    }
}

static const json_node_t *s_find(const json_node_t *root, const char *path)
{
    char name[64];
    const json_node_t *node = root;
    while (node != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)len, path);
        node = json_member(node, name);
        path += len + (path[len] == '.');
    }
    return node;
}

bool tongue_find_u64(slice_t json, const char *path, uint64_t *ret_value)
{
    const json_node_t *root = NULL;
    bool found = json_parse(json, &root) == ERR_OK && json_u64(s_find(root, path), ret_value);
    json_free(&root);
    return found;
}

slice_t tongue_find_text(slice_t json, const char *path, arena_t *arena)
{
    const json_node_t *root = NULL;
    slice_t text = {0};
    if (json_parse(json, &root) == ERR_OK && json_text(s_find(root, path), &text))
        text = arena_copy(arena, text);
    json_free(&root);
    return text;
}
