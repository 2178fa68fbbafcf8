/* pusher_grant.h - whom Kith lets into channels, and whose a connection is. */
#ifndef WS_EDGE_PUSHER_GRANT_H
#define WS_EDGE_PUSHER_GRANT_H

#include "ws-edge/pusher_hub.h"

/* Kith's own channels, `private-chat_…` and `private-notification_…`: there a signature is
 * not enough. */
bool pusher_is_own(slice_t channel);

/* Whether the setting says that everybody who is signed in may into the channel: names with
 * blanks between, of which the last letter may be a star.  Never one of Kith's own. */
bool pusher_hub_open_to_all(const pusher_hub_t *hub, slice_t channel);

/* Sign a claim in the name of a session, which has the right to it: append what a client
 * shows when it subscribes, or signs in.  The connection is the session's from then on.  For
 * one of Kith's own channels it is noted that it was let in, for one subscription; `room` is
 * what is heard there, 0 the account itself.  ERR_INVALID for what nobody signs; ERR_FORBIDDEN
 * where the connection is not live on this edge, or another account's. */
MUST_CHECK err_t pusher_vouch(pusher_hub_t *hub, const pusher_claim_t *claim, who_t who,
                              uint64_t room, buf_t *out);

/* Use up the note for the channel; false if there is none. */
MUST_CHECK bool pusher_use_grant(pusher_peer_t *peer, slice_t channel, pusher_grant_t *ret_grant);

#endif
