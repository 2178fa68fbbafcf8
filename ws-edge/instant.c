/* instant.c - in UTC, to the microsecond. */
#include "ws-edge/instant.h"

#include <time.h>

void instant_put(buf_t *out, int64_t time_us)
{
    struct tm utc;
    time_t seconds = (time_t)(time_us / 1000000);
    gmtime_r(&seconds, &utc);
    uint8_t *at = buf_reserve(out, 64);
    out->len += strftime((char *)at, 64, "\"%Y-%m-%dT%H:%M:%S", &utc);
    buf_printf(out, ".%06dZ\"", (int)(time_us % 1000000));
}
