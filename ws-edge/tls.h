/* tls.h - TLS on a descriptor; the door of OpenSSL.
 *
 * TLS 1.2 and 1.3 with the ciphers of today (RFC 9325), HTTP/1.1 as the only protocol,
 * no compression, no renegotiation.  Nothing here waits. */
#ifndef WS_EDGE_TLS_H
#define WS_EDGE_TLS_H

#include "schema/err.h"
#include "schema/slice.h"

/* A certificate with its key.  Connections that were made with it keep it alive. */
typedef struct tls tls_t;

enum { TLS_FAULT_SIZE = 256, TLS_RECORD_SIZE = 16384 };

/* Read a certificate's chain and its key, both PEM files.  INVALID, with the reason in
 * `fault`, if one cannot be read, or they do not belong together, or it has expired. */
MUST_CHECK err_t tls_open(const char *certificate, const char *key, tls_t **ret_tls,
                          char fault[TLS_FAULT_SIZE]);
void tls_close(tls_t **tls_p);

/* One connection. */
typedef struct tls_conn tls_conn_t;

/* What came of a step. */
typedef enum tls_step {
    TLS_DONE,
    TLS_WAIT_READ,  /* again once the descriptor can be read */
    TLS_WAIT_WRITE, /* again once it can be written */
    TLS_ENDED,      /* the peer will send no more */
    TLS_BROKEN,     /* only its end is left */
} tls_step_t;

/* NULL if there is no memory for one.  The descriptor stays the caller's. */
tls_conn_t *tls_conn_new(tls_t *tls, int fd);
void tls_conn_destroy(tls_conn_t **conn_p);

tls_step_t tls_shake(tls_conn_t *conn);

/* Into at least TLS_RECORD_SIZE bytes, so that nothing that has arrived stays hidden from
 * whoever watches the descriptor. */
tls_step_t tls_read(tls_conn_t *conn, uint8_t *to, size_t *ret_len);

/* As much as goes, from the beginning; the rest may lie elsewhere when it is written. */
tls_step_t tls_write(tls_conn_t *conn, slice_t bytes, size_t *ret_len);

/* Say that nothing more will come. */
tls_step_t tls_finish(tls_conn_t *conn);

#endif
