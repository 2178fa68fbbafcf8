#include "ws-edge/pass.h"

err_t pass_call(const who_t *who, uint16_t call, arena_t *arena, const char **ret_detail)
{
    const char *scope = call_scope(call);
    *ret_detail = NULL;
    if (scopes_allow(who->scopes, call))
        return ERR_OK;
    slice_t detail = *scope != '\0' ? arena_printf(arena, "this key lacks the scope `%s`", scope)
                                    : SLICE_LIT("no API key may do this");
    *ret_detail = (const char *)detail.ptr;
    return ERR_FORBIDDEN;
}

err_t pass_hear(const who_t *who, arena_t *arena, const char **ret_detail)
{
    return pass_call(who, CALL_room_history, arena, ret_detail);
}
