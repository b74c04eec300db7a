#include "common/stage/processors.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

/* Makes the file DIR/FOLDER/NAME with that text. */
static void put(const char *folder, const char *name, const char *text)
{
    char path[300];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *at = path; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        (void)mkdir(scratch_path(path), 0777);
        *at = '/';
    }
    scratch_file(path, text, 0);
}

static int quota(const char *cgroups, const char *root)
{
    char copy[512];

    snprintf(copy, sizeof copy, "%s", scratch_path(root));
    return processors_quota(cgroups, copy);
}

static void version_2_rounds_up(void **state)
{
    (void)state;
    put("two/job", "cpu.max", "250000 100000\n");
    assert_int_equal(quota("0::/job\n", "two"), 3);
    put("whole/job", "cpu.max", "200000 100000\n");
    assert_int_equal(quota("0::/job\n", "whole"), 2);
    put("part/job", "cpu.max", "1000 100000\n");
    assert_int_equal(quota("0::/job\n", "part"), 1);
}

static void max_is_no_quota(void **state)
{
    (void)state;
    put("free/job", "cpu.max", "max 100000\n");
    assert_int_equal(quota("0::/job\n", "free"), 0);
    assert_int_equal(quota("0::/elsewhere\n", "free"), 0);
}

static void the_smallest_quota_of_the_path_wins(void **state)
{
    (void)state;
    put("deep/slurm/job_1/step_0", "cpu.max", "max 100000\n");
    put("deep/slurm/job_1", "cpu.max", "400000 100000\n");
    put("deep/slurm", "cpu.max", "1600000 100000\n");
    assert_int_equal(quota("0::/slurm/job_1/step_0\n", "deep"), 4);
    put("deep/slurm", "cpu.max", "200000 100000\n");
    assert_int_equal(quota("0::/slurm/job_1/step_0\n", "deep"), 2);
}

static void version_1_has_two_files(void **state)
{
    static const char groups[] = "5:memory:/job\n4:cpu,cpuacct:/job\n3:cpuset:/\n";

    (void)state;
    put("one/cpu/job", "cpu.cfs_quota_us", "300000\n");
    put("one/cpu/job", "cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(groups, "one"), 3);
    put("one/cpu/job", "cpu.cfs_quota_us", "-1\n");
    assert_int_equal(quota(groups, "one"), 0);
}

static void text_of_another_form_is_no_quota(void **state)
{
    static const char *const texts[] = {"", "\n", ":", "0:", "0::", "nonsense\n", "0::/no/such/group"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(quota(texts[i], "two"), 0);
    put("odd/job", "cpu.max", "many\n");
    assert_int_equal(quota("0::/job", "odd"), 0);
}

static void there_is_at_least_one_processor(void **state)
{
    (void)state;
    assert_in_range(processors_count(), 1, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_2_rounds_up),
        cmocka_unit_test(max_is_no_quota),
        cmocka_unit_test(the_smallest_quota_of_the_path_wins),
        cmocka_unit_test(version_1_has_two_files),
        cmocka_unit_test(text_of_another_form_is_no_quota),
        cmocka_unit_test(there_is_at_least_one_processor),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
