/* address.c - one form for both families of IP. */
#include "ws-edge/address.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t s_mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

address_t address_of_ipv4(const uint8_t bytes[4])
{
    address_t address = {.kind = ADDRESS_IP};
    memcpy(address.bytes, s_mapped, sizeof s_mapped);
    memcpy(address.bytes + sizeof s_mapped, bytes, 4);
    return address;
}

address_t address_of_ipv6(const uint8_t bytes[16])
{
    address_t address = {.kind = ADDRESS_IP};
    memcpy(address.bytes, bytes, sizeof address.bytes);
    return address;
}

address_t address_of_socket(const struct sockaddr *address)
{
    const void *socket = address;
    if (address->sa_family == AF_INET)
        return address_of_ipv4((const void *)&((const struct sockaddr_in *)socket)->sin_addr);
    if (address->sa_family == AF_INET6)
        return address_of_ipv6((const void *)&((const struct sockaddr_in6 *)socket)->sin6_addr);
    return (address_t){.kind = ADDRESS_UNIX};
}

bool address_read(slice_t text, address_t *ret_address)
{
    char word[ADDRESS_TEXT_SIZE] = "";
    uint8_t bytes[16];
    if (text.len >= sizeof word || text.len == 0 || memchr(text.ptr, '\0', text.len) != NULL)
        return false;
    memcpy(word, text.ptr, text.len);
    if (inet_pton(AF_INET, word, bytes) == 1)
        *ret_address = address_of_ipv4(bytes);
    else if (inet_pton(AF_INET6, word, bytes) == 1)
        *ret_address = address_of_ipv6(bytes);
    else
        return false;
    return true;
}

bool address_is_ipv4(const address_t *address)
{
    return address->kind == ADDRESS_IP && memcmp(address->bytes, s_mapped, sizeof s_mapped) == 0;
}

bool address_is_local(const address_t *address)
{
    static const uint8_t loopback[16] = {[15] = 1};
    if (address_is_ipv4(address))
        return address->bytes[12] == IN_LOOPBACKNET;
    return address->kind == ADDRESS_UNIX ||
           (address->kind == ADDRESS_IP && memcmp(address->bytes, loopback, sizeof loopback) == 0);
}

void address_write(const address_t *address, char text[ADDRESS_TEXT_SIZE])
{
    bool ipv4 = address_is_ipv4(address);
    const uint8_t *bytes = ipv4 ? address->bytes + sizeof s_mapped : address->bytes;
    if (address->kind != ADDRESS_IP)
        strcpy(text, address->kind == ADDRESS_UNIX ? "unix" : "");
    else if (inet_ntop(ipv4 ? AF_INET : AF_INET6, bytes, text, ADDRESS_TEXT_SIZE) == NULL)
        text[0] = '\0';
}

uint64_t address_customer(const address_t *address)
{
    uint64_t customer = 0;
    bool ipv4 = address_is_ipv4(address); /* ::ffff:0:0/96 has all of IPv4 in one /64 */
    memcpy(&customer, address->bytes + (ipv4 ? sizeof customer : 0), sizeof customer);
    return customer;
}
