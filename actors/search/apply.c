/* apply.c - what each event changes in the index.
 *
 * A message's entry lives until its segment is sealed, which on a busy server is before
 * the next flush: then it never gets to the disk.
 *
 * A message of the open segment is changed in its entry.  In a sealed one an edit takes it
 * out of the postings of its old words and into those of the new: rare, and some hundred
 * rows at most for a message of usual length. */
#include "actors/search/search.h"

static void s_put_message(turn_t *turn, const message_t *message)
{
    row_put(turn, row_key2('D', message->room, message->seq), shape_message(), message);
}

static slice_t s_entry(turn_t *turn, const message_t *message, words_t words)
{
    return entry_make(turn_arena(turn), message->room, message->seq, words);
}

/* ---- sealed segments ---- */

static void s_change_posting(turn_t *turn, slice_t beginning, uint64_t id, bool has)
{
    slice_t value;
    posting_t posting = {0};
    buf_t bytes = {0};
    row_key_t key = search_word_key(beginning, segment_of(id));
    if (search_get(turn, key, &value))
        posting_read(&posting, value);
    if (has)
        posting_add(&posting, offset_of(id));
    else
        posting_drop(&posting, offset_of(id));
    posting_put(&bytes, &posting);
    if (bytes.len > 0)
        row_put_bytes(turn, key, buf_slice(&bytes));
    else
        row_delete(turn, key);
    buf_free(&bytes);
}

/* Every beginning of every word that has a row, those that a word shares with the one
 * before it once. */
static void s_change_postings(turn_t *turn, words_t words, uint64_t id, bool has)
{
    slice_t before = {0};
    for (size_t i = 0; i < words.count; i++) {
        slice_t word = search_beginning(words.items[i]);
        for (size_t chars = 1, len = 0; len < word.len; chars++) {
            len = word_beginning(word, chars);
            slice_t beginning = slice_new(word.ptr, len);
            if (before.ptr == NULL || !slice_starts(before, beginning))
                s_change_posting(turn, beginning, id, has);
        }
        before = word;
    }
}

/* The message's words become others. */
static void s_reword(turn_t *turn, const message_t *message, slice_t text)
{
    words_t words = words_of(text, turn_arena(turn));
    if (segment_of(message->id) >= search_open_segment(turn, 0)) {
        row_put_bytes(turn, row_key1('T', message->id), s_entry(turn, message, words));
        return;
    }
    s_change_postings(turn, words_of(message->text, turn_arena(turn)), message->id, false);
    s_change_postings(turn, words, message->id, true);
}

/* ---- messages ---- */

void search_apply_posted(turn_t *turn, const record_t *record, const void *body)
{
    const message_t *message = ((const room_posted_event_t *)body)->message;
    uint32_t segment = segment_of(message->id), open = search_open_segment(turn, UINT32_MAX);
    if (segment != open) {
        if (open != UINT32_MAX)
            search_seal(turn, open);
        search_set_open_segment(turn, segment);
    }
    words_t words = words_of(message->text, turn_arena(turn));
    row_put_new_bytes(turn, row_key1('T', message->id), s_entry(turn, message, words));
    row_put_member(turn, row_key2('D', message->room, message->seq), record, "message");
}

void search_apply_edited(turn_t *turn, const record_t *record, const void *body)
{
    const message_edited_event_t *edit = body;
    const message_t *old = search_message(turn, edit->room, edit->seq);
    if (old == NULL)
        return;
    s_reword(turn, old, edit->text);
    message_t message = *old;
    message.text = edit->text;
    message.mentions = edit->mentions;
    message.everyone = edit->everyone;
    message.edited = record->time;
    s_put_message(turn, &message);
}

void search_apply_deleted(turn_t *turn, const record_t *record, const void *body)
{
    const message_deleted_event_t *gone = body;
    const message_t *old = search_message(turn, gone->room, gone->seq);
    if (old == NULL)
        return;
    s_reword(turn, old, SLICE_LIT(""));
    row_delete(turn, row_key2('D', gone->room, gone->seq));
    (void)record;
}

/* ---- who is where ---- */

static void s_put_out(turn_t *turn, uint64_t account, uint64_t room)
{
    row_delete(turn, row_key2('a', account, room));
}

void search_apply_joined(turn_t *turn, const record_t *record, const void *body)
{
    const membership_t *member = ((const room_joined_event_t *)body)->member;
    row_put_mark(turn, row_key2('a', member->account, member->room));
    (void)record;
}

void search_apply_left(turn_t *turn, const record_t *record, const void *body)
{
    const room_left_event_t *left = body;
    s_put_out(turn, left->account, left->room);
    (void)record;
}

void search_apply_banned(turn_t *turn, const record_t *record, const void *body)
{
    const room_ban_t *ban = ((const room_banned_event_t *)body)->ban;
    s_put_out(turn, ban->account, ban->room);
    (void)record;
}

/* Its members stay where they are: there may be many, and the mark is enough. */
void search_apply_room_deleted(turn_t *turn, const record_t *record, const void *body)
{
    const room_deleted_event_t *gone = body;
    row_put_mark(turn, row_key1('x', gone->room));
    (void)record;
}
