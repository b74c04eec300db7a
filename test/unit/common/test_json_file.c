/* json_file_save and json_file_load. */
#include "common/output/json_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

static const char *text_of(const char *path)
{
    static char text[256];
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void a_value_survives_saving_and_loading(void **state)
{
    json_t *value = json_pack("{s:i, s:s}", "index", 1, "title", "A title"), *loaded;
    struct error error;

    (void)state;
    assert_int_equal(json_file_save(scratch_path("one.json"), &value, 1, JSON_COMPACT, &error), 0);
    assert_string_equal(text_of(scratch_path("one.json")), "{\"index\":1,\"title\":\"A title\"}\n");
    loaded = json_file_load(scratch_path("one.json"), 100);
    assert_true(json_equal(loaded, value));
    json_decref(loaded);
    json_decref(value);
}

static void several_values_are_lines(void **state)
{
    json_t *lines[] = {json_pack("{s:f}", "seconds", 0.1), json_pack("{s:I}", "chunk", (json_int_t)2)};
    struct error error;

    (void)state;
    assert_int_equal(json_file_save(scratch_path("two.json"), lines, COUNT_OF(lines), JSON_COMPACT, &error), 0);
    assert_string_equal(text_of(scratch_path("two.json")), "{\"seconds\":0.10000000000000001}\n{\"chunk\":2}\n");
    assert_null(json_file_load(scratch_path("two.json"), 1000)); /* not one value */
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        json_decref(lines[i]);
}

static void a_value_that_could_not_be_made_leaves_the_old_file(void **state)
{
    json_t *lines[] = {json_integer(1), NULL};
    struct error error;

    (void)state;
    scratch_file("old.json", "[]", 0);
    assert_int_equal(json_file_save(scratch_path("old.json"), lines, COUNT_OF(lines), JSON_COMPACT, &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_string_equal(text_of(scratch_path("old.json")), "[]");
    json_decref(lines[0]);
}

static void a_file_that_cannot_be_written_does_not_appear(void **state)
{
    json_t *value = json_string("longer than the eight bytes that a file may have");
    struct rlimit none, limit;
    struct error error;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &none), 0);
    limit = none;
    limit.rlim_cur = 8;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(json_file_save(scratch_path("whole.json"), &value, 1, JSON_COMPACT, &error), -1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(error.word, ERROR_IO);
    assert_int_equal(access(scratch_path("whole.json"), F_OK), -1);
    assert_int_equal(access(scratch_path(".whole.json.th.part"), F_OK), -1);
    json_decref(value);
}

static void other_files_are_not_read(void **state)
{
    (void)state;
    assert_null(json_file_load(scratch_path("missing"), 100));
    assert_null(json_file_load(scratch_file("empty", "", 0), 100));
    assert_null(json_file_load(scratch_file("half", "{\"a\": ", 0), 100));
    assert_null(json_file_load(scratch_file("twice", "{\"a\": 1, \"a\": 2}", 0), 100));
    assert_null(json_file_load(scratch_file("large", "[1, 2, 3]", 0), 8));
    assert_null(json_file_load(scratch_dir, 1 << 20));
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    assert_null(json_file_load(scratch_path("fifo"), 100)); /* and does not block */
    assert_int_equal(symlinkat("large", AT_FDCWD, scratch_path("link")), 0);
    assert_null(json_file_load(scratch_path("link"), 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_survives_saving_and_loading),
        cmocka_unit_test(several_values_are_lines),
        cmocka_unit_test(a_value_that_could_not_be_made_leaves_the_old_file),
        cmocka_unit_test(a_file_that_cannot_be_written_does_not_appear),
        cmocka_unit_test(other_files_are_not_read),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
