#include "th-fetch/source/cookies.h"

#include <string.h>

#include "test/unit/unit.h"

static void cookies_and_other_lines(void **state)
{
    static const struct {
        const char *line;
        bool is_cookie;
    } cases[] = {
        {".youtube.com\tTRUE\t/\tTRUE\t0\tname\tvalue\n", true},
        {"a\tb\tc\td\te\tf\tg", true},
        {"a\tb\tc\td\te\tf\t\r\n", true}, /* an empty value */
        {"#HttpOnly_.youtube.com\tTRUE\t/\tTRUE\t0\tname\tvalue", true},
        {"# a\tb\tc\td\te\tf\tg", false},
        {"#a\tb\tc\td\te\tf\tg", false},
        {"a\tb\tc\td\te\tf", false},
        {"a\tb\tc\td\te\tf\tg\th", false},
        {".youtube.com TRUE / TRUE 0 name value", false},
        {"{\"domain\": \".youtube.com\"}", false},
        {"", false},
        {"\n", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (cookies_is_cookie(cases[i].line, strlen(cases[i].line)) != cases[i].is_cookie)
            fail_msg("'%s'", cases[i].line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cookies_and_other_lines)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
