/* roster.c - a map from sessions to bots; a house has few, so keys and accounts are found by
 * looking at all of them, at handshakes and where a bot comes or goes only. */
#include "broker/roster.h"

#include <stdio.h>
#include <string.h>

#include "schema/codec.h"
#include "schema/map.h"
#include "schema/mem.h"

struct roster {
    map_t *bots; /* session → roster_bot_t */
    arena_t *arena;
    uint64_t changed; /* sequence of the last event that let one in, or gave one scopes */
    bool complete;
};

roster_t *roster_new(void)
{
    roster_t *roster = mem_new(roster_t);
    roster->bots = map_new();
    roster->arena = arena_new();
    return roster;
}

void roster_destroy(roster_t **roster_p)
{
    roster_t *roster = *roster_p;
    uint64_t session;
    void *bot;
    if (roster == NULL)
        return;
    *roster_p = NULL;
    for (size_t at = 0; map_next(roster->bots, &at, &session, &bot);)
        mem_free(bot);
    map_destroy(&roster->bots);
    arena_destroy(&roster->arena);
    mem_free(roster);
}

bool roster_complete(const roster_t *roster)
{
    return roster->complete;
}

/* ---- finding ---- */

roster_bot_t *roster_find(const roster_t *roster, uint64_t session)
{
    return map_get(roster->bots, session);
}

const roster_bot_t *roster_next(const roster_t *roster, size_t *at)
{
    uint64_t session;
    void *bot;
    return map_next(roster->bots, at, &session, &bot) ? bot : NULL;
}

roster_bot_t *roster_of_account(const roster_t *roster, uint64_t account)
{
    uint64_t session;
    void *bot;
    for (size_t at = 0; map_next(roster->bots, &at, &session, &bot);)
        if (((roster_bot_t *)bot)->account == account)
            return bot;
    return NULL;
}

roster_bot_t *roster_of_key(const roster_t *roster, const char *key)
{
    uint64_t session;
    void *bot;
    for (size_t at = 0; map_next(roster->bots, &at, &session, &bot);)
        if (strcmp(((roster_bot_t *)bot)->key, key) == 0)
            return bot;
    return NULL;
}

/* ---- learning ---- */

static void s_set_scopes(roster_bot_t *bot, slice_t words)
{
    bot->scopes = scopes_set(words);
    snprintf(bot->words, sizeof bot->words, "%.*s", SLICE_ARG(words));
}

static void s_add(roster_t *roster, const bot_t *row)
{
    roster_bot_t *bot = roster_find(roster, row->session);
    if (bot == NULL) {
        bot = mem_new(roster_bot_t);
        map_put(roster->bots, row->session, bot);
    }
    bot->account = row->account;
    bot->session = row->session;
    snprintf(bot->key, sizeof bot->key, "%.*s", SLICE_ARG(row->key));
    s_set_scopes(bot, row->scopes);
}

bool roster_learn(roster_t *roster, const bot_list_t *page, uint64_t as_of, const gate_t *gate,
                  uint64_t *ret_after)
{
    const bot_t *bots = page->bots.items;
    size_t count = page->bots.count;
    *ret_after = 0;
    if (as_of < roster->changed)
        return true;
    for (size_t i = 0; i < count; i++)
        if (gate_passes(gate, bots[i].account, bots[i].session))
            s_add(roster, &bots[i]);
    if (count > 0)
        *ret_after = bots[count - 1].account;
    roster->complete = roster->complete || count < LIMIT_PAGE;
    return count == LIMIT_PAGE;
}

void roster_strike(roster_t *roster, uint64_t session)
{
    mem_free(map_remove(roster->bots, session));
}

/* ---- hearing ---- */

static void s_hear_opened(roster_t *roster, const session_opened_event_t *event, uint64_t seq)
{
    if (event->key.len == 0)
        return;
    roster->changed = seq;
    s_add(roster, &(bot_t){
                      .account = event->account,
                      .session = event->session,
                      .key = event->key,
                      .scopes = event->scopes,
                  });
}

static void s_hear_scoped(roster_t *roster, const bot_scoped_event_t *event, uint64_t seq)
{
    roster_bot_t *bot = roster_find(roster, event->session);
    roster->changed = seq;
    if (bot != NULL)
        s_set_scopes(bot, event->scopes);
}

static uint64_t s_hear_closed(const roster_t *roster, const session_closed_event_t *event)
{
    return roster_find(roster, event->session) != NULL ? event->session : 0;
}

/* An account has one good key at most. */
static uint64_t s_hear_revoked(const roster_t *roster, const sessions_revoked_event_t *event)
{
    const roster_bot_t *bot = roster_of_account(roster, event->account);
    bool ends = bot != NULL && bot->session < event->session && bot->session != event->kept;
    return ends ? bot->session : 0;
}

static uint64_t s_hear(roster_t *roster, const record_t *record, const void *body)
{
    if (record->type == EVENT_session_closed)
        return s_hear_closed(roster, body);
    if (record->type == EVENT_sessions_revoked)
        return s_hear_revoked(roster, body);
    if (record->type == EVENT_session_opened)
        s_hear_opened(roster, body, record->seq);
    else
        s_hear_scoped(roster, body, record->seq);
    return 0;
}

bool roster_concerns(uint16_t type)
{
    return type == EVENT_session_opened || type == EVENT_session_closed ||
           type == EVENT_sessions_revoked || type == EVENT_bot_scoped;
}

uint64_t roster_hear(roster_t *roster, const record_t *record)
{
    const void *body;
    fault_t fault;
    if (!roster_concerns(record->type))
        return 0;
    arena_reset(roster->arena);
    const shape_t *shape = event_type(record->type)->shape();
    bool read = codec_unpack(record->body, shape, roster->arena, &fault, &body) == ERR_OK;
    return read ? s_hear(roster, record, body) : 0;
}
