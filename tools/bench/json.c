#include "tools/bench/json.h"

#include <string.h>

slice_t json_value(slice_t json, const char *name, char end)
{
    const char *at = memmem(json.ptr, json.len, name, strlen(name));
    if (at == NULL)
        return (slice_t){0};
    at += strlen(name);
    const char *json_end = (const char *)json.ptr + json.len;
    while (at < json_end && (*at == ' ' || *at == ':' || *at == '"'))
        at++;
    const char *stop = memchr(at, end, (size_t)(json_end - at));
    return stop ? slice_new(at, (size_t)(stop - at)) : (slice_t){0};
}
