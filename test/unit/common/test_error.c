#include "common/error.h"

#include <errno.h>
#include <string.h>

#include "test/unit/unit.h"

static void names_lead_back_to_their_words(void **state)
{
    (void)state;
    for (int word = ERROR_NONE + 1; word < ERROR_WORD_COUNT; word++) {
        assert_int_equal(error_word_from_name(error_word_name((enum error_word)word)), word);
        assert_true(strlen(error_word_sentence((enum error_word)word)) > 10);
    }
    assert_int_equal(error_word_from_name("no_such_word"), ERROR_NONE);
    assert_int_equal(error_word_from_name(NULL), ERROR_NONE);
}

static void every_word_has_a_class(void **state)
{
    (void)state;
    assert_int_equal(error_word_class(ERROR_GONE), ERROR_CLASS_PERMANENT);
    assert_int_equal(error_word_class(ERROR_BAD_MEDIA), ERROR_CLASS_TRANSIENT);
    assert_int_equal(error_word_class(ERROR_FROZEN), ERROR_CLASS_VERDICT);
}

static void messages_are_one_clean_line(void **state)
{
    struct error error;
    char lengthy[2000];

    (void)state;
    assert_int_equal(error_set(&error, ERROR_GONE, "%s is %d", "it", 5), -1);
    assert_int_equal(error.word, ERROR_GONE);
    assert_string_equal(error.message, "it is 5");
    error_set(&error, ERROR_IO, "one\ntwo");
    assert_string_equal(error.message, "one?two");
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    error_set(&error, ERROR_IO, "%s", lengthy);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_int_equal(error_set(NULL, ERROR_IO, "nobody listens"), -1);
}

static void errno_becomes_a_word(void **state)
{
    struct error error;

    (void)state;
    error_set_errno(&error, ENOSPC, "cannot write %s", "x");
    assert_int_equal(error.word, ERROR_DISK_FULL);
    assert_string_equal(error.message, "cannot write x: No space left on device");
    error_set_errno(&error, EDQUOT, "x");
    assert_int_equal(error.word, ERROR_DISK_FULL);
    error_set_errno(&error, EACCES, "x");
    assert_int_equal(error.word, ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_back_to_their_words), cmocka_unit_test(every_word_has_a_class),
        cmocka_unit_test(messages_are_one_clean_line), cmocka_unit_test(errno_becomes_a_word)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
