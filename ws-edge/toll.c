/* toll.c - three kinds of calls, told apart in one place. */
#include "ws-edge/toll.h"

#include <arpa/inet.h>

#include "schema/text.h"

enum { LOGIN_BYTES_MAX = 4 * LIMIT_EMAIL };

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

static bool s_signs_in(const call_type_t *type)
{
    return type->number == CALL_session_open || type->number == CALL_password_change;
}

static unsigned s_pay_sign_in(const toll_t *toll, payer_t *payer, const call_type_t *type,
                              const void *args, uint64_t now_us)
{
    payer->login = type->number == CALL_session_open
                       ? s_login_key(toll, ((const session_open_call_t *)args)->login)
                       : payer->account;
    unsigned wait_s = s_longer(quota_wait_s(toll->quota, QUOTA_LOGIN, payer->login, now_us),
                               quota_wait_s(toll->quota, QUOTA_ADDRESS, payer->address, now_us));
    if (wait_s > 0)
        return wait_s;
    quota_charge(toll->quota, QUOTA_LOGIN, payer->login, now_us);
    quota_charge(toll->quota, QUOTA_ADDRESS, payer->address, now_us);
    return 0;
}

unsigned toll_pay(const toll_t *toll, payer_t *payer, const call_type_t *type, const void *args,
                  uint64_t now_us)
{
    if (s_signs_in(type))
        return toll->failures ? s_pay_sign_in(toll, payer, type, args, now_us) : 0;
    if (type->number == CALL_account_register)
        return toll->sign_ups ? quota_wait_s(toll->quota, QUOTA_SIGN_UP, payer->address, now_us)
                              : 0;
    if (type->owner != owner_ROOM)
        return 0;
    return s_longer(quota_wait_s(toll->quota, QUOTA_UNKNOWN, payer->account, now_us),
                    quota_wait_s(toll->quota, QUOTA_PROBE, payer->address, now_us));
}

void toll_settle(const toll_t *toll, const payer_t *payer, const call_type_t *type, err_t status,
                 uint64_t now_us)
{
    if (s_signs_in(type) && toll->failures && status != ERR_BAD_CREDENTIALS) {
        quota_refund(toll->quota, QUOTA_LOGIN, payer->login, now_us);
        quota_refund(toll->quota, QUOTA_ADDRESS, payer->address, now_us);
    } else if (type->number == CALL_account_register && toll->sign_ups && status == ERR_OK) {
        quota_charge(toll->quota, QUOTA_SIGN_UP, payer->address, now_us);
    } else if (type->owner == owner_ROOM && status == ERR_NOT_FOUND) {
        quota_charge(toll->quota, QUOTA_UNKNOWN, payer->account, now_us);
        quota_charge(toll->quota, QUOTA_PROBE, payer->address, now_us);
    }
}
