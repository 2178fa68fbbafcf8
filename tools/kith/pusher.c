/* pusher.c - kith pusher: what to configure Pusher's clients and server libraries with. */
#include <stdio.h>
#include <string.h>

#include "actors/app_keys.h"
#include "tools/kith/command.h"

static void s_print_json(const app_keys_t *keys)
{
    printf("{\"app_id\":\"%s\",\"key\":\"%s\",\"secret\":\"%s\",\"cluster\":\"%s\"}\n", keys->id,
           keys->key, keys->secret, keys->cluster);
}

static void s_print(const app_keys_t *keys)
{
    printf("app_id   %s\nkey      %s\nsecret   %s\ncluster  %s\n", keys->id, keys->key,
           keys->secret, keys->cluster);
}

outcome_t pusher_run(const options_t *options)
{
    app_keys_t keys;
    err_t err = app_keys_read(options->data, &keys);
    if (err == ERR_NOT_FOUND)
        fprintf(stderr,
                "kith: %s has no pusher.app: it is made at the server's first start, unless all "
                "four are set\n",
                options->data);
    if (err != ERR_OK)
        return OUTCOME_BAD;
    if (options->json)
        s_print_json(&keys);
    else
        s_print(&keys);
    explicit_bzero(&keys, sizeof keys);
    return OUTCOME_GOOD;
}
