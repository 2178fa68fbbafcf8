/* pusher_chat_auth.c - who may come into which of Pusher's channels (document 003).
 *
 * Nothing is signed but for a channel that the asker may hear, on a connection that is live
 * and nobody else's: the hub sees to the latter.  A channel that is none of Kith's own opens
 * to everybody who is signed in, if the settings say so, or to nobody.
 * All that will not do is 403, and is looked at before anything is signed. */
#include "ws-edge/dialects/pusher_chat.h"

#include "ws-edge/dialects/flask.h"
#include "ws-edge/pusher.h"
#include "ws-edge/pusher_grant.h"

typedef enum auth_note { NOTE_SOCKET, NOTE_CHANNEL } auth_note_t;

static bool s_vouch(const visit_t *visit, const pusher_claim_t *claim, uint64_t room)
{
    if (visit->hub == NULL)
        return false;
    bool open = claim->channel.len == 0 || pusher_is_own(claim->channel) ||
                pusher_hub_open_to_all(visit->hub, claim->channel);
    return open && pusher_vouch(visit->hub, claim, visit->who, room, visit->body) == ERR_OK;
}

/* The signature, and beside it the data that it is for, by the name that it has there. */
static void s_sign(visit_t *visit, const pusher_claim_t *claim, const char *data_name,
                   uint64_t room)
{
    buf_append_text(visit->body, "{\"auth\":\"");
    if (!s_vouch(visit, claim, room)) {
        buf_reset(visit->body);
        pusher_chat_deny(visit);
        return;
    }
    buf_append_byte(visit->body, '"');
    if (claim->data.len > 0)
        flask_put_text(visit->body, data_name, claim->data);
    buf_append_byte(visit->body, '}');
}

static err_t s_ask_self(visit_t *visit, answer_t *ret_refusal)
{
    return flask_call(visit, ret_refusal, CALL_account_get,
                      arena_new_of(visit->arena, account_get_call_t));
}

/* One's own is known without asking; who may hear another, the room says, or the presence
 * channel's members will want to know who it is. */
static err_t s_ask_channel(visit_t *visit, answer_t *ret_refusal, const pusher_channel_t *channel)
{
    pusher_chat_place_t place = {0};
    slice_t own = arena_printf(visit->arena, "%s%llu", PUSHER_CHAT_NOTIFICATION,
                               (unsigned long long)visit->who.account);
    if (channel->kind == PUSHER_PRESENCE)
        return s_ask_self(visit, ret_refusal);
    if (slice_starts(channel->name, slice_of(PUSHER_CHAT_CHANNEL)))
        return pusher_chat_read_place(channel->name, &place)
                   ? pusher_chat_find(visit, ret_refusal, &place)
                   : ERR_FORBIDDEN;
    if (slice_starts(channel->name, SLICE_LIT("private-notification_")) &&
        !slice_eq(channel->name, own))
        return ERR_FORBIDDEN;
    pusher_claim_t claim = {visit->notes[NOTE_SOCKET], channel->name, {0}};
    s_sign(visit, &claim, NULL, 0);
    return ERR_OK;
}

err_t pusher_chat_ask_auth(visit_t *visit, answer_t *ret_refusal)
{
    pusher_channel_t channel;
    if (!flask_text(visit, "socket_id", &visit->notes[NOTE_SOCKET]) ||
        !flask_text(visit, "channel_name", &visit->notes[NOTE_CHANNEL]))
        return flask_wrong(ret_refusal, "socket_id and channel_name must be there");
    if (!pusher_socket_id_valid(visit->notes[NOTE_SOCKET]) ||
        pusher_channel_read(visit->notes[NOTE_CHANNEL], &channel) != ERR_OK ||
        !pusher_kind_signed(channel.kind))
        return ERR_FORBIDDEN;
    return s_ask_channel(visit, ret_refusal, &channel);
}

static slice_t s_member(visit_t *visit, const account_t *account, const char *id, const char *info)
{
    buf_t out = {0};
    buf_printf(&out, "{\"%s\":\"%llu\",\"%s\":{", id, (unsigned long long)account->id, info);
    flask_put_text(&out, "username", account->login);
    buf_append_text(&out, "}}");
    slice_t member = arena_copy(visit->arena, buf_slice(&out));
    buf_free(&out);
    return member;
}

static bool s_is_channel_of(visit_t *visit, const room_t *room)
{
    buf_t name = {0};
    pusher_chat_put_channel(&name, room->id, room->first, room->second);
    bool same = slice_eq(buf_slice(&name), visit->notes[NOTE_CHANNEL]);
    buf_free(&name);
    return same;
}

void pusher_chat_show_auth(visit_t *visit, const answer_t *answer)
{
    pusher_claim_t claim = {visit->notes[NOTE_SOCKET], visit->notes[NOTE_CHANNEL], {0}};
    if (!pusher_chat_is_found(answer)) {
        claim.data = s_member(visit, answer->object, "user_id", "user_info");
        s_sign(visit, &claim, "channel_data", 0);
    } else if (s_is_channel_of(visit, answer->object)) {
        s_sign(visit, &claim, NULL, ((const room_t *)answer->object)->id);
    } else {
        pusher_chat_deny(visit);
    }
}

err_t pusher_chat_ask_user_auth(visit_t *visit, answer_t *ret_refusal)
{
    if (!flask_text(visit, "socket_id", &visit->notes[NOTE_SOCKET]))
        return flask_wrong(ret_refusal, "socket_id must be there");
    if (!pusher_socket_id_valid(visit->notes[NOTE_SOCKET]))
        return ERR_FORBIDDEN;
    return s_ask_self(visit, ret_refusal);
}

void pusher_chat_show_user_auth(visit_t *visit, const answer_t *answer)
{
    pusher_claim_t claim = {.socket_id = visit->notes[NOTE_SOCKET]};
    claim.data = s_member(visit, answer->object, "id", "user_info");
    s_sign(visit, &claim, "user_data", 0);
}
