#include "tools/kith/ask.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/codec.h"
#include "tools/kith/place.h"
#include "tools/kith/show.h"

void ask_endpoint(const options_t *options, char ret_endpoint[], size_t size)
{
    if (options->bus != NULL)
        snprintf(ret_endpoint, size, "%s", options->bus);
    else
        snprintf(ret_endpoint, size, "ipc://%s/bus", options->data);
}

peer_t *ask_meet(const options_t *options)
{
    char endpoint[PATH_MAX];
    peer_t *peer = NULL;
    ask_endpoint(options, endpoint, sizeof endpoint);
    err_t err = peer_connect(endpoint, options->keys, &peer);
    if (err != ERR_OK)
        place_complain(endpoint, err);
    return peer;
}

/* What the server said of its refusal, or else the error's own sentence. */
static void s_complain(const peer_t *peer, call_number_t type, err_t err)
{
    slice_t detail = peer_detail(peer);
    fprintf(stderr, "kith: %s: ", call_type((uint16_t)type)->name);
    if (err == ERR_UNAVAILABLE && detail.len == 0)
        fprintf(stderr, "nobody answers: is the server running?\n");
    else if (detail.len > 0)
        fprintf(stderr, "%s: %.*s\n", err_info(err)->name, SLICE_ARG(detail));
    else
        fprintf(stderr, "%s\n", err_info(err)->sentence);
}

const void *ask(peer_t *peer, call_number_t type, const void *body)
{
    const void *answer = NULL;
    err_t err = peer_call(peer, type, body, &answer);
    if (err == ERR_OK)
        return answer;
    s_complain(peer, type, err);
    return NULL;
}

const void *ask_long(peer_t *peer, call_number_t type, const void *body)
{
    const void *answer = NULL;
    err_t err = peer_call_long(peer, type, body, &answer);
    if (err == ERR_OK)
        return answer;
    s_complain(peer, type, err);
    return NULL;
}

void ask_print_json(const shape_t *shape, const void *object)
{
    buf_t out = {0};
    codec_put_json(&out, shape, object);
    printf("%.*s\n", SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

void ask_print(call_number_t type, const void *answer)
{
    ask_print_json(call_type((uint16_t)type)->answer(), answer);
}

void ask_print_text(slice_t text)
{
    buf_t out = {0};
    show_tame(&out, text);
    printf("%.*s\n", SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

const account_t *ask_account(peer_t *peer, const char *name)
{
    char *end = NULL;
    if (name[0] != '#')
        return ask(peer, CALL_account_find, &(account_find_call_t){slice_of(name)});
    uint64_t id = strtoull(name + 1, &end, 10);
    if (id > 0 && *end == '\0' && name[1] >= '0' && name[1] <= '9')
        return ask(peer, CALL_account_get, &(account_get_call_t){id});
    fprintf(stderr, "kith: `%s` is no account's number\n", name);
    return NULL;
}

ask_time_t ask_show_time(int64_t time_us)
{
    ask_time_t shown = {"-"};
    time_t seconds = (time_t)(time_us / 1000000);
    struct tm parts;
    if (time_us != 0 && gmtime_r(&seconds, &parts) != NULL)
        strftime(shown.text, sizeof shown.text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return shown;
}
