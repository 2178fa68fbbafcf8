#include "ws-edge/hold.h"

/* What is not there stays not there. */
static slice_t s_copy(arena_t *arena, slice_t text)
{
    return text.ptr != NULL ? arena_copy(arena, text) : text;
}

hold_t *hold_new(const request_t *request, const slice_t params[ROUTE_PARAMS_MAX])
{
    arena_t *arena = arena_new();
    hold_t *hold = arena_new_of(arena, hold_t);
    hold->arena = arena;
    hold->request = *request;
    hold->request.path = s_copy(arena, request->path);
    hold->request.query = s_copy(arena, request->query);
    hold->request.body = s_copy(arena, request->body);
    hold->request.address = s_copy(arena, request->address);
    for (size_t i = 0; i < request->header_count; i++) {
        header_t *header = &hold->request.headers[i];
        header->name = s_copy(arena, header->name);
        header->value = s_copy(arena, header->value);
    }
    for (size_t i = 0; i < ROUTE_PARAMS_MAX; i++)
        hold->params[i] = s_copy(arena, params[i]);
    return hold;
}

void hold_destroy(hold_t **hold_p)
{
    if (*hold_p == NULL)
        return;
    arena_t *arena = (*hold_p)->arena; /* it holds the rest */
    arena_destroy(&arena);
    *hold_p = NULL;
}
