#include "tests/unit/ws-edge/spare_mint.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

mint_t *spare_mint(void)
{
    static mint_t *mint;
    char folder[] = "/tmp/kith-mint-XXXXXX", path[64];
    if (mint != NULL)
        return mint;
    char *made = mkdtemp(folder);
    assert(made != NULL);
    snprintf(path, sizeof path, "%s/token.key", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ssize_t put = write(fd, "a key of thirty-two bytes, or more", 34);
    assert(put == 34);
    close(fd);
    err_t err = mint_open(folder, &mint);
    assert(err == ERR_OK);
    unlink(path);
    rmdir(folder);
    return mint;
}
