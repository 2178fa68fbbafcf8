/* sphere.h - places on the earth, taken for a sphere, and how far they are from each other.
 *
 * For queries only: it reckons in floating point.
 *
 * What others learn of a person's place is the distance to the middle of the square of
 * 1/100 degree that it lies in.  So whoever asks from many places finds the square, of
 * about a kilometre, and never the place. */
#ifndef ACTORS_MATCHING_SPHERE_H
#define ACTORS_MATCHING_SPHERE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

enum { SPHERE_KM_MAX = 20038 }; /* half way round, rounded up */

static const double SPHERE_RADIUS_KM = 6371.0088; /* mean radius, IUGG */

/* A point of the unit sphere; all zero: nowhere. */
typedef struct spot {
    float x;
    float y;
    float z;
} spot_t;

/* Of latitude and longitude in millionths of a degree; 0 and 0 is nowhere. */
spot_t spot_of(int64_t lat, int64_t lon);

/* Of the middle of the square that it lies in. */
spot_t spot_veiled(int64_t lat, int64_t lon);

static inline bool spot_known(spot_t spot)
{
    return spot.x != 0 || spot.y != 0 || spot.z != 0;
}

/* Kilometres through the ground: no more than along it, but for some metres that floats
 * round, and hardly less where it is near. */
static inline float spot_chord(spot_t a, spot_t b)
{
    float x = a.x - b.x, y = a.y - b.y, z = a.z - b.z;
    return (float)SPHERE_RADIUS_KM * sqrtf(x * x + y * y + z * z);
}

/* Kilometres along the ground. */
double spot_distance(spot_t a, spot_t b);

/* The same rounded up, 1 at least: what people are told. */
uint32_t spot_km(spot_t a, spot_t b);

#endif
