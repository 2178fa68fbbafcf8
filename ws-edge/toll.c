/* toll.c - a table of calls, what they cost, and whom. */
#include "ws-edge/toll.h"

#include <arpa/inet.h>

#include "schema/text.h"

enum { LOGIN_BYTES_MAX = 4 * LIMIT_EMAIL };

typedef enum payee { BY_ADDRESS, BY_ACCOUNT, BY_LOGIN } payee_t;

/* Which outcomes are counted. */
typedef enum counted { EVERY_TRY, WHAT_IS_DONE, WHAT_IS_UNKNOWN, WRONG_PASSWORDS } counted_t;

typedef struct price {
    call_number_t call;
    rate_id_t rate;
    payee_t payee;
    counted_t counted;
} price_t;

static const price_t s_prices[] = {
    {CALL_session_open, RATE_LOGIN, BY_LOGIN, WRONG_PASSWORDS},
    {CALL_session_open, RATE_SIGN_IN, BY_ADDRESS, WRONG_PASSWORDS},
    {CALL_password_change, RATE_LOGIN, BY_ACCOUNT, WRONG_PASSWORDS},
    {CALL_password_change, RATE_SIGN_IN, BY_ADDRESS, WRONG_PASSWORDS},
    {CALL_email_change, RATE_LOGIN, BY_ACCOUNT, WRONG_PASSWORDS},
    {CALL_email_change, RATE_SIGN_IN, BY_ADDRESS, WRONG_PASSWORDS},
    {CALL_email_change, RATE_MAIL_TO, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_account_delete, RATE_LOGIN, BY_ACCOUNT, WRONG_PASSWORDS},
    {CALL_account_delete, RATE_SIGN_IN, BY_ADDRESS, WRONG_PASSWORDS},
    {CALL_session_find, RATE_UUID, BY_ADDRESS, WHAT_IS_UNKNOWN},
    {CALL_account_register, RATE_SIGN_UP, BY_ADDRESS, WHAT_IS_DONE},
    {CALL_email_ask, RATE_MAIL_TO, BY_ACCOUNT, EVERY_TRY},
    {CALL_reset_ask, RATE_MAIL_TO, BY_LOGIN, EVERY_TRY},
    {CALL_reset_ask, RATE_MAIL, BY_ADDRESS, EVERY_TRY},
    {CALL_email_verify, RATE_LINK, BY_ADDRESS, EVERY_TRY},
    {CALL_password_reset, RATE_LINK, BY_ADDRESS, EVERY_TRY},
    {CALL_notification_unsubscribe, RATE_LINK, BY_ADDRESS, EVERY_TRY},
    {CALL_room_create, RATE_ROOM, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_room_direct, RATE_ROOM, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_room_request, RATE_ROOM, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_room_invite, RATE_INVITE, BY_ACCOUNT, EVERY_TRY},
    {CALL_search_messages, RATE_SEARCH, BY_ACCOUNT, EVERY_TRY},
    {CALL_notification_send, RATE_NOTE, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_push_subscribe, RATE_PUSH, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_key_create, RATE_KEY, BY_ACCOUNT, EVERY_TRY},
    {CALL_key_revoke, RATE_KEY, BY_ACCOUNT, EVERY_TRY},
    {CALL_account_import, RATE_IMPORT, BY_ACCOUNT, EVERY_TRY},
    {CALL_profile_update, RATE_PROFILE, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_photo_add, RATE_PROFILE, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_photo_remove, RATE_PROFILE, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_photo_set_main, RATE_PROFILE, BY_ACCOUNT, WHAT_IS_DONE},
    {CALL_people_visit, RATE_VISIT, BY_ACCOUNT, EVERY_TRY},
    {CALL_people_like, RATE_LIKE, BY_ACCOUNT, EVERY_TRY},
    {CALL_people_dislike, RATE_LIKE, BY_ACCOUNT, EVERY_TRY},
    {CALL_people_connect, RATE_CONTACT, BY_ACCOUNT, EVERY_TRY},
    {CALL_people_report, RATE_REPORT, BY_ACCOUNT, EVERY_TRY},
    {CALL_people_recommend, RATE_RECOMMEND, BY_ACCOUNT, EVERY_TRY},
    {CALL_people_tags, RATE_RECOMMEND, BY_ACCOUNT, EVERY_TRY},
    {CALL_ticket_open, RATE_TICKET, BY_ACCOUNT, EVERY_TRY},
};

/* Of every call of a room, once it has come to nothing. */
static const price_t s_unknown[] = {
    {.rate = RATE_UNKNOWN, .payee = BY_ACCOUNT},
    {.rate = RATE_PROBE, .payee = BY_ADDRESS},
};

static unsigned s_longer(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

uint64_t toll_address(const toll_t *toll, slice_t address)
{
    char text[INET6_ADDRSTRLEN] = "";
    struct in6_addr bytes;
    if (address.len < sizeof text)
        memcpy(text, address.ptr, address.len);
    if (inet_pton(AF_INET6, text, &bytes) != 1)
        return quota_key(toll->quota, address);
    return quota_key(toll->quota, slice_new(&bytes, sizeof bytes / 2));
}

/* Names are found whatever their case, so they are counted so. */
static uint64_t s_login_key(const toll_t *toll, slice_t login)
{
    uint8_t lower[LOGIN_BYTES_MAX];
    size_t len = login.len < sizeof lower ? login.len : sizeof lower;
    text_lower(slice_new(login.ptr, len), lower);
    return quota_key(toll->quota, slice_new(lower, len));
}

/* The login of a call that names one. */
static slice_t s_login(call_number_t call, const void *args)
{
    switch ((unsigned)call) {
    case CALL_session_open:
        return ((const session_open_call_t *)args)->login;
    case CALL_account_register:
        return ((const account_register_call_t *)args)->login;
    case CALL_reset_ask:
        return ((const reset_ask_call_t *)args)->login;
    default:
        return (slice_t){0};
    }
}

/* A mail to reset a password is nobody's at home: who reads it shows that elsewhere. */
static void s_name(const toll_t *toll, payer_t *payer, call_number_t call, const void *args)
{
    slice_t login = args != NULL ? s_login(call, args) : (slice_t){0};
    payer->home = 0;
    if (login.len == 0)
        return;
    payer->login = s_login_key(toll, login);
    if (call == CALL_reset_ask)
        return;
    const uint64_t place[] = {payer->login, payer->address};
    payer->home = quota_key(toll->quota, slice_new(place, sizeof place));
}

/* Who signs in from home. */
static bool s_at_home(const toll_t *toll, const payer_t *payer, const call_type_t *type,
                      uint64_t now_us)
{
    return type->number == CALL_session_open && homes_has(toll->homes, payer->home, now_us);
}

static uint64_t s_key(const payer_t *payer, const price_t *price)
{
    switch (price->payee) {
    case BY_ADDRESS:
        return payer->address;
    case BY_ACCOUNT:
        return payer->account;
    case BY_LOGIN:
        return payer->login;
    }
    return 0;
}

/* The price at `index` or behind it that this call has; the table's end if there is none. */
static size_t s_next(const call_type_t *type, size_t index)
{
    while (index < COUNT_OF(s_prices) && s_prices[index].call != type->number)
        index++;
    return index;
}

static unsigned s_wait_s(const toll_t *toll, const payer_t *payer, const price_t *price,
                         uint64_t now_us)
{
    return quota_wait_s(toll->quota, price->rate, s_key(payer, price), now_us);
}

static void s_charge(const toll_t *toll, const payer_t *payer, const price_t *price,
                     uint64_t now_us)
{
    quota_charge(toll->quota, price->rate, s_key(payer, price), 1, now_us);
}

static unsigned s_wait_for_rooms_s(const toll_t *toll, const payer_t *payer, uint64_t now_us)
{
    return s_longer(s_wait_s(toll, payer, &s_unknown[0], now_us),
                    s_wait_s(toll, payer, &s_unknown[1], now_us));
}

unsigned toll_pay(const toll_t *toll, payer_t *payer, const call_type_t *type, const void *args,
                  uint64_t now_us)
{
    unsigned wait_s = type->owner == owner_ROOM ? s_wait_for_rooms_s(toll, payer, now_us) : 0;
    size_t first = s_next(type, 0);
    s_name(toll, payer, (call_number_t)type->number, args);
    bool at_home = s_at_home(toll, payer, type, now_us);
    if (at_home)
        payer->login = payer->home;
    for (size_t i = first; i < COUNT_OF(s_prices); i = s_next(type, i + 1))
        if (!at_home || s_prices[i].payee != BY_ADDRESS)
            wait_s = s_longer(wait_s, s_wait_s(toll, payer, &s_prices[i], now_us));
    if (wait_s > 0)
        return wait_s;
    for (size_t i = first; i < COUNT_OF(s_prices); i = s_next(type, i + 1))
        s_charge(toll, payer, &s_prices[i], now_us);
    return 0;
}

static bool s_counts(counted_t counted, err_t status)
{
    switch (counted) {
    case EVERY_TRY:
        return true;
    case WHAT_IS_DONE: /* that a name is taken is an answer too, of which nobody gets all */
        return status == ERR_OK || status == ERR_EXISTS;
    case WHAT_IS_UNKNOWN:
        return status == ERR_NOT_FOUND;
    case WRONG_PASSWORDS:
        return status == ERR_BAD_CREDENTIALS;
    }
    return true;
}

void toll_settle(const toll_t *toll, const payer_t *payer, const call_type_t *type, err_t status,
                 uint64_t now_us)
{
    for (size_t i = s_next(type, 0); i < COUNT_OF(s_prices); i = s_next(type, i + 1))
        if (!s_counts(s_prices[i].counted, status))
            quota_refund(toll->quota, s_prices[i].rate, s_key(payer, &s_prices[i]), now_us);
    if (payer->home != 0 && status == ERR_OK)
        homes_add(toll->homes, payer->home, now_us);
    if (type->owner != owner_ROOM || status != ERR_NOT_FOUND)
        return;
    for (size_t i = 0; i < COUNT_OF(s_unknown); i++)
        s_charge(toll, payer, &s_unknown[i], now_us);
}

unsigned toll_pay_upload(const toll_t *toll, const payer_t *payer, uint64_t bytes, uint64_t now_us)
{
    quota_t *quota = toll->quota;
    unsigned wait_s = s_longer(quota_wait_s(quota, RATE_UPLOAD, payer->account, now_us),
                               quota_wait_s(quota, RATE_UPLOAD_SIZE, payer->account, now_us));
    if (wait_s > 0)
        return wait_s;
    quota_charge(quota, RATE_UPLOAD, payer->account, 1, now_us);
    quota_charge(quota, RATE_UPLOAD_SIZE, payer->account, (bytes + 1023) / 1024, now_us);
    return 0;
}
