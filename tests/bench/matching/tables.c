#include "tests/bench/matching/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/matching/rows.h"
#include "actors/matching/trial.h"

enum { ACCOUNT_AT = 1, OTHER_AT = 1 + 8, ROWS_AN_ARENA = 1024 };

typedef struct writer {
    world_t *world;
    FILE *file;
    uint64_t rows;
} writer_t;

static FILE *s_create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        world_must(ERR_STORAGE);
    return file;
}

static void s_close(FILE *file)
{
    if (fclose(file) != 0)
        world_must(ERR_STORAGE);
}

static void s_write_all(world_t *world, const char *folder, const char *name, char letter,
                        store_each_fn *each)
{
    row_key_t from = row_key0(letter), to = row_key0((char)(letter + 1));
    writer_t writer = {.world = world, .file = s_create(folder, name)};
    world_must(store_scan(world->store, row_slice(&from), row_slice(&to), false, each, &writer));
    s_close(writer.file);
}

/* ---- people ---- */

static const void *s_row(world_t *world, char letter, uint64_t account, const shape_t *shape)
{
    row_key_t key = row_key1(letter, account);
    slice_t value;
    fault_t fault;
    const void *row;
    world_must(store_get(world->store, row_slice(&key), world->arena, &value));
    world_must(codec_unpack(value, shape, world->arena, &fault, &row));
    return row;
}

static void s_write_spot(FILE *file, spot_t spot)
{
    if (spot_known(spot))
        fprintf(file, "(%.17g,%.17g,%.17g)", (double)spot.x, (double)spot.y, (double)spot.z);
    else
        fputs("\\N", file);
}

static void s_write_tags(FILE *file, const candidate_t *person)
{
    for (size_t i = 0; i < person->tag_count; i++)
        fprintf(file, "%s%" PRId32, i > 0 ? "," : "", (int32_t)person->tags[i]);
}

static void s_write_person(FILE *file, const candidate_t *person, const profile_t *profile,
                           const person_t *name)
{
    fprintf(file, "%" PRIu64 "\t%" PRId32 "\t%" PRId32 "\t%u\t%u\t%u\t%u\t", person->account,
            (int32_t)person->gender, (int32_t)person->preference, person->born, person->fame,
            person->seen, person->barred);
    s_write_spot(file, person->spot);
    fputs("\t{", file);
    s_write_tags(file, person);
    fprintf(file, "}\t%.*s\t%.*s\t%.*s\t%.*s\n", SLICE_ARG(name->login), SLICE_ARG(name->username),
            SLICE_ARG(profile->first_name), SLICE_ARG(profile->description));
}

static bool s_each_standing(void *ctx, slice_t key, slice_t value)
{
    writer_t *writer = ctx;
    uint64_t account = row_number(key, ACCOUNT_AT);
    candidate_t person;
    fault_t fault;
    const void *standing;
    if (++writer->rows % ROWS_AN_ARENA == 0)
        arena_reset(writer->world->arena);
    slice_t copy = arena_copy(writer->world->arena, value);
    world_must(codec_unpack(copy, shape_standing_row(), writer->world->arena, &fault, &standing));
    const person_t *name = s_row(writer->world, 'P', account, shape_person());
    if (candidate_make(account, standing, name, &person))
        s_write_person(writer->file, &person, s_row(writer->world, 'p', account, shape_profile()),
                       name);
    return true;
}

/* ---- who is apart ---- */

static bool s_each_apart(void *ctx, slice_t key, slice_t value)
{
    writer_t *writer = ctx;
    fprintf(writer->file, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", row_number(key, ACCOUNT_AT),
            row_number(key, OTHER_AT), row_number(value, 0));
    return true;
}

void tables_write(world_t *world, const char *folder)
{
    s_write_all(world, folder, "people.copy", 'i', s_each_standing);
    s_write_all(world, folder, "apart.copy", 'n', s_each_apart);
}
