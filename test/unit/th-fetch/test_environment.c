#include "th-fetch/source/environment.h"

#include <string.h>
#include <unistd.h>

#include "test/unit/unit.h"

static void only_what_is_needed_stays(void **state)
{
    static char texts[][20] = {"PATH=/bin", "AWS_SECRET=1",  "ODD",    "LC_ALL=C", "https_proxy=x", "proxy_secret=1",
                               "=",         "PYTHONPATH=/p", "XPATH=1"};
    char *variables[COUNT_OF(texts) + 1] = {NULL};
    const char *const kept[] = {"PATH=/bin", "LC_ALL=C", "https_proxy=x", "PYTHONPATH=/p"};
    char **before = environ;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        variables[i] = texts[i];
    environ = variables;
    environment_limit();
    environ = before;
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        assert_string_equal(variables[i], kept[i]);
    assert_null(variables[COUNT_OF(kept)]);
}

static void an_empty_environment_stays_empty(void **state)
{
    char **before = environ;

    (void)state;
    environ = NULL;
    environment_limit();
    assert_null(environ);
    environ = before;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_what_is_needed_stays),
                                       cmocka_unit_test(an_empty_environment_stays_empty)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
