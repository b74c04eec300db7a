#include "th-fetch/selection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

static void shards_are_read_strictly(void **state)
{
    static const char *const wrong[] = {"",     "1",    "0/4", "5/4",       "1/0",   "-1/4", "1/4/2",
                                        " 1/4", "1/4 ", "a/b", "1/1000001", "SLURM", "/",    "00000000000000000001/4"};
    struct shard shard;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(selection_read_shard(wrong[i], &shard, &error), -1);
    assert_int_equal(selection_read_shard("3/4", &shard, &error), 0);
    assert_int_equal(shard.index, 2);
    assert_int_equal(shard.count, 4);
}

/* Each task of an array has its own shard, wherever the array's numbers begin and however they step. */
static void slurm_tasks_share_out(void **state)
{
    static const struct {
        int first, step, count;
    } arrays[] = {{0, 1, 4}, {1, 1, 4}, {7, 1, 3}, {10, 10, 5}, {3, 2, 6}};
    struct shard shard;
    struct error error;

    (void)state;
    unsetenv("SLURM_ARRAY_TASK_ID");
    assert_int_equal(selection_read_shard("slurm", &shard, &error), -1);
    for (size_t i = 0; i < COUNT_OF(arrays); i++) {
        unsigned int taken = 0;
        char text[16];

        for (int task = 0; task < arrays[i].count; task++) {
            snprintf(text, sizeof text, "%d", arrays[i].first + task * arrays[i].step);
            setenv("SLURM_ARRAY_TASK_ID", text, 1);
            snprintf(text, sizeof text, "%d", arrays[i].count);
            setenv("SLURM_ARRAY_TASK_COUNT", text, 1);
            snprintf(text, sizeof text, "%d", arrays[i].step);
            setenv("SLURM_ARRAY_TASK_STEP", text, 1);
            snprintf(text, sizeof text, "%d", arrays[i].first);
            setenv("SLURM_ARRAY_TASK_MIN", text, 1);
            snprintf(text, sizeof text, "%d", arrays[i].first + (arrays[i].count - 1) * arrays[i].step);
            setenv("SLURM_ARRAY_TASK_MAX", text, 1);
            assert_int_equal(selection_read_shard("slurm", &shard, &error), 0);
            assert_int_equal(shard.count, arrays[i].count);
            taken |= 1U << shard.index;
        }
        assert_int_equal(taken, (1U << arrays[i].count) - 1);
    }
}

/* Tasks 3 and 7 cannot tell which of them is the first. */
static void uneven_slurm_arrays_are_refused(void **state)
{
    static const char *const arrays[][5] = {
        {"7", "2", "1", "3", "7"}, {"3", "3", "3", "0", "9"}, {"4", "2", "4", "3", "7"}};
    static const char *const names[] = {"ID", "COUNT", "STEP", "MIN", "MAX"};
    struct shard shard;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(arrays); i++) {
        for (size_t k = 0; k < COUNT_OF(names); k++) {
            char name[64];

            snprintf(name, sizeof name, "SLURM_ARRAY_TASK_%s", names[k]);
            setenv(name, arrays[i][k], 1);
        }
        assert_int_equal(selection_read_shard("slurm", &shard, &error), -1);
        assert_non_null(strstr(error.message, "I/N"));
    }
}

/* Each id is in one shard; the shards are about equal, also for ids that differ in their last letter only. */
static void shards_are_equal_shares(void **state)
{
    enum { IDS = 3000, SHARDS = 8 };
    int held[SHARDS] = {0};
    char id[16];

    (void)state;
    for (int i = 0; i < IDS; i++) {
        int holders = 0;

        snprintf(id, sizeof id, "-video%04d", i);
        for (int64_t index = 0; index < SHARDS; index++)
            if (selection_shard_holds(&(struct shard){index, SHARDS}, id)) {
                held[index]++;
                holders++;
            }
        assert_int_equal(holders, 1);
    }
    for (int i = 0; i < SHARDS; i++)
        assert_in_range(held[i], IDS / SHARDS * 8 / 10, IDS / SHARDS * 12 / 10);
    /* Must be the same on all machines and in all releases. */
    assert_true(selection_shard_holds(&(struct shard){5, 8}, "--Y9imYnfBw"));
}

static void count_bad_row(void *context, const char *file, long line, const struct error *error)
{
    (void)file;
    (void)line;
    (void)error;
    ++*(int *)context;
}

static void tubes_choose(void **state)
{
    static const char list[] = "\xEF\xBB\xBF# a list\r\n"
                               "big_0000, 720, 1280, 0, 89, 0, 0, 600, 512\r\n"
                               "big_0001, 720, 1280, 0, 9, 0, 0, 64, 64\n"
                               "flat_0000, 720, 1280, 0, 89, 0, 0, 1000, 100\n"
                               "\n"
                               "two_0000, 720, 1280, 0, 9, 0, 0, 600, 600\n"
                               "two_0000, 720, 1280, 0, 99, 0, 0, 60, 60\n"
                               "nonsense\n"
                               "empty_0000, 720, 1280, 0, 89, 50, 0, 50, 512";
    static const struct {
        int64_t min_size, min_frames;
        const char *id;
        int result;
    } cases[] = {{0, 0, "big", 0},      {0, 0, "flat", 0},     {0, 0, "none", -1},   {0, 0, "empty", -1},
                 {512, 0, "big", 0},    {513, 0, "big", -1},   {512, 0, "flat", -1}, {100, 0, "flat", 0},
                 {0, 90, "big", 0},     {0, 91, "big", -1},    {512, 10, "two", 0},  {60, 100, "two", 0},
                 {512, 100, "two", -1}, {0, 0, "big_0000", -1}};
    const char *path = scratch_file("tubes", list, 0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fetch_settings settings = {
            .tubes = path, .min_size = cases[i].min_size, .min_frames = cases[i].min_frames};
        struct selection *selection;
        struct error error = {0};
        int bad_rows = 0;

        assert_int_equal(selection_alloc(&selection, &settings, count_bad_row, &bad_rows, &error), 0);
        assert_int_equal(bad_rows, 1);
        assert_int_equal(selection_check(selection, cases[i].id, &error), cases[i].result);
        assert_int_equal(error.word, cases[i].result ? ERROR_NOT_SELECTED : ERROR_NONE);
        selection_free(&selection);
    }
}

static void the_list_says_heights(void **state)
{
    static const char list[] = "a_0000, 360, 640, 0, 9, 0, 0, 9, 9\n"
                               "a_0001, 720, 1280, 0, 9, 0, 0, 9, 9\n"
                               "nonsense\n"
                               "a_0002, 480, 640, 0, 9, 0, 0, 9, 9\n"
                               "-b_0000, 1080, 1920, 0, 9, 0, 0, 9, 9\n";
    const char *path = scratch_file("heights", list, 0);
    const struct fetch_settings with_heights = {.heights = path}, with_tubes = {.tubes = path};
    const struct fetch_settings *const settings[] = {&with_heights, &with_tubes};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        struct selection *selection;
        struct error error;
        int bad_rows = 0;

        assert_int_equal(selection_alloc(&selection, settings[i], count_bad_row, &bad_rows, &error), 0);
        assert_int_equal(bad_rows, settings[i] == &with_tubes);
        assert_int_equal(selection_height(selection, "a"), 720);
        assert_int_equal(selection_height(selection, "-b"), 1080);
        assert_int_equal(selection_height(selection, "c"), 0);
        assert_int_equal(selection_check(selection, "c", &error), settings[i] == &with_tubes ? -1 : 0);
        selection_free(&selection);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_are_read_strictly),
        cmocka_unit_test(slurm_tasks_share_out),
        cmocka_unit_test(uneven_slurm_arrays_are_refused),
        cmocka_unit_test(shards_are_equal_shares),
        cmocka_unit_test(tubes_choose),
        cmocka_unit_test(the_list_says_heights),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
