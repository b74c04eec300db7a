#include "th-fetch/policy/version.h"

#include "test/unit/unit.h"

static void ages(void **state)
{
    static const struct {
        const char *version;
        int days; /* on 2026-11-27, at noon */
    } cases[] = {
        {"2026.11.27", 0},  {"2026.11.26", 1},    {"2026.08.29", 90},
        {"2026.08.28", 91}, {"2023.03.04", 1364}, {"2024.02.29", 1002},
        {"2026.12.01", 0},  {"2021.12.01", 1822}, {"2026.11.20.232815", 7}, /* a nightly one */
        {"2026.11", -1},    {"2026.1.2", -1},     {"1.2.3", -1},
        {"2026-11-27", -1}, {"2026.13.01", -1},   {"", -1},
        {"{}", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (version_age(cases[i].version, 1795780800) != cases[i].days)
            fail_msg("'%s' is %d days old", cases[i].version, version_age(cases[i].version, 1795780800));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ages)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
