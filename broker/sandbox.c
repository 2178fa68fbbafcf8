/* sandbox.c - one ruleset of Landlock, a list of calls, and memory that nobody sees.
 *
 * Calls are refused by name and not allowed by name: which ones the libraries of the house need
 * changes with each of them and with the machine, and what an intruder needs does not.  What is
 * refused says EPERM, so that a library which only tries goes on.
 */
#include "broker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actors/log.h"
#include "schema/mem.h"

/* Of later headers than Debian 12's. */
enum {
    ACCESS_TRUNCATE = 1 << 14,  /* LANDLOCK_ACCESS_FS_TRUNCATE, since version 3 */
    ACCESS_IOCTL_DEV = 1 << 15, /* LANDLOCK_ACCESS_FS_IOCTL_DEV, since 5 */
    SET_MDWE = 65,              /* PR_SET_MDWE, since Linux 6.3 */
    REFUSE_EXEC_GAIN = 1,
    TIOCLINUX_ = 0x541c, /* TIOCLINUX, of a header that collides with others */
};

enum {
    ACCESS_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    ACCESS_CHANGE = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                    LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER | ACCESS_TRUNCATE,
    ACCESS_NEVER = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                   LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | ACCESS_IOCTL_DEV,
    ACCESS_OF_FILES =
        LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE,
};

struct sandbox {
    int rules;        /* -1: this kernel has no Landlock */
    uint64_t handled; /* the rights that it knows */
};

/* ---- files ---- */

/* What each version of Landlock has added. */
static uint64_t s_known(long version)
{
    uint64_t known = ACCESS_READ | ACCESS_CHANGE | ACCESS_NEVER;
    if (SANDBOX_SANITIZED)
        known &= ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
    if (version < 5)
        known &= ~(uint64_t)ACCESS_IOCTL_DEV;
    if (version < 3)
        known &= ~(uint64_t)ACCESS_TRUNCATE;
    if (version < 2)
        known &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
    return known;
}

sandbox_t *sandbox_new(void)
{
    sandbox_t *sandbox = mem_new(sandbox_t);
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    sandbox->rules = -1;
    if (version < 1)
        return sandbox;
    sandbox->handled = s_known(version);
    const struct landlock_ruleset_attr ruleset = {.handled_access_fs = sandbox->handled};
    sandbox->rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0);
    return sandbox;
}

static err_t s_add(const sandbox_t *sandbox, int fd, sandbox_use_t use)
{
    struct stat status;
    uint64_t access = use == SANDBOX_WRITE ? ACCESS_READ | ACCESS_CHANGE : ACCESS_READ;
    if (fstat(fd, &status) == 0 && !S_ISDIR(status.st_mode))
        access &= ACCESS_OF_FILES;
    const struct landlock_path_beneath_attr beneath = {access & sandbox->handled, fd};
    long added =
        syscall(SYS_landlock_add_rule, sandbox->rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    return added == 0 ? ERR_OK : ERR_INTERNAL;
}

err_t sandbox_allow(sandbox_t *sandbox, const char *path, sandbox_use_t use)
{
    if (sandbox->rules < 0)
        return ERR_OK;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return ERR_NOT_FOUND;
    err_t err = s_add(sandbox, fd, use);
    close(fd);
    return err;
}

static err_t s_close_files(const sandbox_t *sandbox)
{
    if (sandbox->rules < 0) {
        log_info("kithd", "this kernel has no Landlock: files are guarded by their modes alone");
        return ERR_OK;
    }
    if (syscall(SYS_landlock_restrict_self, sandbox->rules, 0) == 0)
        return ERR_OK;
    log_error("kithd", "Landlock refuses: %s", strerror(errno));
    return ERR_INTERNAL;
}

/* ---- calls ---- */

static const char *const s_refused[] = {
    "acct",
    "add_key",
    "adjtimex",
    "bpf",
    "chroot",
    "clock_adjtime",
    "clock_settime",
    "delete_module",
    "finit_module",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "init_module",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "ioperm",
    "iopl",
    "kcmp",
    "kexec_load",
    "kexec_file_load",
    "keyctl",
    "lookup_dcookie",
    "mount",
    "mount_setattr",
    "move_mount",
    "name_to_handle_at",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "pidfd_getfd",
    "pivot_root",
    "process_madvise",
    "process_vm_readv",
    "process_vm_writev",
    "quotactl",
    "reboot",
    "request_key",
    "setdomainname",
    "sethostname",
    "setns",
    "settimeofday",
    "swapoff",
    "swapon",
    "syslog",
    "umount2",
    "unshare",
    "userfaultfd",
    "vhangup",
};

static const char *const s_refused_unless_sanitized[] = {"execve", "execveat", "personality",
                                                         "ptrace"};

static const int s_families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

/* A call that this machine does not have needs no rule. */
static bool s_refuse(scmp_filter_ctx filter, const char *name)
{
    int call = seccomp_syscall_resolve_name(name);
    return call == __NR_SCMP_ERROR || seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) == 0;
}

static bool s_refuse_all(scmp_filter_ctx filter, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!s_refuse(filter, names[i]))
            return false;
    return true;
}

static bool s_refuse_family(scmp_filter_ctx filter, int family)
{
    for (size_t i = 0; i < COUNT_OF(s_families); i++)
        if (s_families[i] == family)
            return true;
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family)) == 0;
}

static bool s_refuse_families(scmp_filter_ctx filter)
{
    for (int family = 0; family <= AF_NETLINK; family++)
        if (!s_refuse_family(filter, family))
            return false;
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_GT, AF_NETLINK)) == 0;
}

/* clone3 has its flags in memory, where no filter can look; without it the C library takes
 * clone, whose flags can be seen. */
static bool s_refuse_namespaces(scmp_filter_ctx filter)
{
    static const scmp_datum_t flags[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                         CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, flags[i], flags[i])) != 0)
            return false;
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

/* Keys that are put into the terminal from which the server was started are typed by whoever sits
 * there; the kernel looks at the lower half of the number only, and so do we. */
static bool s_refuse_typing(scmp_filter_ctx filter)
{
    static const scmp_datum_t requests[] = {TIOCSTI, TIOCLINUX_};
    for (size_t i = 0; i < COUNT_OF(requests); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, requests[i])) != 0)
            return false;
    return true;
}

static bool s_write_filter(scmp_filter_ctx filter)
{
    return s_refuse_all(filter, s_refused, COUNT_OF(s_refused)) &&
           (SANDBOX_SANITIZED || s_refuse_all(filter, s_refused_unless_sanitized,
                                              COUNT_OF(s_refused_unless_sanitized))) &&
           s_refuse_families(filter) && s_refuse_namespaces(filter) && s_refuse_typing(filter);
}

static err_t s_close_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool written = filter != NULL && s_write_filter(filter);
    int loaded = written ? seccomp_load(filter) : -EINVAL;
    seccomp_release(filter);
    if (loaded == 0)
        return ERR_OK;
    if (written && (loaded == -ENOSYS || loaded == -EINVAL)) {
        log_info("kithd", "this kernel has no seccomp: every call can be made");
        return ERR_OK;
    }
    log_error("kithd", "seccomp refuses: %s", strerror(-loaded));
    return ERR_INTERNAL;
}

/* ---- memory ---- */

/* Keys and passwords of those who are signing in are in it: no core of it is written, nor can
 * another process of the same account look.  Leaks are looked for by just that. */
static void s_close_memory(void)
{
    const struct rlimit nothing = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &nothing);
    if (!SANDBOX_SANITIZED)
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* ---- all ---- */

err_t sandbox_close(sandbox_t **sandbox_p)
{
    sandbox_t *sandbox = *sandbox_p;
    *sandbox_p = NULL;
    err_t err = ERR_OK;
    s_close_memory();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        err = ERR_INTERNAL;
    (void)prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0); /* of newer kernels */
    if (err == ERR_OK)
        err = s_close_files(sandbox);
    if (err == ERR_OK)
        err = s_close_calls();
    if (sandbox->rules >= 0)
        close(sandbox->rules);
    mem_free(sandbox);
    return err;
}
