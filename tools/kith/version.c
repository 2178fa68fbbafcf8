/* version.c - kith version */
#include <stdio.h>

#include "tools/kith/command.h"

outcome_t version_run(const options_t *options)
{
    (void)options;
    printf("kith %s\n", KITH_VERSION);
    return OUTCOME_GOOD;
}
