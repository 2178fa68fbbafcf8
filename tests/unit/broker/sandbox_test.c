/* sandbox_test.c - what can be done no more, tried by children of the test. */
#include "broker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
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

/* ---- the same by other roads ---- */

static void s_foreign_file(char path[SCRATCH_PATH_SIZE + 32], const char *before)
{
    snprintf(path, SCRATCH_PATH_SIZE + 32, "%s%s/file", before, s_foreign);
}

static int s_read_through_a_link(void)
{
    char target[SCRATCH_PATH_SIZE + 32], path[SCRATCH_PATH_SIZE + 8];
    s_foreign_file(target, "");
    snprintf(path, sizeof path, "%s/link", s_own);
    unlink(path);
    if (symlink(target, path) != 0)
        return CANNOT;
    return open(path, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int s_read_through_proc(void)
{
    char path[SCRATCH_PATH_SIZE + 32];
    s_foreign_file(path, "/proc/self/root");
    return open(path, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int s_read_by_openat2(void)
{
    char path[SCRATCH_PATH_SIZE + 32];
    const uint64_t how[3] = {O_RDONLY | O_CLOEXEC};
    s_foreign_file(path, "");
    return syscall(SYS_openat2, AT_FDCWD, path, how, sizeof how) < 0 ? errno : 0;
}

static int s_take_out(void)
{
    char from[SCRATCH_PATH_SIZE + 8], to[SCRATCH_PATH_SIZE + 8];
    snprintf(from, sizeof from, "%s/file", s_own);
    snprintf(to, sizeof to, "%s/taken", s_foreign);
    return s_write_own() != 0 ? CANNOT : rename(from, to) == 0 ? 0 : errno;
}

static int s_ring(void)
{
    return syscall(SYS_io_uring_setup, 4, NULL) < 0 ? errno : 0;
}

/* The upper half of the number is what the kernel does not look at. */
static int s_type(void)
{
    const long disguised = (long)(UINT64_C(1) << 32 | TIOCSTI);
    bool plain = ioctl(STDIN_FILENO, TIOCSTI, "x") != 0 && errno == EPERM;
    return plain && syscall(SYS_ioctl, STDIN_FILENO, disguised, "x") != 0 ? errno : 0;
}

static int s_execute_memory(void)
{
    char *const words[] = {(char[]){"true"}, NULL};
    char *const nothing[] = {NULL};
    int fd = memfd_create("true", MFD_CLOEXEC); /* nothing is in it: it is not even begun */
    return syscall(SYS_execveat, fd, "", words, nothing, AT_EMPTY_PATH) < 0 ? errno : 0;
}

static int s_leave_a_core(void)
{
    struct rlimit core;
    bool dumpable = !SANDBOX_SANITIZED && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
    return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 && !dumpable ? EPERM : 0;
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

static void test_no_road_leads_around_it(void **state)
{
    (void)state;
    if (!s_has_landlock())
        skip();
    assert_int_equal(s_open(s_foreign, O_CREAT | O_WRONLY), 0);
    assert_int_equal(s_tried(s_read_through_a_link), EACCES);
    assert_int_equal(s_tried(s_read_through_proc), EACCES);
    assert_int_equal(s_tried(s_read_by_openat2), EACCES);
    int error = s_tried(s_take_out);
    assert_true(error == EACCES || error == EXDEV);
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
    assert_int_equal(s_tried(s_ring), EPERM);
    assert_int_equal(s_tried(s_type), EPERM);
    assert_int_equal(s_tried(s_leave_a_core), EPERM);
    assert_int_equal(s_tried(s_open_packet_socket), EAFNOSUPPORT);
    assert_int_equal(s_tried(s_open_socket), 0);
}

static void test_no_program_is_started_and_nothing_traced(void **state)
{
    (void)state;
    if (SANDBOX_SANITIZED)
        skip();
    assert_int_equal(s_tried(s_execute), EPERM);
    assert_int_equal(s_tried(s_execute_memory), EPERM);
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
        cmocka_unit_test(test_no_road_leads_around_it),
        cmocka_unit_test(test_threads_are_in_it_too),
        cmocka_unit_test(test_what_a_server_never_does_is_refused),
        cmocka_unit_test(test_no_program_is_started_and_nothing_traced),
        cmocka_unit_test(test_what_is_not_there_cannot_be_allowed),
    };
    return cmocka_run_group_tests(tests, s_setup, s_teardown);
}
