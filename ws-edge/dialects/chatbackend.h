/* chatbackend.h - the doors of ChatBackend to each other. */
#ifndef WS_EDGE_DIALECTS_CHATBACKEND_H
#define WS_EDGE_DIALECTS_CHATBACKEND_H

#include "ws-edge/dialect.h"

/* What a live door's client says first: `{"uuid":…,"room_gid":…}`. */
typedef struct chatbackend_entry {
    uint8_t uuid[36]; /* of its session */
    uint8_t gid[8];
} chatbackend_entry_t;

/* False if it is not that, or can be no uuid or no gid. */
bool chatbackend_read_entry(slice_t json, chatbackend_entry_t *ret_entry);

/* A message as the history and the live doors show it; `uuid` is what its sender is
 * called there. */
void chatbackend_put_item(buf_t *out, const message_t *message, slice_t uuid);

#endif
