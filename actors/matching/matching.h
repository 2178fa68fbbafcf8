/* matching.h - the matching actor's functions, one a call or event; matching.c lists them. */
#ifndef ACTORS_MATCHING_MATCHING_H
#define ACTORS_MATCHING_MATCHING_H

#include "actors/matching/rows.h"

decide_fn matching_decide_update; /* profile.c */
decide_fn matching_decide_photo_add, matching_decide_photo_remove, matching_decide_photo_main,
    matching_query_photo_offer, matching_query_photo, matching_query_photo_show,
    matching_query_photos_unused;                      /* album.c */
decide_fn matching_decide_visit, matching_decide_like; /* stance.c */
decide_fn matching_decide_unlike, matching_decide_dislike;
decide_fn matching_decide_block, matching_decide_unblock;
decide_fn matching_decide_connect, matching_decide_disconnect; /* chat.c */
decide_fn matching_decide_report, matching_decide_resolve;     /* report.c */

decide_fn matching_decide_ticket, matching_decide_ticket_close; /* ticket.c */

decide_fn matching_query_ticket;                           /* ticket.c */
decide_fn matching_query_queues;                           /* match.c */
decide_fn matching_query_reports;                          /* report.c */
decide_fn matching_query_profile, matching_query_profiles; /* query.c */
decide_fn matching_query_visits, matching_query_likes, matching_query_matches,
    matching_query_blocks, matching_query_tags;
decide_fn matching_query_recommend, matching_query_why_not; /* recommend.c */

react_fn matching_react_gone;                                             /* profile.c */
react_fn matching_react_seen, matching_react_banned, matching_react_room; /* match.c */

apply_fn matching_apply_updated; /* profile.c */
apply_fn matching_apply_visited, matching_apply_liked, matching_apply_unliked,
    matching_apply_disliked, matching_apply_matched, matching_apply_blocked,
    matching_apply_unblocked;                                   /* stance.c */
apply_fn matching_apply_withdrawn;                              /* bond.c */
apply_fn matching_apply_connected, matching_apply_disconnected; /* chat.c */
apply_fn matching_apply_reported, matching_apply_resolved;      /* report.c */
apply_fn matching_apply_ticket, matching_apply_ticket_closed, matching_apply_match,
    matching_apply_ticket_matched; /* ticket.c */
apply_fn matching_apply_registered, matching_apply_opened, matching_apply_scoped,
    matching_apply_seen, matching_apply_banned, matching_apply_unbanned,
    matching_apply_room; /* person.c */

#endif
