/* party.c - candidates are found one by one, from the oldest on.  With each that is found, those
 * before it are tried as company for it and the ticket; so a match is found with the first
 * candidate that completes one, and the queue is looked through no further. */
#include "actors/matching/party.h"

typedef struct search {
    int64_t now;
    party_vet_fn *vet;
    void *ctx;
    waiter_t *candidates[PARTY_CANDIDATES];
    size_t candidate_count;
    uint32_t size; /* that is tried */
    waiter_t *members[LIMIT_TICKET_SIZE];
    size_t count;
    size_t steps;
    size_t work;
} search_t;

/* ---- putting together ---- */

static bool s_fits_all(search_t *search, const waiter_t *candidate)
{
    for (size_t i = 1; i < search->count; i++) { /* a candidate fits the ticket */
        search->work++;
        if (!waiters_accept(search->members[i], candidate, search->now))
            return false;
    }
    return true;
}

static bool s_join(search_t *search, waiter_t *candidate)
{
    search->steps++;
    if (!waiter_takes_size(candidate, search->size, search->now) ||
        !s_fits_all(search, candidate) ||
        !search->vet(search->ctx, search->members, search->count, candidate))
        return false;
    search->members[search->count++] = candidate;
    return true;
}

/* Company from the candidates between two places; as deep as a match has people. */
static bool s_fill(search_t *search, size_t from, size_t to)
{
    size_t missing = search->size - search->count;
    for (size_t i = from; missing > 0 && i + missing <= to; i++) {
        if (search->steps > PARTY_STEPS)
            return false;
        if (!s_join(search, search->candidates[i]))
            continue;
        if (s_fill(search, i + 1, to))
            return true;
        search->count--;
    }
    return missing == 0;
}

/* The ticket, the candidate at this place, and company from those before. */
static bool s_complete(search_t *search, size_t place)
{
    search->count = 1;
    if (place + 2 < search->size || !s_join(search, search->candidates[place]))
        return false;
    return s_fill(search, 0, place);
}

/* ---- candidates ---- */

static bool s_is_candidate(search_t *search, const waiter_t *waiter, const waiter_t *other)
{
    bool apart = other->max < waiter->min || other->min > waiter->max;
    if (other == waiter || apart || other->due <= search->now)
        return false;
    search->work++;
    return waiters_accept(waiter, other, search->now);
}

/* The first size, while the candidates are found. */
static bool s_look_through(search_t *search, const lobby_t *lobby, const waiter_t *waiter)
{
    waiter_t *newer, *other = lobby_oldest(lobby, waiter->queue);
    for (; other != NULL && search->candidate_count < PARTY_CANDIDATES; other = newer) {
        newer = other->newer; /* who is vetted may leave the line */
        if (!s_is_candidate(search, waiter, other))
            continue;
        /* For a pair nobody is kept: whoever does not complete it completes none. */
        size_t place = search->candidate_count;
        search->candidates[place] = other;
        if (s_complete(search, place))
            return true;
        search->candidate_count += waiter->max > 2;
    }
    return false;
}

/* A smaller one, of the same candidates. */
static bool s_try_again(search_t *search)
{
    for (size_t place = 0; place < search->candidate_count; place++)
        if (s_complete(search, place))
            return true;
    return false;
}

static bool s_find(search_t *search, const lobby_t *lobby, waiter_t *waiter)
{
    uint32_t least = waiter_least(waiter, search->now);
    search->members[0] = waiter;
    search->size = waiter->max;
    if (!search->vet(search->ctx, NULL, 0, waiter))
        return false;
    bool found = s_look_through(search, lobby, waiter);
    while (!found && search->size > least) {
        search->size--;
        found = s_try_again(search);
    }
    return found;
}

/* ---- the party ---- */

static void s_insert(party_t *party, waiter_t *member)
{
    size_t at = party->count++;
    for (; at > 0 && party->members[at - 1]->ticket > member->ticket; at--)
        party->members[at] = party->members[at - 1];
    party->members[at] = member;
}

party_t party_find(const lobby_t *lobby, waiter_t *waiter, int64_t now, party_vet_fn *vet,
                   void *ctx)
{
    search_t search = {.now = now, .vet = vet, .ctx = ctx};
    party_t party = {0};
    bool found = s_find(&search, lobby, waiter);
    for (size_t i = 0; found && i < search.count; i++)
        s_insert(&party, search.members[i]);
    party.work = search.work + search.steps;
    return party;
}
