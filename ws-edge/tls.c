/* tls.c - OpenSSL's door.
 *
 * Its error queue is a thread's own and must be empty before each operation: what lies in
 * it is taken for the operation's failure. */
#include "ws-edge/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <time.h>

#include "schema/mem.h"

/* Both structs are OpenSSL's under a name of ours. */
static SSL_CTX *s_context(tls_t *tls)
{
    return (SSL_CTX *)(void *)tls;
}

static SSL *s_ssl(tls_conn_t *conn)
{
    return (SSL *)(void *)conn;
}

/* ---- certificates ---- */

static err_t s_fail(const char *what, char fault[TLS_FAULT_SIZE])
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());
    snprintf(fault, TLS_FAULT_SIZE, "%s%s%s", what, why != NULL ? ": " : "", why ? why : "");
    ERR_clear_error();
    return ERR_INVALID;
}

/* Of what the client offers HTTP/1.1 is taken; whoever offers only other protocols is told
 * so (RFC 7301).  Its list is a row of texts, each behind its length. */
static int s_choose_protocol(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_len,
                             const unsigned char *offered, unsigned len, void *ctx)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen;
    (void)ssl;
    (void)ctx;
    if (SSL_select_next_proto(&chosen, ret_len, ours, sizeof ours - 1, offered, len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret_name = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool s_set_rules(SSL_CTX *context)
{
    static const unsigned char name[] = "kith";
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* tickets need no memory */
    SSL_CTX_set_alpn_select_cb(context, s_choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set_session_id_context(context, name, sizeof name - 1) == 1;
}

static bool s_in_time(const SSL_CTX *context)
{
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    return X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

static err_t s_load(SSL_CTX *context, const char *certificate, const char *key, char *fault)
{
    if (!s_set_rules(context))
        return s_fail("OpenSSL does not take our rules", fault);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return s_fail("the certificate cannot be read", fault);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return s_fail("the key cannot be read or is another certificate's", fault);
    if (SSL_CTX_check_private_key(context) != 1)
        return s_fail("the key is another certificate's", fault);
    return s_in_time(context) ? ERR_OK : s_fail("the certificate has expired", fault);
}

err_t tls_open(const char *certificate, const char *key, tls_t **ret_tls,
               char fault[TLS_FAULT_SIZE])
{
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    err_t err = context != NULL ? s_load(context, certificate, key, fault)
                                : s_fail("OpenSSL does not start", fault);
    if (err == ERR_OK)
        *ret_tls = (tls_t *)(void *)context;
    else
        SSL_CTX_free(context);
    return err;
}

void tls_close(tls_t **tls_p)
{
    SSL_CTX_free(s_context(*tls_p));
    *tls_p = NULL;
}

/* ---- connections ---- */

tls_conn_t *tls_conn_new(tls_t *tls, int fd)
{
    ERR_clear_error();
    SSL *ssl = SSL_new(s_context(tls));
    if (ssl == NULL)
        return NULL;
    if (SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_accept_state(ssl);
    return (tls_conn_t *)(void *)ssl;
}

void tls_conn_destroy(tls_conn_t **conn_p)
{
    SSL_free(s_ssl(*conn_p));
    *conn_p = NULL;
}

static tls_step_t s_step(SSL *ssl, int result)
{
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_NONE:
        return TLS_DONE;
    case SSL_ERROR_WANT_READ:
        return TLS_WAIT_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WAIT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_ENDED;
    default:
        return TLS_BROKEN;
    }
}

tls_step_t tls_shake(tls_conn_t *conn)
{
    ERR_clear_error();
    return s_step(s_ssl(conn), SSL_do_handshake(s_ssl(conn)));
}

tls_step_t tls_read(tls_conn_t *conn, uint8_t *to, size_t *ret_len)
{
    ERR_clear_error();
    return s_step(s_ssl(conn), SSL_read_ex(s_ssl(conn), to, TLS_RECORD_SIZE, ret_len));
}

tls_step_t tls_write(tls_conn_t *conn, slice_t bytes, size_t *ret_len)
{
    ERR_clear_error();
    return s_step(s_ssl(conn), SSL_write_ex(s_ssl(conn), bytes.ptr, bytes.len, ret_len));
}

/* Whether the peer says so too is not waited for. */
tls_step_t tls_finish(tls_conn_t *conn)
{
    ERR_clear_error();
    int result = SSL_shutdown(s_ssl(conn));
    return result >= 0 ? TLS_DONE : s_step(s_ssl(conn), result);
}
