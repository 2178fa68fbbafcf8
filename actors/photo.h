/* photo.h - the addresses of photos that are stored here.
 *
 *     /api/photos/<id>-<bytes>.<kind>                      in a profile, as it is kept
 *     /api/photos/<id>-<account>-<viewer>-<signature>      as it is shown (ws-edge/portrait.h)
 *
 * The id is a file's: the hash of the content. */
#ifndef ACTORS_PHOTO_H
#define ACTORS_PHOTO_H

#include "schema/arena.h"
#include "schema/type.h"

#define PHOTO_FOLDER "/api/photos/"

/* Types that a photo may be of, as magic_listed takes them. */
#define PHOTO_TYPES "image/jpeg image/png image/gif image/webp"

/* The name of a photo of this type, such as "photo.jpg"; NULL: no photo is of it. */
const char *photo_name(slice_t type);

/* The address under which a stored photo, of one of those types, is kept. */
slice_t photo_url(const file_t *photo, arena_t *arena);

/* The photo that lies at an address as it is kept; false: at another, or none. */
bool photo_at(slice_t url, file_t *ret_photo);

/* The id in either address; the zero slice if it is no address of ours. */
slice_t photo_id(slice_t url);

#endif
