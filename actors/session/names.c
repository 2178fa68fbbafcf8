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

static err_t s_check_username_shape(turn_t *turn, slice_t username)
{
    if (!text_nameable(username))
        return turn_refuse(turn, ERR_INVALID,
                           "`username`: has characters that a name may not have");
    if (text_length(username) > LIMIT_USERNAME)
        return turn_refuse(turn, ERR_INVALID, "`username`: must be given beside so long a login");
    return ERR_OK;
}

static err_t s_check_email_shape(turn_t *turn, slice_t email)
{
    if (!s_email_good(email))
        return turn_refuse(turn, ERR_INVALID, "`email`: is not an e-mail address");
    return ERR_OK;
}

static err_t s_check_shapes(turn_t *turn, const names_t *names)
{
    if (!text_nameable(names->login))
        return turn_refuse(turn, ERR_INVALID, "`login`: has characters that a name may not have");
    err_t err = s_check_username_shape(turn, names->username);
    if (err == ERR_OK && names->email.len > 0)
        err = s_check_email_shape(turn, names->email);
    return err;
}

/* ---- uniqueness ---- */

enum { NOBODY = 0 };

/* ERR_EXISTS if in that table the name is another's than the account's, else ERR_OK. */
static err_t s_check_free_in(turn_t *turn, rows_table_t table, slice_t name, uint64_t account)
{
    uint64_t holder;
    err_t err = rows_holder(turn, table, name, &holder);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    return err == ERR_OK && holder != account ? ERR_EXISTS : err;
}

/* "redacted-12" is what an account has for a login once it was redacted. */
static bool s_is_reserved(slice_t name)
{
    enum { DIGITS_MAX = 19 };
    static const slice_t begin = SLICE_LIT("redacted-");
    uint64_t number;
    return slice_starts(name, begin) &&
           text_number(slice_from(name, begin.len), DIGITS_MAX, &number);
}

/* ERR_EXISTS if the name is another's login or e-mail, else ERR_OK. */
static err_t s_check_free(turn_t *turn, slice_t name, uint64_t account)
{
    if (s_is_reserved(name))
        return ERR_EXISTS;
    err_t err = s_check_free_in(turn, ROWS_LOGIN, name, account);
    return err == ERR_OK ? s_check_free_in(turn, ROWS_EMAIL, name, account) : err;
}

/* ERR_EXISTS if another has proven the address, else ERR_OK. */
static err_t s_check_unproven(turn_t *turn, slice_t email, uint64_t account)
{
    uint64_t holder;
    const account_row_t *row;
    err_t err = rows_holder(turn, ROWS_EMAIL, email, &holder);
    if (err == ERR_OK && holder != account)
        err = rows_account(turn, holder, &row);
    if (err == ERR_OK && holder != account && row->verified)
        err = ERR_EXISTS;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t names_make_login(turn_t *turn, slice_t name, slice_t *ret_login)
{
    slice_t login = name;
    err_t err = s_check_free(turn, login, NOBODY);
    for (int i = 2; i <= LOGIN_TRIES && err == ERR_EXISTS; i++) {
        login = arena_printf(turn_arena(turn), "%.*s-%d", SLICE_ARG(name), i);
        err = s_check_free(turn, login, NOBODY);
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
    if (asked.len > 0) {
        err_t err = s_named(turn, s_check_free(turn, names->login, NOBODY), "`login`: is taken");
        return err == ERR_OK ? names_check_username(turn, names->username, NOBODY) : err;
    }
    err_t err = s_check_free_in(turn, ROWS_EMAIL, names->username, NOBODY);
    if (err == ERR_OK)
        err = names_make_login(turn, names->username, &names->login);
    return s_named(turn, err, "`username`: is taken");
}

static err_t s_choose_email(turn_t *turn, const names_t *names)
{
    if (names->email.len == 0)
        return ERR_OK;
    if (names->proven)
        return names_check_email(turn, names->email, NOBODY);
    return s_named(turn, s_check_free(turn, names->email, NOBODY), "`email`: is taken");
}

err_t names_choose(turn_t *turn, const names_t *wanted, names_t *ret_names)
{
    if (wanted->login.len == 0 && wanted->username.len == 0)
        return turn_refuse(turn, ERR_INVALID, "`login`: is missing");
    *ret_names = (names_t){
        .login = wanted->login.len > 0 ? wanted->login : wanted->username,
        .username = wanted->username.len > 0 ? wanted->username : wanted->login,
        .email = wanted->email,
        .proven = wanted->proven && wanted->email.len > 0,
    };
    err_t err = s_check_shapes(turn, ret_names);
    if (err == ERR_OK)
        err = s_choose_login(turn, wanted->login, ret_names);
    return err == ERR_OK ? s_choose_email(turn, ret_names) : err;
}

/* ---- other names for an account ---- */

err_t names_check_username(turn_t *turn, slice_t username, uint64_t account)
{
    err_t err = s_check_username_shape(turn, username);
    if (err == ERR_OK)
        err = s_check_free(turn, username, account);
    return s_named(turn, err, "`username`: is taken");
}

err_t names_check_email(turn_t *turn, slice_t email, uint64_t account)
{
    err_t err = s_check_email_shape(turn, email);
    if (err == ERR_OK)
        err = s_check_free_in(turn, ROWS_LOGIN, email, account);
    if (err == ERR_OK)
        err = s_check_unproven(turn, email, account);
    return s_named(turn, err, "`email`: is taken");
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
    err_t err = s_check_free_in(turn, ROWS_EMAIL, name, NOBODY);
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
    if (ask->email.len > 0 && !slice_eq(ask->email, names.login)) {
        err = names_check_email(turn, ask->email, id);
        names.proven = err == ERR_OK;
        names.email = names.proven ? ask->email : (slice_t){0};
    }
    *ret_names = names;
    return err == ERR_EXISTS || err == ERR_INVALID ? ERR_OK : err;
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
