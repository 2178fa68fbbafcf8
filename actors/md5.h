/* md5.h - MD5, for protocols that ask for it.
 *
 * It guards against nothing: what it is taken of must be signed besides. */
#ifndef ACTORS_MD5_H
#define ACTORS_MD5_H

#include "schema/slice.h"

enum { MD5_SIZE = 16 };

/* False where the machine's policy forbids it, as FIPS mode does. */
bool md5(slice_t bytes, uint8_t ret_hash[MD5_SIZE]);

#endif
