#include "th-verify/report/counts.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

#include "test/unit/th-verify/records.h"
#include "th-verify/report/summary.h"

#define CLIP(stage, key, video, status, members)                                                                       \
    RECORD(stage, "clip", key, status, ", \"video\": \"" video "\"" members)
#define GONE ", \"error\": \"gone\", \"retry\": false"
#define NETWORK ", \"error\": \"network\", \"retry\": true"
#define FROZEN ", \"error\": \"frozen\", \"retry\": true"
#define FACTS(frames, bytes, width, height)                                                                            \
    ", \"frames\": " #frames ", \"bytes\": " #bytes ", \"width\": " #width ", \"height\": " #height

/* Three videos: one is gone, one complete except for a frozen clip, one lost to the network. */
static const char *const run[] = {
    RECORD("fetch", "video", "one", "ok", ", \"cached\": true, \"bytes\": 700, \"fps\": 10"),
    RECORD("fetch", "video", "two", "failed", GONE),
    RECORD("fetch", "video", "three", "failed", NETWORK),
    RECORD("split", "video", "one", "ok", ""),
    RECORD("split", "chunk", "one_0000", "ok", ", \"video\": \"one\", \"duration\": 60"),
    RECORD("split", "video", "two", "skipped", GONE),
    RECORD("split", "video", "three", "skipped", NETWORK),
    CLIP("crop", "a", "one", "ok", ""),
    CLIP("crop", "b", "one", "ok", ""),
    CLIP("crop", "c", "one", "ok", ""),
    CLIP("crop", "d", "two", "skipped", GONE),
    CLIP("crop", "e", "three", "skipped", NETWORK),
    CLIP("crop", "f", "three", "skipped", NETWORK),
    CLIP("verify", "a", "one", "ok", FACTS(30, 100, 600, 520)),
    CLIP("verify", "b", "one", "ok", FACTS(50, 200, 512, 900)),
    CLIP("verify", "c", "one", "failed", FROZEN FACTS(20, 50, 600, 600)),
    CLIP("verify", "d", "two", "skipped", GONE),
    CLIP("verify", "e", "three", "skipped", NETWORK),
    /* later stages pass records on, so they come twice */
    RECORD("fetch", "video", "two", "failed", GONE),
};

static void fill(struct item_table *table)
{
    *table = (struct item_table){0};
    for (size_t i = 0; i < COUNT_OF(run); i++)
        assert_int_not_equal(take_text(table, run[i], false), ITEM_TABLE_FAILED);
}

static void assert_adds_up(const struct outcome_counts *counts)
{
    int64_t words = 0;

    assert_int_equal(counts->total,
                     counts->status[STATUS_OK] + counts->status[STATUS_FAILED] + counts->status[STATUS_SKIPPED]);
    for (int status = 0; status < STATUS_COUNT; status++)
        for (int word = 0; word < ERROR_WORD_COUNT; word++)
            words += counts->words[status][word];
    assert_int_equal(words, counts->total - counts->status[STATUS_OK]);
}

static void each_stage_is_counted_by_status_and_word(void **state)
{
    const struct outcome_counts *fetched, *clips;
    struct item_table table;
    struct counts counts;

    (void)state;
    fill(&table);
    assert_int_equal(counts_make(&counts, &table), 0);
    fetched = &counts.stages[STAGE_FETCH][KIND_VIDEO];
    assert_int_equal(fetched->total, 3);
    assert_int_equal(fetched->status[STATUS_OK], 1);
    assert_int_equal(fetched->cached, 1);
    assert_int_equal(fetched->words[STATUS_FAILED][ERROR_GONE], 1);
    assert_int_equal(fetched->may_be_mended, 1);
    assert_int_equal(counts.stages[STAGE_SPLIT][KIND_CHUNK].status[STATUS_OK], 1);
    assert_int_equal(counts.stages[STAGE_CROP][KIND_CLIP].status[STATUS_SKIPPED], 3);
    assert_int_equal(counts.stages[STAGE_VERIFY][KIND_CLIP].total, 5);
    clips = &counts.clips;
    assert_int_equal(clips->total, 6);
    assert_int_equal(clips->status[STATUS_OK], 2);
    assert_int_equal(clips->words[STATUS_FAILED][ERROR_FROZEN], 1);
    assert_int_equal(clips->words[STATUS_SKIPPED][ERROR_NETWORK], 2);
    assert_int_equal(clips->mendable[STATUS_SKIPPED][ERROR_NETWORK], 2);
    assert_int_equal(clips->mendable[STATUS_SKIPPED][ERROR_GONE], 0);
    assert_int_equal(clips->may_be_mended, 3);
    assert_int_equal(counts.verified, 3);
    for (int stage = 0; stage < STAGE_NAME_COUNT; stage++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            assert_adds_up(&counts.stages[stage][kind]);
    assert_adds_up(clips);
    counts_clear(&counts);
    item_table_clear(&table);
}

static void what_came_out_is_that_of_the_clips_that_are_ok(void **state)
{
    struct item_table table;
    struct counts counts;

    (void)state;
    fill(&table);
    assert_int_equal(counts_make(&counts, &table), 0);
    assert_int_equal(counts.yield.frames, 80);
    assert_int_equal(counts.yield.bytes, 300);
    assert_true(counts.yield.seconds == 8); /* by the video's 10 frames a second */
    assert_int_equal(counts.yield.timeless, 0);
    assert_int_equal(counts.above_512, 1);
    assert_int_equal(counts.sizes.total, 2);
    assert_int_equal(counts.sizes.count[4], 2); /* 512 to 768 */
    assert_int_equal(counts.lengths.count[2], 1);
    assert_int_equal(counts.lengths.count[3], 1);
    assert_int_equal(counts.downloaded_bytes, 700);
    counts_clear(&counts);
    item_table_clear(&table);
}

static void the_videos_that_gave_least_come_first(void **state)
{
    struct item_table table;
    struct counts counts;
    size_t least[3];

    (void)state;
    fill(&table);
    assert_int_equal(counts_make(&counts, &table), 0);
    assert_int_equal(counts_least(&counts, LACKS_ALL, least, 3), 2);
    assert_string_equal(table.videos[least[0]].id, "three");
    assert_string_equal(table.videos[least[1]].id, "two");
    assert_int_equal(counts_video_reason(&counts.videos[least[0]]), ERROR_NETWORK);
    assert_int_equal(counts_video_total(&counts.videos[least[0]]), 2);
    assert_int_equal(counts.videos[least[1]].own, ERROR_GONE);
    assert_int_equal(counts_least(&counts, LACKS_ALL, least, 1), 1);
    assert_string_equal(table.videos[least[0]].id, "three");
    assert_int_equal(counts_least(&counts, LACKS_ALL, least, 0), 0);
    assert_int_equal(counts_least(&counts, LACKS_SOME, least, 3), 1);
    assert_string_equal(table.videos[least[0]].id, "one");
    assert_int_equal(counts_lacking(&counts, LACKS_ALL), 2);
    assert_int_equal(counts_lacking(&counts, LACKS_SOME), 1);
    assert_int_equal(counts_asked(&counts), 3);
    counts_clear(&counts);
    item_table_clear(&table);
}

/* Counts records, each the outcome of its item. */
static void count_records(const char *const *records, size_t count, struct item_table *table, struct counts *counts)
{
    *table = (struct item_table){0};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(take_text(table, records[i], false), ITEM_TABLE_CHANGED);
    assert_int_equal(counts_make(counts, table), 0);
}

static void what_can_be_shown_of_the_failed_clips_is_counted(void **state)
{
    static const char *const records[] = {
        RECORD("verify", "clip", "a", "failed", FROZEN FACTS(20, 50, 600, 600) ", \"path\": \"a.mp4\""),
        RECORD("verify", "clip", "b", "failed", FROZEN ", \"path\": \"b.mp4\""), /* could not be opened */
        RECORD("verify", "clip", "c", "failed", FROZEN FACTS(20, 50, 600, 600)),
        RECORD("verify", "clip", "d", "ok", FACTS(20, 50, 600, 600) ", \"path\": \"d.mp4\""),
        /* the width of the chunk's picture */
        RECORD("crop", "clip", "e", "failed", NETWORK FACTS(20, 50, 600, 600) ", \"path\": \"e.mp4\""),
        RECORD("fetch", "video", "f", "failed", GONE FACTS(20, 50, 600, 600) ", \"path\": \"f.mp4\""),
    };
    struct item_table table;
    struct counts counts;

    (void)state;
    count_records(records, COUNT_OF(records), &table, &counts);
    assert_int_equal(counts.clips.status[STATUS_FAILED], 4);
    assert_int_equal(counts.failed_with_frames, 1);
    counts_clear(&counts);
    item_table_clear(&table);
}

static void clips_are_proven_by_the_highest_level_that_they_have_passed(void **state)
{
#define CHECKS(checks) ", \"checks\": {\"container\": {\"file\": {\"ok\": true}}" checks "}"
#define DECODED ", \"decode\": {\"times\": {\"ok\": true}}"
    static const char *const records[] = {
        RECORD("verify", "clip", "a", "ok", CHECKS("")),
        RECORD("verify", "clip", "b", "ok", CHECKS(DECODED)),
        RECORD("verify", "clip", "c", "ok", CHECKS(DECODED ", \"source\": {\"match\": {\"ok\": true}}")),
        /* could not be compared with its chunk */
        RECORD("verify", "clip", "d", "ok", CHECKS(DECODED ", \"source\": {\"match\": {\"ok\": null}}")),
        RECORD("verify", "clip", "e", "failed", FROZEN CHECKS(DECODED)),
        RECORD("verify", "clip", "f", "ok", ", \"checks\": 7"),
        RECORD("crop", "clip", "g", "ok", ""),
    };
    struct item_table table;
    struct counts counts;

    (void)state;
    count_records(records, COUNT_OF(records), &table, &counts);
    assert_int_equal(counts.proven[LEVEL_CONTAINER], 1);
    assert_int_equal(counts.proven[LEVEL_DECODE], 2);
    assert_int_equal(counts.proven[LEVEL_SOURCE], 1);
    counts_clear(&counts);
    item_table_clear(&table);
}

static void nothing_adds_up_to_nothing(void **state)
{
    struct item_table table = {0};
    struct counts counts;
    size_t least[3];

    (void)state;
    assert_int_equal(counts_make(&counts, &table), 0);
    assert_int_equal(counts.clips.total, 0);
    assert_int_equal(counts_least(&counts, LACKS_ALL, least, 3), 0);
    assert_int_equal(counts_asked(&counts), 0);
    counts_clear(&counts);
}

static void classes_have_their_lower_edge_and_not_their_upper_one(void **state)
{
    struct histogram sizes = histogram_of_sizes(), lengths = histogram_of_lengths();
    char label[40];

    (void)state;
    assert_true(sizes.classes <= HISTOGRAM_MAX && lengths.classes <= HISTOGRAM_MAX);
    histogram_add(&sizes, 127.9);
    histogram_add(&sizes, 128);
    histogram_add(&sizes, 255);
    histogram_add(&sizes, 1024);
    histogram_add(&sizes, 1e9);
    assert_int_equal(sizes.count[0], 1);
    assert_int_equal(sizes.count[1], 2);
    assert_int_equal(sizes.count[sizes.classes - 1], 2);
    assert_int_equal(sizes.total, 5);
    histogram_label(&sizes, 0, label, sizeof label);
    assert_string_equal(label, "below 128");
    histogram_label(&lengths, 1, label, sizeof label);
    assert_string_equal(label, "1 to 2");
    histogram_label(&lengths, lengths.classes - 1, label, sizeof label);
    assert_string_equal(label, "64 and more");
}

static void the_summary_says_the_same(void **state)
{
    struct item_table table;
    struct counts counts;
    json_t *summary;
    json_int_t total, ok, failed, skipped, frozen, gone, above, clips_of_one;
    const char *error;

    (void)state;
    fill(&table);
    assert_int_equal(counts_make(&counts, &table), 0);
    summary = summary_make(&counts, &table);
    assert_non_null(summary);
    assert_int_equal(json_unpack(summary, "{s:{s:I, s:I, s:I, s:I, s:{s:{s:I}}}, s:{s:I}}", "clips", "total", &total,
                                 "ok", &ok, "failed", &failed, "skipped", &skipped, "errors", "failed", "frozen",
                                 &frozen, "sizes", "above_512x512", &above),
                     0);
    assert_int_equal(total, ok + failed + skipped);
    assert_int_equal(total, 6);
    assert_int_equal(frozen, 1);
    assert_int_equal(above, 1);
    assert_int_equal(json_unpack(summary, "{s:{s:{s:{s:{s:{s:I}}}}}}", "stages", "fetch", "video", "errors", "failed",
                                 "gone", &gone),
                     0);
    assert_int_equal(gone, 1);
    assert_int_equal(json_unpack(summary, "{s:[{s:I},{s:s}]}", "videos", "clips", &clips_of_one, "error", &error), 0);
    assert_int_equal(clips_of_one, 3);
    assert_string_equal(error, "gone");
    json_decref(summary);
    counts_clear(&counts);
    item_table_clear(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_is_counted_by_status_and_word),
        cmocka_unit_test(what_came_out_is_that_of_the_clips_that_are_ok),
        cmocka_unit_test(the_videos_that_gave_least_come_first),
        cmocka_unit_test(what_can_be_shown_of_the_failed_clips_is_counted),
        cmocka_unit_test(clips_are_proven_by_the_highest_level_that_they_have_passed),
        cmocka_unit_test(nothing_adds_up_to_nothing),
        cmocka_unit_test(classes_have_their_lower_edge_and_not_their_upper_one),
        cmocka_unit_test(the_summary_says_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
