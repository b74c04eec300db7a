#include "th-fetch/sidecar/csv.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

static void rows(void **state)
{
    static const struct {
        const char *field, *row;
    } cases[] = {
        {"plain", "\"plain\"\n"},
        {"", "\"\"\n"},
        {NULL, "\"\"\n"},
        {"a, b", "\"a, b\"\n"},
        {"say \"hi\"", "\"say \"\"hi\"\"\"\n"},
        {"two\r\nlines\ttab", "\"two??lines?tab\"\n"},
        {"=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"\n"},
        {"+1", "\"'+1\"\n"},
        {"--Y9imYnfBw", "\"'--Y9imYnfBw\"\n"},
        {"@SUM(1)", "\"'@SUM(1)\"\n"},
        {"  =1", "\"'  =1\"\n"},
        {"'=1", "\"''=1\"\n"},
        {"'tis", "\"'tis\"\n"},
        {"\t=1", "\"?=1\"\n"},
        {"x;=cmd|' /C calc'!A0", "\"x;'=cmd|' /C calc'!A0\"\n"},
        {"\uff1d1", "\"'\uff1d1\"\n"},
        {"\u200b=1", "\"'\u200b=1\"\n"},
        {"\u200bplain", "\"\u200bplain\"\n"},
        {"a-b=c", "\"a-b=c\"\n"},
        {"caf\xC3\xA9 \xFF!", "\"caf\xC3\xA9 ?!\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *row = csv_row(&cases[i].field, 1);
        assert_string_equal(row, cases[i].row);
        free(row);
    }
    const char *const fields[] = {"-a", NULL, "b,c"};
    char *row = csv_row(fields, COUNT_OF(fields));
    assert_string_equal(row, "\"'-a\",\"\",\"b,c\"\n");
    free(row);
}

/* What was written is read again, whatever was added to it. */
static void first_fields(void **state)
{
    static const char *const fields[] = {"plain", "-x",      "--Y9imYnfBw", "'-x",  "''=x", "'tis", "a\"b", "a;=b",
                                         "a;'=b", "\uff0bx", "\u3000=x",    "a;;-", "a,b",  "\"",   "'",    ""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        char *row = csv_row((const char *const[]){fields[i], "other"}, 2);
        char *field = csv_first_field(row);
        assert_string_equal(field, fields[i]);
        free(field);
        free(row);
    }
    assert_null(csv_first_field("plain,x\n"));
    assert_null(csv_first_field("\"open\n"));
    assert_null(csv_first_field(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(first_fields)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
