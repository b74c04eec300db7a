#include "th-fetch/sidecar/index.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/stage/record.h"
#include "test/unit/scratch.h"
#include "test/unit/unit.h"

/* Keeps the record of a video x, whose file of five bytes is made. */
static void keep(void)
{
    struct error error;
    json_t *record = record_ok(STAGE_FETCH, KIND_VIDEO, "x", "elsewhere/x.mp4", false);

    record_add(&record, json_pack("{s:s}", "title", "A title"));
    scratch_file("x.mp4", "bytes", 0);
    assert_int_equal(index_save(scratch_dir, "x", scratch_path("x.mp4"), record, &error), 0);
    json_decref(record);
}

/* What is kept of the video x; is_same may be NULL. */
static json_t *load(bool *is_same)
{
    bool ignored;

    return index_load(scratch_dir, "x", scratch_path("x.mp4"), is_same ? is_same : &ignored);
}

static void what_was_kept_is_found(void **state)
{
    (void)state;
    assert_null(load(NULL));
    keep();
    bool is_same = false;
    json_t *record = load(&is_same);
    assert_string_equal(record_text(record, "title"), "A title");
    assert_true(is_same);
    json_decref(record);
}

static void another_time_is_told(void **state)
{
    bool is_same = true;

    (void)state;
    keep();
    assert_int_equal(utimensat(AT_FDCWD, scratch_path("x.mp4"), (struct timespec[]){{1, 0}, {1, 0}}, 0), 0);
    json_t *record = load(&is_same);
    assert_non_null(record);
    assert_false(is_same);
    json_decref(record);
}

static void another_file_is_not_told_of(void **state)
{
    (void)state;
    keep();
    scratch_file("x.mp4", "more bytes", 0);
    assert_null(load(NULL));
    keep();
    unlink(scratch_path("x.mp4"));
    assert_null(load(NULL));
    assert_int_equal(mkdir(scratch_path("x.mp4"), 0777), 0);
    assert_null(load(NULL));
    rmdir(scratch_path("x.mp4"));
}

/* Writes an index that fits the file, in single quotes for double ones. */
static void write_index(const char *version, const char *rest)
{
    struct stat facts;
    char text[1024];

    assert_int_equal(stat(scratch_path("x.mp4"), &facts), 0);
    snprintf(text, sizeof text, "{'index': %s, 'size': %lld, 'mtime': %lld, %s}", version, (long long)facts.st_size,
             (long long)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec, rest);
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    scratch_file(".index/x.json", text, 0);
}

static void strange_indexes(void **state)
{
    static const char good[] = "'record': {'stage': 'fetch', 'kind': 'video', 'key': 'x', 'status': 'ok'}";
    static const char *const cases[] = {
        "'record': {'stage': 'fetch', 'kind': 'video', 'key': 'y', 'status': 'ok'}",
        "'record': {'stage': 'fetch', 'kind': 'video', 'key': 'x', 'status': 'failed'}",
        "'record': {'stage': 'crop', 'kind': 'video', 'key': 'x', 'status': 'ok'}",
        "'record': {'stage': 'fetch', 'kind': 'clip', 'key': 'x', 'status': 'ok'}",
        "'record': {}",
        "'record': 5",
        "'nothing': 5",
        "'size': 5, 'record': {'stage': 'fetch', 'kind': 'video', 'key': 'x', 'status': 'ok'}",
    };

    (void)state;
    keep();
    write_index("1", good);
    json_t *record = load(NULL);
    assert_non_null(record);
    json_decref(record);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_index("1", cases[i]);
        assert_null(load(NULL));
    }
    write_index("2", good);
    assert_null(load(NULL));
    write_index("'1'", good);
    assert_null(load(NULL));
    scratch_file(".index/x.json", "[]", 0);
    assert_null(load(NULL));
    scratch_file(".index/x.json", "", 0);
    assert_null(load(NULL));
}

static void it_is_swept(void **state)
{
    struct error error;

    (void)state;
    assert_int_equal(index_sweep("/nonexistent", &error), 0);
    keep();
    scratch_file(".index/.x.json.th.part", "left", 0);
    assert_int_equal(index_sweep(scratch_dir, &error), 0);
    assert_int_equal(access(scratch_path(".index/.x.json.th.part"), F_OK), -1);
    assert_int_equal(access(scratch_path(".index/x.json"), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_is_found),
        cmocka_unit_test(another_time_is_told),
        cmocka_unit_test(another_file_is_not_told_of),
        cmocka_unit_test(strange_indexes),
        cmocka_unit_test(it_is_swept),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
