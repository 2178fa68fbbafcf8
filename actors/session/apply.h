/* apply.h - what the files of apply functions share. */
#ifndef ACTORS_SESSION_APPLY_H
#define ACTORS_SESSION_APPLY_H

#include "schema/err.h"

/* Whether a row was there.  What cannot be read cannot be changed, and passing over an
 * event would make a projection that nobody can trust: any error but NOT_FOUND ends the
 * process, the journal has everything. */
bool apply_found(err_t err);

#endif
