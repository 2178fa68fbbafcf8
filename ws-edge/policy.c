/* policy.c - from the options' words to the parts that go by them. */
#include "ws-edge/policy.h"

#include "actors/log.h"
#include "ws-edge/engine.h"

static const char *const s_rate_names[RATE_COUNT] = {
#define RATE(id, name, number, seconds, doc) name,
#include "schema/rates.def"
#undef RATE
};

static err_t s_read_rates(const edge_options_t *options, rate_t rates[RATE_COUNT])
{
    for (rate_id_t id = 0; id < RATE_COUNT; id++) {
        const char *words = options->rates[id];
        rates[id] = rate_default(id);
        if (words == NULL || rate_read(words, &rates[id]) == ERR_OK)
            continue;
        log_error("edge", "setting `rate.%s` takes NUMBER/SECONDS or off, not `%s`",
                  s_rate_names[id], words);
        return ERR_INVALID;
    }
    return ERR_OK;
}

static err_t s_read_trust(const edge_options_t *options, trust_t **ret_trust)
{
    slice_t fault;
    err_t err = trust_read(options->trusted_proxies, ret_trust, &fault);
    if (err != ERR_OK)
        log_error("edge",
                  "setting `trusted_proxies` takes addresses, networks and unix, not `%.*s`",
                  SLICE_ARG(fault));
    return err;
}

/* None where nobody listens for TLS. */
static err_t s_read_certificate(const edge_options_t *options, tls_t **ret_tls)
{
    char fault[TLS_FAULT_SIZE];
    if (options->tls_count == 0)
        return ERR_OK;
    err_t err = tls_open(options->certificate, options->key, ret_tls, fault);
    if (err != ERR_OK)
        log_error("edge", "certificate `%s`, key `%s`: %s", options->certificate, options->key,
                  fault);
    return err;
}

err_t policy_take(edge_t *edge, const edge_options_t *options)
{
    rate_t rates[RATE_COUNT];
    trust_t *trust = NULL;
    tls_t *tls = NULL;
    err_t err = s_read_rates(options, rates);
    if (err == ERR_OK)
        err = s_read_certificate(options, &tls);
    if (err == ERR_OK)
        err = s_read_trust(options, &trust);
    if (err == ERR_OK && tls != NULL)
        err = server_secure(edge->server, &tls);
    tls_close(&tls);
    if (err != ERR_OK) {
        trust_destroy(&trust);
        return err;
    }
    for (rate_id_t id = 0; id < RATE_COUNT; id++)
        quota_set(edge->toll.quota, id, &rates[id]);
    if (options->trace_addresses != NULL)
        diary_tell_addresses(edge->diary, options->trace_addresses);
    server_limit_addresses(edge->server, options->connections_per_address);
    engine_limit_addresses(edge->engine, options->connections_per_address);
    server_trust(edge->server, &trust);
    return ERR_OK;
}
