/* setting_fuzz.c - any bytes as kithd's settings file, and as one word of its command line: every
 * setting has a value whatever comes, and a refusal says what is wrong. */
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "broker/settings.h"
#include "schema/mem.h"
#include "schema/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_check(const config_t *config, err_t err)
{
    assert(err == ERR_OK || err == ERR_NOT_FOUND || config->fault[0] != '\0');
    assert(memchr(config->fault, '\0', sizeof config->fault) != NULL);
    for (size_t i = 0; i < config->count; i++)
        assert(config_get(config, config->settings[i].key) != NULL);
}

static void s_try_file(slice_t input)
{
    char path[64];
    int fd = memfd_create("settings", MFD_CLOEXEC);
    assert(fd >= 0);
    ssize_t put = write(fd, input.ptr, input.len);
    assert(put == (ssize_t)input.len);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    config_t *config = settings_new();
    s_check(config, config_load(config, path));
    settings_destroy(&config);
    close(fd);
}

static void s_try_word(slice_t input)
{
    char *word = mem_zeroed(input.len + 1);
    memcpy(word, input.ptr, input.len);
    config_t *config = settings_new();
    s_check(config, config_set_word(config, word));
    settings_destroy(&config);
    mem_free(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t input = slice_new(data, size);
    if (size == 0)
        return 0;
    s_try_word(input);
    s_try_file(input);
    return 0;
}
