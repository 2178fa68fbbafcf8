/* sandbox_test.c - what can be done no more, tried by children of the test. */
#include "broker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

enum { CANNOT = 99 }; /* a child's word: this kernel has no such thing */

static char s_own[SCRATCH_PATH_SIZE], s_foreign[SCRATCH_PATH_SIZE];

static int s_setup(void **state)
{
    (void)state;
    scratch_make(s_own);
    scratch_make(s_foreign);
    return 0;
}

static int s_teardown(void **state)
{
    (void)state;
    scratch_remove(s_own);
    scratch_remove(s_foreign);
    return 0;
}

/* ---- in a child: 0, or the errno of what was tried ---- */

static int s_open(const char *folder, int flags)
{
    char path[SCRATCH_PATH_SIZE + 8];
    snprintf(path, sizeof path, "%s/file", folder);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? errno : 0;
}

static int s_write_own(void)
{
    return s_open(s_own, O_CREAT | O_WRONLY | O_TRUNC);
}

static int s_write_foreign(void)
{
    return s_open(s_foreign, O_CREAT | O_WRONLY);
}

static int s_read_foreign(void)
{
    return s_open(s_foreign, O_RDONLY);
}

static void *s_thread(void *ctx)
{
    *(int *)ctx = s_write_foreign();
    return NULL;
}

static int s_write_foreign_in_a_thread(void)
{
    pthread_t thread;
    int error = 0;
    if (pthread_create(&thread, NULL, s_thread, &error) != 0)
        return CANNOT;
    pthread_join(thread, NULL);
    return error;
}

static int s_unshare(void)
{
    return syscall(SYS_unshare, 0x10000000) == 0 ? 0 : errno; /* CLONE_NEWUSER */
}

static int s_mount(void)
{
    return syscall(SYS_mount, "none", s_own, "tmpfs", 0, NULL) == 0 ? 0 : errno;
}

static int s_open_packet_socket(void)
{
    return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0 ? 0 : errno;
}

static int s_open_socket(void)
{
    return socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? 0 : errno;
}

static int s_execute(void)
{
    char *const words[] = {(char[]){"true"}, NULL};
    execv("/bin/true", words);
    return errno;
}

static int s_trace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : errno;
}

static int s_allow_what_is_not_there(void)
{
    sandbox_t *sandbox = sandbox_new();
    err_t err = sandbox_allow(sandbox, "/no such folder", SANDBOX_READ);
    return sandbox_close(&sandbox) == ERR_OK ? (int)err : CANNOT;
}

/* ---- the children ---- */

/* What it comes to in a child whose sandbox has its own folder only. */
static int s_tried(int (*attempt)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        sandbox_t *sandbox = sandbox_new();
        bool closed = sandbox_allow(sandbox, s_own, SANDBOX_WRITE) == ERR_OK &&
                      sandbox_close(&sandbox) == ERR_OK;
        _exit(closed ? attempt() : CANNOT);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool s_has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static void test_only_what_was_allowed_is_opened(void **state)
{
    (void)state;
    if (!s_has_landlock())
        skip();
    assert_int_equal(s_open(s_foreign, O_CREAT | O_WRONLY), 0); /* from outside */
    assert_int_equal(s_tried(s_write_own), 0);
    assert_int_equal(s_tried(s_write_foreign), EACCES);
    assert_int_equal(s_tried(s_read_foreign), EACCES);
}

static void test_threads_are_in_it_too(void **state)
{
    (void)state;
    if (!s_has_landlock())
        skip();
    assert_int_equal(s_tried(s_write_foreign_in_a_thread), EACCES);
}

static void test_what_a_server_never_does_is_refused(void **state)
{
    (void)state;
    assert_int_equal(s_tried(s_unshare), EPERM);
    assert_int_equal(s_tried(s_mount), EPERM);
    assert_int_equal(s_tried(s_open_packet_socket), EAFNOSUPPORT);
    assert_int_equal(s_tried(s_open_socket), 0);
}

static void test_no_program_is_started_and_nothing_traced(void **state)
{
    (void)state;
    if (SANDBOX_SANITIZED)
        skip();
    assert_int_equal(s_tried(s_execute), EPERM);
    assert_int_equal(s_tried(s_trace), EPERM);
}

static void test_what_is_not_there_cannot_be_allowed(void **state)
{
    (void)state;
    if (!s_has_landlock())
        skip();
    assert_int_equal(s_tried(s_allow_what_is_not_there), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_was_allowed_is_opened),
        cmocka_unit_test(test_threads_are_in_it_too),
        cmocka_unit_test(test_what_a_server_never_does_is_refused),
        cmocka_unit_test(test_no_program_is_started_and_nothing_traced),
        cmocka_unit_test(test_what_is_not_there_cannot_be_allowed),
    };
    return cmocka_run_group_tests(tests, s_setup, s_teardown);
}
