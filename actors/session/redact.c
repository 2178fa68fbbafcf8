/* redact.c - an account is deleted, and with it all that is personal in the journal.
 *
 * What follows is the journal's: it destroys the key as it takes the event (broker/journal.h),
 * and has every actor make its projection anew.  The event says nothing of the person but the
 * account's number. */
#include "actors/session/account.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

err_t session_redact(turn_t *turn, const call_t *call, const void *body)
{
    const account_redact_call_t *ask = body;
    const account_row_t *row;
    (void)call; /* an operator's */
    err_t err = rows_account(turn, ask->account, &row);
    if (err != ERR_OK || row->redacted != 0)
        return err;
    if (row->role == role_SYSTEM)
        return turn_refuse(turn, ERR_FORBIDDEN, "`account`: is the system's");
    if (row->deleted == 0)
        err = account_delete(turn, row);
    if (err == ERR_OK)
        turn_emit(turn, EVENT_account_redacted, 0, row->id, &(account_redacted_event_t){row->id});
    return err;
}
