#include "common/output/output_file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/held_lock.h"
#include "test/unit/scratch.h"
#include "test/unit/unit.h"

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void a_file_gets_its_name_when_it_is_complete(void **state)
{
    char path[512], bytes[16] = "";
    struct output_file *file;
    struct error error;
    int64_t size = 0;
    int fd;

    (void)state;
    strcpy(path, scratch_path("--a.mp4"));
    assert_int_equal(output_file_open(&file, path, &error), 0);
    assert_int_equal(write(output_file_fd(file), "hello", 5), 5);
    assert_false(exists(path));
    assert_int_equal(output_file_commit(&file, &size, &error), 0);
    assert_null(file);
    assert_int_equal(size, 5);
    fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, bytes, sizeof bytes), 5);
    close(fd);
    assert_string_equal(bytes, "hello");
}

static void an_aborted_file_leaves_nothing(void **state)
{
    struct output_file *file;
    struct error error;
    char path[512];

    (void)state;
    strcpy(path, scratch_path("b.mp4"));
    assert_int_equal(output_file_open(&file, path, &error), 0);
    assert_true(exists(scratch_path(".b.mp4.th.part")));
    output_file_abort(&file);
    assert_null(file);
    output_file_abort(&file);
    assert_false(exists(scratch_path(".b.mp4.th.part")));
    assert_false(exists(path));
}

static void a_second_writer_of_a_file_is_refused(void **state)
{
    struct output_file *first, *second;
    struct error error;
    char path[512];

    (void)state;
    strcpy(path, scratch_path("c.mp4"));
    assert_int_equal(output_file_open(&first, path, &error), 0);
    assert_int_equal(output_file_open(&second, path, &error), -1);
    assert_non_null(strstr(error.message, "another process"));
    assert_null(second);
    assert_int_equal(output_file_sweep(scratch_dir, &error), 0); /* a file with a live writer stays */
    assert_int_equal(output_file_commit(&first, NULL, &error), 0);
    assert_true(exists(path));
}

static void files_of_dead_writers_are_removed(void **state)
{
    struct output_file *file;
    struct error error;
    char path[512];
    pid_t child;
    int status;

    (void)state;
    strcpy(path, scratch_path("d.mp4"));
    child = fork();
    if (child == 0) {
        if (output_file_open(&file, path, &error) || write(output_file_fd(file), "half", 4) != 4)
            _exit(1);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_true(exists(scratch_path(".d.mp4.th.part")));
    scratch_file(".hidden", "somebody else's", 0);
    scratch_file(".x.part", "somebody else's", 0);
    assert_int_equal(output_file_sweep(scratch_dir, &error), 0);
    assert_false(exists(scratch_path(".d.mp4.th.part")));
    assert_true(exists(scratch_path(".hidden")));
    assert_true(exists(scratch_path(".x.part")));
    assert_false(exists(path));
}

static void a_new_writer_does_not_keep_old_bytes(void **state)
{
    struct output_file *file;
    struct error error;
    int64_t size;
    char path[512];

    (void)state;
    scratch_file(".e.mp4.th.part", "left by a dead one", 0);
    strcpy(path, scratch_path("e.mp4"));
    assert_int_equal(output_file_open(&file, path, &error), 0);
    assert_int_equal(write(output_file_fd(file), "new", 3), 3);
    assert_int_equal(output_file_commit(&file, &size, &error), 0);
    assert_int_equal(size, 3);
}

static void folders_are_created_and_checked(void **state)
{
    struct error error;
    char path[512];

    (void)state;
    strcpy(path, scratch_path("one/two/three/"));
    assert_int_equal(output_file_sweep(path, &error), 0);
    assert_true(exists(path));
    scratch_file("file", "x", 0);
    strcpy(path, scratch_path("file/below"));
    assert_int_equal(output_file_sweep(path, &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_non_null(strstr(error.message, "file"));
    assert_int_equal(output_file_sweep("/proc/none", &error), -1);
}

static void expect_bytes(const char *name, const char *wanted)
{
    char bytes[64] = "";
    FILE *file = fopen(scratch_path(name), "r");

    assert_non_null(file);
    assert_non_null(fgets(bytes, sizeof bytes, file));
    fclose(file);
    assert_string_equal(bytes, wanted);
}

/* Another process completes f.mp4, and lets go of its lock. */
static void complete_f(void)
{
    char from[512];

    strcpy(from, scratch_path(".f.mp4.th.part"));
    assert_int_equal(rename(from, scratch_path("f.mp4")), 0);
}

static void a_file_that_was_completed_before_the_lock_stays_as_it_is(void **state)
{
    struct output_file *file;
    struct error error;
    char path[512];

    (void)state;
    scratch_file(".f.mp4.th.part", "complete", 0);
    before_lock = complete_f;
    strcpy(path, scratch_path("f.mp4"));
    assert_int_equal(output_file_open(&file, path, &error), 0);
    assert_int_equal(write(output_file_fd(file), "half", 4), 4);
    expect_bytes("f.mp4", "complete");
    assert_int_equal(output_file_commit(&file, NULL, &error), 0);
    expect_bytes("f.mp4", "half");
}

static void remove_f(void)
{
    assert_int_equal(unlink(scratch_path(".f.mp4.th.part")), 0);
}

static void a_file_that_was_swept_before_the_lock_is_made_again(void **state)
{
    struct output_file *file;
    struct error error;
    char path[512];

    (void)state;
    before_lock = remove_f;
    strcpy(path, scratch_path("f.mp4"));
    assert_int_equal(output_file_open(&file, path, &error), 0);
    assert_int_equal(output_file_commit(&file, NULL, &error), 0);
    assert_true(exists(path));
}

/* Another process completes f.mp4 and begins to write it again. */
static void replace_f(void)
{
    complete_f();
    scratch_file(".f.mp4.th.part", "of a live writer", 0);
}

static void the_sweep_removes_only_what_it_has_locked(void **state)
{
    struct error error;

    (void)state;
    scratch_file(".f.mp4.th.part", "complete", 0);
    before_lock = replace_f;
    assert_int_equal(output_file_sweep(scratch_dir, &error), 0);
    expect_bytes("f.mp4", "complete");
    expect_bytes(".f.mp4.th.part", "of a live writer");
    assert_int_equal(unlink(scratch_path(".f.mp4.th.part")), 0);
}

/* Where locks do not work, another process may take the name away. */
static void a_file_that_lost_its_name_is_not_committed(void **state)
{
    struct output_file *file;
    struct error error;
    char path[512];

    (void)state;
    strcpy(path, scratch_path("g.mp4"));
    assert_int_equal(output_file_open(&file, path, &error), 0);
    assert_int_equal(unlink(scratch_path(".g.mp4.th.part")), 0);
    scratch_file(".g.mp4.th.part", "another's", 0);
    assert_int_equal(output_file_commit(&file, NULL, &error), -1);
    assert_null(file);
    assert_false(exists(path));
    expect_bytes(".g.mp4.th.part", "another's");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_gets_its_name_when_it_is_complete),
                                       cmocka_unit_test(an_aborted_file_leaves_nothing),
                                       cmocka_unit_test(a_second_writer_of_a_file_is_refused),
                                       cmocka_unit_test(files_of_dead_writers_are_removed),
                                       cmocka_unit_test(a_new_writer_does_not_keep_old_bytes),
                                       cmocka_unit_test(folders_are_created_and_checked),
                                       cmocka_unit_test(a_file_that_was_completed_before_the_lock_stays_as_it_is),
                                       cmocka_unit_test(a_file_that_was_swept_before_the_lock_is_made_again),
                                       cmocka_unit_test(the_sweep_removes_only_what_it_has_locked),
                                       cmocka_unit_test(a_file_that_lost_its_name_is_not_committed)};

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
