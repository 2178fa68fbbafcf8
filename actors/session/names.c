#include "actors/session/names.h"

#include "actors/session/rows.h"
#include "schema/text.h"

enum { LOGIN_TRIES = 100 }; /* of name, name-2, name-3 … */

/* ---- shape ---- */

/* An address as RFC 5321 has it, roughly: ASCII, one @ with something on both
 * sides; nothing that a client which shows it as HTML would stumble over. */
static bool s_email_good(slice_t email)
{
    const uint8_t *at = memchr(email.ptr, '@', email.len);
    const uint8_t *last = email.ptr + email.len - 1;
    if (email.len > LIMIT_EMAIL || at == NULL || at == email.ptr || at == last)
        return false;
    if (memchr(at + 1, '@', (size_t)(last - at)) != NULL)
        return false;
    for (size_t i = 0; i < email.len; i++)
        if (email.ptr[i] <= ' ' || email.ptr[i] >= 0x7f || strchr("<>\"", email.ptr[i]) != NULL)
            return false;
    return true;
}

static err_t s_check_shapes(turn_t *turn, const names_t *names)
{
    if (!text_nameable(names->login))
        return turn_refuse(turn, ERR_INVALID, "`login`: has characters that a name may not have");
    if (!text_nameable(names->username))
        return turn_refuse(turn, ERR_INVALID,
                           "`username`: has characters that a name may not have");
    if (text_length(names->username) > LIMIT_USERNAME)
        return turn_refuse(turn, ERR_INVALID, "`username`: must be given beside so long a login");
    if (names->email.len > 0 && !s_email_good(names->email))
        return turn_refuse(turn, ERR_INVALID, "`email`: is not an e-mail address");
    return ERR_OK;
}

/* ---- uniqueness ---- */

/* ERR_EXISTS if the name has a holder in that table, ERR_OK if not. */
static err_t s_check_free_in(turn_t *turn, rows_table_t table, slice_t name)
{
    uint64_t holder;
    err_t err = rows_holder(turn, table, name, &holder);
    return err == ERR_OK ? ERR_EXISTS : err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ERR_EXISTS if the name is somebody's login or e-mail, ERR_OK if not. */
static err_t s_check_free(turn_t *turn, slice_t name)
{
    err_t err = s_check_free_in(turn, ROWS_LOGIN, name);
    return err == ERR_OK ? s_check_free_in(turn, ROWS_EMAIL, name) : err;
}

err_t names_make_login(turn_t *turn, slice_t name, slice_t *ret_login)
{
    slice_t login = name;
    err_t err = s_check_free(turn, login);
    for (int i = 2; i <= LOGIN_TRIES && err == ERR_EXISTS; i++) {
        login = arena_printf(turn_arena(turn), "%.*s-%d", SLICE_ARG(name), i);
        err = s_check_free(turn, login);
    }
    if (err == ERR_OK)
        *ret_login = login;
    return err;
}

/* A refusal of ERR_EXISTS says which field is taken. */
static err_t s_named(turn_t *turn, err_t err, const char *detail)
{
    return err == ERR_EXISTS ? turn_refuse(turn, err, detail) : err;
}

static err_t s_choose_login(turn_t *turn, slice_t asked, names_t *names)
{
    const char *detail = "`username`: is taken";
    if (asked.len > 0) {
        err_t err = s_named(turn, s_check_free(turn, names->login), "`login`: is taken");
        return err == ERR_OK ? s_named(turn, s_check_free(turn, names->username), detail) : err;
    }
    err_t err = s_check_free_in(turn, ROWS_EMAIL, names->username);
    if (err == ERR_OK)
        err = names_make_login(turn, names->username, &names->login);
    return s_named(turn, err, detail);
}

err_t names_choose(turn_t *turn, const account_register_call_t *ask, names_t *ret_names)
{
    if (ask->login.len == 0 && ask->username.len == 0)
        return turn_refuse(turn, ERR_INVALID, "`login`: is missing");
    *ret_names = (names_t){
        .login = ask->login.len > 0 ? ask->login : ask->username,
        .username = ask->username.len > 0 ? ask->username : ask->login,
        .email = ask->email,
    };
    err_t err = s_check_shapes(turn, ret_names);
    if (err == ERR_OK)
        err = s_choose_login(turn, ask->login, ret_names);
    if (err == ERR_OK && ask->email.len > 0)
        err = s_named(turn, s_check_free(turn, ask->email), "`email`: is taken");
    return err;
}

/* ---- bearers of foreign tokens ---- */

static bool s_usable(slice_t name)
{
    return name.len > 0 && text_length(name) <= LIMIT_USERNAME && text_nameable(name);
}

/* Try to be called that, and to sign in by it; ERR_EXISTS if it cannot be had. */
static err_t s_call(turn_t *turn, slice_t name, names_t *names)
{
    if (!s_usable(name))
        return ERR_EXISTS;
    names->username = name;
    err_t err = s_check_free_in(turn, ROWS_EMAIL, name);
    return err == ERR_OK ? names_make_login(turn, name, &names->login) : err;
}

err_t names_adopt(turn_t *turn, const session_adopt_call_t *ask, uint64_t id, names_t *ret_names)
{
    names_t names = {0};
    slice_t numbered = arena_printf(turn_arena(turn), "user-%llu", (unsigned long long)id);
    err_t err = s_call(turn, ask->username, &names);
    if (err == ERR_EXISTS)
        err = s_call(turn, ask->subject, &names);
    if (err == ERR_EXISTS)
        err = s_call(turn, numbered, &names);
    if (err != ERR_OK)
        return err;
    if (ask->email.len > 0 && s_email_good(ask->email) && !slice_eq(ask->email, names.login)) {
        err = s_check_free(turn, ask->email);
        names.email = err == ERR_OK ? ask->email : (slice_t){0};
    }
    *ret_names = names;
    return err == ERR_EXISTS ? ERR_OK : err;
}

/* ---- who is meant ---- */

err_t names_find(turn_t *turn, slice_t name, const account_row_t **ret_row)
{
    static const rows_table_t order[] = {ROWS_LOGIN, ROWS_EMAIL, ROWS_USERNAME};
    uint64_t holder = 0;
    err_t err = ERR_NOT_FOUND;
    for (size_t i = 0; i < COUNT_OF(order) && err == ERR_NOT_FOUND; i++)
        err = rows_holder(turn, order[i], name, &holder);
    return err == ERR_OK ? rows_account(turn, holder, ret_row) : err;
}
