#include "th-fetch/transfer/partial.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

#define SOURCE "https://h/x"

enum { TOTAL = 3000000 };

static bool sync_fails;

/* Replaces the C library's. */
int fdatasync(int fd)
{
    if (!sync_fails)
        return (int)syscall(SYS_fdatasync, fd);
    sync_fails = false;
    errno = EIO;
    return -1;
}

static const struct part_name name = {scratch_dir, "a", ".mp4"};

static struct part *must_open(const char *source, const char *format)
{
    struct part *part;
    struct error error;

    if (partial_open(&part, &name, source, format, &error) != 0)
        fail_msg("%s", error.message);
    return part;
}

static int put(struct part *part, int64_t from, size_t size)
{
    char *bytes = calloc(1, size);
    int result;

    memset(bytes, 'x', size);
    partial_begin_request(part, from);
    result = part_append(part, bytes, size, NULL);
    if (result == 0)
        result = part_flush(part, NULL);
    free(bytes);
    return result;
}

/* "[[from, to], ...]" of the ranges, in a buffer that the next call overwrites. */
static const char *text_of(const struct byte_ranges *ranges)
{
    static char text[512];
    json_t *json = byte_ranges_to_json(ranges);

    text[json_dumpb(json, text, sizeof text - 1, 0)] = '\0';
    json_decref(json);
    return text;
}

#define expect_ranges(part, expected) assert_string_equal(text_of(partial_ranges(part)), expected)

/* A part with two ranges, as a run leaves it. */
static void leave(void)
{
    struct part *part = must_open(SOURCE, "137");

    assert_int_equal(part_restart(part, "\"v1\"", TOTAL, NULL), 0);
    assert_int_equal(put(part, 0, 200000), 0);
    assert_int_equal(put(part, 1000000, 200000), 0);
    part_close(&part);
}

static bool exists(const char *file)
{
    return access(scratch_path(file), F_OK) == 0;
}

static int clear_all(void **state)
{
    (void)state;
    part_clear(&name);
    return exists("a.mp4.needed") || exists("a.mp4.needed.json") || exists("a.mp4.part") || exists("a.mp4.part.json");
}

static void ranges_are_continued(void **state)
{
    struct stat facts;

    (void)state;
    leave();
    struct part *part = must_open(SOURCE, "137");
    expect_ranges(part, "[[0, 200000], [1000000, 1200000]]");
    assert_int_equal(part_size(part), 400000);
    assert_int_equal(part_total(part), TOTAL);
    assert_string_equal(part_validator(part), "\"v1\"");
    assert_int_equal(partial_requests(part), 2);
    assert_true(part_is_partial(part));
    assert_int_equal(stat(part_path(part), &facts), 0);
    assert_int_equal(facts.st_size, TOTAL);
    assert_true(facts.st_blocks * 512 < TOTAL / 2);
    assert_int_equal(put(part, 200000, 5), 0);
    part_close(&part);
    part = must_open(SOURCE, "137");
    expect_ranges(part, "[[0, 200005], [1000000, 1200000]]");
    part_close(&part);
}

static void what_is_wanted_next(void **state)
{
    static const struct {
        struct byte_range wanted[2];
        const char *missing;
    } cases[] = {
        {{{0, 1000}, {100000, 200000}}, "[]"},
        {{{0, 200001}, {900000, 1000000}}, "[[200000, 200001], [900000, 1000000]]"},
        {{{300000, 300010}, {562154, 562155}}, "[[300000, 562155]]"}, /* 256 KiB apart */
        {{{300000, 300010}, {562155, 562156}}, "[[300000, 300010], [562155, 562156]]"},
        {{{100000, 1300000}, {2000000, TOTAL + 5}}, "[[200000, 1300000], [2000000, 3000000]]"}, /* 200000 are there */
        {{{2000000, TOTAL}, {TOTAL, TOTAL + 5}}, "[[2000000, 3000000]]"},
    };

    (void)state;
    leave();
    struct part *part = must_open(SOURCE, "137");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct byte_ranges wanted = {0}, missing = {0};

        for (size_t k = 0; k < 2; k++)
            assert_int_equal(byte_ranges_add(&wanted, cases[i].wanted[k].from, cases[i].wanted[k].to), 0);
        assert_int_equal(partial_want(part, &wanted, &missing), 0);
        assert_string_equal(text_of(&missing), cases[i].missing);
        byte_ranges_clear(&wanted);
        byte_ranges_clear(&missing);
    }
    part_close(&part);
}

/* Nothing is known of the file: its first bytes, whatever is wanted. */
static void of_a_new_file_the_first_bytes_are_wanted(void **state)
{
    struct byte_range far = {500000, 600000};
    struct byte_ranges wanted = {.list = &far, .count = 1}, missing = {0};
    struct part *part = must_open(SOURCE, NULL);

    (void)state;
    assert_int_equal(partial_want(part, &wanted, &missing), 0);
    assert_string_equal(text_of(&missing), "[[0, 262144]]");
    byte_ranges_clear(&missing);
    part_close(&part);
    assert_false(exists("a.mp4.needed")); /* there is nothing in it */
}

/* A killed process leaves a note that names only what was synced. */
static void kill_keeps_what_the_note_names(void **state)
{
    int status;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        struct part *part = must_open(SOURCE, "137");

        if (part_restart(part, "\"v1\"", TOTAL, NULL) < 0 || put(part, 0, 100) < 0 || partial_settle(part, NULL) < 0 ||
            put(part, 500, 100) < 0)
            _exit(1);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    struct part *part = must_open(SOURCE, "137");
    expect_ranges(part, "[[0, 100]]");
    part_close(&part);
}

/* A process that is killed loses at most 10 MiB. */
static void long_ranges_are_settled_meanwhile(void **state)
{
    struct part *part = must_open(SOURCE, "137");

    (void)state;
    assert_int_equal(part_restart(part, "\"v1\"", 20 << 20, NULL), 0);
    assert_int_equal(put(part, 0, 11 << 20), 0);
    expect_ranges(part, "[[0, 10485760]]");
    assert_int_equal(part_size(part), 11 << 20);
    part_close(&part);
}

/* After a failed sync the next one succeeds, though the bytes may be lost. */
static void bytes_of_a_failed_sync_do_not_count(void **state)
{
    struct error error = {0};

    (void)state;
    leave();
    struct part *part = must_open(SOURCE, "137");
    assert_int_equal(put(part, 500000, 100), 0);
    sync_fails = true;
    assert_int_equal(partial_settle(part, &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_int_equal(partial_settle(part, &error), 0);
    expect_ranges(part, "[[0, 200000], [1000000, 1200000]]");
    part_close(&part);
}

static void bytes_of_a_failed_write_do_not_count(void **state)
{
    struct rlimit limit = {600000, RLIM_INFINITY}, none;
    struct error error = {0};

    (void)state;
    leave();
    struct part *part = must_open(SOURCE, "137");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &none), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(put(part, 590000, 20000), -1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(partial_settle(part, &error), 0);
    expect_ranges(part, "[[0, 200000], [590000, 600000], [1000000, 1200000]]");
    part_close(&part);
}

static void a_complete_one_becomes_a_whole_part(void **state)
{
    struct error error;

    (void)state;
    scratch_file("a.mp4.part", "of an earlier run", 0);
    scratch_file("a.mp4.part.json", "{\"source\": \"https://h/x\", \"validator\": \"\\\"v0\\\"\", \"bytes\": 50}", 0);
    leave();
    struct part *part = must_open(SOURCE, "137");
    assert_int_equal(partial_complete(part, &error), 1);
    assert_int_equal(put(part, 1200000, TOTAL - 1200000), 0);
    assert_int_equal(put(part, 200000, 800000), 0);
    assert_int_equal(partial_complete(part, &error), 0);
    assert_false(part_is_partial(part));
    assert_int_equal(part_size(part), TOTAL);
    part_close(&part);
    assert_false(exists("a.mp4.needed"));
    assert_false(exists("a.mp4.needed.json"));
    assert_int_equal(part_open(&part, &name, SOURCE, "137", &error), 0);
    assert_int_equal(part_size(part), TOTAL);
    assert_int_equal(part_total(part), TOTAL);
    assert_string_equal(part_validator(part), "\"v1\"");
    assert_int_equal(part_finish(part, &error), 0);
    part_close(&part);
    assert_int_equal(unlink(scratch_path("a.mp4")), 0);
}

static void leave_whole(int64_t total)
{
    struct part *part;

    assert_int_equal(part_open(&part, &name, SOURCE, "137", NULL), 0);
    assert_int_equal(part_restart(part, "\"v1\"", total, NULL), 0);
    assert_int_equal(part_append(part, "12345", 5, NULL), 0);
    part_close(&part);
}

static void an_interrupted_download_is_the_first_range(void **state)
{
    struct stat facts;

    (void)state;
    leave_whole(TOTAL);
    struct part *part = must_open(SOURCE, "137");
    expect_ranges(part, "[[0, 5]]");
    assert_int_equal(part_total(part), TOTAL);
    assert_int_equal(put(part, 1000, 10), 0);
    part_close(&part);
    assert_false(exists("a.mp4.part"));
    assert_false(exists("a.mp4.part.json"));
    assert_int_equal(stat(scratch_path("a.mp4.needed"), &facts), 0);
    assert_int_equal(facts.st_size, TOTAL);
    part = must_open(SOURCE, "137");
    expect_ranges(part, "[[0, 5], [1000, 1010]]");
    part_close(&part);
    leave_whole(TOTAL); /* there are ranges already */
    part = must_open(SOURCE, "137");
    expect_ranges(part, "[[0, 5], [1000, 1010]]");
    part_close(&part);
}

static void an_interrupted_download_of_something_else_is_removed(void **state)
{
    (void)state;
    leave_whole(TOTAL);
    struct part *part = must_open(SOURCE, "136");
    expect_ranges(part, "[]");
    part_close(&part);
    assert_false(exists("a.mp4.part"));
    leave_whole(-1); /* nobody knows how long it is */
    part = must_open(SOURCE, "137");
    expect_ranges(part, "[]");
    part_close(&part);
    assert_true(exists("a.mp4.part"));
}

static void one_can_become_an_empty_part(void **state)
{
    struct error error;

    (void)state;
    scratch_file("a.mp4.part.json", "{}", 0);
    leave();
    struct part *part = must_open(SOURCE, "137");
    assert_int_equal(partial_make_whole(part, &error), 0);
    assert_false(part_is_partial(part));
    assert_int_equal(part_size(part), 0);
    assert_int_equal(part_total(part), -1);
    assert_true(exists("a.mp4.part"));
    assert_false(exists("a.mp4.part.json"));
    assert_false(exists("a.mp4.needed"));
    part_close(&part);
}

static void one_of_something_else_is_emptied(void **state)
{
    static const struct {
        const char *source, *format;
    } others[] = {{"https://h/y", "137"}, {SOURCE, "136"}, {SOURCE, NULL}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        leave();
        struct part *part = must_open(others[i].source, others[i].format);
        assert_int_equal(part_size(part), 0);
        assert_null(part_validator(part));
        part_close(&part);
        assert_false(exists("a.mp4.needed"));
    }
}

/* Notes that do not fit the file, which is 3000000 bytes long. */
static void bad_notes(void **state)
{
    static const char *const ends[] = {
        "",
        ", \"bytes\": 3000000",
        ", \"ranges\": [[0, 5]]",
        ", \"bytes\": 3000000, \"ranges\": []",
        ", \"bytes\": 3000000, \"ranges\": [[5, 0]]",
        ", \"bytes\": 3000001, \"ranges\": [[0, 3000001]]",
        ", \"bytes\": 2999999, \"ranges\": [[0, 5]]",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        char note[300];

        leave();
        snprintf(note, sizeof note, "{\"source\": \"%s\", \"format\": \"137\", \"validator\": \"v\"%s}", SOURCE,
                 ends[i]);
        scratch_file("a.mp4.needed.json", note, 0);
        struct part *part = must_open(SOURCE, "137");
        if (part_size(part) != 0)
            fail_msg("%s", note);
        part_close(&part);
    }
}

static void one_process_at_a_time(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    leave();
    struct part *part = must_open(SOURCE, "137");
    if ((pid = fork()) == 0) {
        struct part *other;

        part_clear(&name);
        _exit(partial_open(&other, &name, SOURCE, "137", NULL) == 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(exists("a.mp4.needed"));
    part_close(&part);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, clear_all)
    const struct CMUnitTest tests[] = {
        TEST(ranges_are_continued),
        TEST(what_is_wanted_next),
        TEST(of_a_new_file_the_first_bytes_are_wanted),
        TEST(kill_keeps_what_the_note_names),
        TEST(long_ranges_are_settled_meanwhile),
        TEST(bytes_of_a_failed_sync_do_not_count),
        TEST(bytes_of_a_failed_write_do_not_count),
        TEST(a_complete_one_becomes_a_whole_part),
        TEST(an_interrupted_download_is_the_first_range),
        TEST(an_interrupted_download_of_something_else_is_removed),
        TEST(one_can_become_an_empty_part),
        TEST(one_of_something_else_is_emptied),
        TEST(bad_notes),
        TEST(one_process_at_a_time),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
