#include "common/stage/options.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test/unit/unit.h"

struct settings {
    struct common_settings common;
    const char *tubes;
    int64_t crf;
    double seconds;
    int level;
    bool audio;
    struct option_list files;
};

static const char *const levels[] = {"container", "decode", NULL};

static const struct option_spec specs[] = {
    {"tubes", 't', OPTION_TEXT, offsetof(struct settings, tubes), "FILE", "the list", 0, 0, NULL},
    {"crf", 0, OPTION_COUNT, offsetof(struct settings, crf), "N", "quality", 0, 51, NULL},
    {"seconds", 0, OPTION_REAL, offsetof(struct settings, seconds), "S", "length", 0.1, 3600, NULL},
    {"level", 0, OPTION_CHOICE, offsetof(struct settings, level), "LEVEL", "how deep", 0, 0, levels},
    {"audio", 0, OPTION_FLAG, offsetof(struct settings, audio), NULL, "sound too", 0, 0, NULL},
    {"file", 0, OPTION_LIST, offsetof(struct settings, files), "FILE", "one more", 0, 0, NULL},
    {0}};

static const struct program program = {"th-test", "-o DIR", "Tests.", specs, true};

/* Reads a command line of words separated by single spaces; stderr is discarded. */
static enum options_result read_line(const char *line, struct settings *settings, int *first)
{
    static char words[1024];
    char *argv[128] = {(char *)"th-test"};
    int argc = 1, kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    enum options_result result;

    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    *settings = (struct settings){.crf = 23};
    optind = 0;
    dup2(nowhere, STDERR_FILENO);
    result = options_read(&program, settings, argc, argv, first);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(nowhere);
    return result;
}

static void values_land_in_their_places(void **state)
{
    struct settings settings;
    int first;

    (void)state;
    assert_int_equal(read_line("-o out -t list --crf 18 --seconds 2.5 --level decode --audio -j 3 -f -n -vv -q "
                               "--progress never --max-memory 2G --stall-timeout 1.5 -- --file",
                               &settings, &first),
                     OPTIONS_RUN);
    assert_string_equal(settings.common.output, "out");
    assert_string_equal(settings.tubes, "list");
    assert_int_equal(settings.crf, 18);
    assert_true(settings.seconds == 2.5);
    assert_int_equal(settings.level, 1);
    assert_true(settings.audio);
    assert_int_equal(settings.common.jobs, 3);
    assert_true(settings.common.force && settings.common.dry_run);
    assert_int_equal(settings.common.verbosity, 1);
    assert_int_equal(settings.common.progress, PROGRESS_NEVER);
    assert_int_equal(settings.common.max_memory, 2LL << 30);
    assert_true(settings.common.stall_timeout == 1.5);
    assert_int_equal(first, 25); /* of "--file" */
}

static void defaults(void **state)
{
    struct settings settings;
    int first;

    (void)state;
    assert_int_equal(read_line("--output=x", &settings, &first), OPTIONS_RUN);
    assert_int_equal(settings.crf, 23);
    assert_true(settings.common.jobs >= 1);
    assert_true(settings.common.stall_timeout == 60);
    assert_int_equal(settings.common.verbosity, 0);
}

static void a_list_grows_with_each_use_up_to_its_room(void **state)
{
    char line[1024] = "-o x";
    struct settings settings;
    int first;

    (void)state;
    for (int i = 0; i < OPTION_LIST_MAX; i++) {
        snprintf(line + strlen(line), sizeof line - strlen(line), " --file %d", i);
        assert_int_equal(read_line(line, &settings, &first), OPTIONS_RUN);
        assert_int_equal(settings.files.count, i + 1);
        assert_string_equal(settings.files.texts[i], strrchr(line, ' ') + 1);
    }
    snprintf(line + strlen(line), sizeof line - strlen(line), " --file more");
    assert_int_equal(read_line(line, &settings, &first), OPTIONS_USAGE);
}

static void wrong_command_lines(void **state)
{
    static const char *const lines[] = {"",
                                        "-o \xff", /* not UTF-8, so records could not hold it */
                                        "-o x --crf 52",
                                        "-o x --crf -1",
                                        "-o x --crf 2x",
                                        "-o x --crf",
                                        "-o x -j 0",
                                        "-o x -j 1025",
                                        "-o x -j",
                                        "-o x --seconds nan",
                                        "-o x --seconds 0",
                                        "-o x --level deep",
                                        "-o x --progress perhaps",
                                        "-o x --max-memory 1X",
                                        "-o x --audio=yes",
                                        "-o x --file=",
                                        "-o x --no-such",
                                        "-o x -Z",
                                        "-o x --s 3" /* ambiguous: --seconds or --stall-timeout */};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct settings settings;
        int first;

        assert_int_equal(read_line(lines[i], &settings, &first), OPTIONS_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_land_in_their_places), cmocka_unit_test(defaults),
                                       cmocka_unit_test(a_list_grows_with_each_use_up_to_its_room),
                                       cmocka_unit_test(wrong_command_lines)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
