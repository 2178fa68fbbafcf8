#include "ws-edge/atlas.h"

#include "schema/mem.h"

typedef struct place {
    print_t print;
    const dialect_t *dialect;
    const route_t *route;
} place_t;

struct atlas {
    place_t *places;
    size_t count;
};

static void s_add(atlas_t *atlas, const dialect_t *dialect)
{
    for (size_t i = 0; i < dialect->route_count; i++) {
        const route_t *route = &dialect->routes[i];
        atlas->places[atlas->count++] =
            (place_t){route_print(slice_of(route->pattern)), dialect, route};
    }
}

atlas_t *atlas_new(void)
{
    atlas_t *atlas = mem_new(atlas_t);
    size_t count = 0;
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        count += dialects[i]->route_count;
    atlas->places = mem_zeroed(count * sizeof *atlas->places);
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        s_add(atlas, dialects[i]);
    return atlas;
}

void atlas_destroy(atlas_t **atlas_p)
{
    if (*atlas_p == NULL)
        return;
    mem_free((*atlas_p)->places);
    mem_free(*atlas_p);
    *atlas_p = NULL;
}

atlas_walk_t atlas_walk(const atlas_t *atlas, slice_t path)
{
    return (atlas_walk_t){.atlas = atlas, .path = path, .bits = route_print(path).bits};
}

static bool s_reaches(atlas_walk_t *walk, const place_t *place)
{
    return ((walk->bits ^ place->print.bits) & place->print.mask) == 0 &&
           route_matches(place->route, walk->path, walk->params);
}

bool atlas_next(atlas_walk_t *walk)
{
    const atlas_t *atlas = walk->atlas;
    while (walk->next < atlas->count) {
        const place_t *place = &atlas->places[walk->next++];
        if (!s_reaches(walk, place))
            continue;
        walk->dialect = place->dialect;
        walk->route = place->route;
        return true;
    }
    return false;
}
