#include "th-split/index.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

static struct chunk_facts chunks[] = {
    {.frames = 1500, .start = 0, .duration = 60.1, .is_written = true, .file = {123456789012, 1700000000123456789}},
    {.frames = 0, .start = 60.1, .duration = 1.0 / 3},
    {.frames = 7, .start = 61.5, .duration = 2, .is_written = true, .file = {0, -5}}};

static const struct split_index sample = {.seconds = 0.1,
                                          .source = {987654321098, 1600000000987654321},
                                          .width = 1280,
                                          .height = 720,
                                          .fps = 29.97003,
                                          .dropped = "stream 2 (data, none)",
                                          .count = COUNT_OF(chunks),
                                          .chunks = chunks};

static void what_was_saved_is_loaded(void **state)
{
    struct split_index *loaded;
    struct error error;

    (void)state;
    assert_int_equal(split_index_save(&sample, scratch_path("a.jsonl"), "a", &error), 0);
    assert_int_equal(split_index_load(&loaded, scratch_path("a.jsonl"), "a", &error), 0);
    assert_true(loaded->seconds == sample.seconds);
    assert_true(file_stamp_equal(&loaded->source, &sample.source));
    assert_int_equal(loaded->width, 1280);
    assert_int_equal(loaded->height, 720);
    assert_true(loaded->fps == sample.fps);
    assert_string_equal(loaded->dropped, sample.dropped);
    assert_int_equal(loaded->count, 3);
    for (size_t i = 0; i < loaded->count; i++) {
        assert_int_equal(loaded->chunks[i].frames, chunks[i].frames);
        assert_true(loaded->chunks[i].start == chunks[i].start);
        assert_true(loaded->chunks[i].duration == chunks[i].duration);
        assert_int_equal(loaded->chunks[i].is_written, chunks[i].is_written);
        if (chunks[i].is_written)
            assert_true(file_stamp_equal(&loaded->chunks[i].file, &chunks[i].file));
    }
    split_index_free(&loaded);
    assert_null(loaded);
    split_index_free(&loaded);
}

static void another_videos_or_no_index_is_told(void **state)
{
    struct split_index *loaded;
    struct error error;

    (void)state;
    assert_int_equal(split_index_save(&sample, scratch_path("a.jsonl"), "a", &error), 0);
    assert_int_equal(split_index_load(&loaded, scratch_path("a.jsonl"), "b", &error), -1);
    assert_int_equal(error.word, ERROR_UNREADABLE);
    assert_null(loaded);
    assert_int_equal(split_index_load(&loaded, scratch_path("none.jsonl"), "a", &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_null(loaded);
}

/* The file truncated at each of its bytes: none of these is accepted. */
static void an_index_cut_anywhere_is_noticed(void **state)
{
    char bytes[4096];
    struct split_index *loaded;
    struct error error;
    FILE *file;
    size_t size;

    (void)state;
    assert_int_equal(split_index_save(&sample, scratch_path("a.jsonl"), "a", &error), 0);
    file = fopen(scratch_path("a.jsonl"), "r");
    assert_non_null(file);
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 1; cut < size; cut++)
        assert_int_equal(split_index_load(&loaded, scratch_file("cut.jsonl", bytes, cut), "a", &error), -1);
    assert_int_equal(split_index_load(&loaded, scratch_file("cut.jsonl", bytes, size), "a", &error), 0);
    split_index_free(&loaded);
}

#define HEAD                                                                                                           \
    "\"key\": \"a\", \"seconds\": 60.0, \"size\": 1, \"mtime\": 2, \"width\": 4, \"height\": 2, \"fps\": 25, "         \
    "\"dropped\": \"\""
#define CHUNK(number) "{\"chunk\": " number ", \"frames\": 1, \"start\": 0, \"duration\": 1}\n"

static void nonsense_is_noticed(void **state)
{
    static const char *const texts[] = {
        "\n",
        "[]\n",
        "{\"index\": 1}\n",
        "{\"index\": 2, \"chunks\": 1, " HEAD "}\n" CHUNK("0"),
        "{\"index\": 1, \"chunks\": 0, " HEAD "}\n",
        "{\"index\": 1, \"chunks\": -1, " HEAD "}\n" CHUNK("0"),
        "{\"index\": 1, \"chunks\": 9000000000, " HEAD "}\n" CHUNK("0"),
        "{\"index\": 1, \"chunks\": 2, " HEAD "}\n" CHUNK("0"),
        "{\"index\": 1, \"chunks\": 1, " HEAD "}\n" CHUNK("0") CHUNK("1"),
        "{\"index\": 1, \"chunks\": 1, " HEAD "}\n" CHUNK("1"),
        "{\"index\": 1, \"chunks\": 1, " HEAD "}\n{\"chunk\": 0, \"frames\": -1, \"start\": 0, \"duration\": 1}\n",
        "{\"index\": 1, \"chunks\": 1, " HEAD "}\n{\"chunk\": 0, \"frames\": \"1\", \"start\": 0, \"duration\": 1}\n"};
    struct split_index *loaded;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(split_index_load(&loaded, scratch_file("x.jsonl", texts[i], 0), "a", &error), -1);
    assert_int_equal(
        split_index_load(&loaded, scratch_file("x.jsonl", "{\"index\": 1, \"chunks\": 1, " HEAD "}\n" CHUNK("0"), 0),
                         "a", &error),
        0);
    assert_false(loaded->chunks[0].is_written);
    split_index_free(&loaded);
}

static void set_time(const char *name, time_t seconds)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds}};

    assert_int_equal(utimensat(AT_FDCWD, scratch_path(name), times, 0), 0);
}

static void a_chunk_counts_only_while_its_file_is_the_same(void **state)
{
    struct chunk_facts facts[3] = {{.is_written = true}, {.is_written = true}, {.is_written = true}};
    struct split_index index = {.count = 3, .chunks = facts};

    (void)state;
    assert_int_equal(file_stamp_read(&facts[0].file, scratch_file("v_0000.mp4", "one", 0)), 0);
    assert_int_equal(facts[0].file.size, 3);
    assert_int_equal(file_stamp_read(&facts[1].file, scratch_file("v_0001.mp4", "two", 0)), 0);
    facts[2].file = facts[1].file; /* and no file */
    assert_false(split_index_check_files(&index, scratch_dir, "v"));
    assert_true(facts[0].is_written && facts[1].is_written && !facts[2].is_written);

    set_time("v_0000.mp4", 5);
    assert_false(split_index_check_files(&index, scratch_dir, "v"));
    assert_true(!facts[0].is_written && facts[1].is_written);

    scratch_file("v_0001.mp4", "three", 0);
    split_index_check_files(&index, scratch_dir, "v");
    assert_false(facts[1].is_written);
}

static void a_copy_that_lost_its_time_is_the_same_chunk(void **state)
{
    struct chunk_facts facts = {.is_written = true};
    struct split_index index = {.count = 1, .chunks = &facts};

    (void)state;
    assert_int_equal(file_stamp_read_ends(&facts.file, scratch_file("v_0000.mp4", "one", 0)), 0);
    set_time("v_0000.mp4", 5);
    assert_true(split_index_check_files(&index, scratch_dir, "v"));
    assert_true(facts.is_written && facts.file.mtime == 5000000000);
    assert_false(split_index_check_files(&index, scratch_dir, "v"));
    scratch_file("v_0000.mp4", "two", 0);
    assert_false(split_index_check_files(&index, scratch_dir, "v"));
    assert_false(facts.is_written);
}

static void only_regular_files_have_a_stamp(void **state)
{
    struct file_stamp stamp;

    (void)state;
    assert_int_equal(file_stamp_read(&stamp, scratch_dir), -1);
    assert_int_equal(file_stamp_read(&stamp, "/dev/null"), -1);
    assert_int_equal(file_stamp_read(&stamp, scratch_path("none")), -1);
}

static void chunk_names_have_four_digits_or_more(void **state)
{
    char name[256];

    (void)state;
    split_index_chunk_name(name, "--Y9_x", 0);
    assert_string_equal(name, "--Y9_x_0000");
    split_index_chunk_name(name, "%s", 12345);
    assert_string_equal(name, "%s_12345");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_saved_is_loaded),
                                       cmocka_unit_test(another_videos_or_no_index_is_told),
                                       cmocka_unit_test(an_index_cut_anywhere_is_noticed),
                                       cmocka_unit_test(nonsense_is_noticed),
                                       cmocka_unit_test(a_chunk_counts_only_while_its_file_is_the_same),
                                       cmocka_unit_test(a_copy_that_lost_its_time_is_the_same_chunk),
                                       cmocka_unit_test(only_regular_files_have_a_stamp),
                                       cmocka_unit_test(chunk_names_have_four_digits_or_more)};

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
