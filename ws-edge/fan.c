/* fan.c - a record's way to the connections.
 *
 *   room.joined    its account's connections enter the room, then all are shown it
 *   room.left      all are shown it, then its account's connections leave
 *   room.deleted   all are shown it, then everybody leaves
 *   session ended  the gate learns it and its connections are closed
 *
 * Most of a record looks the same to everybody; where its author sees more (veil.h)
 * there is a second frame.  So at most two frames a dialect are made, and only those
 * for which there is a receiver; and one for each connection of the author in a dialect
 * that shows people what is theirs in a way of its own (`own_frames`). */
#include "ws-edge/fan.h"

#include "actors/log.h"
#include "actors/screen.h"
#include "actors/veil.h"
#include "ws-edge/client.h"
#include "ws-edge/portrait.h"

typedef enum view { VIEW_OTHERS, VIEW_OWNER, VIEWS } view_t;

/* One record being shown. */
typedef struct fan {
    edge_t *edge;
    event_t event;
    uint64_t owner;  /* account that sees more than others, or 0 */
    uint64_t author; /* account whose doing it is, or 0 */
    ids_t untold;    /* accounts that it is hidden from */
    uint64_t mark;
    body_t *frames[DIALECT_COUNT][VIEWS];
    bool made[DIALECT_COUNT][VIEWS]; /* also where it came to nothing */
} fan_t;

/* ---- reading and rendering ---- */

/* False for what this version does not know, or cannot read. */
static bool s_read(edge_t *edge, const record_t *record, event_t *ret_event)
{
    const event_type_t *type = event_type(record->type);
    fault_t fault = {0};
    const void *object;
    arena_reset(edge->arena);
    if (codec_unpack(record->body, type->shape(), edge->arena, &fault, &object) != ERR_OK) {
        slice_t what = fault_text(&fault, edge->arena);
        log_error("edge", "record %llu (%s) cannot be read: %.*s", (unsigned long long)record->seq,
                  type->name, SLICE_ARG(what));
        return false;
    }
    *ret_event = (event_t){
        .type = type,
        .seq = record->seq,
        .time = record->time,
        .object = object,
    };
    return true;
}

static body_t *s_render(edge_t *edge, const dialect_t *dialect, const event_t *event, view_t view,
                        const void *state)
{
    event_t shown = *event;
    if (view == VIEW_OTHERS)
        shown.object = veil_event(event->type, event->object, edge->arena);
    shown.object = portrait_event(edge->mint, event->type, shown.object, edge->arena);
    buf_reset(&edge->body);
    if (dialect->event == NULL || !dialect->event(&shown, state, &edge->body))
        return NULL;
    return client_frame(dialect, buf_slice(&edge->body));
}

static bool s_is_shown(const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    return type != NULL && (type->flags & EVENT_SHOWN) != 0;
}

body_t *fan_frame(edge_t *edge, const record_t *record, const client_t *client)
{
    const dialect_t *dialect = dialects[client_dialect(client)];
    uint64_t account = client_who(client).account;
    event_t event;
    if (!s_is_shown(record) || !s_read(edge, record, &event))
        return NULL;
    if (record->account == account &&
        client_is_apart(client, screen_other(event.type, event.object)))
        return NULL;
    bool own = dialect->own_frames && veil_author(event.type, event.object) == account;
    bool owns = own || veil_owner(event.type, event.object) == account;
    return s_render(edge, dialect, &event, owns ? VIEW_OWNER : VIEW_OTHERS,
                    own ? client_state(client) : NULL);
}

/* ---- showing ---- */

static body_t *s_frame(fan_t *fan, dialect_id_t dialect, view_t view)
{
    if (!fan->made[dialect][view]) {
        fan->made[dialect][view] = true;
        fan->edge->counts.renderings[dialect]++;
        fan->frames[dialect][view] =
            s_render(fan->edge, dialects[dialect], &fan->event, view, NULL);
    }
    return fan->frames[dialect][view];
}

/* Where the dialect shows it as only this connection may see it. */
static void s_show_own(fan_t *fan, client_t *client)
{
    const dialect_t *dialect = dialects[client_dialect(client)];
    fan->edge->counts.renderings[client_dialect(client)]++;
    body_t *frame = s_render(fan->edge, dialect, &fan->event, VIEW_OWNER, client_state(client));
    if (frame != NULL)
        client_show(client, frame, fan->mark);
    body_unref(&frame);
}

static void s_show_to(fan_t *fan, client_t *client)
{
    uint64_t account = client_who(client).account;
    bool owns = account != 0 && account == fan->owner;
    dialect_id_t dialect = client_dialect(client);
    if (ids_have(fan->untold, account))
        return;
    if (dialects[dialect]->own_frames && account != 0 && account == fan->author) {
        s_show_own(fan, client);
        return;
    }
    body_t *frame = s_frame(fan, dialect, owns ? VIEW_OWNER : VIEW_OTHERS);
    if (frame != NULL)
        client_show(client, frame, fan->mark);
}

static void s_show_place(fan_t *fan, const place_t *place)
{
    size_t count = place != NULL ? place_count(place) : 0;
    for (size_t i = 0; i < count; i++)
        s_show_to(fan, client_of(place_guest(place, i)));
}

static bool s_anybody(const place_t *place)
{
    return place != NULL && place_count(place) > 0;
}

/* That somebody came or went is recorded once for each room of theirs, side by side: it
 * is the same news, and under one mark everybody is shown it once. */
static uint64_t s_mark(edge_t *edge, const event_t *event)
{
    if (event->type->number != EVENT_presence_changed)
        return ++edge->marks;
    uint64_t account = ((const presence_changed_event_t *)event->object)->account;
    if (edge->came.account != account || edge->came.time != event->time) {
        edge->came.account = account;
        edge->came.time = event->time;
        edge->came.mark = ++edge->marks;
    }
    return edge->came.mark;
}

/* For `kith trace`: which dialects had no words for it says the rest. */
static void s_note(const fan_t *fan, const record_t *record)
{
    note_t note = {.kind = NOTE_SHOWN, .key = record->seq, .other = record->room};
    for (size_t i = 0; i < DIALECT_COUNT; i++) {
        const bool *made = fan->made[i];
        body_t *const *frames = fan->frames[i];
        if ((made[VIEW_OTHERS] || made[VIEW_OWNER]) && frames[VIEW_OTHERS] == NULL &&
            frames[VIEW_OWNER] == NULL)
            note.dialects |= 1u << i;
    }
    diary_note(fan->edge->diary, &note);
}

static void s_show(edge_t *edge, const record_t *record)
{
    const place_t *room = hall_find(edge->hall, PLACE_ROOM, record->room);
    const place_t *account = hall_find(edge->hall, PLACE_ACCOUNT, record->account);
    fan_t fan = {.edge = edge};
    if (!s_anybody(room) && !s_anybody(account))
        return;
    if (!s_read(edge, record, &fan.event))
        return;
    fan.mark = s_mark(edge, &fan.event);
    fan.owner = veil_owner(fan.event.type, fan.event.object);
    fan.author = veil_author(fan.event.type, fan.event.object);
    fan.untold = screen_untold(fan.event.type, fan.event.object);
    s_show_place(&fan, room);
    s_show_place(&fan, account);
    if (record->type == EVENT_room_posted)
        s_note(&fan, record);
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        for (size_t view = 0; view < VIEWS; view++)
            body_unref(&fan.frames[i][view]);
}

/* ---- moving ---- */

static void s_come(edge_t *edge, const record_t *record)
{
    const place_t *account = hall_find(edge->hall, PLACE_ACCOUNT, record->account);
    if (account == NULL)
        return;
    bool heard = hall_followed(edge->hall, record->room, loop_now_us(edge->loop));
    for (size_t i = place_count(account); i-- > 0;) { /* from the end: see s_evict */
        client_t *client = client_of(place_guest(account, i));
        client_came(client, record->room);
        if (!heard)
            client_catch_up(client, record->seq);
    }
}

static void s_go(edge_t *edge, const record_t *record)
{
    const place_t *account = hall_find(edge->hall, PLACE_ACCOUNT, record->account);
    size_t count = account != NULL ? place_count(account) : 0;
    for (size_t i = 0; i < count; i++)
        client_left(client_of(place_guest(account, i)), record->room);
}

/* The room is gone: nobody is in it any more.  From the end, as in s_evict. */
static void s_empty(edge_t *edge, const record_t *record)
{
    const place_t *room = hall_find(edge->hall, PLACE_ROOM, record->room);
    for (size_t i = room != NULL ? place_count(room) : 0; i-- > 0;)
        client_left(client_of(place_guest(room, i)), record->room);
}

/* ---- sessions ---- */

/* End the account's connections whose sessions the gate no longer lets pass.  From
 * the end, since each that leaves makes a gap that the last one fills. */
static void s_evict(edge_t *edge, uint64_t account)
{
    const place_t *place = hall_find(edge->hall, PLACE_ACCOUNT, account);
    for (size_t i = place != NULL ? place_count(place) : 0; i-- > 0;) {
        client_t *client = client_of(place_guest(place, i));
        if (!gate_passes(edge->gate, account, client_who(client).session))
            client_end(client);
    }
}

void fan_record(edge_t *edge, const record_t *record)
{
    uint64_t ended = gate_hear(edge->gate, record);
    if (ended != 0)
        s_evict(edge, ended);
    else if (record->type == EVENT_room_joined)
        s_come(edge, record);
    if (s_is_shown(record))
        s_show(edge, record);
    if (record->type == EVENT_room_left)
        s_go(edge, record);
    else if (record->type == EVENT_room_deleted)
        s_empty(edge, record);
}
