/* gate.c - two tables of rows that know when they can be forgotten. */
#include "ws-edge/gate.h"

#include "schema/buf.h"
#include "schema/map.h"
#include "schema/mem.h"

struct gate {
    map_t *sessions; /* number → ended_session_t */
    map_t *accounts; /* id → not_before_t */
};

gate_t *gate_new(void)
{
    gate_t *gate = mem_new(gate_t);
    gate->sessions = map_new();
    gate->accounts = map_new();
    return gate;
}

static void s_free_all(map_t **map_p)
{
    uint64_t key;
    void *row;
    for (size_t at = 0; map_next(*map_p, &at, &key, &row);)
        mem_free(row);
    map_destroy(map_p);
}

void gate_destroy(gate_t **gate_p)
{
    if (*gate_p == NULL)
        return;
    s_free_all(&(*gate_p)->sessions);
    s_free_all(&(*gate_p)->accounts);
    mem_free(*gate_p);
    *gate_p = NULL;
}

void gate_clear(gate_t *gate)
{
    s_free_all(&gate->sessions);
    s_free_all(&gate->accounts);
    gate->sessions = map_new();
    gate->accounts = map_new();
}

void gate_end(gate_t *gate, uint64_t session, int64_t expires)
{
    ended_session_t *row = map_get(gate->sessions, session);
    if (row == NULL) {
        row = mem_new(ended_session_t);
        map_put(gate->sessions, session, row);
    }
    *row = (ended_session_t){session, expires};
}

void gate_end_before(gate_t *gate, uint64_t account, uint64_t session, int64_t expires)
{
    not_before_t *row = map_get(gate->accounts, account);
    if (row == NULL) {
        row = mem_new(not_before_t);
        map_put(gate->accounts, account, row);
    }
    if (session >= row->session)
        *row = (not_before_t){account, session, expires};
}

bool gate_passes(const gate_t *gate, who_t who)
{
    const not_before_t *row = map_get(gate->accounts, who.account);
    if (row != NULL && who.session < row->session)
        return false;
    return map_get(gate->sessions, who.session) == NULL;
}

/* The rows of both kinds begin differently, so each says where its time lies. */
static void s_sweep(map_t *map, size_t expires_offset, int64_t now)
{
    buf_t over = {0};
    uint64_t key;
    void *row;
    for (size_t at = 0; map_next(map, &at, &key, &row);) {
        int64_t expires;
        memcpy(&expires, (uint8_t *)row + expires_offset, sizeof expires);
        if (expires <= now)
            buf_append(&over, slice_new(&key, sizeof key));
    }
    for (size_t at = 0; at < over.len; at += sizeof key) {
        memcpy(&key, over.data + at, sizeof key);
        mem_free(map_remove(map, key));
    }
    buf_free(&over);
}

void gate_sweep(gate_t *gate, int64_t now)
{
    s_sweep(gate->sessions, offsetof(ended_session_t, expires), now);
    s_sweep(gate->accounts, offsetof(not_before_t, expires), now);
}
