/* digest_lines.c - what a digest says: a line for each notification, the latest first.
 *
 * It names people and counts, and nothing of what was said: a mail lies about for long. */
#include <stdio.h>

#include "actors/notifier/digest.h"
#include "actors/notifier/notifier.h"

enum { PLACES_MAX = 256 /* that one digest looks at */ };

/* A digest that is being written. */
typedef struct lines {
    turn_t *turn;
    uint64_t account;
    const digest_t *digest;
    buf_t text;
    size_t count; /* of the notifications that are new */
} lines_t;

/* ---- one line ---- */

/* With the name in place of {}; those with more to say are made by hand. */
static const char *const s_phrases[] = {
    [notice_kind_LIKE] = "{} liked you",
    [notice_kind_UNLIKE] = "{} likes you no longer",
    [notice_kind_MATCH] = "You and {} like each other",
    [notice_kind_VISIT] = "{} visited your profile",
    [notice_kind_CONNECT] = "{} opened a chat with you",
    [notice_kind_NOTE] = "{} sent you a note",
    [notice_kind_SYSTEM] = "A word from the server",
    [notice_kind_REPORT] = "A report of yours was decided",
};

static bool s_is_direct(turn_t *turn, uint64_t account, const notification_t *news)
{
    uint64_t room = 0;
    (void)row_found(row_get_number(turn, row_key_pair('d', account, news->from), &room));
    return room == news->room;
}

/* Between how many and the name. */
static const char *s_where(const lines_t *lines, const notification_t *news)
{
    if (s_is_direct(lines->turn, lines->account, news))
        return "from";
    return news->mention ? "in a room, some of them for you, the last from"
                         : "in a room, the last from";
}

static slice_t s_say_message(const lines_t *lines, const notification_t *news)
{
    return arena_printf(turn_arena(lines->turn), "%llu unread message%s %s %.*s",
                        (unsigned long long)news->count, news->count == 1 ? "" : "s",
                        s_where(lines, news), SLICE_ARG(news->from_username));
}

static slice_t s_say(const lines_t *lines, const notification_t *news)
{
    if (news->kind == notice_kind_MESSAGE)
        return s_say_message(lines, news);
    const char *phrase = s_phrases[news->kind], *place = strstr(phrase, "{}");
    if (place == NULL)
        return slice_of(phrase);
    return arena_printf(turn_arena(lines->turn), "%.*s%.*s%s", (int)(place - phrase), phrase,
                        SLICE_ARG(news->from_username), place + 2);
}

/* ---- all of them ---- */

/* One that grows while it is the latest stays at its place. */
static bool s_is_new(const digest_t *digest, const notification_t *news)
{
    bool untold = news->place > digest->told_to || news->time > digest->told_time;
    return news->read == 0 && untold && news->time > digest->seen;
}

static void s_add(lines_t *lines, const notification_t *news)
{
    if (lines->count++ >= LIMIT_DIGEST_LINES)
        return;
    buf_append_text(&lines->text, "  * ");
    buf_append(&lines->text, s_say(lines, news));
    buf_append_text(&lines->text, "\r\n");
}

static void s_end(lines_t *lines)
{
    char more[64];
    if (lines->count <= LIMIT_DIGEST_LINES)
        return;
    snprintf(more, sizeof more, "  and %zu more\r\n", lines->count - LIMIT_DIGEST_LINES);
    buf_append_text(&lines->text, more);
}

static err_t s_look(lines_t *lines, uint64_t place)
{
    notification_t news;
    uint64_t id;
    err_t err = row_get_number(lines->turn, row_key2('i', lines->account, place), &id);
    if (err != ERR_OK || id == 0)
        return err;
    err = notifier_see(lines->turn, lines->account, id, &news);
    if (err == ERR_OK && s_is_new(lines->digest, &news))
        s_add(lines, &news);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t digest_write(turn_t *turn, uint64_t account, const digest_t *digest, slice_t *ret_text)
{
    lines_t lines = {.turn = turn, .account = account, .digest = digest};
    box_t box;
    err_t err = box_get(turn, account, &box);
    if (err != ERR_OK)
        return err;
    for (uint64_t i = 0; i < PLACES_MAX && box.last - i > box.cleared_to && err == ERR_OK; i++)
        err = s_look(&lines, box.last - i);
    s_end(&lines);
    *ret_text = arena_copy(turn_arena(turn), buf_slice(&lines.text));
    buf_free(&lines.text);
    return err;
}
