#include "ws-edge/param.h"

#include <strings.h>

#include "schema/text.h"

static const char s_form_type[] = "application/x-www-form-urlencoded";

bool param_is_form(const request_t *request)
{
    slice_t type = request_header(request, "content-type");
    size_t len = sizeof s_form_type - 1;
    if (type.len < len || strncasecmp((const char *)type.ptr, s_form_type, len) != 0)
        return false;
    return request->body.len > 0 && request->body.ptr[0] != '{' && request->body.ptr[0] != '[';
}

err_t param_check_form(slice_t form, arena_t *arena)
{
    slice_t rest = form, name, value;
    size_t count = 0;
    err_t err = ERR_OK;
    while (err == ERR_OK && count++ <= PARAM_FIELDS_MAX)
        err = request_query_next(&rest, arena, &name, &value);
    return err == ERR_NOT_FOUND ? ERR_OK : ERR_MALFORMED;
}

/* ---- looking up ---- */

static err_t s_of_node(const json_node_t *node, arena_t *arena, slice_t *ret_text)
{
    int64_t number;
    double real;
    bool truth;
    if (node == NULL || json_is_null(node))
        return ERR_NOT_FOUND;
    if (json_text(node, ret_text))
        return ERR_OK;
    if (json_i64(node, &number))
        *ret_text = arena_printf(arena, "%lld", (long long)number);
    else if (json_double(node, &real))
        *ret_text = arena_printf(arena, "%.15g", real);
    else if (json_bool(node, &truth))
        *ret_text = slice_of(truth ? "true" : "false");
    else
        return ERR_INVALID;
    return ERR_OK;
}

err_t param_secret(const visit_t *visit, const char *name, slice_t *ret_text)
{
    const request_t form = {.query = visit->form}; /* which is written as a query is */
    if (visit->form.len > 0)
        return request_query(&form, name, visit->arena, ret_text);
    return s_of_node(json_member(visit->json, name), visit->arena, ret_text);
}

err_t param_text(const visit_t *visit, const char *name, slice_t *ret_text)
{
    err_t err = param_secret(visit, name, ret_text);
    return err == ERR_NOT_FOUND ? request_query(visit->request, name, visit->arena, ret_text) : err;
}

/* ---- reading ---- */

bool param_number(slice_t text, uint64_t *ret_value)
{
    enum { DIGITS_MAX = 15 }; /* below 2^53, as everywhere */
    return text_number(text, DIGITS_MAX, ret_value);
}

err_t param_u64(const visit_t *visit, const char *name, uint64_t *ret_value)
{
    slice_t text;
    err_t err = param_text(visit, name, &text);
    if (err != ERR_OK)
        return err;
    return param_number(text, ret_value) ? ERR_OK : ERR_INVALID;
}

err_t param_field(const visit_t *visit, const char *name, const shape_t *shape, const char *field,
                  void *object, fault_t *ret_fault)
{
    slice_t text;
    err_t err = param_text(visit, name, &text);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err == ERR_OK)
        err = codec_set_text(object, shape_field(shape, slice_of(field)), text, visit->arena,
                             ret_fault);
    if (err != ERR_OK)
        *ret_fault = (fault_t){name, "cannot be read"};
    return err == ERR_OK ? ERR_OK : ERR_INVALID;
}
