#include "th-fetch/policy/height.h"

#include "test/unit/unit.h"

static void limits_are_read_strictly(void **state)
{
    static const char *const wrong[] = {"", "0", "-1", "720p", "Listed", "listed ", "100001"};
    struct height_limit limit;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(height_read_limit(wrong[i], &limit, &error), -1);
    assert_int_equal(height_read_limit("720", &limit, &error), 0);
    assert_int_equal(limit.pixels, 720);
    assert_false(limit.is_listed);
    assert_int_equal(height_read_limit("listed", &limit, &error), 0);
    assert_true(limit.is_listed);
}

/* A height of 0 is not known, and nothing is said of it. */
static void lower_pictures_are_refused(void **state)
{
    static const struct {
        struct height_limit limit;
        int height, listed;
        bool is_lower, is_refused;
    } cases[] = {
        {{0, false}, 360, 720, true, false},   {{0, false}, 720, 720, false, false},
        {{0, false}, 1080, 720, false, false}, {{0, true}, 360, 720, true, true},
        {{0, true}, 719, 720, true, true},     {{0, true}, 720, 720, false, false},
        {{0, true}, 360, 0, false, false},     {{0, true}, 0, 720, false, false},
        {{480, false}, 360, 0, false, true},   {{480, false}, 480, 0, false, false},
        {{480, false}, 480, 720, true, false}, {{480, false}, 0, 720, false, false},
        {{480, false}, 360, 240, false, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {0};

        assert_int_equal(height_is_lower(cases[i].height, cases[i].listed), cases[i].is_lower);
        assert_int_equal(height_check(&cases[i].limit, cases[i].height, cases[i].listed, &error),
                         cases[i].is_refused ? -1 : 0);
        assert_int_equal(error.word, cases[i].is_refused ? ERROR_LOW_QUALITY : ERROR_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_read_strictly),
        cmocka_unit_test(lower_pictures_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
