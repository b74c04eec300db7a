/* The plan: nothing vanishes, nothing is recorded twice, whatever the order in which things come. */
#include "test/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "test/unit/scratch.h"
#include "th-crop/plan/plan.h"

static const char rows[] = "a_0000, 100, 200, 0, 9, 0, 0, 50, 50\n"
                           "a_0000, 100, 200, 5, 20, 10, 10, 60, 60\n"
                           "a_0002, 100, 200, 0, 9, 0, 0, 50, 50\n"
                           "b_0000, 100, 200, 0, 9, 0, 0, 50, 50\n"
                           "b_0000, 100, 200, 0, 9, 0, 0, 50, 50\n";

static const struct tube first = {100, 200, 0, 9, 0, 0, 50, 50};
static const struct tube second = {100, 200, 5, 20, 10, 10, 60, 60};

static struct tube_list *load(const char *text)
{
    struct tube_list *list = NULL;
    struct error error;

    assert_int_equal(tube_list_load(&list, scratch_file("tubes", text, 0), NULL, NULL, &error), 0);
    return list;
}

static struct plan_chunk *chunk_of(struct plan *plan, const char *name)
{
    struct plan_chunk *chunk = plan_chunk(plan, name);

    assert_non_null(chunk);
    return chunk;
}

static struct plan_request *add_tube(struct plan *plan, const char *chunk, const struct tube *tube,
                                     enum plan_source source)
{
    struct plan_request *request = plan_add_tube(plan, chunk_of(plan, chunk), tube, source);

    assert_non_null(request);
    return request;
}

static void come(struct plan *plan, const char *chunk)
{
    assert_int_equal(plan_chunk_came(plan, chunk_of(plan, chunk), "path.mp4", NULL, NULL, NULL), 0);
}

/* What is written of each tube: as the stage does it, each pending tube of each queued chunk gets its records. The
 * result is the number of records. */
static unsigned record_all(struct plan *plan)
{
    struct plan_chunk *chunk;
    unsigned count = 0;

    while ((chunk = plan_next(plan)))
        for (struct plan_request *request = chunk->requests; request; request = request->next) {
            uint32_t records = plan_request_records(request);

            count += request->clashes;
            request->clashes = 0;
            if (!plan_request_is_pending(request))
                continue;
            plan_request_recorded(request, records, true);
            count += records;
        }
    return count;
}

static void nothing_named_nothing_done(void **state)
{
    struct plan *plan = plan_alloc(NULL);

    (void)state;
    plan_input_ended(plan);
    assert_int_equal(plan->queued, 0);
    assert_null(plan_next(plan));
    assert_int_equal(plan->total, 0);
    plan_free(&plan);
    assert_null(plan);
    plan_free(&plan);
}

static void listed_tubes_wait_for_their_chunk(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);

    (void)state;
    assert_int_equal(plan->total, 0);
    come(plan, "a_0000");
    assert_int_equal(plan->total, 2);
    assert_int_equal(plan_pending(chunk_of(plan, "a_0000")), 2);
    assert_int_equal(record_all(plan), 2);
    plan_input_ended(plan); /* videos that never came are left alone */
    assert_int_equal(record_all(plan), 0);
    plan_free(&plan);
    tube_list_free(&list);
}

static void a_chunk_without_tubes_is_not_queued(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);

    (void)state;
    come(plan, "a_0001");
    come(plan, "c_0000");
    assert_int_equal(plan->queued, 0);
    plan_free(&plan);
    tube_list_free(&list);
}

static void a_row_listed_twice_is_one_request_and_two_records(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);

    (void)state;
    come(plan, "b_0000");
    assert_int_equal(plan_pending(chunk_of(plan, "b_0000")), 1);
    assert_int_equal(plan_request_records(chunk_of(plan, "b_0000")->requests), 2);
    assert_int_equal(record_all(plan), 2);
    plan_free(&plan);
    tube_list_free(&list);
}

static void a_chunk_that_comes_twice_is_done_once(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);

    (void)state;
    come(plan, "a_0000");
    come(plan, "a_0000");
    assert_int_equal(record_all(plan), 2);
    come(plan, "a_0000");
    assert_int_equal(record_all(plan), 0);
    plan_free(&plan);
    tube_list_free(&list);
}

static void listed_and_recorded_before_is_one_record(void **state)
{
    struct tube_list *list = load(rows);

    (void)state;
    /* Whatever of the two comes first, and whoever wrote the former record. */
    for (int order = 0; order < 2; order++)
        for (int source = PLAN_ROW; source < PLAN_SOURCE_COUNT; source++) {
            struct plan *plan = plan_alloc(list);
            unsigned count = 0;

            if (order == 0)
                come(plan, "a_0000");
            add_tube(plan, "a_0000", &first, (enum plan_source)source);
            if (order == 1)
                come(plan, "a_0000");
            assert_int_equal(plan->total, 2);
            count = record_all(plan);
            plan_input_ended(plan);
            assert_int_equal(count + record_all(plan), 2);
            plan_free(&plan);
        }
    tube_list_free(&list);
}

static void what_was_passed_on_is_not_recorded_again(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);

    (void)state;
    plan_request_recorded(add_tube(plan, "a_0000", &first, PLAN_CROP), 1, false);
    come(plan, "a_0000");
    assert_int_equal(record_all(plan), 1);
    /* Listed twice, passed on once: one more. */
    plan_request_recorded(add_tube(plan, "b_0000", &first, PLAN_CROP), 1, false);
    come(plan, "b_0000");
    assert_int_equal(record_all(plan), 1);
    plan_free(&plan);
    tube_list_free(&list);
}

static void gathered_tubes_are_queued_at_the_end_once_a_chunk(void **state)
{
    struct plan *plan = plan_alloc(NULL);

    (void)state;
    add_tube(plan, "a_0000", &first, PLAN_ROW);
    add_tube(plan, "b_0000", &first, PLAN_ROW);
    add_tube(plan, "a_0000", &second, PLAN_ROW);
    assert_int_equal(plan->queued, 0);
    plan_input_ended(plan);
    assert_string_equal(plan_next(plan)->name, "a_0000");
    assert_string_equal(plan_next(plan)->name, "b_0000");
    assert_null(plan_next(plan));
    plan_free(&plan);
}

static void gathered_tubes_do_not_drag_the_list_in(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);

    (void)state;
    add_tube(plan, "a_0000", &second, PLAN_CROP);
    plan_input_ended(plan);
    assert_int_equal(record_all(plan), 1);
    plan_free(&plan);
    tube_list_free(&list);
}

static void a_complete_video_refuses_listed_chunks_that_did_not_come(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);
    struct plan_chunk *chunk;

    (void)state;
    come(plan, "a_0000");
    assert_int_equal(record_all(plan), 2);
    assert_int_equal(plan_video_complete(plan, "a", NULL), 0);
    chunk = plan_next(plan);
    assert_string_equal(chunk->name, "a_0002");
    assert_int_equal(plan_refusal(chunk)->status, STATUS_FAILED);
    assert_int_equal(plan_refusal(chunk)->error.word, ERROR_NO_SUCH_CHUNK);
    assert_null(plan_next(plan));
    assert_null(plan_refusal(chunk_of(plan, "a_0000")));
    plan_free(&plan);
    tube_list_free(&list);
}

static void a_refused_video_refuses_all_of_its_tubes(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);
    struct refusal gone = {.status = STATUS_SKIPPED};
    unsigned count = 0;

    (void)state;
    error_set(&gone.error, ERROR_GONE, "gone");
    add_tube(plan, "a_0007", &first, PLAN_ROW); /* not listed */
    assert_int_equal(plan_video_refused(plan, "a", &gone, NULL), 0);
    assert_int_equal(plan_refusal(chunk_of(plan, "a_0007"))->error.word, ERROR_GONE);
    assert_int_equal(plan_refusal(chunk_of(plan, "a_0002"))->error.word, ERROR_GONE);
    assert_null(plan_refusal(chunk_of(plan, "b_0000")));
    count = record_all(plan);
    assert_int_equal(count, 4);
    add_tube(plan, "a_0008", &first, PLAN_ROW); /* named after it */
    plan_input_ended(plan);
    assert_int_equal(plan_refusal(chunk_of(plan, "a_0008"))->error.word, ERROR_GONE);
    assert_int_equal(record_all(plan), 1);
    plan_free(&plan);
    tube_list_free(&list);
}

static void a_video_whose_id_begins_like_another_is_another(void **state)
{
    struct tube_list *list = load("a_0000, 9, 9, 0, 1, 0, 0, 9, 9\na_b_0000, 9, 9, 0, 1, 0, 0, 9, 9\n");
    struct plan *plan = plan_alloc(list);
    struct refusal gone = {.status = STATUS_SKIPPED};

    (void)state;
    error_set(&gone.error, ERROR_GONE, "gone");
    assert_int_equal(plan_video_refused(plan, "a", &gone, NULL), 0);
    assert_null(plan_refusal(chunk_of(plan, "a_b_0000")));
    assert_int_equal(record_all(plan), 1);
    plan_free(&plan);
    tube_list_free(&list);
}

static void a_chunk_that_came_is_not_refused_later(void **state)
{
    struct tube_list *list = load(rows);
    struct plan *plan = plan_alloc(list);
    struct refusal gone = {.status = STATUS_SKIPPED};

    (void)state;
    error_set(&gone.error, ERROR_GONE, "gone");
    come(plan, "a_0000");
    assert_int_equal(plan_video_refused(plan, "a", &gone, NULL), 0);
    assert_null(plan_refusal(chunk_of(plan, "a_0000")));
    assert_int_equal(record_all(plan), 3);
    plan_free(&plan);
    tube_list_free(&list);
}

static void what_runs_is_not_pending(void **state)
{
    struct plan *plan = plan_alloc(NULL);
    struct plan_request *request = add_tube(plan, "a_0000", &first, PLAN_ROW);

    (void)state;
    request->is_running = true;
    plan_input_ended(plan);
    assert_int_equal(plan->queued, 0);
    add_tube(plan, "a_0000", &first, PLAN_ROW); /* named again while it runs: two records of one result */
    assert_int_equal(plan_request_records(request), 2);
    plan_request_recorded(request, 2, true);
    assert_int_equal(plan_pending(chunk_of(plan, "a_0000")), 0);
    plan_free(&plan);
}

static void named_again_after_its_record_is_pending_again(void **state)
{
    struct plan *plan = plan_alloc(NULL);
    struct plan_request *request = add_tube(plan, "a_0000", &first, PLAN_ROW);

    (void)state;
    plan_request_recorded(request, 1, true);
    assert_ptr_equal(add_tube(plan, "a_0000", &first, PLAN_ROW), request);
    assert_true(plan_request_is_pending(request));
    assert_int_equal(plan_request_records(request), 1);
    plan_free(&plan);
}

static void a_force_lasts_until_the_clip_is_made(void **state)
{
    struct plan *plan = plan_alloc(NULL);
    struct plan_request *request = add_tube(plan, "a_0000", &first, PLAN_VERIFY);

    (void)state;
    request->is_forced = true;
    plan_request_recorded(request, 1, false); /* passed on as it was */
    assert_true(plan_request_is_pending(request));
    plan_request_recorded(request, plan_request_records(request), true);
    assert_false(plan_request_is_pending(request));
    plan_free(&plan);
}

static void the_listed_picture_is_taken_from_whoever_knows_it(void **state)
{
    struct plan *plan = plan_alloc(NULL);
    struct tube nameless = first;
    struct plan_request *request;

    (void)state;
    nameless.height = nameless.width = 0;
    request = add_tube(plan, "a_0000", &nameless, PLAN_VERIFY);
    assert_ptr_equal(add_tube(plan, "a_0000", &first, PLAN_LIST), request);
    assert_int_equal(request->tube.height, 100);
    assert_int_equal(request->tube.width, 200);
    assert_ptr_equal(add_tube(plan, "a_0000", &nameless, PLAN_CROP), request);
    assert_int_equal(request->tube.height, 100);
    assert_int_equal(request->clashes, 0);
    plan_free(&plan);
}

static void one_clip_name_for_two_pictures_is_a_clash(void **state)
{
    struct plan *plan = plan_alloc(NULL);
    struct tube other = first;

    (void)state;
    other.height = 200;
    other.width = 400;
    add_tube(plan, "a_0000", &first, PLAN_ROW);
    add_tube(plan, "a_0000", &other, PLAN_ROW);
    add_tube(plan, "a_0000", &other, PLAN_ROW);
    assert_int_equal(plan->total, 3);
    plan_input_ended(plan);
    assert_int_equal(record_all(plan), 3);
    plan_free(&plan);
}

static void tubes_that_differ_in_one_number_are_different(void **state)
{
    struct plan *plan = plan_alloc(NULL);

    (void)state;
    add_tube(plan, "a_0000", &first, PLAN_ROW);
    for (int i = 2; i < 8; i++) {
        struct tube other = first;

        ((int32_t *)&other)[i]++;
        add_tube(plan, "a_0000", &other, PLAN_ROW);
    }
    assert_int_equal(plan->total, 7);
    assert_int_equal(plan_pending(chunk_of(plan, "a_0000")), 7);
    plan_free(&plan);
}

static void sources_and_reasons_are_kept(void **state)
{
    struct plan *plan = plan_alloc(NULL);
    struct plan_chunk *chunk = chunk_of(plan, "a_0000"), *sibling = chunk_of(plan, "a_0001");
    struct plan_request *one = add_tube(plan, "a_0000", &first, PLAN_CROP),
                        *two = add_tube(plan, "a_0000", &second, PLAN_CROP);
    json_t *lineage = json_pack("{s:s}", "url", "u"), *range = json_object();
    struct error reason, other;

    (void)state;
    error_set(&reason, ERROR_GONE, "first");
    error_set(&other, ERROR_FORBIDDEN, "second");
    assert_int_equal(plan_describe(chunk, "old.mp4", range, NULL), 0);
    assert_int_equal(plan_describe(chunk, "other.mp4", NULL, lineage), 0);
    assert_string_equal(chunk->source, "old.mp4");
    assert_ptr_equal(chunk->range, range);
    assert_ptr_equal(sibling->video->lineage, lineage);
    assert_null(chunk_of(plan, "b_0000")->video->lineage);
    assert_int_equal(plan_remember(plan, one, &reason), 0);
    assert_int_equal(plan_remember(plan, two, &other), 0);
    assert_string_equal(one->before->error.message, "first");
    assert_string_equal(two->before->error.message, "second");
    come(plan, "a_0000"); /* knows better where it is */
    assert_string_equal(chunk->source, "path.mp4");
    assert_null(chunk->range);
    json_decref(range);
    json_decref(lineage);
    plan_free(&plan);
}

/* A few thousand random histories: of every tube that is named, as many records come as its most frequent source asks
 * for. */
static void random_histories_balance(void **state)
{
    struct tube_list *list = load(rows);
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 5000; round++) {
        static const char *const chunks[] = {"a_0000", "a_0002", "b_0000"};
        static const char *const videos[] = {"a", "b"};
        struct plan *plan = plan_alloc(list);
        struct refusal gone = {.status = STATUS_SKIPPED};
        unsigned count = 0;

        error_set(&gone.error, ERROR_GONE, "gone");
        for (int step = 0; step < 12; step++) {
            unsigned dice = (unsigned)rand_r(&seed);
            const char *chunk = chunks[dice / 16 % 3], *video = videos[dice / 64 % 2];

            switch (dice % 6) {
            case 0:
                come(plan, chunk);
                break;
            case 1:
                assert_int_equal(plan_video_complete(plan, video, NULL), 0);
                break;
            case 2:
                assert_int_equal(plan_video_refused(plan, video, &gone, NULL), 0);
                break;
            case 3:
                count += record_all(plan);
                break;
            default:
                add_tube(plan, chunk, dice / 256 % 2 ? &first : &second,
                         (enum plan_source)(PLAN_ROW + dice / 1024 % 3));
            }
        }
        plan_input_ended(plan);
        count += record_all(plan);
        assert_int_equal(count, plan->total);
        plan_input_ended(plan);
        assert_int_equal(record_all(plan), 0);
        plan_free(&plan);
    }
    tube_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_named_nothing_done),
        cmocka_unit_test(listed_tubes_wait_for_their_chunk),
        cmocka_unit_test(a_chunk_without_tubes_is_not_queued),
        cmocka_unit_test(a_row_listed_twice_is_one_request_and_two_records),
        cmocka_unit_test(a_chunk_that_comes_twice_is_done_once),
        cmocka_unit_test(listed_and_recorded_before_is_one_record),
        cmocka_unit_test(what_was_passed_on_is_not_recorded_again),
        cmocka_unit_test(gathered_tubes_are_queued_at_the_end_once_a_chunk),
        cmocka_unit_test(gathered_tubes_do_not_drag_the_list_in),
        cmocka_unit_test(a_complete_video_refuses_listed_chunks_that_did_not_come),
        cmocka_unit_test(a_refused_video_refuses_all_of_its_tubes),
        cmocka_unit_test(a_video_whose_id_begins_like_another_is_another),
        cmocka_unit_test(a_chunk_that_came_is_not_refused_later),
        cmocka_unit_test(what_runs_is_not_pending),
        cmocka_unit_test(named_again_after_its_record_is_pending_again),
        cmocka_unit_test(a_force_lasts_until_the_clip_is_made),
        cmocka_unit_test(the_listed_picture_is_taken_from_whoever_knows_it),
        cmocka_unit_test(one_clip_name_for_two_pictures_is_a_clash),
        cmocka_unit_test(tubes_that_differ_in_one_number_are_different),
        cmocka_unit_test(sources_and_reasons_are_kept),
        cmocka_unit_test(random_histories_balance),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
