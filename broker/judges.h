/* judges.h - the bots that are asked about messages before they are decided, and where.
 *
 * A judge is a bot with the scope `moderate`.  It judges in the rooms that it is in, or with
 * `observe` in all, and never what it says itself.  It is there while a connection of it has asked
 * to judge and it answers; else it is away, and what it would judge passes without it, unless its
 * scope `gatekeep` has it that nothing does.  So a gate must be known to stand also where its bot
 * has not come yet.
 *
 * They are asked in the order in which they were let in, which is that of their sessions. */
#ifndef BROKER_JUDGES_H
#define BROKER_JUDGES_H

#include "broker/roster.h"

typedef struct judges judges_t;

typedef struct judge {
    uint64_t session; /* of its key */
    uint64_t account;
    bool gate;         /* nothing passes without it */
    bool everywhere;   /* it judges in all rooms */
    bool settled;      /* in which rooms it is, is known */
    bool asked;        /* the room actor was, and has not answered */
    uint64_t since;    /* sequence of the last record that changed them */
    uint64_t peer;     /* the connection that asked to judge; 0: none */
    size_t missed;     /* messages in a row that it let wait in vain */
    struct map *rooms; /* that it is in → the judge */
    struct map *only;  /* that it wants to be asked about → the judge; NULL: all */
} judge_t;

judges_t *judges_new(void);
void judges_destroy(judges_t **judges_p);

/* A bot of the roster judges, or may other things now. */
void judges_put(judges_t *judges, const roster_bot_t *bot);
void judges_remove(judges_t *judges, judge_t *judge);

/* Whether there is anybody to ask, or anything that may not pass. */
bool judges_sit(const judges_t *judges);

/* The rooms of all are known. */
bool judges_settled(const judges_t *judges);

/* By session; NULL. */
judge_t *judges_find(const judges_t *judges, uint64_t session);

/* The first whose session is higher, whoever it is; NULL. */
judge_t *judges_next(const judges_t *judges, uint64_t session);

/* The same of those without whom what this sender says in this room may not pass unasked. */
judge_t *judges_next_for(const judges_t *judges, uint64_t session, uint64_t sender, uint64_t room);

/* ---- one judge ---- */

/* It is there, and can be asked. */
bool judge_present(const judge_t *judge);

/* From here on it is asked by this connection, about these rooms; none: about all. */
void judge_sit(judge_t *judge, uint64_t peer, ids_t rooms);

/* A committed record: it may have come into a room, or left one. */
void judge_note(judge_t *judge, const record_t *record);

/* All its rooms, as the room actor knows them; what is too old is passed over. */
void judge_learn_rooms(judge_t *judge, const room_ids_t *rooms, uint64_t as_of);

#endif
