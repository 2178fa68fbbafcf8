/* pack.h - MessagePack, written and read one value at a time.
 *
 * The door of msgpack-c.  Writing uses its packer.  Reading is a cursor of our
 * own: the library unpacks into a tree that a five-byte header can inflate to
 * gigabytes, while the cursor never allocates, checks every count against the
 * bytes that are left, and hands out slices of the input.
 *
 * Specification: https://github.com/msgpack/msgpack/blob/master/spec.md */
#ifndef SCHEMA_PACK_H
#define SCHEMA_PACK_H

#include "schema/buf.h"
#include "schema/err.h"

void pack_nil(buf_t *out);
void pack_bool(buf_t *out, bool value);
void pack_u64(buf_t *out, uint64_t value);
void pack_i64(buf_t *out, int64_t value);
void pack_str(buf_t *out, slice_t text);
void pack_bin(buf_t *out, slice_t bytes);
void pack_map(buf_t *out, size_t pairs);
void pack_array(buf_t *out, size_t items);

/* Always 3, 5 or 9 bytes, so that the place can be written again later. */
void pack_wide_u16(buf_t *out, uint16_t value);
void pack_wide_u32(buf_t *out, uint32_t value);
void pack_wide_u64(buf_t *out, uint64_t value);
void pack_wide_i64(buf_t *out, int64_t value);

/* Big-endian integers at a known place, as the wide values hold them. */
uint16_t wide_get16(const uint8_t *at);
uint32_t wide_get32(const uint8_t *at);
uint64_t wide_get64(const uint8_t *at);
void wide_put32(uint8_t *at, uint32_t value);
void wide_put64(uint8_t *at, uint64_t value);

/* A cursor over bytes; `left` shrinks as values are taken. */
typedef struct unpack {
    slice_t left;
} unpack_t;

/* Each takes one value of its kind, or gives ERR_MALFORMED and leaves the
 * cursor where it was.  Integers of any width are taken if they fit. */
MUST_CHECK err_t unpack_u64(unpack_t *in, uint64_t *ret_value);
MUST_CHECK err_t unpack_i64(unpack_t *in, int64_t *ret_value);
MUST_CHECK err_t unpack_bool(unpack_t *in, bool *ret_value);
MUST_CHECK err_t unpack_str(unpack_t *in, slice_t *ret_text);
MUST_CHECK err_t unpack_bin(unpack_t *in, slice_t *ret_bytes);
MUST_CHECK err_t unpack_map(unpack_t *in, size_t *ret_pairs);
MUST_CHECK err_t unpack_array(unpack_t *in, size_t *ret_items);

/* True and past it if the next value is nil. */
bool unpack_nil(unpack_t *in);

/* Past one value, or past the head alone of a map or an array. */
MUST_CHECK err_t unpack_head(unpack_t *in);

/* Past one value of any kind, at most LIMIT_JSON_DEPTH deep; its bytes. */
MUST_CHECK err_t unpack_any(unpack_t *in, slice_t *ret_bytes);

#endif
