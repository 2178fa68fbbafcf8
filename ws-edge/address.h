/* address.h - who is at the other end of a connection: an IP address, or the Unix socket. */
#ifndef WS_EDGE_ADDRESS_H
#define WS_EDGE_ADDRESS_H

#include <netinet/in.h>

#include "schema/slice.h"

typedef enum address_kind { ADDRESS_NONE, ADDRESS_IP, ADDRESS_UNIX } address_kind_t;

/* IPv4 is kept as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so that there is one family. */
typedef struct address {
    address_kind_t kind;
    uint8_t bytes[16];
} address_t;

enum { ADDRESS_TEXT_SIZE = INET6_ADDRSTRLEN };

/* Of any family; one that is not IP counts as the Unix socket. */
address_t address_of_socket(const struct sockaddr *address);
address_t address_of_ipv4(const uint8_t bytes[4]);
address_t address_of_ipv6(const uint8_t bytes[16]);

/* An IP address in words; false if it is none. */
bool address_read(slice_t text, address_t *ret_address);

bool address_is_ipv4(const address_t *address);

/* Of this machine: loopback, or the Unix socket. */
bool address_is_local(const address_t *address);

/* In words: an IP address, or "unix". */
void address_write(const address_t *address, char text[ADDRESS_TEXT_SIZE]);

/* What counts as one customer: an IPv4 address, or a /64 of IPv6. */
uint64_t address_customer(const address_t *address);

#endif
