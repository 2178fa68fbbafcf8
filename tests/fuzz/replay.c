/* replay.c - a fuzz target without the fuzzer: run it once over given files.
 *
 * Linked into every target outside of the preset "fuzz", so that inputs which
 * once did harm are met again in every test run, under any compiler and any
 * sanitizer.  Arguments are folders, read one level deep; a folder that is
 * missing has no inputs.  A target that finds a fault aborts, so to come to
 * the end is to pass. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "schema/buf.h"
#include "schema/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static void s_file_read(FILE *file, buf_t *ret_bytes)
{
    enum { CHUNK = 64 * 1024 };
    size_t got;

    do {
        got = fread(buf_reserve(ret_bytes, CHUNK), 1, CHUNK, file);
        ret_bytes->len += got;
    } while (got > 0);
}

/* The input is copied to a block of just its size, so that a read past its end
 * is a fault that AddressSanitizer sees. */
static void s_bytes_run(slice_t bytes)
{
    uint8_t *exact = mem_grow(NULL, bytes.len + (bytes.len == 0));

    if (bytes.len > 0)
        memcpy(exact, bytes.ptr, bytes.len);
    LLVMFuzzerTestOneInput(exact, bytes.len);
    mem_free(exact);
}

static int s_file_run(const char *path)
{
    struct stat about;
    FILE *file = NULL;
    buf_t bytes = {0};

    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return 0;
    file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    fprintf(stderr, "%s\n", path);
    s_file_read(file, &bytes);
    fclose(file);
    s_bytes_run(buf_slice(&bytes));
    buf_free(&bytes);
    return 1;
}

static int s_folder_run(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    int ran = 0;

    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        ran += s_file_run(path);
        free(entries[i]);
    }
    free(entries);
    return ran;
}

int main(int argc, char **argv)
{
    int ran = 0;

    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        ran += s_folder_run(argv[i]);
    printf("%d passed, 0 failed\n", ran);
    return EXIT_SUCCESS;
}
