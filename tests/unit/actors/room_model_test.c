/* room_model_test.c - ten thousand random deeds of some people in some rooms against a
 * model in plain arrays, which counts everything anew whenever it is asked.
 *
 * Every call of which the model knows what must come of it is held to that; every now and
 * then all that can be asked about messages is compared for everybody, and at the end
 * once more with an actor that knows nothing but the journal.  A failure prints its
 * seed; KITH_SEED=… does the same again. */
#include "tests/unit/actors/room_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"

enum { STEPS = 10000, STEPS_A_COMPARISON = 500 };

static const char *const s_logins[PEOPLE] = {"p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8",
                                             "p9", "pa", "pb", "pc", "pd", "pe", "pf", "pg"};

static uint64_t s_anybody(void)
{
    return 1 + model_dice(PEOPLE);
}

static void s_model_join(model_room_t *room, uint64_t who, room_role_t role)
{
    if (!model_is_in(room, who))
        room->read[who] = room->count;
    room->role[who] = role;
}

/* ---- texts, and whom they mention ---- */

static void s_write(const model_room_t *room, uint64_t who, model_message_t *said)
{
    size_t len = (size_t)snprintf(said->text, TEXT_SIZE, "%u", model_dice(1000000));
    said->mentions = 0;
    said->everyone = false;
    for (unsigned words = model_dice(4); words > 0; words--) {
        uint64_t whom = s_anybody();
        bool inside = model_dice(4) == 0; /* as in an address */
        len += (size_t)snprintf(said->text + len, TEXT_SIZE - len, " %s@%s,", inside ? "x" : "",
                                s_logins[whom - 1]);
        if (!inside && model_is_in(room, whom))
            said->mentions |= model_bit(whom);
    }
    if (model_dice(8) > 0)
        return;
    snprintf(said->text + len, TEXT_SIZE - len, " @everyone");
    said->everyone = model_moderates(room, who);
}

/* ---- what people do ---- */

static void s_post(model_t *model, model_room_t *room, uint64_t who)
{
    model_message_t *said = &room->said[room->count + 1];
    *said = (model_message_t){.sender = who};
    s_write(room, who, said);
    if (model_dice(3) == 0)
        said->reply_to = model_any_seq(room);
    uint64_t thread = model_dice(3) == 0 ? model_any_seq(room) : 0;
    if (model_dice(2) == 0)
        snprintf(said->client_id, sizeof said->client_id, "c-%u", ++model->last_client_id);
    const outcome_t *outcome =
        ASK(model->at, who, room_post, .room = room->id, .text = slice_of(said->text),
            .client_id = slice_of(said->client_id), .reply_to = said->reply_to, .thread = thread);
    if (!model_reads(room, who)) {
        model_expect(outcome, ERR_NOT_FOUND);
        return;
    }
    if (said->reply_to > room->count || thread > room->count) {
        model_expect(outcome, ERR_INVALID);
        return;
    }
    model_expect(outcome, ERR_OK);
    if (thread != 0)
        said->thread = room->said[thread].thread != 0 ? room->said[thread].thread : thread;
    said->time = model->at->now;
    room->count++;
    s_model_join(room, who, model_is_in(room, who) ? room->role[who] : room_role_READER);
    room->read[who] = room->count;
}

/* Said again with the same client id: nothing happens, whatever it says now. */
static void s_post_again(model_t *model, model_room_t *room, uint64_t seq)
{
    const model_message_t *said = model_said(room, seq);
    if (said == NULL || said->client_id[0] == '\0' || said->edited != 0 || said->deleted != 0)
        return; /* its first words are not at hand */
    const outcome_t *outcome = ASK(
        model->at, said->sender, room_post, .room = room->id, .text = slice_of(said->text),
        .client_id = slice_of(said->client_id), .reply_to = said->reply_to, .thread = said->thread);
    model_expect(outcome, ERR_OK);
    assert_int_equal(((const message_t *)outcome->answer)->seq, seq);
    assert_int_equal(model->at->told_count, 0);
}

/* What becomes of a deed to a message that has to stand. */
static err_t s_standing(const model_room_t *room, uint64_t who, uint64_t seq, bool allowed)
{
    const model_message_t *said = model_said(room, seq);
    if (!model_reads(room, who) || said == NULL)
        return ERR_NOT_FOUND;
    if (said->deleted != 0)
        return ERR_INVALID;
    return allowed ? ERR_OK : ERR_FORBIDDEN;
}

static void s_edit(model_t *model, model_room_t *room, uint64_t who, uint64_t seq)
{
    model_message_t *said = model_said(room, seq), draft;
    s_write(room, who, &draft);
    err_t status = s_standing(room, who, seq, said != NULL && said->sender == who);
    model_expect(ASK(model->at, who, message_edit, .room = room->id, .seq = seq,
                     .text = slice_of(draft.text)),
                 status);
    if (status != ERR_OK || strcmp(said->text, draft.text) == 0)
        return;
    memcpy(said->text, draft.text, TEXT_SIZE);
    said->mentions = draft.mentions;
    said->everyone = draft.everyone;
    said->edited = model->at->now;
}

static void s_delete(model_t *model, model_room_t *room, uint64_t who, uint64_t seq)
{
    model_message_t *said = model_said(room, seq);
    bool there = model_reads(room, who) && said != NULL;
    bool allowed = there && (said->sender == who || model_moderates(room, who));
    model_expect(ASK(model->at, who, message_delete, .room = room->id, .seq = seq),
                 !there    ? ERR_NOT_FOUND
                 : allowed ? ERR_OK
                           : ERR_FORBIDDEN);
    if (!allowed || said->deleted != 0)
        return;
    said->deleted = model->at->now;
    said->text[0] = '\0';
    said->mentions = 0;
    said->everyone = false;
    said->pinned = 0;
    said->kind_count = 0;
    memset(said->reacted, 0, sizeof said->reacted);
}

static void s_model_unreact(model_message_t *said, uint64_t who, int kind)
{
    size_t kept = 0;
    said->reacted[kind] &= ~model_bit(who);
    for (size_t i = 0; i < said->kind_count; i++)
        if (said->reacted[said->kinds[i]] != 0)
            said->kinds[kept++] = said->kinds[i];
    said->kind_count = kept;
}

static void s_react(model_t *model, model_room_t *room, uint64_t who, uint64_t seq)
{
    model_message_t *said = model_said(room, seq);
    int kind = (int)model_dice(KINDS);
    slice_t emoji = slice_of(model_emojis[kind]);
    bool on = model_dice(3) > 0;
    err_t status = s_standing(room, who, seq, model_is_in(room, who));
    const outcome_t *outcome =
        on ? ASK(model->at, who, message_react, .room = room->id, .seq = seq, .emoji = emoji)
           : ASK(model->at, who, message_unreact, .room = room->id, .seq = seq, .emoji = emoji);
    model_expect(outcome, status);
    if (status != ERR_OK)
        return;
    if (on && said->reacted[kind] == 0)
        said->kinds[said->kind_count++] = kind;
    if (on)
        said->reacted[kind] |= model_bit(who);
    else
        s_model_unreact(said, who, kind);
}

static void s_pin(model_t *model, model_room_t *room, uint64_t who, uint64_t seq)
{
    model_message_t *said = model_said(room, seq);
    bool on = model_dice(2) > 0;
    bool allowed =
        room->kind == room_kind_DIRECT ? model_is_in(room, who) : model_moderates(room, who);
    err_t status = s_standing(room, who, seq, allowed);
    model_expect(on ? ASK(model->at, who, message_pin, .room = room->id, .seq = seq)
                    : ASK(model->at, who, message_unpin, .room = room->id, .seq = seq),
                 status);
    if (status == ERR_OK && (said->pinned != 0) != on)
        said->pinned = on ? model->at->now : 0;
}

static void s_read(model_t *model, model_room_t *room, uint64_t who, uint64_t seq)
{
    const outcome_t *outcome = ASK(model->at, who, room_read, .room = room->id, .seq = seq);
    model_expect(outcome, !model_reads(room, who)  ? ERR_NOT_FOUND
                          : model_is_in(room, who) ? ERR_OK
                                                   : ERR_FORBIDDEN);
    if (outcome->status != ERR_OK)
        return;
    uint64_t capped = seq < room->count ? seq : room->count;
    if (capped > room->read[who])
        room->read[who] = capped;
    assert_int_equal(((const read_marker_t *)outcome->answer)->seq, room->read[who]);
}

/* Who comes and goes is another test's affair: the model follows. */
static void s_come(model_t *model, model_room_t *room, uint64_t who)
{
    uint64_t whom = model_dice(2) > 0 ? who : s_anybody();
    bool only_reads = model_dice(4) == 0;
    const outcome_t *outcome =
        only_reads ? ASK(model->at, who, room_enter, .room = room->id)
                   : ASK(model->at, who, room_join, .room = room->id, .account = whom);
    if (outcome->status != ERR_OK)
        return;
    const membership_t *member = outcome->answer;
    s_model_join(room, member->account, member->role);
}

static void s_go(model_t *model, model_room_t *room, uint64_t who)
{
    uint64_t whom = model_dice(2) > 0 ? who : s_anybody();
    const outcome_t *outcome =
        whom == who ? ASK(model->at, who, room_leave, .room = room->id)
                    : ASK(model->at, who, room_kick, .room = room->id, .account = whom);
    if (outcome->status == ERR_OK)
        room->role[whom] = room_role_NONE;
}

static void s_rank(model_t *model, model_room_t *room, uint64_t who)
{
    uint64_t whom = s_anybody();
    room_role_t role = model_dice(2) > 0 ? room_role_MODERATOR : room_role_MEMBER;
    if (ASK(model->at, who, room_set_role, .room = room->id, .account = whom, .role = role)
            ->status == ERR_OK)
        room->role[whom] = role;
}

/* Something is said and reacted to, and lost with the journal's tail. */
static void s_lose(model_t *model, const model_room_t *room, uint64_t who, uint64_t seq)
{
    room_post_call_t post = {.room = room->id, .text = SLICE_LIT("lost @p1"), .thread = seq};
    message_react_call_t react = {room->id, seq, SLICE_LIT("+")};
    model->at->principal = who;
    staging_send(model->at, CALL_room_post, &post);
    staging_send(model->at, CALL_message_react, &react);
    staging_lose(model->at);
    if (model_dice(4) == 0)
        staging_restart(model->at);
}

static void s_step(model_t *model)
{
    model_room_t *room = &model->rooms[model_dice(ROOMS)];
    uint64_t who = s_anybody(), seq = model_any_seq(room);
    unsigned dice = model_dice(100);
    if (dice < 35)
        s_post(model, room, who);
    else if (dice < 38)
        s_post_again(model, room, seq);
    else if (dice < 46)
        s_edit(model, room, model_dice(2) > 0 && seq <= room->count ? room->said[seq].sender : who,
               seq);
    else if (dice < 50)
        s_delete(model, room, who, seq);
    else if (dice < 66)
        s_react(model, room, who, seq);
    else if (dice < 72)
        s_pin(model, room, who, room->count > 50 ? 1 + seq % 50 : seq); /* few, and pinned again */
    else if (dice < 84)
        s_read(model, room, who, seq);
    else if (dice < 91)
        s_come(model, room, who);
    else if (dice < 95)
        s_go(model, room, who);
    else if (dice < 98)
        s_rank(model, room, who);
    else
        s_lose(model, room, who, seq);
}

/* ---- the test ---- */

static void s_open(model_t *model, model_room_t *room, room_kind_t kind, uint64_t who)
{
    const outcome_t *made = kind == room_kind_DIRECT
                                ? ASK(model->at, who, room_direct, .account = who + 1)
                                : ASK(model->at, who, room_create, .kind = kind);
    model_expect(made, ERR_OK);
    room->id = ((const room_t *)made->answer)->id;
    room->kind = kind;
    room->said = mem_zeroed((STEPS + 2) * sizeof(model_message_t));
    room->role[who] = kind == room_kind_DIRECT ? room_role_MEMBER : room_role_OWNER;
    if (kind == room_kind_DIRECT)
        room->role[who + 1] = room_role_MEMBER;
}

static unsigned s_seed(void)
{
    const char *given = getenv("KITH_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : 20260101;
    print_message("KITH_SEED=%u\n", seed);
    return seed;
}

static void s_test_random_deeds_match_the_model(void **state)
{
    static const room_kind_t kinds[ROOMS] = {room_kind_OPEN, room_kind_OPEN, room_kind_PRIVATE,
                                             room_kind_PRIVATE, room_kind_DIRECT};
    (void)state;
    model_t *model = mem_new(model_t);
    srandom(s_seed());
    model->at = people_new(s_logins, PEOPLE);
    for (size_t i = 0; i < ROOMS; i++)
        s_open(model, &model->rooms[i], kinds[i], 1 + i);
    for (int step = 1; step <= STEPS; step++) {
        s_step(model);
        if (step % STEPS_A_COMPARISON == 0)
            model_compare(model, model->at);
    }
    assert_true(staging_replays(model->at));
    staging_t *fresh = staging_replayed(model->at);
    model_compare(model, fresh);
    staging_destroy(&fresh);
    staging_destroy(&model->at);
    for (size_t i = 0; i < ROOMS; i++)
        mem_free(model->rooms[i].said);
    mem_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_random_deeds_match_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
