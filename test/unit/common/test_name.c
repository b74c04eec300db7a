#include "common/name.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

static void names(void **state)
{
    static const char *const good[] = {"-7TMJtnhiPM", "--Y9imYnfBw", "d_7s4huYOD4", "a",   "x.mp4",
                                       "caf\xC3\xA9", "a b",         "$(id)",       "a;b", "%s"};
    static const char *const bad[] = {"",
                                      ".",
                                      "..",
                                      ".hidden",
                                      "a/b",
                                      "../../x",
                                      "/etc/passwd",
                                      "a..b",
                                      "a\nb",
                                      "a\x7F"
                                      "b",
                                      "a\033b",
                                      "a\xFF",
                                      "a\tb",
                                      "\xC0\xAF"};
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(name_check(good[i], &error), 0);
        assert_int_equal(name_check_id(good[i], &error), 0);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(name_check_id(bad[i], &error), -1);
        assert_int_equal(error.word, ERROR_BAD_ID);
        assert_true(strlen(error.message) > 10);
    }
}

static void lengths(void **state)
{
    char name[10001];
    struct error error;

    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(name_check(name, &error), -1);
    assert_non_null(strstr(error.message, "10000 bytes"));
    name[NAME_ID_MAX] = '\0';
    assert_int_equal(name_check_id(name, &error), 0);
    name[NAME_ID_MAX] = 'x';
    name[NAME_ID_MAX + 1] = '\0';
    assert_int_equal(name_check_id(name, &error), -1);
}

static void chunk_names(void **state)
{
    static const struct {
        const char *chunk;
        size_t id_length;
        long number;
    } cases[] = {{"--Y9imYnfBw_0000", 11, 0},
                 {"d_7s4huYOD4_0075", 11, 75},
                 {"a_12345", 1, 12345},
                 {"a_0001_0002", 6, 2},
                 {"a_001", 0, 0},
                 {"a", 0, 0},
                 {"_0001", 0, 0},
                 {"a_00x1", 0, 0},
                 {"a_-001", 0, 0},
                 {"a_", 0, 0},
                 {"a_99999999999", 0, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        long number = 0;

        assert_int_equal(name_chunk_id(cases[i].chunk, &number), cases[i].id_length);
        if (cases[i].id_length)
            assert_int_equal(number, cases[i].number);
    }
}

static void paths(void **state)
{
    char *path = name_path("some dir", "--Y9", ".mp4");
    char *name = name_from_path(path, ".mp4"), *other = name_from_path("plain.webm", ".mp4");

    (void)state;
    assert_string_equal(path, "some dir/--Y9.mp4");
    assert_string_equal(name, "--Y9");
    assert_string_equal(other, "plain.webm");
    free(path);
    free(name);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(lengths),
                                       cmocka_unit_test(chunk_names), cmocka_unit_test(paths)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
