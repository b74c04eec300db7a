#include "common/stage/progress_text.h"

#include <string.h>

#include "test/unit/unit.h"

static void a_line_says_what_is_done_of_all(void **state)
{
    static const struct {
        const char *line;
        struct progress_facts facts;
        struct tally tally;
    } cases[] = {
        {"th-fetch  12/2,872 videos  3 failed  1.2 GB  8.4 MB/s  about 9 h left",
         {"th-fetch", "videos", NULL, 1200000000, 8.4e6, 143, false},
         {.total = 2872, .ok = 9, .failed = 3}},
        {"th-fetch  0/2 videos  705.0 kB  605.0 kB/s",
         {"th-fetch", "videos", NULL, 705000, 605000, 3, false},
         {.total = 2}},
        {"th-crop   1,234/500,000 clips  34 failed  1,000 skipped  about 49 days left",
         {"th-crop", "clips", NULL, 0, 0, 2000, false},
         {.total = 500000, .ok = 200, .failed = 34, .skipped = 1000}},
        /* What was skipped or was there says nothing about the time that the others take. */
        {"th-crop   7,538/7,540 clips  7,538 skipped",
         {"th-crop", "clips", NULL, 0, 0, 60, false},
         {.total = 7540, .skipped = 7538}},
        {"th-verify 100/200 clips",
         {"th-verify", "clips", NULL, 0, 0, 60, false},
         {.total = 200, .ok = 100, .cached = 100}},
        {"th-verify 101/202 clips  about 2 h left",
         {"th-verify", "clips", NULL, 0, 0, 60, false},
         {.total = 202, .ok = 101, .cached = 100}},
        {"th-split  3 videos", {"th-split", "videos", NULL, 0, 0, 60, false}, {.ok = 3}},
        {"th-split  3 videos", {"th-split", "videos", NULL, 0, 0, 60, false}, {.ok = 3, .total = 2}},
        {"th-fetch  28/28 videos  1.0 TB  in 1:02:03",
         {"th-fetch", "videos", NULL, 999999000000, 5, 3723, true},
         {.total = 28, .ok = 28}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct progress_facts facts = cases[i].facts;
        struct progress_text text;

        facts.tally = &cases[i].tally;
        progress_text_make(&text, &facts);
        assert_string_equal(text.line, cases[i].line);
    }
}

static void only_failures_are_red(void **state)
{
    const struct tally tally = {.ok = 1, .failed = 1234};
    struct progress_text text;

    (void)state;
    progress_text_make(&text, &(struct progress_facts){"th-crop", "clips", &tally, .is_last = true});
    text.line[text.red_end] = '\0';
    assert_string_equal(text.line + text.red, "1,234 failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_line_says_what_is_done_of_all),
                                       cmocka_unit_test(only_failures_are_red)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
