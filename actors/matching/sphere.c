#include "actors/matching/sphere.h"

enum { HALF_SQUARE = 5000, SQUARE = 2 * HALF_SQUARE }; /* millionths of a degree */

static spot_t s_spot(double lat, double lon)
{
    const double radian = M_PI / 180e6;
    double around = cos(lat * radian);
    return (spot_t){
        .x = (float)(around * cos(lon * radian)),
        .y = (float)(around * sin(lon * radian)),
        .z = (float)sin(lat * radian),
    };
}

spot_t spot_of(int64_t lat, int64_t lon)
{
    return lat == 0 && lon == 0 ? (spot_t){0} : s_spot((double)lat, (double)lon);
}

static double s_middle(int64_t degrees)
{
    int64_t low = degrees - ((degrees % SQUARE) + SQUARE) % SQUARE;
    return (double)(low + HALF_SQUARE);
}

spot_t spot_veiled(int64_t lat, int64_t lon)
{
    return lat == 0 && lon == 0 ? (spot_t){0} : s_spot(s_middle(lat), s_middle(lon));
}

/* By the chord, which stays exact where the points are near. */
double spot_distance(spot_t a, spot_t b)
{
    double x = (double)a.x - (double)b.x, y = (double)a.y - (double)b.y,
           z = (double)a.z - (double)b.z;
    double half = sqrt(x * x + y * y + z * z) / 2;
    return 2 * SPHERE_RADIUS_KM * asin(half < 1 ? half : 1);
}

uint32_t spot_km(spot_t a, spot_t b)
{
    double km = ceil(spot_distance(a, b));
    return km > 1 ? (uint32_t)km : 1;
}
