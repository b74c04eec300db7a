/* Clips from records, paths and rows. */
#include "test/unit/unit.h"

#include <string.h>

#include "th-verify/record.h"

#define KEY "-a_b_0001_S5_E9_L10_T20_R110_B100"

static struct clip *from_record(const char *text, enum error_word expected)
{
    json_t *record = json_loads(text, 0, NULL);
    struct record_head head;
    struct error error = {0};
    struct clip *clip;

    assert_non_null(record);
    assert_int_equal(record_read_head(record, &head, &error), 0);
    assert_int_equal(clip_from_record(&clip, record, &head, &error), expected == ERROR_NONE ? 0 : -1);
    assert_string_equal(error_word_name(error.word), error_word_name(expected));
    json_decref(record);
    return clip;
}

static void test_a_record_gives_all(void **state)
{
    struct clip *clip = from_record(
        "{\"stage\": \"crop\", \"kind\": \"clip\", \"key\": \"k\", \"status\": \"ok\", \"path\": \"d/k.mp4\","
        " \"source\": \"c.mp4\", \"box\": {\"x\": 1, \"y\": 2, \"w\": 30, \"h\": 40}, \"tube\":"
        " {\"H\": 720, \"W\": 1280, \"S\": 0, \"E\": 7, \"L\": 1, \"T\": 2, \"R\": 31, \"B\": 42}}",
        ERROR_NONE);

    (void)state;
    assert_string_equal(clip->key, "k");
    assert_string_equal(clip->path, "d/k.mp4");
    assert_string_equal(clip->source, "c.mp4");
    assert_int_equal(tube_frames(&clip->tube), 8);
    assert_true(clip->is_boxed);
    assert_int_equal(clip->box.h, 40);
    clip_free(&clip);
    assert_null(clip);
    clip_free(&clip);
}

static void test_a_record_without_a_tube_has_the_one_of_its_name(void **state)
{
    struct clip *clip = from_record("{\"stage\": \"verify\", \"kind\": \"clip\", \"key\": \"" KEY
                                    "\", \"status\": \"failed\", \"error\": \"missing\", \"path\": \"x.mp4\"}",
                                    ERROR_NONE);

    (void)state;
    assert_int_equal(tube_frames(&clip->tube), 5);
    assert_int_equal(clip->tube.right, 110);
    assert_false(clip->is_boxed);
    assert_null(clip->source);
    clip_free(&clip);
}

static void test_bad_boxes_are_not_known(void **state)
{
    static const char *const boxes[] = {"[1, 2, 3, 4]",
                                        "{\"x\": 0, \"y\": 0, \"w\": 2}",
                                        "{\"x\": 0, \"y\": 0, \"w\": 2.0, \"h\": 2}",
                                        "{\"x\": -1, \"y\": 0, \"w\": 2, \"h\": 2}",
                                        "{\"x\": 0, \"y\": 0, \"w\": 2, \"h\": 99999999999}",
                                        "null"};
    char text[512];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(boxes); i++) {
        struct clip *clip;

        snprintf(text, sizeof text,
                 "{\"stage\": \"crop\", \"kind\": \"clip\", \"key\": \"" KEY
                 "\", \"status\": \"ok\", \"path\": \"x.mp4\", \"box\": %s}",
                 boxes[i]);
        clip = from_record(text, ERROR_NONE);
        assert_false(clip->is_boxed);
        clip_free(&clip);
    }
}

static void test_records_that_make_no_clip_say_why(void **state)
{
#define RECORD(key, more) "{\"stage\": \"crop\", \"kind\": \"clip\", \"key\": \"" key "\", \"status\": \"ok\"" more "}"
#define TUBE(s, e, l, r)                                                                                               \
    ", \"path\": \"x\", \"tube\": {\"H\": 10, \"W\": 10, \"S\": " s ", \"E\": " e ", \"L\": " l                        \
    ", \"T\": 0, \"R\": " r ", \"B\": 5}"
    static const struct {
        const char *text;
        enum error_word word;
    } cases[] = {
        {RECORD("k", ", \"path\": \"x\""), ERROR_BAD_ID},
        {RECORD(KEY, ""), ERROR_MISSING},
        {RECORD(KEY, ", \"path\": \"x\", \"tube\": 7"), ERROR_BAD_TUBE},
        {RECORD(KEY, TUBE("5", "4", "0", "5")), ERROR_BAD_TUBE},
        {RECORD(KEY, TUBE("4", "5", "5", "5")), ERROR_EMPTY_BOX},
        {RECORD(KEY, TUBE("4", "5", "0", "11")), ERROR_OUTSIDE_PICTURE},
        {RECORD(KEY, TUBE("4", "5", "0", "-1")), ERROR_BAD_TUBE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_null(from_record(cases[i].text, cases[i].word));
}

static void test_a_path_tells_key_chunk_and_video(void **state)
{
    struct error error;
    struct clip *clip;

    (void)state;
    assert_int_equal(clip_from_path(&clip, "a dir/" KEY ".mp4", &error), 0);
    assert_string_equal(clip->key, KEY);
    assert_string_equal(record_text(clip->lineage, "chunk"), "-a_b_0001");
    assert_string_equal(record_text(clip->lineage, "video"), "-a_b");
    assert_null(json_object_get(clip->lineage, "tube"));
    clip_free(&clip);
}

static void test_paths_of_something_else_are_refused(void **state)
{
    static const char *const paths[] = {
        "holiday.mp4", "", "/", ".mp4", KEY "/", KEY ".avi", "a_S1_E2_L0_T0_R5_B5.mp4", "d\xFF/" KEY ".mp4"};
    struct error error;
    struct clip *clip;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_int_equal(clip_from_path(&clip, paths[i], &error), -1);
        assert_int_equal(error.word, ERROR_BAD_ID);
        assert_null(clip);
    }
}

static void test_a_row_names_its_file_and_its_lineage(void **state)
{
    const struct tube tube = {720, 1280, 5, 9, 10, 20, 110, 100};
    struct error error = {.word = ERROR_FROZEN};
    struct clip *clip;
    json_t *record;

    (void)state;
    assert_int_equal(clip_from_row(&clip, "-d", "-a_b_0001", &tube, &error), 0);
    assert_string_equal(clip->path, "-d/" KEY ".mp4");
    record = verify_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &error);
    assert_string_equal(record_text(record, "video"), "-a_b");
    assert_string_equal(record_text(record, "path"), clip->path);
    assert_string_equal(record_text(record, "error"), "frozen");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(record, "tube"), "W")), 1280);
    json_decref(record);
    clip_free(&clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_gives_all),
        cmocka_unit_test(test_a_record_without_a_tube_has_the_one_of_its_name),
        cmocka_unit_test(test_bad_boxes_are_not_known),
        cmocka_unit_test(test_records_that_make_no_clip_say_why),
        cmocka_unit_test(test_a_path_tells_key_chunk_and_video),
        cmocka_unit_test(test_paths_of_something_else_are_refused),
        cmocka_unit_test(test_a_row_names_its_file_and_its_lineage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
