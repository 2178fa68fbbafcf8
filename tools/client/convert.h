/* convert.h - JSON as MessagePack, whatever it says; transcribe.h is the way back. */
#ifndef TOOLS_CLIENT_CONVERT_H
#define TOOLS_CLIENT_CONVERT_H

#include "schema/buf.h"
#include "schema/err.h"
#include "schema/json.h"

/* Append an object of JSON as one MessagePack value.  MALFORMED for what is none, INVALID for a
 * number with a fraction, which no field has. */
MUST_CHECK err_t convert_to_pack(slice_t json, buf_t *out);

/* The node at a path of names with dots between; NULL. */
const json_node_t *convert_find(const json_node_t *root, const char *path);

#endif
