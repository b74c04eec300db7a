#include "common/tube.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

static void a_row_of_the_published_list(void **state)
{
    char name[NAME_CHUNK_MAX + 1], clip[NAME_CLIP_MAX + 1];
    struct tube tube;
    struct error error;

    (void)state;
    assert_int_equal(tube_parse("--Y9imYnfBw_0000, 720, 1280, 1015, 1107, 488, 23, 824, 359", name, &tube, &error), 0);
    assert_string_equal(name, "--Y9imYnfBw_0000");
    assert_int_equal(tube.height, 720);
    assert_int_equal(tube.width, 1280);
    assert_int_equal(tube.start, 1015);
    assert_int_equal(tube.end, 1107);
    assert_int_equal(tube.left, 488);
    assert_int_equal(tube.top, 23);
    assert_int_equal(tube.right, 824);
    assert_int_equal(tube.bottom, 359);
    assert_int_equal(tube_frames(&tube), 93);
    assert_int_equal(tube_check(&tube, &error), 0);
    tube_clip_name(name, &tube, clip);
    assert_string_equal(clip, "--Y9imYnfBw_0000_S1015_E1107_L488_T23_R824_B359");
}

static void rows_without_or_with_much_white_space(void **state)
{
    char name[NAME_CHUNK_MAX + 1];
    struct tube tube;
    struct error error;

    (void)state;
    assert_int_equal(tube_parse("a_0000,1,2,3,4,5,6,7,8", name, &tube, &error), 0);
    assert_int_equal(tube_parse("  a_0000 ,\t1 , 2, 3 ,4, 5,6 , 7,  8  ", name, &tube, &error), 0);
    assert_string_equal(name, "a_0000");
    assert_int_equal(tube.bottom, 8);
}

static void rows_that_cannot_be_read(void **state)
{
    static const struct {
        const char *row;
        enum error_word word;
        const char *said;
    } cases[] = {
        {"", ERROR_BAD_TUBE, "1 fields"},
        {"a_0000, 1, 2, 3, 4, 5, 6, 7", ERROR_BAD_TUBE, "8 fields"},
        {"a_0000, 1, 2, 3, 4, 5, 6, 7, 8, 9", ERROR_BAD_TUBE, "10 fields"},
        {"a_0000, 1, 2, x, 4, 5, 6, 7, 8", ERROR_BAD_TUBE, "S is \"x\""},
        {"a_0000, 1, 2, -3, 4, 5, 6, 7, 8", ERROR_BAD_TUBE, "S is \"-3\""},
        {"a_0000, 1, 2, 3.5, 4, 5, 6, 7, 8", ERROR_BAD_TUBE, "S is \"3.5\""},
        {"a_0000, 1, 2, 3, 4, 5, 6, 7, 2147483648", ERROR_BAD_TUBE, "B is \"2147483648\""},
        {"a_0000, 1, 2, 3, 4, 5, 6, 7, ", ERROR_BAD_TUBE, "B is \"\""},
        {"../../x_0000, 1, 2, 3, 4, 5, 6, 7, 8", ERROR_BAD_ID, "../../x_0000"},
        {"x, 1, 2, 3, 4, 5, 6, 7, 8", ERROR_BAD_ID, "ID_NNNN"},
        {", 1, 2, 3, 4, 5, 6, 7, 8", ERROR_BAD_ID, "empty"},
    };
    char name[NAME_CHUNK_MAX + 1];
    struct tube tube;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(tube_parse(cases[i].row, name, &tube, &error), -1);
        assert_int_equal(error.word, cases[i].word);
        assert_non_null(strstr(error.message, cases[i].said));
    }
}

static void inconsistent_tubes_are_refused(void **state)
{
    static const struct {
        struct tube tube; /* H W S E L T R B */
        enum error_word word;
    } cases[] = {
        {{720, 1280, 0, 9, 0, 0, 1280, 720}, ERROR_NONE},
        {{720, 1280, 9, 9, 0, 0, 1, 1}, ERROR_NONE},
        {{0, 1280, 0, 9, 0, 0, 1, 1}, ERROR_BAD_TUBE},
        {{720, 0, 0, 9, 0, 0, 1, 1}, ERROR_BAD_TUBE},
        {{720, 1280, 10, 9, 0, 0, 1, 1}, ERROR_BAD_TUBE},
        {{720, 1280, 0, 9, 5, 0, 5, 1}, ERROR_EMPTY_BOX},
        {{720, 1280, 0, 9, 0, 6, 1, 5}, ERROR_EMPTY_BOX},
        {{720, 1280, 0, 9, 0, 0, 1281, 720}, ERROR_OUTSIDE_PICTURE},
        {{720, 1280, 0, 9, 0, 0, 1280, 721}, ERROR_OUTSIDE_PICTURE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {0};

        assert_int_equal(tube_check(&cases[i].tube, &error), cases[i].word ? -1 : 0);
        assert_int_equal(error.word, cases[i].word);
    }
}

static void clip_names_lead_back_to_their_tubes(void **state)
{
    static const char *const bad[] = {"a_0000",
                                      "a_0000_S1_E2_L3_T4_R5",
                                      "a_0000_S1_E2_L3_T4_R5_B06",
                                      "a_S1_E2_L3_T4_R5_B6",
                                      "a_0000_S-1_E2_L3_T4_R5_B6",
                                      "a_0000_E2_S1_L3_T4_R5_B6",
                                      "../a_0000_S1_E2_L3_T4_R5_B6"};
    char chunk[NAME_CHUNK_MAX + 1];
    struct tube tube;
    struct error error;

    (void)state;
    assert_int_equal(tube_from_clip_name("-x_B5_0003_S1_E2_L3_T4_R5_B6", chunk, &tube, &error), 0);
    assert_string_equal(chunk, "-x_B5_0003");
    assert_int_equal(tube.start, 1);
    assert_int_equal(tube.bottom, 6);
    assert_int_equal(tube.height, 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(tube_from_clip_name(bad[i], chunk, &tube, &error), -1);
        assert_int_equal(error.word, ERROR_BAD_ID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_the_published_list), cmocka_unit_test(rows_without_or_with_much_white_space),
        cmocka_unit_test(rows_that_cannot_be_read), cmocka_unit_test(inconsistent_tubes_are_refused),
        cmocka_unit_test(clip_names_lead_back_to_their_tubes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
