/* sightings.c - who got a message follows from how things stand now, and from undoing, the
 * latest first, what has changed since it was shown.
 *
 *   here and ended visits ── undo LIVE, PAUSED, BECAME, CAME, LEFT ──> as it was then
 *
 * A message that nobody here was shown has no note; the moment at which it was posted takes
 * its place.  Whoever was not in the room then has nothing to do with it.  Where things were
 * queued that the connection never took, nobody knows which of them had arrived: all of them
 * are told as cut off. */
#include "ws-edge/sightings.h"

#include "schema/map.h"
#include "schema/mem.h"
#include "ws-edge/dialect.h"

typedef struct search {
    const diary_t *diary;
    const bus_asked_event_t *question;
    visit_note_t *visits; /* all that are remembered, as they were then */
    size_t visit_count;
    map_t *by_number;    /* connection → visit */
    map_t *members;      /* accounts in the room */
    const note_t *shown; /* NULL: nobody was */
    int64_t time;        /* when that was */
    sighting_t *found;
    size_t found_count;
    uint64_t more;
} search_t;

/* ---- telling ---- */

static void s_add(search_t *search, const sighting_t *sighting)
{
    if (search->found_count == LIMIT_SIGHTINGS)
        search->more++;
    else
        search->found[search->found_count++] = *sighting;
}

static void s_add_visit(search_t *search, sighting_kind_t what, const visit_note_t *visit,
                        int64_t time)
{
    s_add(search, &(sighting_t){
                      .what = what,
                      .time = time,
                      .until = visit->closed,
                      .connection = visit->connection,
                      .account = visit->account,
                      .dialect = slice_of(dialects[visit->dialect]->name),
                      .address = diary_address(search->diary, visit->address),
                      .code = visit->code,
                  });
}

static void s_add_posts(search_t *search)
{
    const post_note_t *post;
    for (size_t back = 0; (post = diary_post_at(search->diary, back)) != NULL; back++)
        if (post->message == search->question->message)
            s_add(search, &(sighting_t){
                              .what = sighting_kind_RECEIVED,
                              .time = post->asked,
                              .until = post->answered,
                              .connection = post->connection,
                              .account = post->account,
                              .dialect = slice_of(dialects[post->dialect]->name),
                              .address = diary_address(search->diary, post->address),
                          });
}

/* ---- as it was then ---- */

static void s_gather(search_t *search, const visit_note_t *here, size_t here_count)
{
    const visit_note_t *ended;
    size_t count = here_count;
    search->visits = mem_zeroed((here_count + DIARY_VISITS) * sizeof *search->visits);
    if (here_count > 0)
        memcpy(search->visits, here, here_count * sizeof *here);
    for (size_t back = 0; (ended = diary_visit_at(search->diary, back)) != NULL; back++)
        search->visits[count++] = *ended;
    search->visit_count = count;
    for (size_t i = 0; i < count; i++)
        map_put(search->by_number, search->visits[i].connection, &search->visits[i]);
    for (size_t i = 0; i < search->question->accounts.count; i++)
        map_put(search->members, search->question->accounts.items[i], search);
}

static void s_find_shown(search_t *search)
{
    const note_t *note;
    search->time = search->question->posted;
    for (size_t back = 0; (note = diary_note_at(search->diary, back)) != NULL; back++)
        if (note->kind == NOTE_SHOWN && note->key == search->question->record) {
            search->shown = note;
            search->time = note->time;
            return;
        }
}

static void s_undo(const search_t *search, const note_t *note)
{
    visit_note_t *visit = map_get(search->by_number, note->connection);
    bool here = note->key == search->question->room;
    if (visit == NULL)
        return;
    if (note->kind == NOTE_LIVE || note->kind == NOTE_PAUSED) {
        visit->live = note->kind == NOTE_PAUSED;
    } else if (note->kind == NOTE_BECAME) {
        visit->account = note->other;
        visit->live = note->live;
    } else if (here && (note->kind == NOTE_CAME || note->kind == NOTE_LEFT)) {
        visit->in = note->kind == NOTE_LEFT;
    }
}

/* Back to the note that it was shown by or, without one, to its time. */
static void s_go_back(search_t *search)
{
    const note_t *note;
    for (size_t back = 0; (note = diary_note_at(search->diary, back)) != NULL; back++) {
        if (note == search->shown || (search->shown == NULL && note->time <= search->time))
            return;
        s_undo(search, note);
    }
}

/* ---- judging ---- */

static bool s_picks(const visit_note_t *visit)
{
    return dialects[visit->dialect]->hears == HEARS_PICKED;
}

static sighting_kind_t s_judge(const search_t *search, const visit_note_t *visit)
{
    if (visit->closed != 0 && visit->closed <= search->time)
        return sighting_kind_GONE;
    if (s_picks(visit) && !visit->in)
        return sighting_kind_UNSUBSCRIBED;
    if (!visit->live || search->shown == NULL)
        return sighting_kind_BEHIND;
    if (search->shown->dialects >> visit->dialect & 1)
        return sighting_kind_FILTERED;
    if (visit->untaken == 0 || visit->untaken > search->time)
        return sighting_kind_DELIVERED;
    return visit->closed != 0 ? sighting_kind_CUT_OFF : sighting_kind_WAITING;
}

/* Of a member who was not there then the last visit is told, which is the first one met. */
static void s_add_visits(search_t *search, bool gone)
{
    static char seen; /* a mark in place of the search's own */
    for (size_t i = 0; i < search->visit_count; i++) {
        const visit_note_t *visit = &search->visits[i];
        const void *member = map_get(search->members, visit->account);
        sighting_kind_t what = s_judge(search, visit);
        if (member == NULL || visit->opened > search->time ||
            (what == sighting_kind_GONE) != gone || (gone && member == &seen))
            continue;
        s_add_visit(search, what, visit, gone ? visit->closed : search->time);
        map_put(search->members, visit->account, &seen);
    }
}

/* What was shown, or not, to those who had missed it. */
static void s_add_resumed(search_t *search)
{
    const note_t *note;
    for (size_t back = 0; (note = diary_note_at(search->diary, back)) != NULL; back++) {
        bool resumed = note->kind == NOTE_RESUMED;
        if ((!resumed && note->kind != NOTE_HIDDEN) || note->key != search->question->record)
            continue;
        const visit_note_t *visit = map_get(search->by_number, note->connection);
        if (visit != NULL)
            s_add_visit(search, resumed ? sighting_kind_RESUMED : sighting_kind_HIDDEN, visit,
                        note->time);
    }
}

/* As much as is remembered of it, whose edge may have begun, or forgotten, since then. */
static bool s_remembers(const search_t *search)
{
    return search->shown != NULL || diary_since(search->diary) <= search->question->posted;
}

const edge_trace_t *sightings_make(const diary_t *diary, const bus_asked_event_t *question,
                                   const visit_note_t *here, size_t here_count, arena_t *arena)
{
    search_t search = {
        .diary = diary,
        .question = question,
        .by_number = map_new(),
        .members = map_new(),
        .found = arena_alloc(arena, LIMIT_SIGHTINGS * sizeof(sighting_t)),
    };
    s_gather(&search, here, here_count);
    s_find_shown(&search);
    s_add_posts(&search);
    if (s_remembers(&search)) {
        s_go_back(&search);
        s_add_visits(&search, false);
        s_add_visits(&search, true);
    }
    s_add_resumed(&search);
    map_destroy(&search.by_number);
    map_destroy(&search.members);
    mem_free(search.visits);
    edge_trace_t *trace = arena_new_of(arena, edge_trace_t);
    *trace = (edge_trace_t){
        .since = diary_since(diary),
        .shown = search.shown != NULL,
        .sightings = {search.found, search.found_count},
        .more = search.more,
    };
    return trace;
}
