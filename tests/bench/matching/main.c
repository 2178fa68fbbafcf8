/* main.c - kith-matching: recommendations among many, at the server.
 *
 *   fill DIR PEOPLE LIKES   make the people, in the store of the matching actor
 *   journal DIR PEOPLE LIKES  the same as a journal in the data folder DIR, for a server; then a
 *                           line of JSON each for some more profiles
 *   tables DIR PEOPLE OUT   write them as tables for a database (tables.c)
 *   ask DIR PEOPLE SEED     for each line of the input, the number of a kind, one question;
 *                           a line of JSON for its answer (answer.c).  First what there is
 *
 * tests/bench/matching/run drives it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/matching/answer.h"
#include "tests/bench/matching/tables.h"

enum { EXIT_USAGE = 2, ASKERS = 20 };

static void s_ask(world_t *world, uint64_t seed)
{
    char line[32];
    world->dice.state = seed;
    answer_begin(world);
    while (fgets(line, sizeof line, stdin) != NULL)
        answer_put(world, strtoull(line, NULL, 10));
}

static void s_write_journal(const char *folder, uint64_t people, uint64_t likes)
{
    world_t world;
    world_open_journal(&world, folder, people);
    world_fill(&world, likes);
    for (int i = 0; i < ASKERS; i++)
        world_put_profile(&world, stdout);
    world_close(&world);
}

int main(int argc, char **argv)
{
    world_t world;
    if (argc != 5) {
        fprintf(stderr,
                "usage: kith-matching fill|journal|tables|ask … (see tests/bench/matching/run)\n");
        return EXIT_USAGE;
    }
    uint64_t people = strtoull(argv[3], NULL, 10);
    if (strcmp(argv[1], "journal") == 0) {
        s_write_journal(argv[2], people, strtoull(argv[4], NULL, 10));
        return EXIT_SUCCESS;
    }
    world_open(&world, argv[2], people);
    if (strcmp(argv[1], "fill") == 0)
        world_fill(&world, strtoull(argv[4], NULL, 10));
    else if (store_applied(world.store) == 0)
        world_must(ERR_NOT_FOUND); /* nobody was made, or in another format of rows */
    else if (strcmp(argv[1], "tables") == 0)
        tables_write(&world, argv[4]);
    else
        s_ask(&world, strtoull(argv[4], NULL, 10));
    world_close(&world);
    return EXIT_SUCCESS;
}
