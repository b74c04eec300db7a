/* How clips of one chunk are gathered, and how long they wait for others. */
#include "test/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "th-verify/batch_queue.h"

/* Adds the clip S of a chunk; an empty source: none. */
static void add(struct batch_queue *batches, const char *source, int start, bool gather, double time)
{
    struct tube tube = {.height = 100, .width = 100, .start = start, .end = start + 9, .right = 50, .bottom = 50};
    struct error error;
    struct clip *clip;

    assert_int_equal(clip_from_row(&clip, "clips", "vid_0000", &tube, &error), 0);
    if (*source) {
        clip->source = strdup(source);
        assert_non_null(clip->source);
    }
    assert_int_equal(batch_queue_add(batches, clip, gather, time), 0);
}

/* The number of clips in the batch that is taken; 0: none is ready. */
static size_t take(struct batch_queue *batches, double time, bool all)
{
    struct batch *batch = batch_queue_next(batches, time, all);
    size_t count = batch ? batch->count : 0;

    batch_free(&batch);
    return count;
}

static void test_clips_of_one_chunk_go_together(void **state)
{
    struct batch_queue batches = {.limit = 4};

    (void)state;
    for (int i = 0; i < 6; i++)
        add(&batches, i % 2 ? "a.mp4" : "b.mp4", i, true, i * 0.1);
    assert_int_equal(batches.count, 2);
    assert_int_equal(take(&batches, 1, false), 0);
    assert_int_equal(take(&batches, 1, true), 3);
    assert_int_equal(take(&batches, 1, true), 3);
    assert_int_equal(take(&batches, 1, true), 0);
    assert_int_equal(batches.count, 0);
}

static void test_a_quiet_chunk_is_taken(void **state)
{
    struct batch_queue batches = {.limit = 4};

    (void)state;
    add(&batches, "a.mp4", 0, true, 0);
    add(&batches, "b.mp4", 0, true, 1);
    add(&batches, "a.mp4", 1, true, 4);
    assert_int_equal(take(&batches, 5, false), 0);
    assert_int_equal(take(&batches, 6, false), 1);
    assert_int_equal(take(&batches, 6, false), 0);
    assert_int_equal(take(&batches, 9, false), 2);
}

static void test_what_needs_no_chunk_waits_for_nothing(void **state)
{
    struct batch_queue batches = {.limit = 4};

    (void)state;
    add(&batches, "a.mp4", 0, false, 0);
    add(&batches, "a.mp4", 1, false, 0);
    add(&batches, "", 2, true, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take(&batches, 0, false), 1);
    assert_int_equal(take(&batches, 0, false), 0);
}

static void test_a_full_batch_goes_and_another_begins(void **state)
{
    struct batch_queue batches = {.limit = 4};

    (void)state;
    for (int i = 0; i < BATCH_MAX + 2; i++)
        add(&batches, "a.mp4", i, true, 0);
    assert_int_equal(take(&batches, 0, false), BATCH_MAX);
    assert_int_equal(take(&batches, 0, false), 0);
    assert_int_equal(take(&batches, 0, true), 2);
}

static void test_too_many_chunks_push_out_the_one_touched_longest_ago(void **state)
{
    struct batch_queue batches = {.limit = 2};

    (void)state;
    add(&batches, "a.mp4", 0, true, 0);
    add(&batches, "b.mp4", 0, true, 0.1);
    add(&batches, "a.mp4", 1, true, 0.2);
    add(&batches, "a.mp4", 2, true, 0.3);
    add(&batches, "c.mp4", 0, true, 0.4);
    assert_int_equal(take(&batches, 0.5, false), 1);
    assert_int_equal(take(&batches, 0.5, false), 0);
    assert_int_equal(batches.first->count, 3);
    batch_queue_clear(&batches);
    assert_null(batches.first);
}

static void test_what_is_left_of_a_batch_goes_one_by_one(void **state)
{
    struct batch_queue batches = {.limit = 4};
    struct batch *batch;

    (void)state;
    for (int i = 0; i < 4; i++)
        add(&batches, "a.mp4", i, true, 0);
    batch = batch_queue_next(&batches, 0, true);
    clip_free(&batch->clips[1]);
    assert_int_equal(batch_queue_split(&batches, batch), 0);
    batch_free(&batch);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take(&batches, 0, false), 1);
    assert_int_equal(take(&batches, 0, true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clips_of_one_chunk_go_together),
        cmocka_unit_test(test_a_quiet_chunk_is_taken),
        cmocka_unit_test(test_what_needs_no_chunk_waits_for_nothing),
        cmocka_unit_test(test_a_full_batch_goes_and_another_begins),
        cmocka_unit_test(test_too_many_chunks_push_out_the_one_touched_longest_ago),
        cmocka_unit_test(test_what_is_left_of_a_batch_goes_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
