#include "th-verify/report/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

/* Of all items. */
static const int ranks[ERROR_WORD_COUNT] = {[ERROR_NETWORK] = 1, [ERROR_GONE] = 2};

/* The outcome of ok clips, and of others under three words. */
static struct outcome_counts outcomes(int64_t ok, int64_t gone, int64_t network, int64_t skipped)
{
    struct outcome_counts counts = {.total = ok + gone + network + skipped};

    counts.status[STATUS_OK] = ok;
    counts.status[STATUS_FAILED] = gone + network;
    counts.status[STATUS_SKIPPED] = skipped;
    counts.words[STATUS_FAILED][ERROR_GONE] = gone;
    counts.words[STATUS_FAILED][ERROR_NETWORK] = network;
    counts.words[STATUS_SKIPPED][ERROR_GONE] = skipped;
    return counts;
}

/* Pieces stand side by side and fill the bar. */
static void assert_fills_the_bar(const struct chart_piece *pieces, int count)
{
    double x = 0;

    for (int i = 0; i < count; i++) {
        assert_true(fabs(pieces[i].x - x) < 1e-6);
        assert_true(pieces[i].width > 0);
        x += pieces[i].width;
    }
    assert_true(fabs(x - CHART_BAR) < 1e-6);
}

static void pieces_are_as_wide_as_their_share(void **state)
{
    const struct outcome_counts counts = outcomes(50, 10, 20, 20);
    struct chart_piece pieces[CHART_PIECES_MAX];

    (void)state;
    assert_int_equal(chart_pieces(&counts, ranks, pieces), 4);
    assert_fills_the_bar(pieces, 4);
    assert_true(pieces[0].width == 500 && pieces[0].status == STATUS_OK);
    /* the frequent word first */
    assert_true(pieces[1].word == ERROR_NETWORK && pieces[1].width == 200 && pieces[1].shade == 1);
    assert_true(pieces[2].word == ERROR_GONE && pieces[2].width == 100 && pieces[2].shade == 2);
    assert_true(pieces[3].status == STATUS_SKIPPED && pieces[3].shade == pieces[2].shade /* gone, too */);
}

static void no_status_is_too_thin_to_be_seen(void **state)
{
    const struct outcome_counts counts = outcomes(1000000, 0, 1, 1);
    struct chart_piece pieces[CHART_PIECES_MAX];

    (void)state;
    assert_int_equal(chart_pieces(&counts, ranks, pieces), 3);
    assert_fills_the_bar(pieces, 3);
    assert_true(pieces[1].width >= 4 && pieces[2].width >= 4);
}

static void no_word_is_too_thin_to_be_seen(void **state)
{
    const struct outcome_counts counts = outcomes(16, 2, 24000, 0);
    struct chart_piece pieces[CHART_PIECES_MAX];

    (void)state;
    assert_int_equal(chart_pieces(&counts, ranks, pieces), 3);
    assert_fills_the_bar(pieces, 3);
    assert_true(pieces[0].width >= 4 && pieces[2].width >= 4);
}

static void there_may_be_one_status_or_none(void **state)
{
    const struct outcome_counts good = outcomes(7, 0, 0, 0), bad = outcomes(0, 7, 0, 0), none = outcomes(0, 0, 0, 0);
    struct chart_piece pieces[CHART_PIECES_MAX];

    (void)state;
    assert_int_equal(chart_pieces(&good, ranks, pieces), 1);
    assert_fills_the_bar(pieces, 1);
    assert_int_equal(chart_pieces(&bad, ranks, pieces), 1);
    assert_fills_the_bar(pieces, 1);
    assert_int_equal(chart_pieces(&none, ranks, pieces), 0);
}

static void all_words_at_once(void **state)
{
    struct outcome_counts counts = {.total = 1, .status[STATUS_OK] = 1};
    struct chart_piece pieces[CHART_PIECES_MAX];
    int all_ranks[ERROR_WORD_COUNT], count;

    (void)state;
    for (int status = STATUS_FAILED; status < STATUS_COUNT; status++)
        for (int word = 0; word < ERROR_WORD_COUNT; word++) {
            all_ranks[word] = ERROR_WORD_COUNT - word;
            counts.words[status][word] = word + 1;
            counts.status[status] += word + 1;
            counts.total += word + 1;
        }
    count = chart_pieces(&counts, all_ranks, pieces);
    assert_int_equal(count, CHART_PIECES_MAX);
    assert_fills_the_bar(pieces, count);
    for (int i = 1; i < count; i++)
        assert_int_equal(pieces[i].shade, chart_shade(all_ranks[pieces[i].word]));
    assert_int_equal(pieces[count - 1].shade, CHART_SHADES);
}

/* What chart_outcomes writes; to be freed. */
static char *drawn(const struct outcome_counts *counts)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    chart_outcomes(out, counts, ranks, "Clips");
    assert_int_equal(fclose(out), 0);
    return text;
}

static void a_bar_says_in_words_what_it_shows(void **state)
{
    const struct outcome_counts counts = outcomes(1234, 1, 2, 3);
    char *text = drawn(&counts);

    (void)state;
    assert_non_null(strstr(text, "aria-label=\"Clips: 1,234 ok, 2 failed network, 1 failed gone, 3 skipped gone\""));
    assert_non_null(strstr(text, "<title>2 failed network</title>"));
    free(text);
}

static void no_width_is_negative_however_small_the_share(void **state)
{
    struct outcome_counts counts = outcomes(100000, 0, 0, 50000);
    char *text;

    (void)state;
    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        counts.words[STATUS_FAILED][word] = 1;
        counts.status[STATUS_FAILED]++;
        counts.total++;
    }
    text = drawn(&counts);
    assert_null(strstr(text, "=\"-"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_are_as_wide_as_their_share),
                                       cmocka_unit_test(no_status_is_too_thin_to_be_seen),
                                       cmocka_unit_test(no_word_is_too_thin_to_be_seen),
                                       cmocka_unit_test(there_may_be_one_status_or_none),
                                       cmocka_unit_test(all_words_at_once),
                                       cmocka_unit_test(a_bar_says_in_words_what_it_shows),
                                       cmocka_unit_test(no_width_is_negative_however_small_the_share)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
