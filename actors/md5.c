/* md5.c - libcrypto's. */
#include "actors/md5.h"

#include <openssl/err.h>
#include <openssl/evp.h>

bool md5(slice_t bytes, uint8_t ret_hash[MD5_SIZE])
{
    bool done = EVP_Digest(bytes.ptr, bytes.len, ret_hash, NULL, EVP_md5(), NULL) == 1;
    ERR_clear_error();
    return done;
}
