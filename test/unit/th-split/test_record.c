#include "th-split/record.h"

#include <stdlib.h>

#include "test/unit/unit.h"

#define SPLIT "{\"stage\": \"split\", \"kind\": \"video\", "

static void assert_record(json_t *record, const char *expected)
{
    char *text = json_dumps(record, JSON_REAL_PRECISION(6));

    assert_string_equal(text, expected);
    free(text);
    json_decref(record);
}

static void records_say_what_was_done(void **state)
{
    struct chunk_facts chunks[2] = {{0}, {.frames = 50, .start = 60.5, .duration = 2, .is_written = true}};
    struct split_index index = {.width = 64, .height = 48, .fps = 25, .count = 2, .chunks = chunks};
    struct split_request request = {
        .id = (char[]){"v"}, .source = (char[]){"r/v.mp4"}, .credits = json_pack("{s:s}", "url", "U")};
    struct error error;

    (void)state;
    assert_record(split_record_chunk(&request, &index, 1, "d/v_0001.mp4", true),
                  "{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"v_0001\", \"status\": \"ok\", \"path\": "
                  "\"d/v_0001.mp4\", \"cached\": true, \"frames\": 50, \"start\": 60.5, \"duration\": 2.0, "
                  "\"width\": 64, \"height\": 48, \"fps\": 25.0, \"video\": \"v\", \"source\": \"r/v.mp4\", "
                  "\"url\": \"U\"}");
    assert_record(split_record_video(&request, &index, false),
                  SPLIT "\"key\": \"v\", \"status\": \"ok\", \"chunks\": 2, \"width\": 64, \"height\": 48, "
                        "\"fps\": 25.0, \"source\": \"r/v.mp4\", \"url\": \"U\"}");
    error_set(&error, ERROR_UNREADABLE, "it is cut short");
    assert_record(split_record_failure(&request, STATUS_FAILED, &error),
                  SPLIT "\"key\": \"v\", \"status\": \"failed\", \"error\": \"unreadable\", \"retry\": false, "
                        "\"message\": \"it is cut short\", \"source\": \"r/v.mp4\", \"url\": \"U\"}");
    json_decref(request.credits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_say_what_was_done)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
