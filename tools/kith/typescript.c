/* typescript.c - kith schema --typescript: the schema as types of TypeScript.
 *
 * Entities and answers are interfaces; `Calls` has the body and the answer of each call
 * by its name, `Events` the body of each event. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "schema/err.h"
#include "tools/kith/command.h"
#include "tools/kith/jsonschema.h"

static void s_put_letter(char letter, bool upper)
{
    putchar(upper ? toupper((unsigned char)letter) : letter);
}

/* "message_list" and "bus.page" as MessageList and BusPage */
static void s_put_name(const char *name)
{
    bool start = true;
    for (const char *at = name; *at != '\0'; at++) {
        bool letter = isalnum((unsigned char)*at) != 0;
        if (letter)
            s_put_letter(*at, start);
        start = !letter;
    }
}

static void s_put_words(choices_fn *words)
{
    for (const choice_t *choice = words(); choice->word != NULL; choice++)
        printf("%s'%s'", choice == words() ? "" : " | ", choice->word);
}

static void s_put_type(const field_t *field)
{
    switch (field->kind) {
    case KIND_U64:
    case KIND_I64:
    case KIND_TIME:
        printf("number");
        return;
    case KIND_BOOL:
        printf("boolean");
        return;
    case KIND_STR:
        printf("string");
        return;
    case KIND_BIN:
        printf("Uint8Array");
        return;
    case KIND_CHOICE:
        s_put_words(field->choices);
        return;
    case KIND_OBJECT:
        s_put_name(field->shape()->name);
        return;
    case KIND_LIST:
        s_put_name(field->shape()->name);
        printf("[]");
        return;
    case KIND_IDS:
        printf("number[]");
        return;
    }
}

/* Of what is asked a missing truth is false. */
static bool s_optional(const field_t *field, bool asked)
{
    bool needed = field->need == NEED_REQ || field->need == NEED_SEC;
    return !needed || (asked && field->kind == KIND_BOOL);
}

static void s_put_fields(const shape_t *shape, const char *indent, bool asked)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        if (!jsonschema_shown(field))
            continue;
        printf("%s/** %s */\n%s%s%s: ", indent, field->doc, indent, field->name,
               s_optional(field, asked) ? "?" : "");
        s_put_type(field);
        printf(";\n");
    }
}

static void s_put_interface(const shape_t *shape)
{
    printf("\n/** %s */\nexport interface ", shape->doc);
    s_put_name(shape->name);
    printf(" {\n");
    s_put_fields(shape, "    ", false);
    if (shape == shape_signed_in())
        printf("    /** To sign in with from now on */\n    token: string;\n");
    printf("}\n");
}

/* The broker's own are for peers of the bus. */
static bool s_of_bus(const char *name)
{
    return strncmp(name, "bus.", 4) == 0;
}

static void s_put_calls(void)
{
    printf("\n/** Every command and query: what it takes, and what it is answered with. */\n"
           "export interface Calls {\n");
    for (const call_type_t *type = call_types(); type->shape != NULL; type++) {
        if (!jsonschema_on_socket(type))
            continue;
        printf("    /** %s */\n    '%s': {\n        body: {\n", type->doc, type->name);
        s_put_fields(type->shape(), "            ", true);
        printf("        };\n        answer: ");
        s_put_name(type->answer()->name);
        printf(";\n    };\n");
    }
    printf("}\n");
}

/* What changes nothing may be asked again whenever a connection drops. */
static void s_put_queries(void)
{
    printf("\n/** The calls that change nothing. */\n"
           "export const queries: ReadonlySet<keyof Calls> = new Set<keyof Calls>([\n");
    for (const call_type_t *type = call_types(); type->shape != NULL; type++)
        if (type->query && jsonschema_on_socket(type))
            printf("    '%s',\n", type->name);
    printf("]);\n");
}

static void s_put_events(void)
{
    printf("\n/** Every event that a client hears. */\nexport interface Events {\n");
    for (const event_type_t *type = event_types(); type->shape != NULL; type++) {
        if ((type->flags & EVENT_SHOWN) == 0)
            continue;
        printf("    /** %s */\n    '%s': {\n", type->doc, type->name);
        s_put_fields(type->shape(), "        ", false);
        printf("    };\n");
    }
    printf("}\n");
}

static void s_put_errors(void)
{
    printf("\n/** Every way to be refused, by the name in `error.name`. */\n"
           "export type ErrorName =\n");
    for (int err = ERR_OK + 1; err < ERR_COUNT_; err++)
        printf("    | '%s'%s\n", err_info((err_t)err)->name, err + 1 < ERR_COUNT_ ? "" : ";");
}

void typescript_print(void)
{
    printf(
        "// The schema of Kith as types.  Printed by `kith schema --typescript` from the tables\n"
        "// in schema/; change those, not this file.  Times are microseconds since 1970, UTC.\n");
    for (shape_fn *const *shape = entity_shapes(); *shape != NULL; shape++)
        if (!s_of_bus((*shape)()->name))
            s_put_interface((*shape)());
    s_put_calls();
    s_put_queries();
    s_put_events();
    s_put_errors();
}
