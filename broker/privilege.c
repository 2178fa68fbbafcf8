/* privilege.c - capabilities(7): those that are kept over the change of accounts are cut down to
 * one right behind it. */
#include "broker/privilege.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ENTRY_SIZE = 4096, WORDS = 2 };

err_t privilege_find(const char *name, identity_t *ret_identity)
{
    struct passwd entry, *found = NULL;
    char text[ENTRY_SIZE];
    if (getpwnam_r(name, &entry, text, sizeof text, &found) != 0 || found == NULL)
        return ERR_NOT_FOUND;
    *ret_identity = (identity_t){entry.pw_uid, entry.pw_gid};
    return ERR_OK;
}

static bool s_keep_low_ports(void)
{
    const uint32_t bind = 1U << CAP_NET_BIND_SERVICE;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[WORDS] = {{.effective = bind, .permitted = bind}};
    return syscall(SYS_capset, &header, sets) == 0;
}

static bool s_change(const char *name, const identity_t *identity)
{
    return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && initgroups(name, identity->group) == 0 &&
           setresgid(identity->group, identity->group, identity->group) == 0 &&
           setresuid(identity->user, identity->user, identity->user) == 0 && s_keep_low_ports();
}

err_t privilege_become(const char *name, const identity_t *identity)
{
    if (geteuid() == identity->user && getegid() == identity->group)
        return ERR_OK;
    return s_change(name, identity) && setresuid(0, 0, 0) != 0 ? ERR_OK : ERR_FORBIDDEN;
}
