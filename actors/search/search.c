/* search.c - the search actor: which messages of one's rooms have these words.
 *
 * Not in the path of any message: it hears nothing, but reads the journal from behind in
 * pages, some times a second.  It decides nothing either; lost or outdated, it is made
 * again while it serves, and `as_of` says how far it is.
 *
 * Message ids count 1, 2, 3 …, and SEGMENT of them are a segment.  The last segment is
 * open: its messages lie side by side with their words (entries), and a query looks at
 * each.  When the first message of the next one comes, it is sealed:
 *
 *     entries of 2,048 messages ──sort──> for each short beginning of a word: who has it
 *                                         for each room: who is in it
 *                                         the column: room and sequence of each message
 *
 * So a row of the index is written once and never grows, and a word that one has begun to
 * type is one row a segment, however many words begin so.  A query reads the rows of its
 * words, newest segments first, takes what all have, asks the column what of it is in the
 * asker's rooms, and if a word is long looks whether the message really has it.
 *
 * A hit is the message as it was posted and last edited; reactions, pins and the number of
 * replies are the room's to tell. */
#include "actors/search/search.h"

static const call_row_t s_calls[] = {
    {CALL_search_messages, search_query_messages},
};

static const event_row_t s_events[] = {
    {EVENT_room_posted, search_apply_posted},
    {EVENT_message_edited, search_apply_edited},
    {EVENT_message_deleted, search_apply_deleted},
    {EVENT_room_joined, search_apply_joined},
    {EVENT_room_left, search_apply_left},
    {EVENT_room_banned, search_apply_banned},
    {EVENT_room_deleted, search_apply_room_deleted},
    {EVENT_room_created, search_apply_created},
    {EVENT_people_blocked, search_apply_blocked},
    {EVENT_people_unblocked, search_apply_unblocked},
};

const actor_row_t search_actor = {
    .owner = owner_SEARCH,
    .name = "search",
    .calls = s_calls,
    .call_count = COUNT_OF(s_calls),
    .events = s_events,
    .event_count = COUNT_OF(s_events),
    .behind = true,
    .format = 3, /* whose a direct room is */
};
