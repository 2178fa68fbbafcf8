/* deed.h - something that somebody did in the recording, as a call that a client can make.
 *
 * Numbers of accounts, rooms and messages are the recording's; the atlas (atlas.h) knows what
 * they are on the target. */
#ifndef TOOLS_KITH_INTO_DEED_H
#define TOOLS_KITH_INTO_DEED_H

#include "schema/type.h"

typedef struct deed {
    call_number_t call;
    const void *args;  /* of the call's shape */
    uint64_t doer;     /* account; 0: staff, who come with an API key */
    uint64_t whom;     /* another account that it is about; 0: none */
    uint64_t room;     /* that it is about, or that it makes; 0: none */
    room_kind_t kind;  /* of that room */
    uint64_t seq;      /* of the message that it makes */
    ids_t mentions;    /* accounts whose logins stand in the text */
    slice_t client_id; /* as its client gave it */
    bool follows;      /* on something that the target may do by itself: a match opens a room */
    bool sets_scene;   /* people and rooms are as they are by it; else it passes */
    uint64_t record;   /* its sequence in the journal */
    int64_t time;      /* µs since 1970 */
} deed_t;

#endif
