/* epoch.h - the file `epoch` in the journal's folder: the highest that was ever raised. */
#ifndef BROKER_EPOCH_H
#define BROKER_EPOCH_H

#include <stdint.h>

#include "schema/err.h"

/* ERR_NOT_FOUND where there is none yet; ERR_CORRUPT when it is not what was written. */
MUST_CHECK err_t epoch_read(const char *journal, uint64_t *ret_epoch);

/* On disk when it returns ERR_OK, else as it was. */
MUST_CHECK err_t epoch_write(const char *journal, uint64_t epoch);

#endif
