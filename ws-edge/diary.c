/* diary.c - rings, and a table of addresses in which a newcomer takes the place of another.
 *
 * The rings are zeroed pages that the kernel gives when they are first written, so an edge
 * with little to remember holds little. */
#include "ws-edge/diary.h"

#include <stdio.h>
#include <string.h>

#include "actors/clock.h"
#include "schema/mem.h"

enum { IPV4_NETWORK = 24, IPV6_NETWORK = 48, TOLD_SIZE = ADDRESS_TEXT_SIZE + 4 };

typedef struct known {
    uint64_t key; /* 0: nobody */
    char words[TOLD_SIZE];
} known_t;

struct diary {
    int64_t begun;
    bool whole;                    /* addresses are told whole; else their network, or … */
    bool none;                     /* … nothing of them */
    uint64_t notes, visits, posts; /* made so far */
    note_t note[DIARY_NOTES];
    visit_note_t visit[DIARY_VISITS];
    post_note_t post[DIARY_POSTS];
    known_t known[DIARY_ADDRESSES];
};

diary_t *diary_new(void)
{
    diary_t *diary = mem_new(diary_t);
    diary->begun = clock_time_us();
    return diary;
}

void diary_destroy(diary_t **diary_p)
{
    mem_free(*diary_p);
    *diary_p = NULL;
}

int64_t diary_since(const diary_t *diary)
{
    bool whole = diary->notes <= DIARY_NOTES;
    return whole ? diary->begun : diary->note[diary->notes % DIARY_NOTES].time;
}

/* ---- noting ---- */

void diary_note(diary_t *diary, const note_t *note)
{
    note_t *at = &diary->note[diary->notes++ % DIARY_NOTES];
    *at = *note;
    at->time = clock_time_us();
}

void diary_end(diary_t *diary, const visit_note_t *visit)
{
    diary->visit[diary->visits++ % DIARY_VISITS] = *visit;
}

void diary_post(diary_t *diary, const post_note_t *post)
{
    diary->post[diary->posts++ % DIARY_POSTS] = *post;
}

/* ---- looking back ---- */

static bool s_has(uint64_t made, size_t size, size_t back)
{
    return back < made && back < size;
}

const note_t *diary_note_at(const diary_t *diary, size_t back)
{
    uint64_t at = diary->notes - 1 - back;
    return s_has(diary->notes, DIARY_NOTES, back) ? &diary->note[at % DIARY_NOTES] : NULL;
}

const visit_note_t *diary_visit_at(const diary_t *diary, size_t back)
{
    uint64_t at = diary->visits - 1 - back;
    return s_has(diary->visits, DIARY_VISITS, back) ? &diary->visit[at % DIARY_VISITS] : NULL;
}

const post_note_t *diary_post_at(const diary_t *diary, size_t back)
{
    uint64_t at = diary->posts - 1 - back;
    return s_has(diary->posts, DIARY_POSTS, back) ? &diary->post[at % DIARY_POSTS] : NULL;
}

/* ---- addresses ---- */

void diary_tell_addresses(diary_t *diary, const char *how)
{
    bool whole = strcmp(how, "whole") == 0, none = strcmp(how, "none") == 0;
    if (whole != diary->whole || none != diary->none)
        memset(diary->known, 0, sizeof diary->known);
    diary->whole = whole;
    diary->none = none;
}

/* The first bits of an address, and how many there are. */
static void s_write_network(address_t address, char words[TOLD_SIZE])
{
    bool ipv4 = address_is_ipv4(&address);
    size_t kept = ipv4 ? sizeof address.bytes - 1 : IPV6_NETWORK / 8;
    memset(address.bytes + kept, 0, sizeof address.bytes - kept);
    address_write(&address, words);
    snprintf(words + strlen(words), 4, "/%d", ipv4 ? IPV4_NETWORK : IPV6_NETWORK);
}

static known_t *s_place(const diary_t *diary, uint64_t key)
{
    return (known_t *)(uintptr_t)&diary->known[key % DIARY_ADDRESSES];
}

/* What is no IP address is the Unix socket. */
void diary_meet(diary_t *diary, uint64_t key, slice_t words)
{
    known_t *known = s_place(diary, key);
    address_t address;
    if (diary->none || known->key == key)
        return;
    known->key = key;
    if (!address_read(words, &address))
        snprintf(known->words, sizeof known->words, "unix");
    else if (diary->whole || address_is_local(&address))
        address_write(&address, known->words);
    else
        s_write_network(address, known->words);
}

slice_t diary_address(const diary_t *diary, uint64_t key)
{
    const known_t *known = s_place(diary, key);
    return known->key == key ? slice_of(known->words) : (slice_t){0};
}
