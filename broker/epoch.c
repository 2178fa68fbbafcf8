/* epoch.c - the number, and the CRC of its digits in hexadecimal. */
#include "broker/epoch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/folder.h"
#include "schema/envelope.h"

enum { TEXT_SIZE = 20 + 10 }; /* twenty digits, a blank, eight of the CRC, a newline */

static const char s_file[] = "epoch";

static void s_text(uint64_t epoch, char ret_text[TEXT_SIZE + 1])
{
    char digits[21];
    snprintf(digits, sizeof digits, "%020" PRIu64, epoch);
    snprintf(ret_text, TEXT_SIZE + 1, "%s %08" PRIx32 "\n", digits, crc32c(slice_of(digits)));
}

err_t epoch_read(const char *journal, uint64_t *ret_epoch)
{
    char text[TEXT_SIZE + 1];
    buf_t found = {0};
    err_t err = folder_get(journal, s_file, TEXT_SIZE + 1, &found);
    if (err == ERR_OK) {
        buf_append_byte(&found, '\0');
        uint64_t epoch = strtoull((const char *)found.data, NULL, 10);
        s_text(epoch, text);
        if (strcmp(text, (const char *)found.data) == 0)
            *ret_epoch = epoch;
        else
            err = ERR_CORRUPT;
    }
    buf_free(&found);
    return err;
}

err_t epoch_write(const char *journal, uint64_t epoch)
{
    char text[TEXT_SIZE + 1];
    s_text(epoch, text);
    return folder_put(journal, s_file, slice_of(text));
}
