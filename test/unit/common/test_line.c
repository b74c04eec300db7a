#include "common/line.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

/* The line at *text, of that many bytes before its newline. */
static void put_line(char **text, size_t bytes)
{
    memset(*text, 'x', bytes);
    (*text)[bytes] = '\n';
    *text += bytes + 1;
}

static void lines_have_one_limit(void **state)
{
    char *bytes = malloc((size_t)3 * LINE_BYTES_MAX), *end = bytes;
    struct line line = {0};
    struct error error;
    FILE *stream;

    (void)state;
    assert_non_null(bytes);
    put_line(&end, 0);
    put_line(&end, LINE_BYTES_MAX);
    put_line(&end, LINE_BYTES_MAX + 1);
    memcpy(end, "a\0b", 3);
    end += 3;
    stream = fmemopen(bytes, (size_t)(end - bytes), "r");
    assert_int_equal(line_read(&line, stream, &error), LINE_READ);
    assert_string_equal(line.text, "\n");
    assert_int_equal(line_read(&line, stream, &error), LINE_READ);
    assert_int_equal(line.length, LINE_BYTES_MAX + 1);
    assert_int_equal(line_read(&line, stream, &error), LINE_TOO_LONG);
    assert_int_equal(line.number, 3);
    assert_non_null(strstr(error.message, "1048576"));
    assert_int_equal(line_read(&line, stream, &error), LINE_READ);
    assert_int_equal(line.length, 3);
    assert_memory_equal(line.text, "a\0b", 4);
    assert_int_equal(line_read(&line, stream, &error), LINE_END);
    fclose(stream);
    free(line.text);
    free(bytes);
}

static void a_file_that_cannot_be_read_has_no_end(void **state)
{
    FILE *folder = fopen("/", "r");
    struct line line = {0};
    struct error error;

    (void)state;
    assert_int_equal(line_read(&line, folder, &error), LINE_FAILED);
    assert_int_equal(error.word, ERROR_IO);
    fclose(folder);
    free(line.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_have_one_limit),
                                       cmocka_unit_test(a_file_that_cannot_be_read_has_no_end)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
