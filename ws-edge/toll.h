/* toll.h - which calls cost their asker something, and when it is given back.
 *
 * A toll is paid before a call is made, so that many tries at once count too, and is given
 * back if the call came to something that is not counted.  Asking for rooms that one may
 * not know is paid for afterwards; who has run dry gets no room at all for a while, since
 * "too many" in place of "unknown" alone would tell the two apart.
 *
 * Nobody is to be locked out by others who guess at their login.  So an address from which a
 * login has signed in (homes.h) pays for it from a purse of its own, and goes free of what its
 * neighbours at that address owe. */
#ifndef WS_EDGE_TOLL_H
#define WS_EDGE_TOLL_H

#include "schema/type.h"
#include "ws-edge/homes.h"
#include "ws-edge/quota.h"

typedef struct toll {
    quota_t *quota;
    homes_t *homes;
} toll_t;

/* Who pays. */
typedef struct payer {
    uint64_t address; /* toll_address */
    uint64_t account; /* 0 for a stranger */
    /* Of the login that the call names; set by toll_pay: */
    uint64_t login; /* quota_key, of it or of its home */
    uint64_t home;  /* quota_key of it and the address; 0: such a call shows no home */
} payer_t;

/* The key of an address in words; one of IPv6 counts with its whole /64. */
uint64_t toll_address(const toll_t *toll, slice_t address);

/* Pay for a call; how many seconds to wait, or 0 to go on. */
unsigned toll_pay(const toll_t *toll, payer_t *payer, const call_type_t *type, const void *args,
                  uint64_t now_us);

/* The call came to this. */
void toll_settle(const toll_t *toll, const payer_t *payer, const call_type_t *type, err_t status,
                 uint64_t now_us);

/* Pay for a file of so many bytes before they are read; seconds to wait, or 0. */
unsigned toll_pay_upload(const toll_t *toll, const payer_t *payer, uint64_t bytes, uint64_t now_us);

#endif
