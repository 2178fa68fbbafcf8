/* warden.h - what is given up before anything is served: root's powers, and all files and calls
 * that the settings have no use for. */
#ifndef BROKER_WARDEN_H
#define BROKER_WARDEN_H

#include "actors/config.h"

/* Before there is a second thread: become the account of the setting `user`, with the folders
 * of `data` and `files` made, and close the sandbox, unless `sandbox` is off.  What is wrong has
 * been logged. */
MUST_CHECK err_t warden_enter(const config_t *config);

#endif
