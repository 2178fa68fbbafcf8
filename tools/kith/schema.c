/* schema.c - kith schema: the tables as one page of Markdown.
 *
 * The other forms have files of their own: openapi.c, asyncapi.c, typescript.c.
 * Nothing is said here that the tables do not say; schema/SCHEMA.md is this
 * command's output, and tests/schema-docs compares the two. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/err.h"
#include "schema/type.h"
#include "tools/kith/command.h"

/* ---- sets and limits, which have no table in C of their own ---- */

static const struct {
    const char *name;
    choices_fn *words;
} s_sets[] = {
#define CHOICE_SET(set, ...) {#set, choices_##set},
#include "schema/choices.def"
#undef CHOICE_SET
};

static const struct {
    const char *name;
    unsigned value;
    const char *unit;
    const char *doc;
} s_limits[] = {
#define LIMIT(name, value, unit, doc) {#name, value, unit, doc},
#include "schema/limits.def"
#undef LIMIT
};

static const struct {
    const char *name;
    unsigned number;
    unsigned seconds;
    const char *doc;
} s_rates[] = {
#define RATE(id, name, number, seconds, doc) {name, number, seconds, doc},
#include "schema/rates.def"
#undef RATE
};

static const char *s_set_name(choices_fn *words)
{
    for (size_t i = 0; i < COUNT_OF(s_sets); i++)
        if (s_sets[i].words == words)
            return s_sets[i].name;
    return "";
}

/* ---- fields ---- */

/* [`name`](#anchor): a heading's anchor has no dots. */
static void s_put_link(const char *name)
{
    printf("[`%s`](#", name);
    for (const char *at = name; *at != '\0'; at++)
        if (*at != '.')
            putchar(tolower((unsigned char)*at));
    printf(")");
}

static void s_put_kind(const field_t *field)
{
    switch (field->kind) {
    case KIND_U64:
        printf("number");
        return;
    case KIND_I64:
        printf("signed number");
        return;
    case KIND_BOOL:
        printf("true or false");
        return;
    case KIND_TIME:
        printf("time");
        return;
    case KIND_STR:
        printf("text");
        return;
    case KIND_BIN:
        printf("bytes");
        return;
    case KIND_CHOICE:
        s_put_link(s_set_name(field->choices));
        return;
    case KIND_OBJECT:
        s_put_link(field->shape()->name);
        return;
    case KIND_LIST:
        printf("list of ");
        s_put_link(field->shape()->name);
        return;
    case KIND_IDS:
        printf("list of numbers");
        return;
    }
}

static const char *s_unit(field_kind_t kind)
{
    switch (kind) {
    case KIND_STR:
        return " characters";
    case KIND_BIN:
        return " bytes";
    case KIND_LIST:
    case KIND_IDS:
        return " items";
    case KIND_U64:
    case KIND_I64:
    case KIND_TIME:
    case KIND_BOOL:
    case KIND_CHOICE:
    case KIND_OBJECT:
        break;
    }
    return "";
}

static void s_put_bounds(const field_t *field)
{
    const char *unit = s_unit(field->kind);
    if (field->min != 0 && field->min == field->max)
        printf("%" PRIu64 "%s", field->min, unit);
    else if (field->min != 0 && field->max != 0)
        printf("%" PRIu64 " to %" PRIu64 "%s", field->min, field->max, unit);
    else if (field->min != 0)
        printf("from %" PRIu64 "%s", field->min, unit);
    else if (field->max != 0)
        printf("up to %" PRIu64 "%s", field->max, unit);
}

static const char *s_need(need_t need)
{
    switch (need) {
    case NEED_REQ:
        return "must";
    case NEED_OPT:
        return "may";
    case NEED_HID:
        return "hidden";
    case NEED_SEC:
        return "must, secret";
    }
    return "";
}

static void s_put_fields(const shape_t *shape)
{
    if (shape->count == 0)
        return;
    printf("\n| field | type | need | bounds | meaning |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        printf("| `%s` | ", field->name);
        s_put_kind(field);
        printf(" | %s | ", s_need(field->need));
        s_put_bounds(field);
        printf(" | %s |\n", field->doc);
    }
}

/* ---- commands and queries ---- */

static const char *s_access(access_t access)
{
    switch (access) {
    case ACCESS_ANYONE:
        return "anyone";
    case ACCESS_PERSON:
        return "a signed-in account";
    case ACCESS_STAFF:
        return "staff: moderators, admins, API keys, operators";
    case ACCESS_EDGES:
        return "edges";
    case ACCESS_PEERS:
        return "any peer of the bus";
    case ACCESS_BROKERS:
        return "the broker itself";
    case ACCESS_OPERATORS:
        return "operators";
    }
    return "";
}

static void s_put_call(const call_type_t *type)
{
    printf("\n#### %s\n\n%s\n\n%s %u, for %s; answered with ", type->name, type->doc,
           type->query ? "Query" : "Command", type->number, s_access(type->access));
    s_put_link(type->answer()->name);
    printf(".\n");
    s_put_fields(type->shape());
}

static void s_put_calls(void)
{
    printf("\n## Commands and queries\n\n"
           "A command may change something; a query never does.\n");
    for (const choice_t *owner = choices_owner(); owner->word != NULL; owner++) {
        bool headed = false;
        for (const call_type_t *type = call_types(); type->shape != NULL; type++) {
            if ((int)type->owner != owner->number)
                continue;
            if (!headed)
                printf("\n### What the %s does\n", owner->word);
            headed = true;
            s_put_call(type);
        }
    }
}

/* ---- events ---- */

static void s_put_event(const event_type_t *type)
{
    printf("\n### %s\n\n%s\n\nEvent %u of the %s, version %u; %s; %s%s.\n", type->name, type->doc,
           type->number, choice_word(choices_owner, (int)type->owner), type->version,
           type->flags & EVENT_VOLATILE ? "volatile: never in the journal" : "in the journal",
           type->flags & EVENT_SHOWN ? "shown to clients" : "not shown to clients",
           type->flags & EVENT_FOLLOW ? ", whose account hears the room from here on" : "");
    s_put_fields(type->shape());
}

static void s_put_events(void)
{
    printf("\n## Events\n");
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        s_put_event(type);
}

/* ---- the rest ---- */

static void s_put_entities(void)
{
    printf("\n## Entities and answers\n");
    for (shape_fn *const *shape = entity_shapes(); *shape != NULL; shape++) {
        printf("\n### %s\n\n%s\n", (*shape)()->name, (*shape)()->doc);
        s_put_fields((*shape)());
    }
}

static void s_put_sets(void)
{
    printf("\n## Words\n\nClosed sets; the numbers are for the bus and the journal.\n");
    for (size_t i = 0; i < COUNT_OF(s_sets); i++) {
        printf("\n### %s\n\n", s_sets[i].name);
        for (const choice_t *choice = s_sets[i].words(); choice->word != NULL; choice++)
            printf("- `%s` (%d)\n", choice->word, choice->number);
    }
}

static void s_put_errors(void)
{
    printf("\n## Errors\n\n| name | HTTP | WebSocket | try again | what to do |\n"
           "|---|---|---|---|---|\n");
    for (int err = ERR_OK + 1; err < ERR_COUNT_; err++) {
        const err_info_t *info = err_info((err_t)err);
        printf("| `%s` | %d | %d | %s | %s |\n", info->name, info->status, info->close_code,
               info->retryable ? "yes" : "no", info->sentence);
    }
}

static void s_put_limits(void)
{
    printf("\n## Limits\n\n| name | value | bounds |\n|---|---|---|\n");
    for (size_t i = 0; i < COUNT_OF(s_limits); i++)
        printf("| `%s` | %u %s | %s |\n", s_limits[i].name, s_limits[i].value, s_limits[i].unit,
               s_limits[i].doc);
}

static void s_put_rates(void)
{
    printf("\n## Rates\n\nRefused as `too_many` beyond; the setting `rate.NAME` changes each.\n\n"
           "| name | at most | counted |\n|---|---|---|\n");
    for (size_t i = 0; i < COUNT_OF(s_rates); i++)
        printf("| `%s` | %u in %u seconds | %s |\n", s_rates[i].name, s_rates[i].number,
               s_rates[i].seconds, s_rates[i].doc);
}

static void s_put_introduction(void)
{
    printf(
        "# The schema of Kith\n\n"
        "Everything that can be said to Kith and by it.  Printed by `kith schema --md` from the\n"
        "tables in `schema/*.def`; change those, not this page.\n\n"
        "- A **number** is whole and not negative; ids and sequences stay below 2^53.\n"
        "- A **time** is a number of microseconds since 1970, UTC.\n"
        "- A **text** is well-formed UTF-8 without NUL; its bounds count code points.\n"
        "- **must**: has to be there.  **may**: missing is the same as 0 or empty.  **hidden**:\n"
        "  kept, and never shown to a client.  **secret**: never stored, logged or shown.\n");
}

static void s_put_routes(void)
{
    printf("\n## REST\n\n| method and path | call | answer |\n|---|---|---|\n");
    for (const rest_route_t *route = rest_routes(); route->method != NULL; route++) {
        printf("| `%s %s` | ", route->method, route->pattern);
        s_put_link(call_type(route->call)->name);
        printf(" | %d |\n", route->status);
    }
}

static void s_put_scopes(void)
{
    printf("\n## Scopes\n\nWhat an API key may be made for.\n\n"
           "| scope | may | calls |\n|---|---|---|\n");
    for (const scope_t *scope = scopes(); scope->name != NULL; scope++) {
        const char *comma = "";
        printf("| `%s` | %s | ", scope->name, scope->doc);
        for (const call_type_t *type = call_types(); type->shape != NULL; type++) {
            if (strcmp(call_scope(type->number), scope->name) != 0)
                continue;
            printf("%s", comma);
            s_put_link(type->name);
            comma = ", ";
        }
        printf(" |\n");
    }
}

static void s_put_markdown(void)
{
    s_put_introduction();
    s_put_routes();
    s_put_calls();
    s_put_events();
    s_put_entities();
    s_put_sets();
    s_put_scopes();
    s_put_errors();
    s_put_limits();
    s_put_rates();
}

outcome_t schema_run(const options_t *options)
{
    if (options->given & OPTION_BIT(OPENAPI))
        openapi_print();
    else if (options->given & OPTION_BIT(ASYNCAPI))
        asyncapi_print();
    else if (options->given & OPTION_BIT(TYPESCRIPT))
        typescript_print();
    else
        s_put_markdown();
    return OUTCOME_GOOD;
}
