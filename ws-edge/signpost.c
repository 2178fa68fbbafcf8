/* signpost.c - the tables of the dialects as lines.
 *
 * Tests are made of them: whatever a dialect takes must have been tried by those who may
 * and refused to those who may not, so a route cannot be added unseen. */
#include "ws-edge/signpost.h"

#include "ws-edge/dialect.h"

static const char *s_access_name(access_t access)
{
    switch (access) {
    case ACCESS_ANYONE:
        return "anyone";
    case ACCESS_PERSON:
        return "person";
    case ACCESS_STAFF:
        return "staff";
    case ACCESS_EDGES:
    case ACCESS_PEERS:
    case ACCESS_BROKERS:
    case ACCESS_OPERATORS:
        break;
    }
    return "server";
}

static void s_print_route(FILE *out, const dialect_t *dialect, const route_t *route)
{
    const call_type_t *type = call_type(route->call);
    access_t access = type == NULL || route->strangers ? ACCESS_ANYONE : type->access;
    fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", dialect->name, method_name(route->method),
            route->pattern, type != NULL ? type->name : "-", s_access_name(access),
            route->cookie ? "cookie" : "-");
}

static void s_print_socket(FILE *out, const dialect_t *dialect)
{
    const char *kind = dialect->framing == FRAMING_STREAM ? "STREAM" : "SOCKET";
    fprintf(out, "%s\t%s\t%s\t-\t-\t-\n", dialect->name, kind, dialect->socket_path);
}

static void s_print_claims(FILE *out, const dialect_t *dialect)
{
    const char *comma = "";
    fprintf(out, "%s\tEVENTS\t%s\t", dialect->name, dialect->nsp);
    for (const char *const *claim = dialect->claims; claim != NULL && *claim != NULL; claim++) {
        fprintf(out, "%s%s", comma, *claim);
        comma = ",";
    }
    fprintf(out, "%s\t-\t-\n", dialect->claims == NULL ? "*" : "");
}

void signpost_print(FILE *out)
{
    for (size_t i = 0; i < DIALECT_COUNT; i++) {
        const dialect_t *dialect = dialects[i];
        for (size_t n = 0; n < dialect->route_count; n++)
            s_print_route(out, dialect, &dialect->routes[n]);
        if (dialect->socket_path != NULL)
            s_print_socket(out, dialect);
        if (dialect->nsp != NULL)
            s_print_claims(out, dialect);
        if (dialect->framing == FRAMING_LINE)
            fprintf(out, "%s\tLINE\t-\t-\t-\t-\n", dialect->name);
    }
}
