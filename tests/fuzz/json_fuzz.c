/* json_fuzz.c - any bytes as JSON, held against jansson, which reads it too.
 *
 * Both refuse the same documents and make the same values of the others, but for what is ours
 * alone: a bound on nesting, and whole numbers beyond 64 bits.  What was read is written and read again. */
#include <assert.h>
#include <jansson.h>

#undef json_is_object /* macros of the same names as our functions */
#undef json_is_array
#undef json_is_null

#include "schema/json.h"
#include "schema/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool s_same(const json_node_t *ours, const json_t *theirs);

static bool s_same_member(const json_node_t *ours, const char *name, const json_t *theirs)
{
    const json_node_t *member = json_member(ours, name);
    return member != NULL && s_same(member, theirs);
}

static err_t s_count(void *ctx, const char *name, const json_node_t *value)
{
    ++*(size_t *)ctx;
    (void)name;
    (void)value;
    return ERR_OK;
}

static bool s_same_object(const json_node_t *ours, const json_t *theirs)
{
    const char *name;
    json_t *value;
    size_t members = 0;
    if (!json_is_object(ours))
        return false;
    err_t err = json_each(ours, s_count, &members);
    assert(err == ERR_OK);
    json_object_foreach((json_t *)(uintptr_t)theirs, name,
                        value) if (!s_same_member(ours, name, value)) return false;
    return members == json_object_size(theirs);
}

static bool s_same_array(const json_node_t *ours, const json_t *theirs)
{
    size_t count = json_array_size(theirs);
    if (!json_is_array(ours) || json_count(ours) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!s_same(json_item(ours, i), json_array_get(theirs, i)))
            return false;
    return true;
}

static bool s_same(const json_node_t *ours, const json_t *theirs)
{
    slice_t text;
    int64_t number;
    double real;
    bool truth;
    switch (json_typeof(theirs)) {
    case JSON_OBJECT:
        return s_same_object(ours, theirs);
    case JSON_ARRAY:
        return s_same_array(ours, theirs);
    case JSON_STRING:
        return json_text(ours, &text) &&
               slice_eq(text, slice_new(json_string_value(theirs), json_string_length(theirs)));
    case JSON_INTEGER:
        return json_i64(ours, &number) && number == json_integer_value(theirs);
    case JSON_REAL:
        return json_double(ours, &real) && real == json_real_value(theirs);
    case JSON_TRUE:
    case JSON_FALSE:
        return json_bool(ours, &truth) && truth == json_is_true(theirs);
    case JSON_NULL:
        return json_is_null(ours);
    }
    return false;
}

static bool s_is_deeper(const json_t *value, size_t levels);

static bool s_has_deeper(const json_t *outer, size_t levels)
{
    json_t *value = (json_t *)(uintptr_t)outer, *inner;
    const char *name;
    size_t i;
    if (json_typeof(outer) == JSON_ARRAY) {
        json_array_foreach(value, i, inner) if (s_is_deeper(inner, levels)) return true;
    } else {
        json_object_foreach(value, name, inner) if (s_is_deeper(inner, levels)) return true;
    }
    return false;
}

/* Whether it nests beyond so many levels. */
static bool s_is_deeper(const json_t *value, size_t levels)
{
    if (json_typeof(value) != JSON_ARRAY && json_typeof(value) != JSON_OBJECT)
        return false;
    return levels == 0 || s_has_deeper(value, levels - 1);
}

static void s_again(const json_node_t *root, const json_t *theirs)
{
    const json_node_t *again;
    buf_t out = {0};
    json_put_node(&out, root);
    err_t err = json_parse(buf_slice(&out), &again);
    assert(err == ERR_OK && s_same(again, theirs));
    json_free(&again);
    buf_free(&out);
}

/* jansson passes over a NUL here and there, and begins anew at a number beyond 64 bits. */
static bool s_is_ours_alone(slice_t text, const json_t *theirs, const json_error_t *fault)
{
    return memchr(text.ptr, '\0', text.len) != NULL ||
           (theirs == NULL && json_error_code(fault) == json_error_numeric_overflow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { FLAGS = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY };
    slice_t text = slice_new(data, size);
    json_error_t fault;
    const json_node_t *ours = NULL;
    json_t *theirs = json_loadb((const char *)data, size, FLAGS, &fault);
    err_t err = json_parse(text, &ours);
    bool deep = theirs != NULL && s_is_deeper(theirs, LIMIT_JSON_DEPTH);
    assert(s_is_ours_alone(text, theirs, &fault) || (err == ERR_OK) == (theirs != NULL && !deep));
    if (err == ERR_OK && theirs != NULL) {
        assert(s_same(ours, theirs));
        s_again(ours, theirs);
    }
    json_free(&ours);
    json_decref(theirs);
    return 0;
}
