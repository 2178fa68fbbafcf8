/* fill.c - a call's fields by name: from the body, the header Idempotency-Key, the
 * query and, above all, the path. */
#include "ws-edge/fill.h"

#include "schema/text.h"

static err_t s_wrong(answer_t *ret_refusal, err_t err, const fault_t *fault, arena_t *arena)
{
    ret_refusal->status = err;
    ret_refusal->detail = fault_text(fault, arena);
    return err;
}

/* The next `name=value` of a query; only names are looked at, values are decoded by name. */
static bool s_next_name(slice_t *query, slice_t *ret_name)
{
    while (query->len > 0) {
        const uint8_t *end = memchr(query->ptr, '&', query->len);
        size_t len = end != NULL ? (size_t)(end - query->ptr) : query->len;
        slice_t pair = slice_new(query->ptr, len);
        *query = slice_from(*query, end != NULL ? len + 1 : len);
        const uint8_t *equals = memchr(pair.ptr, '=', pair.len);
        *ret_name = equals != NULL ? slice_new(pair.ptr, (size_t)(equals - pair.ptr)) : pair;
        if (ret_name->len > 0)
            return true;
    }
    return false;
}

static err_t s_fill_query(visit_t *visit, const shape_t *shape, void *object, fault_t *fault)
{
    slice_t query = visit->request->query;
    slice_t name, value;
    while (s_next_name(&query, &name)) {
        const field_t *field = shape_field(shape, name);
        const char *text = (const char *)arena_copy(visit->arena, name).ptr;
        if (field == NULL || field->need == NEED_HID || field->need == NEED_SEC) {
            *fault = (fault_t){text, "is not a parameter of this path"};
            return ERR_UNKNOWN_FIELD;
        }
        err_t err = request_query(visit->request, text, visit->arena, &value);
        if (err == ERR_OK)
            err = codec_set_text(object, field, value, visit->arena, fault);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* A path that names no possible thing names nothing. */
static err_t s_fill_path(visit_t *visit, const shape_t *shape, void *object)
{
    slice_t name;
    fault_t fault;
    for (size_t i = 0; (name = route_param_name(visit->route, i)).len > 0; i++) {
        const field_t *field = shape_field(shape, name);
        if (codec_set_text(object, field, visit->params[i], visit->arena, &fault) != ERR_OK ||
            slice_is(visit->params[i], "0"))
            return ERR_NOT_FOUND;
    }
    return ERR_OK;
}

/* The header stands in for a client id that the body does not have. */
static err_t s_fill_key(visit_t *visit, const shape_t *shape, void *object, fault_t *fault)
{
    const field_t *field = shape_field(shape, SLICE_LIT("client_id"));
    slice_t key = request_header(visit->request, "idempotency-key");
    if (field == NULL || key.ptr == NULL)
        return ERR_OK;
    const slice_t *given = (const slice_t *)(const void *)((uint8_t *)object + field->offset);
    return given->len > 0 ? ERR_OK : codec_set_text(object, field, key, visit->arena, fault);
}

static err_t s_check(const visit_t *visit, const shape_t *shape, const void *object, fault_t *fault)
{
    err_t err = codec_check(shape, object, fault);
    const field_t *limit = shape_field(shape, SLICE_LIT("limit"));
    if (err != ERR_OK || visit->route->limit_max == 0 || limit == NULL)
        return err;
    if (*(const uint64_t *)(const void *)((const uint8_t *)object + limit->offset) <=
        visit->route->limit_max)
        return ERR_OK;
    *fault = (fault_t){"limit", "is too large"};
    return ERR_INVALID;
}

err_t fill_call(visit_t *visit, answer_t *ret_refusal)
{
    const shape_t *shape = call_type(visit->route->call)->shape();
    void *object = arena_alloc(visit->arena, shape->size);
    fault_t fault = {0};
    err_t err = ERR_OK;
    if (visit->json != NULL)
        err = codec_set_json(object, visit->json, shape, UNKNOWN_REFUSED, visit->arena, &fault);
    if (err == ERR_OK)
        err = s_fill_key(visit, shape, object, &fault);
    if (err == ERR_OK)
        err = s_fill_query(visit, shape, object, &fault);
    if (err == ERR_OK)
        err = s_fill_path(visit, shape, object);
    if (err == ERR_OK)
        err = s_check(visit, shape, object, &fault);
    if (err != ERR_OK)
        return s_wrong(ret_refusal, err, &fault, visit->arena);
    visit->call = visit->route->call;
    visit->args = object;
    return ERR_OK;
}

/* ---- devices ---- */

slice_t fill_device(const request_t *request)
{
    slice_t agent = request_header(request, "user-agent");
    return text_valid(agent) ? text_cut(agent, LIMIT_DEVICE) : (slice_t){0};
}

void fill_missing_device(visit_t *visit)
{
    const call_type_t *type = call_type(visit->call);
    const field_t *field = shape_field(type->shape(), SLICE_LIT("device"));
    if (type->access != ACCESS_ANYONE || field == NULL)
        return;
    uint8_t *args = arena_alloc(visit->arena, type->shape()->size);
    memcpy(args, visit->args, type->shape()->size);
    slice_t *device = (slice_t *)(void *)(args + field->offset);
    if (device->len == 0)
        *device = fill_device(visit->request);
    visit->args = args;
}
