/* codec.h - structs to and from MessagePack and JSON, driven by their shapes.
 *
 * One table drives both formats and the validation: a struct that was read
 * keeps every bound of its .def row.  On the bus and in the journal fields that
 * are unknown are passed over, so that an older reader survives a newer writer;
 * a client's JSON is read strictly or not, as its dialect wants. */
#ifndef SCHEMA_CODEC_H
#define SCHEMA_CODEC_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/err.h"
#include "schema/json.h"
#include "schema/type.h"

/* What was wrong with an input, for the error's `detail`; both may be NULL. */
typedef struct fault {
    const char *field;
    const char *problem;
} fault_t;

/* "`text`: is too long", in the arena; the zero slice if there is nothing to say. */
slice_t fault_text(const fault_t *fault, arena_t *arena);

/* Append the struct as a msgpack map.  Absent optional fields are left out. */
void codec_pack(buf_t *out, const shape_t *shape, const void *object);

/* The same as a client sees it, hidden and secret fields left out; and its pairs alone,
 * for one who adds pairs of their own behind a pack_map of all of them. */
void codec_pack_shown(buf_t *out, const shape_t *shape, const void *object);
size_t codec_shown_pairs(const shape_t *shape, const void *object);
void codec_pack_pairs(buf_t *out, const shape_t *shape, const void *object);

/* Read a msgpack map; texts point into `bytes`, the rest lies in the arena.
 * Errors: MALFORMED, INVALID. */
MUST_CHECK err_t codec_unpack(slice_t bytes, const shape_t *shape, arena_t *arena, fault_t *fault,
                              const void **ret_object);

/* A client's msgpack map into an object that is there, by the rules of codec_set_json:
 * unknown and hidden fields are refused, nil is absent, numbers are below 2^53.  Errors:
 * INVALID, UNKNOWN_FIELD; MALFORMED for what is no map. */
MUST_CHECK err_t codec_set_packed(void *object, slice_t bytes, const shape_t *shape, arena_t *arena,
                                  fault_t *fault);

/* Append the struct as a JSON object, hidden and secret fields left out. */
void codec_put_json(buf_t *out, const shape_t *shape, const void *object);

/* The same with `{` and `}` left to the caller, who may add members before or behind. */
void codec_put_members(buf_t *out, const shape_t *shape, const void *object);

/* Read a JSON object into a struct of the arena; texts point into the tree.
 * Hidden fields are unknown to a client.  Errors: INVALID, UNKNOWN_FIELD. */
typedef enum unknown { UNKNOWN_REFUSED, UNKNOWN_IGNORED } unknown_t;
MUST_CHECK err_t codec_from_json(const json_node_t *members, const shape_t *shape,
                                 unknown_t unknown, arena_t *arena, fault_t *fault,
                                 void **ret_object);

/* The same into an object that is there, so that fields can come from elsewhere too:
 * what is missing is left alone, and codec_check is the caller's. */
MUST_CHECK err_t codec_set_json(void *object, const json_node_t *members, const shape_t *shape,
                                unknown_t unknown, arena_t *arena, fault_t *fault);

/* The whole of it, for those who may read the journal: hidden fields too, and bytes as
 * hexadecimal digits.  Secrets are not written even so.  What it writes it reads, unless a
 * number is 2^53 or more. */
void codec_put_json_whole(buf_t *out, const shape_t *shape, const void *object);
MUST_CHECK err_t codec_from_json_whole(const json_node_t *members, const shape_t *shape,
                                       unknown_t unknown, arena_t *arena, fault_t *fault,
                                       void **ret_object);

/* Set one field from a text (a path segment or a query parameter); a list of numbers has
 * commas between them, and lies in the arena.  Bounds are checked by codec_check once all
 * fields are set. */
MUST_CHECK err_t codec_set_text(void *object, const field_t *field, slice_t text, arena_t *arena,
                                fault_t *fault);

/* Every bound of the shape: needs, ranges, lengths, well-formed texts. */
MUST_CHECK err_t codec_check(const shape_t *shape, const void *object, fault_t *fault);

#endif
