/* level_fuzz.c - files that say they are LevelDB's: as they come, and with checksums that hold,
 * so that what is behind those is reached too.  The first byte says which. */
#include <stdlib.h>

#include "actors/level_manifest.h"
#include "actors/level_table.h"
#include "schema/buf.h"
#include "tests/unit/actors/level_made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- tables ---- */

static bool s_row(void *ctx, slice_t key, slice_t value)
{
    size_t *seen = ctx; /* every byte is touched, so that a wrong one is found out */
    for (size_t i = 0; i < key.len; i++)
        *seen += key.ptr[i];
    for (size_t i = 0; i < value.len; i++)
        *seen += value.ptr[i];
    return true;
}

static void s_flaw(void *ctx, size_t at, const char *words)
{
    *(size_t *)ctx += at + strlen(words);
}

static void s_read_table(slice_t file)
{
    size_t seen = 0;
    const level_table_eyes_t eyes = {&seen, s_row, s_flaw};
    if (!level_table_read(file, &eyes))
        abort();
}

static void s_read_built(slice_t data, slice_t index)
{
    buf_t file = {0};
    level_made_table(&file, data, index);
    s_read_table(buf_slice(&file));
    buf_free(&file);
}

/* ---- logs ---- */

static void s_read_manifest(slice_t file)
{
    level_manifest_t manifest;
    level_manifest_read(file, &manifest);
    level_manifest_free(&manifest);
}

static void s_read_framed(slice_t input)
{
    buf_t file = {0};
    level_made_log(&file,
                   input.len < LEVEL_MADE_MOST ? input : slice_new(input.ptr, LEVEL_MADE_MOST));
    s_read_manifest(buf_slice(&file));
    buf_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    slice_t input = slice_new(data + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        s_read_manifest(input);
        break;
    case 1:
        s_read_framed(input);
        break;
    case 2:
        s_read_table(input);
        break;
    case 3:
        s_read_built(input, (slice_t){0});
        break;
    default:
        s_read_built(input, input);
    }
    return 0;
}
