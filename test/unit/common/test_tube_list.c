#include "common/tube_list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/line.h"
#include "test/unit/scratch.h"
#include "test/unit/unit.h"

/* The bad rows that were reported. */
struct told {
    int count;
    long line;
    enum error_word word;
};

static void remember(void *context, const char *file, long line, const struct error *error)
{
    struct told *told = context;

    assert_non_null(strstr(file, "tubes"));
    told->count++;
    told->line = line;
    told->word = error->word;
}

static struct tube_list *load(const char *text, size_t size, struct told *told)
{
    struct tube_list *list;
    struct error error;

    assert_int_equal(tube_list_load(&list, scratch_file("tubes", text, size), remember, told, &error), 0);
    return list;
}

static void rows_behind_an_endless_line_are_read(void **state)
{
    enum { SIZE = 3 * LINE_BYTES_MAX };
    static char text[SIZE];
    static const char row[] = "\na_0002, 2, 2, 2, 6, 0, 0, 1, 1\n";
    struct told told = {0};
    struct tube_list *list;

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text + SIZE - sizeof row, row, sizeof row);
    list = load(text, sizeof text - 1, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.line, 1);
    assert_int_equal(told.word, ERROR_IO);
    assert_int_equal(list->row_count, 1);
    assert_int_equal(list->rows[0].line, 2);
    tube_list_free(&list);
}

static void rows_are_grouped_by_chunk_in_the_order_of_the_list(void **state)
{
    static const char text[] = "b_0001, 2, 2, 5, 6, 0, 0, 1, 1\n"
                               "# a comment\n"
                               "a_0010, 2, 2, 1, 6, 0, 0, 1, 1\r\n"
                               "\n"
                               "a_0002, 2, 2, 2, 6, 0, 0, 1, 1\n"
                               "b_0001, 2, 2, 3, 6, 0, 0, 1, 1\n"
                               "a_0010, 2, 2, 0, 6, 0, 0, 1, 1"; /* no newline */
    struct told told = {0};
    struct tube_list *list = load(text, 0, &told);
    const struct tube_chunk *chunk;
    size_t first;

    (void)state;
    assert_int_equal(told.count, 0);
    assert_int_equal(list->row_count, 5);
    assert_int_equal(list->chunk_count, 3);
    assert_string_equal(list->chunks[0].name, "a_0002");
    assert_string_equal(list->chunks[1].name, "a_0010");
    chunk = tube_list_chunk(list, "a_0010");
    assert_int_equal(chunk->count, 2);
    assert_int_equal(list->rows[chunk->first].tube.start, 1);
    assert_int_equal(list->rows[chunk->first].line, 3);
    assert_int_equal(list->rows[chunk->first + 1].tube.start, 0);
    assert_int_equal(list->rows[chunk->first + 1].chunk, 1);
    assert_int_equal(tube_list_video(list, "a", &first), 2);
    assert_int_equal(first, 0);
    assert_int_equal(tube_list_video(list, "b", &first), 1);
    assert_int_equal(first, 2);
    assert_int_equal(tube_list_video(list, "c", &first), 0);
    assert_null(tube_list_chunk(list, "a_0003"));
    assert_null(tube_list_chunk(list, "nonsense"));
    tube_list_free(&list);
    assert_null(list);
}

static void ids_with_a_common_prefix_are_distinguished(void **state)
{
    static const char text[] = "x_0001_0000, 2, 2, 0, 1, 0, 0, 1, 1\nx_0001, 2, 2, 0, 1, 0, 0, 1, 1\n"
                               "x-_0000, 2, 2, 0, 1, 0, 0, 1, 1\nxy_0000, 2, 2, 0, 1, 0, 0, 1, 1\n";
    static const char *const ids[] = {"x", "x_0001", "x-", "xy"};
    struct told told = {0};
    struct tube_list *list = load(text, 0, &told);
    size_t first;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        assert_int_equal(tube_list_video(list, ids[i], &first), 1);
    assert_non_null(tube_list_chunk(list, "x_0001"));
    assert_non_null(tube_list_chunk(list, "x_0001_0000"));
    tube_list_free(&list);
}

static void bad_rows_lose_nothing(void **state)
{
    static const char text[] = "\xEF\xBB\xBF"
                               "a_0000, 2, 2, 0, 1, 0, 0, 1, 1\n"
                               "a_0000, 2, 2, 0, 1, 0, 0, 1\n"
                               "a_0000, 2, 2, 9, 1, 0, 0, 1, 1\n" /* S > E: well-formed; th-crop reports it later */
                               "a_00\0 0, 2, 2, 0, 1, 0, 0, 1, 1\n"
                               "a_0000, 2, 2, 3, 4, 0, 0, 1, 1\n";
    struct told told = {0};
    struct tube_list *list = load(text, sizeof text - 1, &told);

    (void)state;
    assert_int_equal(told.count, 2);
    assert_int_equal(told.line, 4);
    assert_int_equal(told.word, ERROR_BAD_TUBE);
    assert_int_equal(list->bad_rows, 2);
    assert_int_equal(list->row_count, 3);
    tube_list_free(&list);
}

static void an_empty_list_and_a_missing_one(void **state)
{
    struct told told = {0};
    struct tube_list *list = load("\n", 0, &told);
    struct error error;
    size_t first;

    (void)state;
    assert_int_equal(list->row_count, 0);
    assert_int_equal(tube_list_video(list, "a", &first), 0);
    assert_null(tube_list_chunk(list, "a_0000"));
    tube_list_free(&list);
    assert_int_equal(tube_list_load(&list, scratch_path("none"), remember, &told, &error), -1);
    assert_null(list);
    assert_int_equal(error.word, ERROR_IO);
    assert_non_null(strstr(error.message, "none"));
}

/* 500,000 rows in scattered order: every row is found. Time and memory are printed and not checked, because the machine
 * may be busy and sanitizers need more of both. */
static void half_a_million_rows(void **state)
{
    enum { ROWS = 500000, VIDEOS = 2872, CHUNKS = 20 };
    const char *path = scratch_path("tubes-large");
    FILE *file = fopen(path, "w");
    struct told told = {0};
    struct tube_list *list;
    struct error error;
    struct rusage usage;
    size_t found = 0, first;
    double began;

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < ROWS; i++) {
        int scattered = (int)((int64_t)i * 7919 % ROWS), chunk = scattered % (VIDEOS * CHUNKS);

        fprintf(file, "id-%08d_%04d, 720, 1280, %d, %d, 345, 26, 857, 538\n", chunk / CHUNKS, chunk % CHUNKS, scattered,
                scattered + 90);
    }
    assert_int_equal(fclose(file), 0);
    began = clock_seconds();
    assert_int_equal(tube_list_load(&list, path, remember, &told, &error), 0);
    getrusage(RUSAGE_SELF, &usage);
    print_message("%d scattered rows: %.2f s, %ld kB resident\n", ROWS, clock_seconds() - began, usage.ru_maxrss);
    assert_int_equal(list->row_count, ROWS);
    assert_int_equal(list->chunk_count, VIDEOS * CHUNKS);
    for (int video = 0; video < VIDEOS; video++) {
        char id[32];

        snprintf(id, sizeof id, "id-%08d", video);
        assert_int_equal(tube_list_video(list, id, &first), CHUNKS);
        for (size_t i = 0; i < CHUNKS; i++)
            found += list->chunks[first + i].count;
    }
    assert_int_equal(found, ROWS);
    tube_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_behind_an_endless_line_are_read),
                                       cmocka_unit_test(rows_are_grouped_by_chunk_in_the_order_of_the_list),
                                       cmocka_unit_test(ids_with_a_common_prefix_are_distinguished),
                                       cmocka_unit_test(bad_rows_lose_nothing),
                                       cmocka_unit_test(an_empty_list_and_a_missing_one),
                                       cmocka_unit_test(half_a_million_rows)};

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
