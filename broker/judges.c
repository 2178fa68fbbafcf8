/* judges.c - a short list by session; a house has few bots, and fewer that judge. */
#include "broker/judges.h"

#include "schema/map.h"
#include "schema/mem.h"

struct judges {
    judge_t **items; /* by ascending session */
    size_t count;
    size_t size;
};

judges_t *judges_new(void)
{
    return mem_new(judges_t);
}

static void s_free(judge_t *judge)
{
    map_destroy(&judge->rooms);
    map_destroy(&judge->only);
    mem_free(judge);
}

void judges_destroy(judges_t **judges_p)
{
    judges_t *judges = *judges_p;
    if (judges == NULL)
        return;
    *judges_p = NULL;
    for (size_t i = 0; i < judges->count; i++)
        s_free(judges->items[i]);
    mem_free(judges->items);
    mem_free(judges);
}

/* ---- the list ---- */

/* Where the first lies whose session is not lower. */
static size_t s_place(const judges_t *judges, uint64_t session)
{
    size_t place = 0;
    while (place < judges->count && judges->items[place]->session < session)
        place++;
    return place;
}

judge_t *judges_find(const judges_t *judges, uint64_t session)
{
    size_t place = s_place(judges, session);
    bool found = place < judges->count && judges->items[place]->session == session;
    return found ? judges->items[place] : NULL;
}

static judge_t *s_add(judges_t *judges, const roster_bot_t *bot)
{
    size_t place = s_place(judges, bot->session);
    judge_t *judge = mem_new(judge_t);
    judge->session = bot->session;
    judge->account = bot->account;
    judge->rooms = map_new();
    if (judges->count == judges->size) {
        judges->size = judges->size > 0 ? 2 * judges->size : 4;
        judges->items = mem_grow(judges->items, judges->size * sizeof *judges->items);
    }
    memmove(&judges->items[place + 1], &judges->items[place],
            (judges->count++ - place) * sizeof *judges->items);
    judges->items[place] = judge;
    return judge;
}

/* One that judged everywhere, and does no longer, is where nobody has looked. */
void judges_put(judges_t *judges, const roster_bot_t *bot)
{
    judge_t *judge = judges_find(judges, bot->session);
    bool everywhere = scopes_hold(bot->scopes, scopes_observe);
    if (judge == NULL)
        judge = s_add(judges, bot);
    if (everywhere != judge->everywhere)
        judge->settled = everywhere;
    judge->everywhere = everywhere;
    judge->gate = scopes_hold(bot->scopes, scopes_gatekeep);
}

void judges_remove(judges_t *judges, judge_t *judge)
{
    size_t place = s_place(judges, judge->session);
    s_free(judge);
    memmove(&judges->items[place], &judges->items[place + 1],
            (--judges->count - place) * sizeof *judges->items);
}

bool judges_sit(const judges_t *judges)
{
    for (size_t i = 0; i < judges->count; i++)
        if (judges->items[i]->gate || judges->items[i]->peer != 0)
            return true;
    return false;
}

bool judges_settled(const judges_t *judges)
{
    for (size_t i = 0; i < judges->count; i++)
        if (!judges->items[i]->settled)
            return false;
    return true;
}

judge_t *judges_next(const judges_t *judges, uint64_t session)
{
    size_t place = s_place(judges, session + 1);
    return place < judges->count ? judges->items[place] : NULL;
}

/* A gate whose rooms are not known may stand anywhere. */
static bool s_concerns(const judge_t *judge, uint64_t sender, uint64_t room)
{
    bool there = judge->everywhere || map_get(judge->rooms, room) != NULL;
    bool wants = judge->only == NULL || map_get(judge->only, room) != NULL;
    if (sender == judge->account)
        return false;
    if (!judge->settled)
        return judge->gate;
    return there && (judge_present(judge) ? wants : judge->gate);
}

judge_t *judges_next_for(const judges_t *judges, uint64_t session, uint64_t sender, uint64_t room)
{
    judge_t *judge = judges_next(judges, session);
    while (judge != NULL && !s_concerns(judge, sender, room))
        judge = judges_next(judges, judge->session);
    return judge;
}

/* ---- one judge ---- */

bool judge_present(const judge_t *judge)
{
    return judge->settled && judge->peer != 0 && judge->missed < LIMIT_VERDICTS_MISSED;
}

void judge_sit(judge_t *judge, uint64_t peer, ids_t rooms)
{
    map_destroy(&judge->only);
    judge->peer = peer;
    judge->missed = 0;
    if (rooms.count == 0)
        return;
    judge->only = map_new();
    for (size_t i = 0; i < rooms.count; i++)
        map_put(judge->only, rooms.items[i], judge);
}

void judge_note(judge_t *judge, const record_t *record)
{
    bool mine = record->account == judge->account;
    if (record->type == EVENT_room_joined && mine)
        map_put(judge->rooms, record->room, judge);
    else if (record->type == EVENT_room_deleted || (record->type == EVENT_room_left && mine))
        map_remove(judge->rooms, record->room);
    else
        return;
    judge->since = record->seq;
}

void judge_learn_rooms(judge_t *judge, const room_ids_t *rooms, uint64_t as_of)
{
    judge->asked = false;
    if (as_of < judge->since)
        return;
    for (size_t i = 0; i < rooms->rooms.count; i++)
        map_put(judge->rooms, rooms->rooms.items[i], judge);
    judge->settled = true;
}
