/* sandbox.h - what the kernel lets this process do no more, whoever has got into it.
 *
 * The door of Landlock (landlock(7)) and of libseccomp.  Both bind the calling thread and all
 * that it starts from then on, for good; so the sandbox is closed before there are others.
 *
 * Files    only those below the paths that were allowed can be opened, and written where that
 *          was allowed; what was open before stays so.
 * Calls    no program is started, no other process looked into, nothing mounted, no namespace,
 *          kernel module or clock touched, and there are only sockets of the usual families;
 *          memory that was written to is never run.  Such a call fails with EPERM.
 * Memory   no core is written of the process, and nobody else of its account looks into it. */
#ifndef BROKER_SANDBOX_H
#define BROKER_SANDBOX_H

#include "schema/err.h"

/* A sanitizer looks into its own process as a debugger would, and starts a program that tells
 * lines of source: a build with one lets it. */
#if defined(__clang__)
#define SANDBOX_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_SANITIZED 1
#else
#define SANDBOX_SANITIZED 0
#endif

typedef struct sandbox sandbox_t;

/* With nothing allowed yet. */
sandbox_t *sandbox_new(void);

typedef enum sandbox_use { SANDBOX_READ, SANDBOX_WRITE } sandbox_use_t;

/* A file, or a folder with all that is or will be in it.  ERR_NOT_FOUND: it is not there. */
MUST_CHECK err_t sandbox_allow(sandbox_t *sandbox, const char *path, sandbox_use_t use);

/* In force from here on; nulls *sandbox_p.  What this kernel does not have is told in the log
 * and done without.  ERR_INTERNAL: the kernel refused, and the log says what. */
MUST_CHECK err_t sandbox_close(sandbox_t **sandbox_p);

#endif
