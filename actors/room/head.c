/* head.c - a row under 'Q': the sequence, that of the last mention, then account, marker and its time
 * of each speaker. */
#include "actors/room/head.h"

#include "actors/level.h"
#include "actors/row.h"

enum { NUMBER_SIZE = 8, SPEAKERS_AT = 2 * NUMBER_SIZE, SPEAKER_SIZE = 3 * NUMBER_SIZE };

static speaker_t s_read(slice_t value, size_t at)
{
    return (speaker_t){
        .account = row_number(value, at),
        .seq = row_number(value, at + NUMBER_SIZE),
        .time = (int64_t)row_number(value, at + 2 * NUMBER_SIZE),
    };
}

err_t head_get(turn_t *turn, uint64_t room, head_t *ret_head)
{
    slice_t value = {0};
    err_t err = row_get_bytes(turn, row_key1('Q', room), &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    *ret_head = (head_t){.seq = row_number(value, 0), .mentioned = row_number(value, NUMBER_SIZE)};
    for (size_t at = SPEAKERS_AT; at + SPEAKER_SIZE <= value.len; at += SPEAKER_SIZE)
        if (ret_head->count < HEAD_SPEAKERS)
            ret_head->speakers[ret_head->count++] = s_read(value, at);
    return ERR_OK;
}

const speaker_t *head_speaker(const head_t *head, uint64_t account)
{
    for (size_t i = 0; i < head->count; i++)
        if (head->speakers[i].account == account)
            return &head->speakers[i];
    return NULL;
}

static void s_put(turn_t *turn, uint64_t room, const head_t *head)
{
    uint64_t numbers[2 + 3 * HEAD_SPEAKERS] = {head->seq, head->mentioned};
    size_t count = 2;
    for (const speaker_t *speaker = head->speakers; speaker < head->speakers + head->count;
         speaker++) {
        numbers[count++] = speaker->account;
        numbers[count++] = speaker->seq;
        numbers[count++] = (uint64_t)speaker->time;
    }
    row_put_numbers(turn, row_key1('Q', room), (ids_t){numbers, count});
}

/* Those before the speaker's old place move back by one; without one the last falls out. */
bool head_speak(turn_t *turn, uint64_t room, const speaker_t *speaker, speaker_t *ret_fallen)
{
    head_t head;
    if (!row_found(head_get(turn, room, &head)))
        return false;
    const speaker_t *known = head_speaker(&head, speaker->account);
    size_t place = known != NULL ? (size_t)(known - head.speakers) : head.count;
    bool falls = place == HEAD_SPEAKERS;
    if (falls)
        *ret_fallen = head.speakers[--place];
    else if (known == NULL)
        head.count++;
    memmove(head.speakers + 1, head.speakers, place * sizeof *speaker);
    head.speakers[0] = *speaker;
    head.seq = speaker->seq;
    s_put(turn, room, &head);
    return falls;
}

bool head_read(turn_t *turn, uint64_t room, const speaker_t *speaker)
{
    head_t head;
    if (!row_found(head_get(turn, room, &head)))
        return false;
    const speaker_t *known = head_speaker(&head, speaker->account);
    if (known == NULL)
        return false;
    head.speakers[known - head.speakers] = *speaker;
    s_put(turn, room, &head);
    return true;
}

void head_mention(turn_t *turn, uint64_t room, uint64_t seq)
{
    head_t head;
    if (!row_found(head_get(turn, room, &head)) || head.mentioned >= seq)
        return;
    head.mentioned = seq;
    s_put(turn, room, &head);
}

void head_convert(level_t *to, slice_t key, slice_t value)
{
    buf_t row = {0};
    if (key.ptr[0] == 'Q' && value.len >= NUMBER_SIZE) /* the last message may mention somebody */
        buf_append(&row, slice_new(value.ptr, NUMBER_SIZE));
    buf_append(&row, value);
    level_put(to, key, buf_slice(&row));
    buf_free(&row);
}
