/* room_model.h - rooms, people and messages in plain arrays; whatever is asked is counted
 * anew from them.
 *
 * The model is changed by the test, deed by deed, and compared with an actor. */
#ifndef TESTS_UNIT_ACTORS_ROOM_MODEL_H
#define TESTS_UNIT_ACTORS_ROOM_MODEL_H

#include "tests/unit/actors/people.h"

enum {
    PEOPLE = 16, /* more than a room remembers as its last speakers */
    ROOMS = 5,
    KINDS = 4, /* of reactions */
    TEXT_SIZE = 128,
};

extern const char *const model_emojis[KINDS];

typedef struct model_message {
    uint64_t sender;
    char text[TEXT_SIZE];
    unsigned mentions; /* a bit a person */
    bool everyone;
    uint64_t reply_to;
    uint64_t thread;
    int64_t time;
    int64_t edited;
    int64_t deleted;
    int64_t pinned;
    unsigned reacted[KINDS]; /* a bit a person */
    int kinds[KINDS];        /* in the order in which they first came */
    size_t kind_count;
    char client_id[24];
} model_message_t;

typedef struct model_room {
    uint64_t id;
    room_kind_t kind;
    model_message_t *said; /* by sequence, from 1 on */
    uint64_t count;
    room_role_t role[PEOPLE + 1]; /* NONE: not in the room */
    uint64_t read[PEOPLE + 1];
} model_room_t;

typedef struct model {
    staging_t *at;
    model_room_t rooms[ROOMS];
    unsigned last_client_id;
} model_t;

unsigned model_dice(unsigned sides);
unsigned model_bit(uint64_t who);

/* A sequence that is there, or just behind the last. */
uint64_t model_any_seq(const model_room_t *room);

/* The message of that sequence, or NULL. */
model_message_t *model_said(const model_room_t *room, uint64_t seq);

bool model_is_in(const model_room_t *room, uint64_t who);
bool model_reads(const model_room_t *room, uint64_t who);
bool model_moderates(const model_room_t *room, uint64_t who);

void model_expect(const outcome_t *outcome, err_t status);

/* All that everybody can ask about messages, of all or of random ones. */
void model_compare(const model_t *model, staging_t *at);

#endif
