/* Final and temporary names of outputs, and their locks. */
#include "common/output/output_place.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

static void names_are_within_the_folder_of_the_path(void **state)
{
    struct output_place place;
    struct error error;
    char path[512], temporary[512];

    (void)state;
    snprintf(path, sizeof path, "%s", scratch_path("--a.mp4"));
    snprintf(temporary, sizeof temporary, "%s", scratch_path(".--a.mp4.th.part"));
    assert_int_equal(output_place_open(&place, path, &error), 0);
    assert_true(place.dir_fd >= 0);
    assert_string_equal(place.path, path);
    assert_string_equal(place.name, "--a.mp4");
    assert_string_equal(place.temporary_name, ".--a.mp4.th.part");
    assert_string_equal(place.temporary_path, temporary);
    assert_int_equal(output_place_sync(&place, &error), 0);
    output_place_close(&place);
    assert_int_equal(place.dir_fd, -1);
}

static void a_bare_name_is_in_this_folder_and_one_slash_is_the_root(void **state)
{
    static const struct {
        const char *path, *temporary_path;
    } cases[] = {{"a.mp4", "./.a.mp4.th.part"}, {"/a.mp4", "/.a.mp4.th.part"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct output_place place;
        struct error error;

        assert_int_equal(output_place_open(&place, cases[i].path, &error), 0);
        assert_string_equal(place.name, "a.mp4");
        assert_string_equal(place.temporary_path, cases[i].temporary_path);
        output_place_close(&place);
    }
}

static void a_missing_folder_is_an_error(void **state)
{
    struct output_place place;
    struct error error;

    (void)state;
    assert_int_equal(output_place_open(&place, scratch_path("nowhere/a.mp4"), &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_non_null(strstr(error.message, "nowhere/: No such file"));
    output_place_close(&place);
}

static void temporary_names_are_recognized(void **state)
{
    (void)state;
    assert_true(output_place_is_temporary(".a.mp4.th.part"));
    assert_false(output_place_is_temporary("a.mp4.th.part"));
    assert_false(output_place_is_temporary(".a.mp4.part"));
    assert_false(output_place_is_temporary(".th.part"));
    assert_false(output_place_is_temporary("..th.part.mp4"));
    assert_false(output_place_is_temporary(""));
}

static void a_folder_can_be_checked_in_advance(void **state)
{
    (void)state;
    assert_int_equal(output_place_check(scratch_path("later.json")), 0);
    assert_int_equal(output_place_check("later.json"), 0);
    assert_int_equal(output_place_check(scratch_path("nowhere/later.json")), -1);
    assert_int_equal(errno, ENOENT);
    scratch_file("file", "", 0);
    assert_int_equal(output_place_check(scratch_path("file/later.json")), -1);
    assert_int_equal(errno, ENOTDIR);
}

/* Starts a process that locks path, and exits that many microseconds after it has told so. Returns its pid. */
static pid_t hold(const char *path, useconds_t time)
{
    int ready[2];
    char said;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    child = fork();
    if (!child) {
        int fd = open(path, O_RDWR);

        if (fd < 0 || flock(fd, LOCK_EX) || write(ready[1], "", 1) != 1)
            _exit(1);
        usleep(time);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(read(ready[0], &said, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void a_lock_is_waited_for_one_second_at_most(void **state)
{
    char name[] = "a.mp4";
    const struct output_place place = {.path = name};
    const char *path = scratch_file("locked", "", 0);
    int fd = open(path, O_RDWR);
    struct error error;
    pid_t child;

    (void)state;
    assert_true(fd >= 0);
    child = hold(path, 20000);
    assert_int_equal(output_place_lock(&place, fd, &error), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(flock(fd, LOCK_UN), 0);
    child = hold(path, 600000000);
    assert_int_equal(output_place_lock(&place, fd, &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_string_equal(error.message, "a.mp4 is being written by another process");
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(output_place_lock(&place, fd, &error), 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_within_the_folder_of_the_path),
        cmocka_unit_test(a_bare_name_is_in_this_folder_and_one_slash_is_the_root),
        cmocka_unit_test(a_missing_folder_is_an_error),
        cmocka_unit_test(temporary_names_are_recognized),
        cmocka_unit_test(a_folder_can_be_checked_in_advance),
        cmocka_unit_test(a_lock_is_waited_for_one_second_at_most),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
