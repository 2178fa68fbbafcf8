/* endpoint_fuzz.c - any bytes, as the endpoint and the public key of a browser.
 *
 * What is found of a place is enough to find it again; an origin names no user, no path and no
 * control character.  A point is one for all that is done with it. */
#include <assert.h>
#include <stdlib.h>

#include "actors/dispatch.h"
#include "actors/elliptic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_find(const char *url)
{
    dispatch_place_t place, again;
    if (dispatch_find(url, &place) != ERR_OK)
        return;
    assert(place.host[0] != '\0' && strlen(place.origin) < DISPATCH_ORIGIN_SIZE);
    assert(strpbrk(place.origin, "@ \r\n") == NULL);
    const char *rest = strstr(place.origin, "://");
    assert(rest != NULL && strchr(rest + 3, '/') == NULL);
    assert(dispatch_find(place.origin, &again) == ERR_OK);
    assert(strcmp(again.origin, place.origin) == 0 && strcmp(again.host, place.host) == 0);
    assert(again.secure == place.secure && again.usual == place.usual);
    assert(again.literal == place.literal);
}

static void s_agree(slice_t point)
{
    uint8_t secret[ELLIPTIC_SECRET_SIZE];
    elliptic_t *pair = elliptic_new();
    err_t err = elliptic_agree(pair, point, secret);
    assert((err == ERR_OK) == elliptic_is_point(point));
    elliptic_destroy(&pair);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    assert(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    s_find(text);
    free(text);
    s_agree(slice_new(data, size));
    return 0;
}
