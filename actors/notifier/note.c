/* note.c - a note from one person to another, and a word of the server's own.
 *
 * A note reaches those only who talk with its sender, or are matched with them: it is no way
 * to write to strangers.  Whoever wants no notes gets none, and the sender does not learn it. */
#include "actors/notifier/notifier.h"
#include "actors/notifier/tell.h"

static const int64_t RECEIPT_WINDOW = (int64_t)24 * 3600 * 1000000; /* µs */

/* What is to be said: both commands come down to this. */
typedef struct draft {
    notice_kind_t kind;
    uint64_t account; /* to whom */
    slice_t text;
    slice_t client_id;
} draft_t;

/* ---- retries ---- */

/* What an earlier one with this client id came to; ERR_NOT_FOUND if there was none. */
static err_t s_repeat(turn_t *turn, const call_t *call, const draft_t *draft)
{
    slice_t receipt;
    if (draft->client_id.len == 0)
        return ERR_NOT_FOUND;
    err_t err = row_get_bytes(
        turn, notifier_receipt_key(call->principal, draft->kind, draft->client_id), &receipt);
    if (err != ERR_OK)
        return err;
    int64_t time = (int64_t)row_number(receipt, 0);
    if (turn_now(turn) - time > RECEIPT_WINDOW)
        return ERR_NOT_FOUND;
    if (row_number(receipt, 8) != notifier_content(draft->account, draft->text))
        return ERR_CLIENT_ID_REUSED;
    turn_answer(turn, &(note_sent_t){.account = draft->account, .time = time, .repeated = true});
    return ERR_OK;
}

/* ---- to whom ---- */

static err_t s_check_person(turn_t *turn, uint64_t account)
{
    const person_t *person;
    err_t err = person_get(turn, account, &person);
    if (err == ERR_OK && (person->gone || person->role == role_SYSTEM))
        return ERR_NOT_FOUND;
    return err;
}

/* Whether something was said in their direct room. */
static err_t s_have_talked(turn_t *turn, uint64_t one, uint64_t other, bool *ret_talked)
{
    uint64_t room;
    err_t err = row_get_number(turn, row_key_pair('d', one, other), &room);
    return err == ERR_OK ? notifier_has(turn, row_key1('D', room), ret_talked) : err;
}

/* Whether their chat is open: somebody opened it, or spoke in it, and nobody closed it since. */
static err_t s_have_chat(turn_t *turn, uint64_t one, uint64_t other, bool *ret_chat)
{
    uint64_t word;
    err_t err = row_get_number(turn, row_key_pair('c', one, other), &word);
    *ret_chat = word == CHAT_OPEN;
    return err == ERR_OK && word == 0 ? s_have_talked(turn, one, other, ret_chat) : err;
}

static err_t s_may_write(turn_t *turn, uint64_t from, uint64_t to)
{
    bool blocked, fine = false;
    if (from == to)
        return turn_refuse(turn, ERR_INVALID, "`account`: is yourself");
    err_t err = s_check_person(turn, to);
    if (err == ERR_OK)
        err = notifier_blocked(turn, from, to, &blocked);
    if (err == ERR_OK && blocked)
        return ERR_BLOCKED;
    if (err == ERR_OK)
        err = notifier_has(turn, row_key_pair('M', from, to), &fine);
    if (err == ERR_OK && !fine)
        err = s_have_chat(turn, from, to, &fine);
    if (err == ERR_OK && !fine)
        return turn_refuse(turn, ERR_FORBIDDEN, "notes go to people with an open chat or a match");
    return err;
}

/* ---- the commands ---- */

static err_t s_say(turn_t *turn, const draft_t *draft, uint64_t from)
{
    bool told;
    news_t news = {
        .account = draft->account,
        .kind = draft->kind,
        .from = from,
        .text = draft->text,
        .time = turn_now(turn),
    };
    err_t err = tell(turn, &news, &told);
    if (err == ERR_OK)
        turn_answer(turn, &(note_sent_t){.account = draft->account, .time = news.time});
    return err;
}

err_t notifier_decide_send(turn_t *turn, const call_t *call, const void *body)
{
    const notification_send_call_t *send = body;
    const draft_t draft = {notice_kind_NOTE, send->account, send->text, send->client_id};
    err_t err = s_repeat(turn, call, &draft);
    if (err != ERR_NOT_FOUND)
        return err;
    err = s_may_write(turn, call->principal, send->account);
    return err == ERR_OK ? s_say(turn, &draft, call->principal) : err;
}

/* Admins, and API keys that act as the system: a bot's cannot be told from the bot. */
err_t notifier_check_staff(turn_t *turn, const call_t *call)
{
    const person_t *person;
    if (call->principal == 0)
        return ERR_OK; /* an operator */
    err_t err = person_get(turn, call->principal, &person);
    if (err != ERR_OK)
        return err;
    bool fine = person->role == role_ADMIN || person->role == role_SYSTEM;
    return fine ? ERR_OK : turn_refuse(turn, ERR_FORBIDDEN, "for admins and API keys");
}

err_t notifier_decide_tell(turn_t *turn, const call_t *call, const void *body)
{
    const notification_tell_call_t *wish = body;
    const draft_t draft = {notice_kind_SYSTEM, wish->account, wish->text, wish->client_id};
    err_t err = notifier_check_staff(turn, call);
    if (err != ERR_OK)
        return err;
    err = s_repeat(turn, call, &draft);
    if (err != ERR_NOT_FOUND)
        return err;
    err = s_check_person(turn, wish->account);
    return err == ERR_OK ? s_say(turn, &draft, 0) : err;
}
