#include "common/stage/record.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

static void assert_json(json_t *record, const char *expected)
{
    char *text = json_dumps(record, 0);

    assert_string_equal(text, expected);
    free(text);
    json_decref(record);
}

static void records_begin_with_the_keys_in_the_manifests_order(void **state)
{
    struct error error;
    json_t *record;

    (void)state;
    assert_json(record_ok(STAGE_FETCH, KIND_VIDEO, "--Y9imYnfBw", NULL, false),
                "{\"stage\": \"fetch\", \"kind\": \"video\", \"key\": \"--Y9imYnfBw\", \"status\": \"ok\"}");
    record = record_ok(STAGE_SPLIT, KIND_CHUNK, "a_0000", "d/a_0000.mp4", true);
    record_add(&record, json_pack("{s:i}", "frames", 5));
    assert_json(record,
                "{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"a_0000\", \"status\": \"ok\", \"path\": "
                "\"d/a_0000.mp4\", \"cached\": true, \"frames\": 5}");
    error_set(&error, ERROR_OUT_OF_RANGE, "it \"ends\"");
    assert_json(record_not_ok(STAGE_CROP, KIND_CLIP, "c", STATUS_FAILED, &error),
                "{\"stage\": \"crop\", \"kind\": \"clip\", \"key\": \"c\", \"status\": \"failed\", \"error\": "
                "\"out_of_range\", \"retry\": false, \"message\": \"it \\\"ends\\\"\"}");
}

static void retry_follows_the_class_and_the_stage(void **state)
{
    static const struct {
        enum stage_name stage;
        enum record_status status;
        enum error_word word;
        bool retry;
    } cases[] = {
        {STAGE_FETCH, STATUS_FAILED, ERROR_GONE, false},       {STAGE_FETCH, STATUS_FAILED, ERROR_NETWORK, true},
        {STAGE_CROP, STATUS_FAILED, ERROR_UNREADABLE, false},  {STAGE_CROP, STATUS_FAILED, ERROR_CRASHED, true},
        {STAGE_VERIFY, STATUS_FAILED, ERROR_UNREADABLE, true}, {STAGE_VERIFY, STATUS_FAILED, ERROR_FROZEN, true},
        {STAGE_VERIFY, STATUS_SKIPPED, ERROR_GONE, false},     {STAGE_VERIFY, STATUS_SKIPPED, ERROR_NETWORK, true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error;
        json_t *record;

        error_set(&error, cases[i].word, "x");
        record = record_not_ok(cases[i].stage, KIND_CLIP, "k", cases[i].status, &error);
        assert_int_equal(json_is_true(json_object_get(record, "retry")), cases[i].retry);
        json_decref(record);
    }
}

static void a_chain_of_additions_needs_one_check(void **state)
{
    static const char *const names[] = {"url", "title", NULL};
    json_t *from = json_pack("{s:s, s:i}", "url", "u", "other", 1);
    json_t *record = record_ok(STAGE_CROP, KIND_CLIP, "k", NULL, false);

    (void)state;
    record_copy(&record, from, names);
    assert_string_equal(record_text(record, "url"), "u");
    assert_null(record_text(record, "title"));
    assert_null(json_object_get(record, "other"));
    record_add(&record, NULL);
    assert_null(record);
    record_add(&record, json_pack("{s:i}", "x", 1));
    record_copy(&record, from, names);
    assert_null(record);
    json_decref(from);
    assert_null(record_ok(STAGE_CROP, KIND_CLIP, "not utf-8: \xFF", NULL, false));
}

static void heads_are_read_and_checked(void **state)
{
    static const struct {
        const char *text, *fault; /* fault NULL: it is valid */
    } cases[] = {
        {"{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"a_0000\", \"status\": \"ok\"}", NULL},
        {"{\"kind\": \"chunk\", \"status\": \"skipped\", \"key\": \"a\", \"stage\": \"split\", \"path\": \"p\"}", NULL},
        {"{}", "\"stage\""},
        {"{\"stage\": 5}", "\"stage\""},
        {"{\"stage\": \"spilt\"}", "\"spilt\""},
        {"{\"stage\": \"split\", \"kind\": \"film\", \"key\": \"a\", \"status\": \"ok\"}", "\"film\""},
        {"{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"a\", \"status\": \"fine\"}", "\"fine\""},
        {"{\"stage\": \"split\", \"kind\": \"chunk\", \"status\": \"ok\"}", "\"key\""},
        {"{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"../../x\", \"status\": \"ok\"}", "../../x"},
        {"{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"\", \"status\": \"ok\"}", "empty"},
        {"{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"a\\nb\", \"status\": \"ok\"}", "control character"},
        {"{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"a\", \"status\": \"ok\", \"path\": 5}", "\"path\""},
        {"{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"a\", \"status\": \"ok\", \"path\": \"\"}", "\"path\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *record = json_loads(cases[i].text, 0, NULL);
        struct record_head head;
        struct error error = {0};

        assert_non_null(record);
        assert_int_equal(record_read_head(record, &head, &error), cases[i].fault ? -1 : 0);
        if (cases[i].fault)
            assert_non_null(strstr(error.message, cases[i].fault));
        json_decref(record);
    }
}

static void tubes_survive_writing_and_reading(void **state)
{
    struct tube tube = {720, 1280, 1, 2, 3, 4, 5, 6}, again;
    json_t *record = json_pack("{s:o}", "tube", record_from_tube(&tube)), *object;
    struct error error;

    (void)state;
    assert_int_equal(record_get_tube(record, &again, &error), 0);
    assert_memory_equal(&tube, &again, sizeof tube);
    object = json_object_get(record, "tube");
    json_object_set_new(object, "E", json_integer(3000000000));
    assert_int_equal(record_get_tube(record, &again, &error), -1);
    assert_int_equal(error.word, ERROR_BAD_TUBE);
    json_object_set_new(object, "E", json_real(2.5));
    assert_int_equal(record_get_tube(record, &again, &error), -1);
    json_object_del(object, "E");
    assert_int_equal(record_get_tube(record, &again, &error), -1);
    assert_non_null(strstr(error.message, "E of"));
    json_object_del(record, "tube");
    assert_int_equal(record_get_tube(record, &again, &error), -1);
    json_decref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_begin_with_the_keys_in_the_manifests_order),
        cmocka_unit_test(retry_follows_the_class_and_the_stage), cmocka_unit_test(a_chain_of_additions_needs_one_check),
        cmocka_unit_test(heads_are_read_and_checked), cmocka_unit_test(tubes_survive_writing_and_reading)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
