#include "th-verify/finished.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/th-verify/records.h"

enum { TEXT_BYTES = 4096 };

/* What has been written so far. */
static const char *text_written(void)
{
    static char text[TEXT_BYTES];
    int fd = open(scratch_path("out"), O_RDONLY);
    ssize_t got = read(fd, text, sizeof text - 1);

    assert_true(fd >= 0 && got >= 0);
    close(fd);
    text[got] = '\0';
    return text;
}

static void add(struct finished *finished, const char *text)
{
    json_t *record = json_loads(text, 0, NULL);
    struct record_head head;
    struct error error;

    assert_int_equal(record_read_head(record, &head, &error), 0);
    assert_int_equal(finished_add(finished, record, &head, &error), 0);
    json_decref(record);
}

#define CLIP(key, id, status, members) RECORD("verify", "clip", key, status, ", \"video\": \"" id "\"" members)
#define GONE ", \"error\": \"gone\", \"retry\": false, \"message\": \"m\""
#define LOST ", \"error\": \"missing\", \"retry\": true, \"message\": \"m\""

/* A list of two rows of the video a, one of them in another chunk, and of one of b_1. */
static struct tube_list *load_list(void)
{
    struct tube_list *list;
    struct error error;
    const char *path = scratch_file("list",
                                    "a_0000, 9, 9, 0, 1, 0, 0, 2, 2\na_0007, 9, 9, 0, 1, 0, 0, 2, 2\n"
                                    "b_1_0000, 9, 9, 0, 1, 0, 0, 2, 2\n",
                                    0);

    assert_int_equal(tube_list_load(&list, path, NULL, NULL, &error), 0);
    return list;
}

static struct finished *open_finished(const struct tube_list *list, bool keeps_ok)
{
    static char path[512];
    struct finished *finished;
    struct error error;

    snprintf(path, sizeof path, "%s", scratch_path("out"));
    assert_int_equal(
        finished_open(&finished, &(struct finished_settings){.path = path, .list = list, .keeps_ok = keeps_ok}, &error),
        0);
    return finished;
}

static void a_video_is_told_with_its_last_clip(void **state)
{
    struct tube_list *list = load_list();
    struct finished *finished = open_finished(list, false);

    (void)state;
    add(finished, CLIP("a_0000_S0_E1_L0_T0_R2_B2", "a", "ok", ""));
    assert_string_equal(text_written(), "");
    add(finished, CLIP("b_1_0000_S0_E1_L0_T0_R2_B2", "b_1", "failed", LOST));
    assert_string_equal(text_written(), "open\tb_1\n");
    add(finished, RECORD("verify", "video", "a", "ok", ""));
    add(finished, CLIP("a_0007_S0_E1_L0_T0_R2_B2", "a", "ok", ""));
    assert_string_equal(text_written(), "open\tb_1\nsettled\ta\n");
    add(finished, CLIP("a_0007_S0_E1_L0_T0_R2_B2", "a", "ok", "")); /* once more than listed */
    assert_string_equal(text_written(), "open\tb_1\nsettled\ta\n");
    finished_close(&finished);
    tube_list_free(&list);
}

static void permanent_reasons_are_kept(void **state)
{
    struct tube_list *list = load_list();
    struct finished *finished = open_finished(list, false);
    const char *text;

    (void)state;
    add(finished, CLIP("a_0000_S0_E1_L0_T0_R2_B2", "a", "skipped", GONE));
    add(finished, CLIP("a_0007_S0_E1_L0_T0_R2_B2", "a", "ok", ""));
    text = text_written();
    assert_non_null(strstr(text, "\"key\": \"a_0000_S0_E1_L0_T0_R2_B2\""));
    assert_string_equal(strchr(text, '\n'), "\nsettled\ta\n");
    finished_close(&finished);
    tube_list_free(&list);
}

static void clips_that_passed_are_kept_when_asked_for(void **state)
{
    struct tube_list *list = load_list();
    struct finished *finished = open_finished(list, true);

    (void)state;
    add(finished, CLIP("b_1_0000_S0_E1_L0_T0_R2_B2", "b_1", "ok", ", \"path\": \"/dev/null\""));
    assert_non_null(strstr(text_written(), ", \"mtime\": \""));
    finished_close(&finished);
    tube_list_free(&list);
}

static void a_pipe_without_a_reader_is_an_error(void **state)
{
    struct finished *finished;
    struct error error;

    (void)state;
    assert_int_equal(mkfifo(scratch_path("pipe"), 0600), 0);
    assert_int_equal(finished_open(&finished, &(struct finished_settings){.path = scratch_path("pipe")}, &error), -1);
    assert_null(finished);
    assert_int_equal(error.word, ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_video_is_told_with_its_last_clip),
        cmocka_unit_test(permanent_reasons_are_kept),
        cmocka_unit_test(clips_that_passed_are_kept_when_asked_for),
        cmocka_unit_test(a_pipe_without_a_reader_is_an_error),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
