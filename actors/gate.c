/* gate.c - two tables of rows that know when they can be forgotten. */
#include "actors/gate.h"

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/codec.h"
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

void gate_end_before(gate_t *gate, const not_before_t *ended)
{
    not_before_t *row = map_get(gate->accounts, ended->account);
    if (row == NULL) {
        row = mem_new(not_before_t);
        map_put(gate->accounts, ended->account, row);
    }
    if (ended->session >= row->session)
        *row = *ended;
}

void gate_learn(gate_t *gate, const ended_list_t *ended)
{
    const ended_session_t *sessions = ended->sessions.items;
    const not_before_t *accounts = ended->accounts.items;
    for (size_t i = 0; i < ended->sessions.count; i++)
        gate_end(gate, sessions[i].session, sessions[i].expires);
    for (size_t i = 0; i < ended->accounts.count; i++)
        gate_end_before(gate, &accounts[i]);
}

static const void *s_read(const record_t *record, arena_t *arena)
{
    const void *body;
    fault_t fault;
    const shape_t *shape = event_type(record->type)->shape();
    return codec_unpack(record->body, shape, arena, &fault, &body) == ERR_OK ? body : NULL;
}

static uint64_t s_end(gate_t *gate, const record_t *record, arena_t *arena)
{
    const void *body = s_read(record, arena);
    if (body == NULL)
        return 0;
    if (record->type == EVENT_session_closed) {
        const session_closed_event_t *closed = body;
        gate_end(gate, closed->session, closed->expires);
        return closed->account;
    }
    const sessions_revoked_event_t *revoked = body;
    gate_end_before(
        gate, &(not_before_t){revoked->account, revoked->session, revoked->expires, revoked->kept});
    return revoked->account;
}

uint64_t gate_hear(gate_t *gate, const record_t *record)
{
    if (record->type != EVENT_session_closed && record->type != EVENT_sessions_revoked)
        return 0;
    arena_t *arena = arena_new();
    uint64_t account = s_end(gate, record, arena);
    arena_destroy(&arena);
    return account;
}

bool gate_passes(const gate_t *gate, uint64_t account, uint64_t session)
{
    const not_before_t *row = map_get(gate->accounts, account);
    if (row != NULL && session < row->session && session != row->kept)
        return false;
    return map_get(gate->sessions, session) == NULL;
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
