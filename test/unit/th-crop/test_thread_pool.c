/* Threads that share the work on frames: each queue sees its frames in order, whoever works. */
#include "test/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "th-crop/thread_pool.h"

enum { QUEUES = 5, FRAMES = 200 };

/* What one queue has seen. */
struct clip {
    struct thread_pool_queue queue; /* first member: a pointer to it is a pointer to the clip */
    int64_t numbers[FRAMES];
    size_t count;
    atomic_int inside; /* threads that work on it */
};

struct test {
    struct clip clips[QUEUES];
    int processors;
    pthread_t caller;
    atomic_int at_work, most_at_work, by_others;
    atomic_bool is_wrong;
};

static void work(void *self, struct thread_pool_queue *queue, const AVFrame *frame, int64_t number)
{
    struct test *test = self;
    struct clip *clip = (struct clip *)queue;
    int now = ++test->at_work;

    if (now > test->most_at_work)
        test->most_at_work = now;
    if (++clip->inside > 1 || frame->pts != number)
        test->is_wrong = true;
    if (!pthread_equal(pthread_self(), test->caller))
        test->by_others++;
    usleep(50); /* so that others come between, if they can */
    clip->numbers[clip->count++] = number;
    clip->inside--;
    test->at_work--;
}

static int processors(void *self)
{
    return ((struct test *)self)->processors;
}

/* Frame n goes to the queues whose bits are set in n; all of them are the same picture, whose references are counted.
 */
static void run(struct test *test, int threads, int free_processors)
{
    const struct thread_pool_task task = {work, processors, test};
    AVFrame *frame = av_frame_alloc();
    struct thread_pool *pool;

    memset(test, 0, sizeof *test);
    test->processors = free_processors;
    test->caller = pthread_self();
    pool = thread_pool_alloc(&task, threads);
    assert_non_null(pool);
    assert_non_null(frame);
    frame->format = 0;
    frame->width = frame->height = 16;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    for (int64_t number = 0; number < FRAMES; number++) {
        struct thread_pool_queue *queues[QUEUES];
        size_t count = 0;

        for (int i = 0; i < QUEUES; i++)
            if (number >> i & 1)
                queues[count++] = &test->clips[i].queue;
        frame->pts = number;
        assert_int_equal(thread_pool_give(pool, queues, count, frame, number), 0);
    }
    thread_pool_finish(pool);
    assert_int_equal(av_buffer_get_ref_count(frame->buf[0]), 1);
    thread_pool_free(&pool);
    assert_null(pool);
    av_frame_free(&frame);
}

static void check(const struct test *test)
{
    assert_false(test->is_wrong);
    for (int i = 0; i < QUEUES; i++) {
        size_t count = 0;

        for (int64_t number = 0; number < FRAMES; number++)
            if (number >> i & 1)
                assert_int_equal(test->clips[i].numbers[count++], number);
        assert_int_equal(test->clips[i].count, count);
    }
}

static void without_threads_the_caller_does_all(void **state)
{
    struct test test = {0};

    (void)state;
    run(&test, 0, 8);
    check(&test);
    assert_int_equal(test.by_others, 0);
    assert_int_equal(test.most_at_work, 1);
}

static void queues_keep_their_order_with_any_number_of_threads(void **state)
{
    struct test test = {0};
    int by_others = 0;

    (void)state;
    for (int threads = 1; threads <= 20; threads += 3) {
        run(&test, threads, threads + 1);
        check(&test);
        by_others += test.by_others;
    }
    assert_true(by_others > 0);
}

static void threads_wait_while_no_processor_is_free(void **state)
{
    struct test test = {0};

    (void)state;
    run(&test, 4, 1);
    check(&test);
    assert_int_equal(test.by_others, 0);
    run(&test, 4, 2);
    check(&test);
    assert_true(test.most_at_work <= 2);
}

static void a_pool_can_end_without_work(void **state)
{
    struct test test = {.processors = 2};
    const struct thread_pool_task task = {work, processors, &test};
    struct thread_pool *pool = thread_pool_alloc(&task, 3);

    (void)state;
    assert_non_null(pool);
    thread_pool_finish(pool);
    thread_pool_free(&pool);
    thread_pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_threads_the_caller_does_all),
        cmocka_unit_test(queues_keep_their_order_with_any_number_of_threads),
        cmocka_unit_test(threads_wait_while_no_processor_is_free),
        cmocka_unit_test(a_pool_can_end_without_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
