/* Folders that have their final name only when they are complete. */
#include "common/output/output_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/unit/held_lock.h"
#include "test/unit/scratch.h"
#include "test/unit/unit.h"

static bool exists(const char *path)
{
    struct stat status;

    return !stat(path, &status);
}

/* Fills the folder "clip" with one file of that name, up to the commit. */
static struct output_file *begin(const char *name)
{
    struct output_file *folder;
    struct error error;

    assert_int_equal(output_file_open_folder(&folder, "clip", &error), 0);
    assert_int_equal(output_file_add(folder, name, "12345", 5, &error), 0);
    return folder;
}

static void commit(struct output_file *folder)
{
    struct error error;
    int64_t bytes;

    assert_int_equal(output_file_commit(&folder, &bytes, &error), 0);
    assert_null(folder);
    assert_int_equal(bytes, 5);
}

static void test_the_name_comes_with_the_commit(void **state)
{
    struct output_file *folder = begin("000000.png");

    (void)state;
    assert_false(exists("clip"));
    assert_true(exists(".clip.th.part/000000.png"));
    commit(folder);
    assert_true(exists("clip/000000.png"));
    assert_false(exists(".clip.th.part"));
}

static void test_a_folder_that_is_there_is_replaced_as_a_whole(void **state)
{
    struct output_file *folder;

    (void)state;
    commit(begin("old.png"));
    folder = begin("new.png");
    assert_true(exists("clip/old.png"));
    commit(folder);
    assert_true(exists("clip/new.png"));
    assert_false(exists("clip/old.png"));
    assert_false(exists(".clip.th.part"));
}

static void test_an_aborted_folder_leaves_nothing(void **state)
{
    struct output_file *folder = begin("a.png");

    (void)state;
    output_file_abort(&folder);
    assert_null(folder);
    output_file_abort(&folder);
    assert_false(exists(".clip.th.part"));
}

static void test_a_second_writer_is_refused(void **state)
{
    struct output_file *first = begin("a.png"), *second;
    struct error error;

    (void)state;
    assert_int_equal(output_file_open_folder(&second, "clip", &error), -1);
    assert_null(second);
    assert_non_null(strstr(error.message, "another process"));
    commit(first);
}

static void test_the_sweep_removes_abandoned_folders_only(void **state)
{
    struct output_file *folder = begin("a.png");
    struct error error;

    (void)state;
    assert_int_equal(mkdir(".dead.th.part", 0777), 0);
    fclose(fopen(".dead.th.part/000000.png", "w"));
    assert_int_equal(output_file_sweep(".", &error), 0);
    assert_false(exists(".dead.th.part"));
    assert_true(exists(".clip.th.part/a.png"));
    commit(folder);
}

static void make_left_over(void)
{
    assert_int_equal(mkdir(".clip.th.part", 0777), 0);
    fclose(fopen(".clip.th.part/old.png", "w"));
}

/* Another process completes the folder, and lets go of its lock. */
static void complete(void)
{
    assert_int_equal(rename(".clip.th.part", "clip"), 0);
}

static void test_a_folder_that_was_completed_before_the_lock_stays_as_it_is(void **state)
{
    struct output_file *folder;

    (void)state;
    make_left_over();
    before_lock = complete;
    folder = begin("new.png");
    assert_true(exists("clip/old.png"));
    assert_false(exists("clip/new.png"));
    commit(folder);
    assert_true(exists("clip/new.png"));
}

static void test_the_sweep_spares_a_folder_that_was_completed_before_the_lock(void **state)
{
    struct error error;

    (void)state;
    make_left_over();
    before_lock = complete;
    assert_int_equal(output_file_sweep(".", &error), 0);
    assert_true(exists("clip/old.png"));
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
        cmocka_unit_test_setup(test_the_name_comes_with_the_commit, enter),
        cmocka_unit_test_setup(test_a_folder_that_is_there_is_replaced_as_a_whole, enter),
        cmocka_unit_test_setup(test_an_aborted_folder_leaves_nothing, enter),
        cmocka_unit_test_setup(test_a_second_writer_is_refused, enter),
        cmocka_unit_test_setup(test_the_sweep_removes_abandoned_folders_only, enter),
        cmocka_unit_test_setup(test_a_folder_that_was_completed_before_the_lock_stays_as_it_is, enter),
        cmocka_unit_test_setup(test_the_sweep_spares_a_folder_that_was_completed_before_the_lock, enter),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
