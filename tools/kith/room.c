/* room.c - kith room: the rooms of a running server, as its operator sees them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/kith/ask.h"

static void s_print_line(const room_t *room)
{
    printf("%-8" PRIu64 " %.*s %-8s %8" PRIu64 " %10" PRIu64 "  ", room->id, SLICE_ARG(room->gid),
           choice_word(choices_room_kind, (int)room->kind), room->members, room->seq);
    ask_print_text(room->name);
}

static void s_print(const room_t *room, bool json)
{
    if (json)
        ask_print_json(shape_room(), room);
    else
        s_print_line(room);
}

outcome_t room_list_run(const options_t *options)
{
    enum { PAGE = LIMIT_PAGE };
    peer_t *peer = ask_meet(options);
    const room_list_t *page = NULL;
    uint64_t after = 0;
    if (peer == NULL)
        return OUTCOME_BAD;
    if (!options->json)
        printf("%-8s %-8s %-8s %8s %10s  %s\n", "id", "gid", "kind", "members", "messages", "name");
    do {
        page = ask(peer, CALL_room_list, &(room_list_call_t){after, PAGE});
        const room_t *rooms = page != NULL ? page->rooms.items : NULL;
        for (size_t i = 0; page != NULL && i < page->rooms.count; i++) {
            s_print(&rooms[i], options->json);
            after = rooms[i].id;
        }
    } while (page != NULL && page->rooms.count == PAGE);
    peer_close(&peer);
    return page != NULL ? OUTCOME_GOOD : OUTCOME_BAD;
}

/* ---- show ---- */

static void s_print_page(const room_t *room)
{
    printf("id        %" PRIu64 "\ngid       %.*s\nkind      %s\nname      ", room->id,
           SLICE_ARG(room->gid), choice_word(choices_room_kind, (int)room->kind));
    ask_print_text(room->name);
    printf("topic     ");
    ask_print_text(room->topic);
    printf("creator   #%" PRIu64 "\ncreated   %s\nmessages  %" PRIu64 "\nmembers   %" PRIu64 "\n",
           room->creator, ask_show_time(room->created).text, room->seq, room->members);
}

static void s_print_member(const membership_t *member)
{
    printf("  #%-8" PRIu64 " %-10s since %s%s%s\n", member->account,
           choice_word(choices_room_role, (int)member->role), ask_show_time(member->joined).text,
           member->muted_until != 0 ? ", muted until " : "",
           member->muted_until != 0 ? ask_show_time(member->muted_until).text : "");
}

static bool s_print_members(peer_t *peer, uint64_t room)
{
    uint64_t after = 0;
    const member_list_t *page;
    do {
        page = ask(peer, CALL_room_members, &(room_members_call_t){room, after, LIMIT_PAGE});
        const membership_t *members = page != NULL ? page->members.items : NULL;
        for (size_t i = 0; page != NULL && i < page->members.count; i++) {
            s_print_member(&members[i]);
            after = members[i].account;
        }
    } while (page != NULL && page->members.count == LIMIT_PAGE);
    return page != NULL;
}

outcome_t room_show_run(const options_t *options)
{
    char *end = NULL;
    uint64_t id = strtoull(options->operands[0], &end, 10);
    if (id == 0 || *end != '\0') {
        fprintf(stderr, "kith: `%s` is no room's number\n", options->operands[0]);
        return OUTCOME_USAGE;
    }
    peer_t *peer = ask_meet(options);
    const room_t *room = peer != NULL ? ask(peer, CALL_room_get, &(room_get_call_t){id}) : NULL;
    bool shown = room != NULL;
    if (shown && options->json) {
        s_print(room, true);
    } else if (shown) {
        s_print_page(room);
        shown = s_print_members(peer, id);
    }
    peer_close(&peer);
    return shown ? OUTCOME_GOOD : OUTCOME_BAD;
}
