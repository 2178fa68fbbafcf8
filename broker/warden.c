/* warden.c - from the settings to what they need.
 *
 * Files that are named are allowed by their folder: certificates are renewed by files that take
 * the place of the old ones.  So a reload finds new content anywhere where a file was at the
 * start, and nowhere else.  The system's own files may be read, for names, certificates, time
 * zones and libraries; nobody's home is among them. */
#include "broker/warden.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/log.h"
#include "broker/privilege.h"
#include "broker/sandbox.h"

enum { PATH_SIZE = 4096, FOLDER_MODE = 0700 };

static const char *const s_system[] = {
    "/bin", "/etc",  "/lib", "/lib64", "/proc",
    "/run", "/sbin", "/sys", "/usr",   "/var/lib/ca-certificates"};
static const char *const s_devices[] = {"/dev/null", "/dev/urandom", "/dev/random", "/dev/zero"};

static const char *const s_files[] = {
    "tls.certificate",     "tls.key",
    "issuer.secret_file",  "issuer.key_file",
    "issuer.jwks_file",    "smtp.password_file",
    "smtp.authorities",    "webhook.secret_file",
    "webhook.authorities", "push.authorities",
};
static const char *const s_listeners[] = {"http", "tls.listen", "line", "bus", "bots"};

/* ---- who ---- */

static err_t s_become(const char *name, const identity_t *identity)
{
    err_t err = privilege_become(name, identity);
    if (err != ERR_OK)
        log_error("kithd", "only root can become the account `%s`", name);
    return err;
}

/* A folder that is made by root is that account's. */
static err_t s_make(const char *folder, const identity_t *owner)
{
    bool made = *folder != '\0' && mkdir(folder, FOLDER_MODE) == 0;
    if (*folder != '\0' && !made && errno != EEXIST) {
        log_error("kithd", "cannot make the folder %s: %s", folder, strerror(errno));
        return ERR_STORAGE;
    }
    bool given = !made || owner == NULL || chown(folder, owner->user, owner->group) == 0;
    return given ? ERR_OK : ERR_STORAGE;
}

static err_t s_make_folders(const config_t *config, const identity_t *owner)
{
    err_t err = s_make(config_get(config, "data"), owner);
    return err == ERR_OK ? s_make(config_get(config, "files"), owner) : err;
}

static err_t s_settle(const config_t *config)
{
    const char *name = config_get(config, "user");
    bool root = geteuid() == 0;
    identity_t identity;
    if (*name == '\0' && root)
        log_warn("kithd", "it runs as root: the setting `user` names an account to become");
    if (*name == '\0')
        return s_make_folders(config, NULL);
    if (privilege_find(name, &identity) != ERR_OK) {
        log_error("kithd", "this machine has no account `%s`", name);
        return ERR_NOT_FOUND;
    }
    err_t err = s_make_folders(config, root ? &identity : NULL);
    return err == ERR_OK ? s_become(name, &identity) : err;
}

/* ---- where ---- */

/* What is not there needs no leave. */
static void s_allow(sandbox_t *sandbox, const char *path, sandbox_use_t use)
{
    err_t err = sandbox_allow(sandbox, path, use);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        log_warn("kithd", "%s cannot be allowed: %s", path, strerror(errno));
}

static void s_allow_folder_of(sandbox_t *sandbox, const char *file, sandbox_use_t use)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s", file);
    if (*path != '\0')
        s_allow(sandbox, dirname(path), use);
}

/* A socket is a file that is made, and removed, in its folder. */
static void s_allow_sockets(sandbox_t *sandbox, const char *listeners)
{
    static const char *const prefixes[] = {"unix:", "ipc://"};
    char text[PATH_SIZE], *rest = NULL;
    snprintf(text, sizeof text, "%s", listeners);
    for (char *word = strtok_r(text, ", ", &rest); word != NULL; word = strtok_r(NULL, ", ", &rest))
        for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
            const char *found = strstr(word, prefixes[i]);
            if (found != NULL)
                s_allow_folder_of(sandbox, found + strlen(prefixes[i]), SANDBOX_WRITE);
        }
}

static void s_allow_all(sandbox_t *sandbox, const char *const *paths, size_t count,
                        sandbox_use_t use)
{
    for (size_t i = 0; i < count; i++)
        s_allow(sandbox, paths[i], use);
}

static err_t s_close(const config_t *config)
{
    sandbox_t *sandbox = sandbox_new();
    s_allow_all(sandbox, s_system, COUNT_OF(s_system), SANDBOX_READ);
    s_allow_all(sandbox, s_devices, COUNT_OF(s_devices), SANDBOX_WRITE);
    if (SANDBOX_SANITIZED) /* without it no name is found, nor is one that tests/tsan.supp names */
        s_allow(sandbox, "/proc/self/exe", SANDBOX_READ);
    s_allow(sandbox, config_get(config, "data"), SANDBOX_WRITE);
    s_allow(sandbox, config_get(config, "files"), SANDBOX_WRITE);
    s_allow(sandbox, config_get(config, "keys"), SANDBOX_READ);
    if (config->file != NULL)
        s_allow_folder_of(sandbox, config->file, SANDBOX_READ);
    for (size_t i = 0; i < COUNT_OF(s_files); i++)
        s_allow_folder_of(sandbox, config_get(config, s_files[i]), SANDBOX_READ);
    for (size_t i = 0; i < COUNT_OF(s_listeners); i++)
        s_allow_sockets(sandbox, config_get(config, s_listeners[i]));
    return sandbox_close(&sandbox);
}

err_t warden_enter(const config_t *config)
{
    err_t err = s_settle(config);
    return err == ERR_OK && config_is(config, "sandbox", "on") ? s_close(config) : err;
}
