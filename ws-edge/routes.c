#include "ws-edge/routes.h"

#include "schema/mem.h"

typedef struct place {
    print_t print;
    const dialect_t *dialect;
    const route_t *route;
} place_t;

struct routes {
    place_t *places;
    size_t count;
};

static void s_add(routes_t *routes, const dialect_t *dialect)
{
    for (size_t i = 0; i < dialect->route_count; i++) {
        const route_t *route = &dialect->routes[i];
        routes->places[routes->count++] =
            (place_t){route_print(slice_of(route->pattern)), dialect, route};
    }
}

routes_t *routes_new(void)
{
    routes_t *routes = mem_new(routes_t);
    size_t count = 0;
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        count += dialects[i]->route_count;
    routes->places = mem_zeroed(count * sizeof *routes->places);
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        s_add(routes, dialects[i]);
    return routes;
}

void routes_destroy(routes_t **routes_p)
{
    if (*routes_p == NULL)
        return;
    mem_free((*routes_p)->places);
    mem_free(*routes_p);
    *routes_p = NULL;
}

routes_walk_t routes_walk(const routes_t *routes, slice_t path)
{
    return (routes_walk_t){.routes = routes, .path = path, .bits = route_print(path).bits};
}

static bool s_reaches(routes_walk_t *walk, const place_t *place)
{
    return ((walk->bits ^ place->print.bits) & place->print.mask) == 0 &&
           route_matches(place->route, walk->path, walk->params);
}

bool routes_next(routes_walk_t *walk)
{
    const routes_t *routes = walk->routes;
    while (walk->next < routes->count) {
        const place_t *place = &routes->places[walk->next++];
        if (!s_reaches(walk, place))
            continue;
        walk->dialect = place->dialect;
        walk->route = place->route;
        return true;
    }
    return false;
}
