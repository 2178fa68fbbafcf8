/* people.c - a person is a list of deeds, of which each turn draws one.
 *
 * A deed is one call; what is refused is refused, and nobody minds.  Only of messages a person
 * keeps track (ledger.h): whatever has no certain answer is sent again, by the same client id,
 * sometimes twice at once and by another edge. */
#include "tests/world/people.h"

#include <assert.h>
#include <stdio.h>

#include "schema/mem.h"
#include "tests/world/chance.h"
#include "tests/world/hour.h"
#include "tests/world/ledger.h"
#include "tests/world/story.h"

enum { PEOPLE_MAX = 16, EDGES_MAX = 4, NAME_SIZE = 32, AGAIN_ONE_IN = 6, LOOKS_MAX = 16 };

/* A page that was asked for. */
typedef struct wish {
    uint64_t room;
    uint64_t from;
} wish_t;

typedef struct dweller {
    char login[NAME_SIZE];
    asker_t self;  /* zeros before they have signed up */
    asker_t ended; /* a session of theirs that has ended; zeros: none has */
    bool asked;    /* to sign up or in, and not answered */
    size_t edge;
    int64_t due;
} dweller_t;

static people_options_t s_options;
static dweller_t s_people[PEOPLE_MAX];
static edge_t *s_edges[EDGES_MAX];
static bool s_resting;
static size_t s_looking, s_looked;

edge_t *people_edge(size_t number)
{
    return s_edges[number];
}

size_t people_edges(void)
{
    return s_options.edges;
}

/* ---- choosing ---- */

static dweller_t *s_other(const dweller_t *person)
{
    dweller_t *other = &s_people[chance_below(s_options.count)];
    return other == person || other->self.account == 0 ? NULL : other;
}

static uint64_t s_room(void)
{
    ids_t rooms = ledger_rooms();
    return rooms.count > 0 ? rooms.items[chance_below(rooms.count)] : 0;
}

/* ---- answers ---- */

/* Their password was changed, and they did not hear of it: they sign in again. */
static void s_note(dweller_t *person, err_t status)
{
    if (status == ERR_SESSION_ENDED)
        person->self = (asker_t){0};
}

static void s_ignore(void *ctx, err_t status, const void *answer)
{
    dweller_t *person = ctx;
    (void)answer;
    story("deed    %s is answered: %s", person->login, err_info(status)->name);
    s_note(person, status);
}

static void s_on_signed_in(void *ctx, err_t status, const void *answer)
{
    dweller_t *person = ctx;
    const signed_in_t *signed_in = answer;
    person->asked = false;
    story("deed    %s signs in: %s", person->login, err_info(status)->name);
    if (status == ERR_OK)
        person->self = (asker_t){signed_in->account->id, signed_in->session};
}

static void s_on_room(void *ctx, err_t status, const void *answer)
{
    s_ignore(ctx, status, answer);
    if (status != ERR_OK)
        return;
    uint64_t room = ((const room_t *)answer)->id;
    if (ids_have(ledger_rooms(), room))
        return;
    ledger_add_room(room);
    for (size_t i = 0; i < s_options.edges; i++)
        edge_hear(s_edges[i], room);
}

static void s_on_post(void *ctx, err_t status, const void *answer)
{
    post_t *post = ctx;
    ledger_answer(post, status, answer);
    for (size_t i = 0; i < s_options.count; i++)
        if (s_people[i].self.account == post->sender)
            s_note(&s_people[i], status);
}

static void s_ask_for(dweller_t *person, call_number_t call, const void *args,
                      edge_answer_fn *answer)
{
    if (edge_ask(s_edges[person->edge], person->self, call, args, answer, person))
        story("deed    %s: %s", person->login, call_type((uint16_t)call)->name);
}

static void s_ask(dweller_t *person, call_number_t call, const void *args)
{
    s_ask_for(person, call, args, s_ignore);
}

/* ---- deeds ---- */

static void s_sign_up(dweller_t *person)
{
    const account_register_call_t up = {
        .login = slice_of(person->login),
        .password = SLICE_LIT("a password"),
    };
    const session_open_call_t in = {
        .login = slice_of(person->login),
        .password = SLICE_LIT("a password"),
    };
    bool again = chance_one_in(2); /* the first time may have been heard */
    person->asked = edge_ask(s_edges[person->edge], (asker_t){0},
                             again ? CALL_session_open : CALL_account_register,
                             again ? (const void *)&in : (const void *)&up, s_on_signed_in, person);
}

static void s_come(dweller_t *person)
{
    edge_connect(s_edges[person->edge], person->self.account, true);
}

static void s_go(dweller_t *person)
{
    edge_connect(s_edges[person->edge], person->self.account, false);
    if (chance_one_in(2))
        person->edge = chance_below(s_options.edges);
}

static void s_make_room(dweller_t *person)
{
    const room_create_call_t call = {
        .kind = chance_one_in(3) ? room_kind_PRIVATE : room_kind_OPEN,
        .name = SLICE_LIT("a room"),
    };
    s_ask_for(person, CALL_room_create, &call, s_on_room);
}

static void s_go_direct(dweller_t *person)
{
    const dweller_t *other = s_other(person);
    if (other != NULL)
        s_ask_for(person, CALL_room_direct, &(room_direct_call_t){other->self.account}, s_on_room);
}

static void s_join(dweller_t *person)
{
    const dweller_t *other = chance_one_in(3) ? s_other(person) : NULL;
    if (s_room() != 0)
        s_ask(person, CALL_room_join,
              &(room_join_call_t){.room = s_room(), .account = other ? other->self.account : 0});
}

static void s_leave(dweller_t *person)
{
    if (s_room() != 0)
        s_ask(person, CALL_room_leave, &(room_leave_call_t){.room = s_room()});
}

static void s_kick(dweller_t *person)
{
    const dweller_t *other = s_other(person);
    if (other != NULL && s_room() != 0)
        s_ask(person, CALL_room_kick, &(room_kick_call_t){s_room(), other->self.account});
}

static void s_send(const dweller_t *person, size_t edge, post_t *post)
{
    const room_post_call_t call = {
        .room = post->room,
        .text = slice_of(post->text),
        .client_id = slice_of(post->client_id),
    };
    if (edge_ask(s_edges[edge], person->self, CALL_room_post, &call, s_on_post, post))
        post->open++;
}

/* Something of theirs that has no certain answer. */
static post_t *s_unsettled(const dweller_t *person)
{
    for (post_t *post = ledger_posts(); post != NULL; post = post->next)
        if (post->sender == person->self.account && !post_is_settled(post) && post->open == 0)
            return post;
    return NULL;
}

static void s_post_again(dweller_t *person)
{
    post_t *post = s_unsettled(person);
    if (post != NULL)
        s_send(person, chance_below(s_options.edges), post);
}

static void s_post(dweller_t *person)
{
    uint64_t room = s_room();
    if (room == 0)
        return;
    post_t *post = ledger_post(person->self.account, room);
    s_send(person, person->edge, post);
    while (chance_one_in(AGAIN_ONE_IN))
        s_send(person, chance_below(s_options.edges), post);
}

/* A message that was acknowledged to somebody. */
static const post_t *s_message(void)
{
    const post_t *found = NULL;
    uint64_t count = 0;
    for (const post_t *post = ledger_posts(); post != NULL && count < 20; post = post->next)
        if (post->acked && chance_one_in(++count))
            found = post;
    return found;
}

static void s_edit(dweller_t *person)
{
    const post_t *post = s_message();
    if (post != NULL)
        s_ask(person, CALL_message_edit,
              &(message_edit_call_t){post->room, post->seq, SLICE_LIT("other words")});
}

static void s_delete(dweller_t *person)
{
    const post_t *post = s_message();
    if (post != NULL)
        s_ask(person, CALL_message_delete, &(message_delete_call_t){post->room, post->seq});
}

static void s_react(dweller_t *person)
{
    const post_t *post = s_message();
    if (post != NULL)
        s_ask(person, CALL_message_react,
              &(message_react_call_t){post->room, post->seq, SLICE_LIT("+")});
}

static void s_read(dweller_t *person)
{
    const post_t *post = s_message();
    if (post != NULL)
        s_ask(person, CALL_room_read, &(room_read_call_t){post->room, post->seq});
}

static void s_type(dweller_t *person)
{
    if (s_room() != 0)
        s_ask(person, CALL_room_typing, &(room_typing_call_t){s_room(), true});
}

static void s_to_other(dweller_t *person, call_number_t call)
{
    const dweller_t *other = s_other(person);
    if (other != NULL) /* all of these have that one field */
        s_ask(person, call, &(people_like_call_t){other->self.account});
}

static void s_like(dweller_t *person)
{
    s_to_other(person, CALL_people_like);
}

static void s_unlike(dweller_t *person)
{
    s_to_other(person, CALL_people_unlike);
}

static void s_block(dweller_t *person)
{
    s_to_other(person, CALL_people_block);
}

static void s_unblock(dweller_t *person)
{
    s_to_other(person, CALL_people_unblock);
}

static void s_wait(dweller_t *person)
{
    const ticket_open_call_t call = {
        .queue = SLICE_LIT("game"),
        .min = 2,
        .max = chance_between(2, 3),
        .patience = chance_below(3),
        .stay = chance_one_in(2),
        .seconds = chance_between(1, 20),
    };
    s_ask(person, CALL_ticket_open, &call);
}

static void s_wait_no_longer(dweller_t *person)
{
    s_ask(person, CALL_ticket_close, &(ticket_close_call_t){0});
}

static void s_history(dweller_t *person)
{
    if (s_room() != 0)
        s_ask(person, CALL_room_history, &(room_history_call_t){.room = s_room()});
}

static void s_inbox(dweller_t *person)
{
    s_ask(person, CALL_notification_list, &(notification_list_call_t){0});
}

static void s_read_inbox(dweller_t *person)
{
    s_ask(person, CALL_notification_read, &(notification_read_call_t){0});
}

static void s_search(dweller_t *person)
{
    s_ask(person, CALL_search_messages, &(search_messages_call_t){.text = SLICE_LIT("message")});
}

/* Who changes a password, by which session: it may be another one when the answer comes. */
typedef struct change {
    dweller_t *person;
    asker_t asked;
} change_t;

static void s_on_changed(void *ctx, err_t status, const void *answer)
{
    change_t *change = ctx;
    dweller_t *person = change->person;
    if (status == ERR_OK)
        person->ended = change->asked;
    s_note(person, status);
    s_on_signed_in(person, status, answer);
    mem_free(change);
}

static void s_change_password(dweller_t *person)
{
    const password_change_call_t call = {
        .password = SLICE_LIT("a password"),
        .new_password = SLICE_LIT("a password"),
    };
    change_t *change = mem_new(change_t);
    *change = (change_t){person, person->self};
    if (edge_ask(s_edges[person->edge], person->self, CALL_password_change, &call, s_on_changed,
                 change))
        story("deed    %s: password.change", person->login);
    else
        mem_free(change);
}

/* What a client does that resumes. */
static void s_on_page(void *ctx, err_t status, const void *answer)
{
    wish_t *wish = ctx;
    if (status == ERR_OK)
        ledger_page(wish->room, wish->from, answer);
    mem_free(wish);
}

static void s_resume(dweller_t *person)
{
    wish_t wish = {.room = s_room(), .from = 1};
    if (chance_one_in(2))
        wish.from = chance_between(1, ledger_known() + 1);
    if (wish.room == 0)
        return;
    wish_t *kept = mem_new(wish_t);
    *kept = wish;
    if (!edge_ask(s_edges[person->edge], (asker_t){0}, CALL_bus_read,
                  &(bus_read_call_t){.from = wish.from, .rooms = {&wish.room, 1}}, s_on_page, kept))
        mem_free(kept);
}

/* A session that they were told has ended: nobody may let it in any more. */
static void s_on_trespass(void *ctx, err_t status, const void *answer)
{
    const dweller_t *person = ctx;
    (void)answer;
    if (status == ERR_OK)
        story_violation("%s is let in by a session that has ended", person->login);
}

static void s_trespass(dweller_t *person)
{
    if (person->ended.account != 0)
        edge_ask(s_edges[person->edge], person->ended, CALL_room_ids, &(room_ids_call_t){},
                 s_on_trespass, person);
}

typedef void deed_fn(dweller_t *person);

static const struct {
    unsigned weight;
    deed_fn *perform;
} s_deeds[] = {
    {40, s_post},     {10, s_post_again}, {8, s_come},       {4, s_go},     {3, s_make_room},
    {3, s_go_direct}, {6, s_join},        {2, s_leave},      {2, s_kick},   {4, s_edit},
    {2, s_delete},    {3, s_react},       {4, s_read},       {3, s_type},   {5, s_like},
    {2, s_unlike},    {2, s_block},       {2, s_unblock},    {5, s_wait},   {1, s_wait_no_longer},
    {3, s_history},   {2, s_inbox},       {2, s_read_inbox}, {2, s_search}, {1, s_change_password},
    {3, s_resume},    {2, s_trespass},
};

static deed_fn *s_draw(void)
{
    unsigned sum = 0;
    for (size_t i = 0; i < COUNT_OF(s_deeds); i++)
        sum += s_deeds[i].weight;
    uint64_t at = chance_below(sum);
    size_t i = 0;
    for (; at >= s_deeds[i].weight; i++)
        at -= s_deeds[i].weight;
    return s_deeds[i].perform;
}

static void s_act(dweller_t *person)
{
    person->due = hour_now() + (int64_t)chance_between(1, (uint64_t)s_options.pause_us);
    if (person->self.account == 0 && !person->asked)
        s_sign_up(person);
    else if (person->self.account != 0 && s_resting)
        s_post_again(person);
    else if (person->self.account != 0)
        s_draw()(person);
}

/* ---- all of them ---- */

void people_begin(const people_options_t *options)
{
    s_options = *options;
    assert(options->count <= PEOPLE_MAX);
    assert(options->edges > 0 && options->edges <= EDGES_MAX);
    for (size_t i = 0; i < options->edges; i++)
        s_edges[i] = edge_new((int)i);
    for (size_t i = 0; i < options->count; i++) {
        snprintf(s_people[i].login, NAME_SIZE, "person%zu", i);
        s_people[i].edge = i % options->edges;
    }
}

void people_step(void)
{
    for (size_t i = 0; i < s_options.count; i++)
        if (s_people[i].due <= hour_now())
            s_act(&s_people[i]);
}

int64_t people_next(void)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < s_options.count; i++)
        if (s_people[i].due < next)
            next = s_people[i].due;
    return next;
}

void people_rest(void)
{
    s_resting = true;
}

bool people_are_settled(void)
{
    for (const post_t *post = ledger_posts(); post != NULL; post = post->next)
        if (!post_is_settled(post) || post->open > 0)
            return false;
    for (size_t i = 0; i < s_options.edges; i++)
        if (!edge_is_up(s_edges[i]) || !edge_is_idle(s_edges[i]))
            return false;
    return true;
}

/* ---- who is here ---- */

static bool s_is_here(uint64_t account)
{
    for (size_t i = 0; i < s_options.edges; i++)
        if (edge_has(s_edges[i], account))
            return true;
    return false;
}

static void s_on_presence(void *ctx, err_t status, const void *answer)
{
    const presence_list_t *list = answer;
    (void)ctx;
    s_looked++;
    if (status != ERR_OK && status != ERR_SESSION_ENDED)
        story_violation("nobody says who is here: %s", err_info(status)->name);
    for (size_t i = 0; status == ERR_OK && i < list->people.count; i++) {
        const presence_state_t *state = (const presence_state_t *)list->people.items + i;
        if (state->online != s_is_here(state->account))
            story_violation(
                "account %llu is %s, and is told to be %s", (unsigned long long)state->account,
                s_is_here(state->account) ? "here" : "away", state->online ? "here" : "away");
    }
}

void people_look_around(void)
{
    uint64_t accounts[PEOPLE_MAX];
    size_t count = 0;
    for (size_t i = 0; i < s_options.count; i++)
        if (s_people[i].self.account != 0)
            accounts[count++] = s_people[i].self.account;
    for (size_t i = 0; i < s_options.count; i++)
        if (s_people[i].self.account != 0 &&
            edge_ask(s_edges[s_people[i].edge], s_people[i].self, CALL_presence_get,
                     &(presence_get_call_t){.accounts = {accounts, count}}, s_on_presence, NULL))
            s_looking++;
}

bool people_have_looked(void)
{
    return s_looked == s_looking;
}
