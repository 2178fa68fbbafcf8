/* json_tree.h - what a JSON document is in memory, for those who make and read trees.
 *
 * A tree is a few blocks of memory: the first has the document itself, in which texts and names
 * were unescaped where they stand, and room for the nodes of a small one.  Items and members lie
 * side by side, in their order. */
#ifndef SCHEMA_JSON_TREE_H
#define SCHEMA_JSON_TREE_H

#include "schema/json.h"

typedef enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_INTEGER,
    JSON_REAL, /* has a fraction or an exponent, or is beyond 64 bits */
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT,
} json_kind_t;

struct json_node {
    const char *name; /* of a member; ends with NUL, as texts do */
    union {
        int64_t integer;
        double real;
        const char *text;
        const json_node_t *items; /* and members */
    };
    uint32_t count; /* bytes of a text, items, members */
    json_kind_t kind;
};

#endif
