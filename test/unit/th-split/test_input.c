#include "th-split/input.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

/* What a line asks for, as text: "split ID SOURCE CREDITS", "pass RECORD" or "bad WORD". */
static char *ask(const char *text)
{
    struct manifest_line line = {.file = "test", .number = 1};
    struct split_request request = {0};
    struct error error;
    json_t *record = NULL;
    char *said = NULL, *json;

    if (*text == '{')
        line.record = json_loads(text, 0, NULL);
    else
        line.text = text;
    assert_true(line.record || line.text);
    switch (split_input_read(&line, &request, &record, &error)) {
    case SPLIT_INPUT_VIDEO:
        json = json_dumps(request.credits, 0);
        assert_true(asprintf(&said, "split %s %s %s", request.id, request.source, json) > 0);
        free(json);
        break;
    case SPLIT_INPUT_RECORD:
        json = json_dumps(record, 0);
        assert_true(asprintf(&said, "pass %s", json) > 0);
        free(json);
        json_decref(record);
        break;
    case SPLIT_INPUT_BAD:
        assert_true(*error.message);
        assert_true(asprintf(&said, "bad %s", error_word_name(error.word)) > 0);
        break;
    }
    split_input_free(&request);
    json_decref(line.record);
    return said;
}

static void assert_asks(const char *line, const char *expected)
{
    char *said = ask(line);

    assert_string_equal(said, expected);
    free(said);
}

static void a_path_names_the_id(void **state)
{
    (void)state;
    assert_asks("a.mp4", "split a a.mp4 {}");
    assert_asks("d.x/--a b.webm", "split --a b d.x/--a b.webm {}");
    assert_asks("/v/a.b.mkv", "split a.b /v/a.b.mkv {}");
    assert_asks("plain", "split plain plain {}");
    assert_asks("v.d/plain", "split plain v.d/plain {}");
    assert_asks("[\"a\"]", "split [\"a\"] [\"a\"] {}");
}

static void a_path_without_a_usable_name_is_bad(void **state)
{
    (void)state;
    assert_asks("/", "bad bad_id");
    assert_asks("d/", "bad bad_id");
    assert_asks(".mp4", "bad bad_id");
    assert_asks("d/..", "bad bad_id");
    assert_asks("a\tb.mp4", "bad bad_id");
    assert_asks("\xff/a.mp4", "bad bad_id");
    assert_asks("\xff.mp4", "bad bad_id");
}

#define FETCH "{\"stage\": \"fetch\", \"kind\": \"video\", "
#define SPLIT "{\"stage\": \"split\", \"kind\": \"video\", "

static void what_was_fetched_is_split(void **state)
{
    (void)state;
    assert_asks(FETCH "\"key\": \"v\", \"status\": \"ok\", \"path\": \"r/v.mp4\"}", "split v r/v.mp4 {}");
    assert_asks(FETCH "\"key\": \"v\", \"status\": \"ok\", \"path\": \"x\", \"cached\": true, \"bytes\": 4, "
                      "\"license\": \"L\", \"title\": \"T\", \"url\": \"U\", \"uploader\": null}",
                "split v x {\"url\": \"U\", \"title\": \"T\", \"uploader\": null, \"license\": \"L\"}");
}

static void what_was_not_fetched_is_skipped_for_the_same_reason(void **state)
{
    (void)state;
    assert_asks(FETCH "\"key\": \"v\", \"status\": \"failed\", \"error\": \"gone\", \"retry\": false, \"message\": "
                      "\"it is private\", \"title\": \"T\"}",
                "pass " SPLIT "\"key\": \"v\", \"status\": \"skipped\", \"error\": \"gone\", \"retry\": false, "
                "\"message\": \"not downloaded: it is private\", \"title\": \"T\"}");
    assert_asks(FETCH "\"key\": \"v\", \"status\": \"skipped\", \"error\": \"gone\", \"retry\": true}",
                "pass " SPLIT "\"key\": \"v\", \"status\": \"skipped\", \"error\": \"gone\", \"retry\": true, "
                "\"message\": \"not downloaded: the video has been removed or made private\"}");
}

static void a_record_that_makes_no_sense_is_bad(void **state)
{
    (void)state;
    assert_asks("{}", "bad io");
    assert_asks(FETCH "\"key\": \"../v\", \"status\": \"ok\", \"path\": \"x\"}", "bad bad_id");
    assert_asks(FETCH "\"key\": \"v\", \"status\": \"ok\"}", "bad io");
    assert_asks("{\"stage\": \"fetch\", \"kind\": \"clip\", \"key\": \"v\", \"status\": \"ok\", \"path\": \"x\"}",
                "bad io");
    assert_asks("{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"v_0000\", \"status\": \"failed\", \"source\": "
                "\"x\", \"video\": \"a/b\"}",
                "bad bad_id");
}

static void own_records_that_are_not_ok_are_tried_again(void **state)
{
    (void)state;
    assert_asks(SPLIT "\"key\": \"v\", \"status\": \"failed\", \"error\": \"crashed\", \"source\": \"x.mp4\", "
                      "\"url\": \"U\"}",
                "split v x.mp4 {\"url\": \"U\"}");
    assert_asks(SPLIT "\"key\": \"v\", \"status\": \"skipped\", \"error\": \"dry_run\", \"source\": \"x.mp4\"}",
                "split v x.mp4 {}");
    assert_asks("{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"v_0000\", \"status\": \"failed\", "
                "\"source\": \"x\", \"video\": \"v\"}",
                "split v x {}");
}

static void the_others_pass_unchanged(void **state)
{
    static const char *const records[] = {
        SPLIT "\"key\": \"v\", \"status\": \"ok\", \"chunks\": 2, \"source\": \"x\"}",
        SPLIT "\"key\": \"v\", \"status\": \"skipped\", \"error\": \"gone\", \"retry\": false, \"message\": \"m\"}",
        "{\"stage\": \"split\", \"kind\": \"chunk\", \"key\": \"v_0000\", \"status\": \"ok\", \"path\": \"p\"}",
        "{\"stage\": \"crop\", \"kind\": \"clip\", \"key\": \"c\", \"status\": \"failed\", \"error\": \"io\"}",
        "{\"stage\": \"verify\", \"kind\": \"clip\", \"key\": \"c\", \"status\": \"ok\", \"path\": \"p\"}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        char *said = ask(records[i]);

        assert_string_equal(said + strlen("pass "), records[i]);
        free(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_path_names_the_id),
                                       cmocka_unit_test(a_path_without_a_usable_name_is_bad),
                                       cmocka_unit_test(what_was_fetched_is_split),
                                       cmocka_unit_test(what_was_not_fetched_is_skipped_for_the_same_reason),
                                       cmocka_unit_test(a_record_that_makes_no_sense_is_bad),
                                       cmocka_unit_test(own_records_that_are_not_ok_are_tried_again),
                                       cmocka_unit_test(the_others_pass_unchanged)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
