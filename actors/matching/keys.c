#include "actors/matching/keys.h"

static row_key_t s_key(uint64_t session)
{
    return row_key1('k', session);
}

err_t keys_moderate(turn_t *turn, uint64_t session, bool *ret_moderates)
{
    slice_t mark;
    err_t err = row_get_bytes(turn, s_key(session), &mark);
    *ret_moderates = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

void keys_note(turn_t *turn, uint64_t session, slice_t scopes)
{
    if (scopes.len > 0 && scopes_allow(scopes_set(scopes), CALL_report_resolve))
        row_put_mark(turn, s_key(session));
    else if (scopes.len > 0)
        row_delete(turn, s_key(session));
}
