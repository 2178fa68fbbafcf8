/* sphere_test.c - distances against the haversine formula in double, and what they give away. */
#include "actors/matching/sphere.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const double RADIAN = M_PI / 180e6;

static double s_haversine(int64_t lat, int64_t lon, int64_t lat2, int64_t lon2)
{
    double up = sin((double)(lat2 - lat) * RADIAN / 2), on = sin((double)(lon2 - lon) * RADIAN / 2);
    double half = up * up + cos((double)lat * RADIAN) * cos((double)lat2 * RADIAN) * on * on;
    return 2 * 6371.0088 * asin(sqrt(half < 1 ? half : 1));
}

static int64_t s_random(int64_t most)
{
    return random() % (2 * most) - most;
}

static void test_distances_are_those_of_a_sphere(void **state)
{
    (void)state;
    srandom(3);
    for (int i = 0; i < 100000; i++) {
        int64_t lat = s_random(90000000), lon = s_random(180000000);
        int64_t lat2 = i % 2 ? s_random(90000000) : lat + s_random(100000) / 2;
        int64_t lon2 = i % 2 ? s_random(180000000) : lon + s_random(100000) / 2;
        double expected = s_haversine(lat, lon, lat2, lon2);
        double slack =
            0.01 + expected / 1e5 + (expected > 19000 ? 8 : 0); /* the antipodes are steep */
        double found = spot_distance(spot_of(lat, lon), spot_of(lat2, lon2));
        assert_true(fabs(found - expected) < slack);
    }
}

static void test_all_of_a_square_are_equally_far(void **state)
{
    const spot_t paris = spot_of(48856600, 2352200);
    (void)state;
    assert_int_equal(spot_km(paris, spot_veiled(51500000, -120001)),
                     spot_km(paris, spot_veiled(51509999, -129999)));
    spot_t a = spot_veiled(-1, -1), b = spot_veiled(-9999, -10000);
    assert_true(a.x == b.x && a.y == b.y && a.z == b.z);
    spot_t c = spot_veiled(-10001, -1);
    assert_false(a.z == c.z);
}

static void test_kilometres_are_rounded_up(void **state)
{
    const spot_t here = spot_of(48856600, 2352200);
    (void)state;
    assert_int_equal(spot_km(here, here), 1);
    assert_int_equal(spot_km(here, spot_of(48876600, 2352200)), 3); /* 2.2 */
    assert_int_equal(spot_km(spot_of(0, 1), spot_of(0, 180000000)), 20016);
}

static void test_nowhere(void **state)
{
    (void)state;
    assert_false(spot_known(spot_of(0, 0)));
    assert_false(spot_known(spot_veiled(0, 0)));
    assert_true(spot_known(spot_of(0, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distances_are_those_of_a_sphere),
        cmocka_unit_test(test_all_of_a_square_are_equally_far),
        cmocka_unit_test(test_kilometres_are_rounded_up),
        cmocka_unit_test(test_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
