/* The folder in which a child works. */
#include "common/output/work_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/output/output_file.h"
#include "test/unit/held_lock.h"
#include "test/unit/scratch.h"
#include "test/unit/unit.h"

static bool cannot_exchange;

/* Replaces the C library's. */
int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    if (cannot_exchange) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

static bool exists(const char *path)
{
    struct stat status;

    return !stat(path, &status);
}

/* The number of folders of work and their locks. */
static size_t count_folders(void)
{
    glob_t found;
    size_t count = glob(".th.part-*", 0, NULL, &found) ? 0 : found.gl_pathc;

    globfree(&found);
    return count;
}

static struct work_folder *begin(void)
{
    struct work_folder *folder;
    struct error error;

    assert_int_equal(work_folder_open(&folder, ".", &error), 0);
    assert_true(exists(work_folder_path(folder)));
    return folder;
}

/* Writes the file name, "sub/name" too, into the folder. */
static void fill(const struct work_folder *folder, const char *name)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", work_folder_path(folder), name);
    if (strchr(name, '/')) {
        *strrchr(path, '/') = '\0';
        (void)mkdir(path, 0777);
        path[strlen(path)] = '/';
    }
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(name, file);
    fclose(file);
}

static void expect_taken(const struct work_folder *folder, const char *path)
{
    struct error error;

    assert_int_equal(work_folder_take(folder, path, &error), 0);
}

static void what_is_taken_gets_its_name_and_the_rest_is_removed(void **state)
{
    struct work_folder *folder = begin();

    (void)state;
    fill(folder, "a.mp4");
    fill(folder, "half.mp4");
    fill(folder, "clip/000000.png");
    assert_false(exists("a.mp4"));
    expect_taken(folder, "a.mp4");
    assert_true(exists("a.mp4"));
    work_folder_close(&folder);
    assert_null(folder);
    work_folder_close(&folder);
    assert_false(exists("half.mp4"));
    assert_int_equal(count_folders(), 0);
}

static void what_is_taken_replaces_what_was_there(void **state)
{
    struct work_folder *folder = begin();

    (void)state;
    for (int i = 0; i < 2; i++) {
        fill(folder, "a.mp4");
        expect_taken(folder, "./a.mp4");
        fill(folder, i ? "clip/new.png" : "clip/old.png");
        expect_taken(folder, "clip");
    }
    assert_true(exists("clip/new.png"));
    assert_false(exists("clip/old.png"));
    work_folder_close(&folder);
}

static void a_file_does_not_replace_a_folder_nor_is_taken_twice(void **state)
{
    struct work_folder *folder = begin();
    struct error error;

    (void)state;
    assert_int_equal(mkdir("a.mp4", 0777), 0);
    fill(folder, "a.mp4");
    assert_int_equal(work_folder_take(folder, "a.mp4", &error), -1);
    assert_string_equal(error.message, "cannot give a.mp4 its name: Is a directory");
    assert_int_equal(rmdir("a.mp4"), 0);
    expect_taken(folder, "a.mp4");
    assert_int_equal(work_folder_take(folder, "a.mp4", &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_true(exists("a.mp4"));
    work_folder_close(&folder);
}

static void two_folders_do_not_meet(void **state)
{
    struct work_folder *one = begin(), *other = begin();

    (void)state;
    fill(one, "a.mp4");
    fill(other, "a.mp4");
    expect_taken(one, "a.mp4");
    expect_taken(other, "a.mp4");
    work_folder_close(&one);
    assert_true(exists(work_folder_path(other)));
    work_folder_close(&other);
}

static void the_sweep_removes_those_of_dead_processes_only(void **state)
{
    struct work_folder *folder = begin();
    struct error error;
    pid_t child;
    int status;

    (void)state;
    fill(folder, "a.mp4");
    child = fork();
    if (child == 0) {
        struct work_folder *own = begin();

        fill(own, "clip/000000.png");
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(count_folders(), 4);
    assert_int_equal(output_file_sweep(".", &error), 0);
    assert_int_equal(count_folders(), 2);
    expect_taken(folder, "a.mp4");
    work_folder_close(&folder);
}

/* The sweep of another process comes before the lock. */
static void sweep(void)
{
    struct error error;

    assert_int_equal(output_file_sweep(".", &error), 0);
}

static void a_sweep_before_the_lock_costs_a_second_try(void **state)
{
    struct work_folder *folder;

    (void)state;
    before_lock = sweep;
    folder = begin();
    fill(folder, "a.mp4");
    expect_taken(folder, "a.mp4");
    work_folder_close(&folder);
}

static void make_left_over(void)
{
    assert_int_equal(close(open(".th.part-000000.lock", O_CREAT | O_WRONLY, 0666)), 0);
    assert_int_equal(mkdir(".th.part-000000", 0777), 0);
    assert_int_equal(close(open(".th.part-000000/a.png", O_CREAT | O_WRONLY, 0666)), 0);
}

/* Another sweep removes all, and another process gets the name. */
static void begin_again(void)
{
    assert_int_equal(unlink(".th.part-000000/a.png") | rmdir(".th.part-000000") | unlink(".th.part-000000.lock"), 0);
    make_left_over();
}

static void the_sweep_spares_a_folder_that_was_made_before_the_lock(void **state)
{
    (void)state;
    make_left_over();
    before_lock = begin_again;
    sweep();
    assert_true(exists(".th.part-000000/a.png"));
    sweep();
    assert_int_equal(count_folders(), 0);
}

static void what_is_left_of_a_removal_is_swept(void **state)
{
    (void)state;
    make_left_over();
    assert_int_equal(unlink(".th.part-000000.lock"), 0);
    sweep();
    assert_int_equal(count_folders(), 0);
    make_left_over();
    assert_int_equal(unlink(".th.part-000000/a.png") | rmdir(".th.part-000000"), 0);
    sweep();
    assert_int_equal(count_folders(), 0);
}

static void without_locks_a_day_must_pass(void **state)
{
    const struct timespec old[] = {{.tv_sec = time(NULL) - 25 * 60 * 60}, {.tv_sec = time(NULL) - 25 * 60 * 60}};
    struct work_folder *folder;

    (void)state;
    lock_fault = ENOLCK;
    folder = begin();
    sweep();
    assert_true(exists(work_folder_path(folder)));
    make_left_over();
    assert_int_equal(utimensat(AT_FDCWD, ".th.part-000000.lock", old, 0), 0);
    sweep();
    assert_false(exists(".th.part-000000"));
    assert_int_equal(count_folders(), 2);
    work_folder_close(&folder);
    lock_fault = 0;
    assert_int_equal(count_folders(), 0);
}

static void too_deep_folders_stay(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(mkdir("deep", 0777), 0);
        assert_int_equal(chdir("deep"), 0);
    }
    for (int i = 0; i < 20; i++)
        assert_int_equal(chdir(".."), 0);
    work_folder_remove(AT_FDCWD, "deep");
    assert_true(exists("deep"));
}

static void where_folders_cannot_be_exchanged_one_is_moved_away(void **state)
{
    struct work_folder *folder = begin();

    (void)state;
    cannot_exchange = true;
    for (int i = 0; i < 3; i++) {
        fill(folder, i == 2 ? "clip/new.png" : "clip/old.png");
        expect_taken(folder, "clip");
    }
    cannot_exchange = false;
    assert_true(exists("clip/new.png"));
    assert_false(exists("clip/old.png"));
    work_folder_close(&folder);
    assert_int_equal(count_folders(), 0);
}

static void a_folder_that_cannot_be_made_is_an_error(void **state)
{
    struct work_folder *folder;
    struct error error;

    (void)state;
    assert_int_equal(work_folder_open(&folder, "missing", &error), -1);
    assert_null(folder);
    assert_string_equal(error.message, "cannot make a file in missing: No such file or directory");
}

/* Each test works in a folder of its own. */
static int enter(void **state)
{
    static int number;
    char path[512];

    (void)state;
    snprintf(path, sizeof path, "%s/%d", scratch_dir, number++);
    return mkdir(path, 0777) || chdir(path) ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_taken_gets_its_name_and_the_rest_is_removed, enter),
        cmocka_unit_test_setup(what_is_taken_replaces_what_was_there, enter),
        cmocka_unit_test_setup(a_file_does_not_replace_a_folder_nor_is_taken_twice, enter),
        cmocka_unit_test_setup(two_folders_do_not_meet, enter),
        cmocka_unit_test_setup(the_sweep_removes_those_of_dead_processes_only, enter),
        cmocka_unit_test_setup(a_sweep_before_the_lock_costs_a_second_try, enter),
        cmocka_unit_test_setup(the_sweep_spares_a_folder_that_was_made_before_the_lock, enter),
        cmocka_unit_test_setup(what_is_left_of_a_removal_is_swept, enter),
        cmocka_unit_test_setup(without_locks_a_day_must_pass, enter),
        cmocka_unit_test_setup(too_deep_folders_stay, enter),
        cmocka_unit_test_setup(where_folders_cannot_be_exchanged_one_is_moved_away, enter),
        cmocka_unit_test_setup(a_folder_that_cannot_be_made_is_an_error, enter),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
