#include "th-fetch/source/license.h"

#include "test/unit/unit.h"

static void free_and_not_free(void **state)
{
    static const struct {
        const char *text;
        bool is_cc;
        const char *version;
    } cases[] = {
        {"Creative Commons Attribution license (reuse allowed)", true, "3.0"}, /* YouTube's words */
        {"Creative Commons Attribution license", true, ""},
        {"creative commons attribution 3.0", true, "3.0"},
        {"CC BY 4.0", true, "4.0"},
        {"CC-BY-SA-3.0", true, "3.0"},
        {"https://creativecommons.org/licenses/by/4.0/", true, "4.0"},
        {"CC0", true, ""},
        {"Standard YouTube License", false, ""},
        {"All rights reserved", false, ""},
        {"", false, ""},
        {"occ bypass", false, ""},
        {"CC BYTES", false, ""},
        {"1.2.3 or 12.5 or 3.04", false, ""},
    };
    char version[LICENSE_VERSION_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(license_is_cc(cases[i].text), cases[i].is_cc);
        license_version(cases[i].text, version);
        assert_string_equal(version, cases[i].version);
    }
    assert_false(license_is_cc(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(free_and_not_free)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
