#include "ws-edge/extra.h"

#include <string.h>

#include "schema/limits.h"

typedef struct pass_on {
    buf_t *out;
    const char *const *without;
    size_t count;
    bool bounded;
} pass_on_t;

static bool s_listed(const char *const *names, const char *name)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* A bounded object ends with a brace behind this member. */
static err_t s_pass_on(void *ctx, const char *name, const json_node_t *value)
{
    pass_on_t *pass = ctx;
    size_t before = pass->out->len;
    if (s_listed(pass->without, name) || (pass->bounded && pass->count == LIMIT_EXTRAS))
        return ERR_OK;
    if (before > 0 && pass->out->data[before - 1] != '{')
        buf_append_byte(pass->out, ',');
    json_put_text(pass->out, slice_of(name));
    buf_append_byte(pass->out, ':');
    json_put_node(pass->out, value);
    if (pass->bounded && pass->out->len + 1 > LIMIT_EXTRA)
        pass->out->len = before;
    else
        pass->count++;
    return ERR_OK;
}

slice_t extra_take(const json_node_t *object, const char *const *known, arena_t *arena)
{
    buf_t text = {0};
    pass_on_t pass = {.out = &text, .without = known, .bounded = true};
    slice_t extra = {0};
    if (!json_is_object(object))
        return extra;
    buf_append_byte(&text, '{');
    if (json_each(object, s_pass_on, &pass) == ERR_OK && pass.count > 0) {
        buf_append_byte(&text, '}');
        extra = arena_copy(arena, buf_slice(&text));
    }
    buf_free(&text);
    return extra;
}

void extra_put(buf_t *out, slice_t extra, const char *const *ours)
{
    const json_node_t *members = NULL;
    pass_on_t pass = {.out = out, .without = ours};
    if (extra.len == 0 || json_parse(extra, &members) != ERR_OK)
        return;
    if (json_is_object(members))
        (void)!json_each(members, s_pass_on, &pass);
    json_free(&members);
}
