#include "common/stage/jobs.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/unit.h"

/* One piece of work and what was reported about it. */
struct item {
    void (*act)(struct job *job); /* what its child does */
    int reports;
    int ended;
    char last[64];    /* the "text" of its last report */
    json_int_t child; /* the "child" of its last report */
    struct error fault;
};

static int work(struct job *job, void *context)
{
    struct item *item = context;

    item->act(job);
    return 0;
}

/* The watchdog's limit in seconds: long enough for a child that waits for a processor on a busy machine. */
static const double patience = 4;

/* Stops the child for longer than the watchdog allows, as if the whole process tree were stopped. */
static void stop_for_a_while(pid_t child)
{
    kill(child, SIGSTOP);
    usleep((useconds_t)((patience + 1) * 1000000));
    kill(child, SIGCONT);
}

static int report(void *owner, void *context, json_t *record)
{
    struct item *item = context;

    (void)owner;
    item->reports++;
    if (json_object_get(record, "stop me"))
        stop_for_a_while((pid_t)json_integer_value(json_object_get(record, "stop me")));
    snprintf(item->last, sizeof item->last, "%s", json_string_value(json_object_get(record, "text")));
    item->child = json_integer_value(json_object_get(record, "child"));
    return json_object_get(record, "lie") ? -1 : 0;
}

static void ended(void *owner, void *context, const struct error *fault)
{
    struct item *item = context;

    (void)owner;
    item->ended++;
    if (fault)
        item->fault = *fault;
}

static const struct job_task task = {.work = work, .report = report, .ended = ended};

/* The order is the item's `last`. */
static json_t *order(void *context)
{
    const struct item *item = context;

    return item->last[0] ? json_pack("{s:s}", "do", item->last) : NULL;
}

static int serve(struct job *job, const json_t *words)
{
    static int served;
    const char *what = json_string_value(json_object_get(words, "do"));

    if (strcmp(what, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(what, "crash") == 0 || (strcmp(what, "crash later") == 0 && served > 0)) {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    }
    served++;
    return job_report(job, json_pack("{s:s, s:I}", "text", "served", "child", (json_int_t)getpid()));
}

static const struct job_task service = {.work = work, .report = report, .ended = ended, .order = order, .serve = serve};

static void say(struct job *job, const char *text)
{
    if (job_report(job, json_pack("{s:s}", "text", text)))
        exit(1);
}

static void behave(struct job *job)
{
    say(job, "first");
    say(job, "last");
}

static void crash(struct job *job)
{
    say(job, "before");
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would exit instead */
    raise(SIGSEGV);
}

static void hang(struct job *job)
{
    (void)job;
    for (;;)
        pause();
}

/* Works longer than the limit, but calls job_alive. */
static void plod(struct job *job)
{
    for (int i = 0; i < 50; i++) {
        usleep(100000);
        job_alive(job);
    }
    say(job, "done");
}

/* Is stopped with its parent, and needs half a second more then. */
static void be_stopped(struct job *job)
{
    (void)job_report(job, json_pack("{s:s, s:i}", "text", "before", "stop me", (int)getpid()));
    usleep(500000);
    say(job, "after");
}

/* Shared memory: one child has seen that both children are at work. */
static atomic_bool *have_met;

/* Ends when it has seen two processors, and then four. */
static void count_processors(struct job *job)
{
    while (job_processors(job) != 2)
        usleep(1000);
    *have_met = true;
    while (job_processors(job) != 4)
        usleep(1000);
    say(job, "four");
}

/* Waits until the other child has seen it. */
static void come_and_go(struct job *job)
{
    (void)job;
    while (!*have_met)
        usleep(1000);
}

static void leave(struct job *job)
{
    (void)job;
    exit(5);
}

static void talk_much(struct job *job)
{
    for (int i = 0; i < 20000; i++)
        say(job, "a word among very many");
}

static void take_memory(struct job *job)
{
    char *memory = malloc(512u << 20);

    say(job, memory ? "got it" : "refused");
    free(memory);
}

/* Writes to every descriptor above stderr, as a child that hostile media has taken over would. */
static void write_everywhere(const char *text, size_t length)
{
    for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
        if (write(fd, text, length) < 0)
            continue;
}

static void send_no_json(struct job *job)
{
    say(job, "before");
    write_everywhere("{\"tube\": \n", 10);
    hang(job);
}

static void send_endless_line(struct job *job)
{
    static char text[1 << 16];

    (void)job;
    memset(text, 'x', sizeof text);
    for (;;)
        write_everywhere(text, sizeof text);
}

/* Has memory for no more than it has already. */
static void run_out_of_memory(struct job *job)
{
    const struct rlimit none = {0, 0};
    json_t *list = json_array();

    (void)job;
    if (setrlimit(RLIMIT_AS, &none))
        exit(1);
    for (;;)
        json_array_append_new(list, json_integer(1));
}

static void lie(struct job *job)
{
    (void)job_report(job, json_pack("{s:s, s:b}", "text", "untrue", "lie", 1));
    hang(job);
}

/* Reports how many descriptors beside stdin, stdout and stderr are open, and whether stdout goes nowhere. */
static void count_files(struct job *job)
{
    struct stat null, out;
    int count = 0;

    for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    if (stat("/dev/null", &null) || fstat(STDOUT_FILENO, &out))
        exit(1);
    say(job, count == 1 && null.st_rdev == out.st_rdev ? "one" : "more");
}

/* Runs all items, `limit` at a time. */
static void run_task(const struct job_task *kind, struct item *items, int count, const struct jobs_options *options)
{
    struct jobs *jobs = jobs_alloc(options, NULL);
    struct error error;
    int started = 0;

    while (started < count || jobs_running(jobs)) {
        struct pollfd fds[16];
        int timeout = -1;
        size_t prepared;

        while (started < count && !jobs_full(jobs))
            assert_int_equal(jobs_start(jobs, kind, &items[started++], &error), 0);
        prepared = jobs_prepare(jobs, fds, 16, &timeout);
        assert_true(prepared >= (size_t)jobs_running(jobs));
        assert_true(poll(fds, prepared, timeout) >= 0);
        jobs_handle(jobs, fds, prepared);
    }
    jobs_free(&jobs);
    assert_null(jobs);
}

static void run(struct item *items, int count, const struct jobs_options *options)
{
    run_task(&task, items, count, options);
}

static void a_crash_loses_its_own_work_only(void **state)
{
    struct item items[] = {{.act = behave}, {.act = crash},     {.act = behave},
                           {.act = leave},  {.act = talk_much}, {.act = behave}};
    struct jobs_options options = {.limit = 2, .stall_timeout = 30};

    (void)state;
    run(items, COUNT_OF(items), &options);
    for (size_t i = 0; i < COUNT_OF(items); i++)
        assert_int_equal(items[i].ended, 1);
    assert_int_equal(items[0].reports, 2);
    assert_string_equal(items[0].last, "last");
    assert_int_equal(items[0].fault.word, ERROR_NONE);
    assert_int_equal(items[1].reports, 1);
    assert_int_equal(items[1].fault.word, ERROR_CRASHED);
    assert_non_null(strstr(items[1].fault.message, "SIGSEGV"));
    assert_int_equal(items[3].fault.word, ERROR_CRASHED);
    assert_non_null(strstr(items[3].fault.message, "status 5"));
    assert_int_equal(items[4].reports, 20000);
    assert_int_equal(items[5].reports, 2);
}

static void the_watchdog_kills_a_child_without_progress(void **state)
{
    struct item items[] = {{.act = hang}, {.act = plod}};
    struct jobs_options options = {.limit = 2, .stall_timeout = patience};

    (void)state;
    run(items, COUNT_OF(items), &options);
    assert_int_equal(items[0].fault.word, ERROR_STALLED);
    assert_int_equal(items[1].fault.word, ERROR_NONE);
    assert_string_equal(items[1].last, "done");
}

static void a_short_limit_kills_no_child_that_works(void **state)
{
    struct jobs_options options = {.limit = 1, .stall_timeout = 0.8};
    struct item item = {0};

    (void)state;
    /* Again when the child may have had no processor for 600 ms. */
    for (int i = 0; i < 10 && !item.reports; i++) {
        item = (struct item){.act = plod};
        run(&item, 1, &options);
    }
    assert_string_equal(item.last, "done");
}

static void time_in_which_the_parent_did_not_run_stalls_no_child(void **state)
{
    struct item items[] = {{.act = be_stopped}, {.act = be_stopped}};
    struct jobs_options options = {.limit = 2, .stall_timeout = patience};

    (void)state;
    run(items, COUNT_OF(items), &options);
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        assert_int_equal(items[i].fault.word, ERROR_NONE);
        assert_string_equal(items[i].last, "after");
    }
}

static void the_share_of_processors_grows_when_others_end(void **state)
{
    struct item items[] = {{.act = count_processors}, {.act = come_and_go}};
    struct jobs_options options = {.limit = 4, .stall_timeout = 30};

    (void)state;
    have_met = mmap(NULL, sizeof *have_met, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(have_met != MAP_FAILED);
    run(items, COUNT_OF(items), &options);
    assert_string_equal(items[0].last, "four");
    assert_int_equal(items[1].fault.word, ERROR_NONE);
    munmap(have_met, sizeof *have_met);
}

/* The sanitizers need address space and memory of their own. */
static void skip_with_sanitizer(void)
{
#if defined(__SANITIZE_ADDRESS__)
    skip();
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    skip();
#endif
#endif
}

static void memory_is_limited(void **state)
{
    struct item items[] = {{.act = take_memory}};
    struct jobs_options options = {.limit = 1, .max_memory = 256 << 20};

    (void)state;
    skip_with_sanitizer();
    run(items, 1, &options);
    assert_int_equal(items[0].fault.word, ERROR_CRASHED);
    assert_string_equal(items[0].fault.message,
                        "the working process ran out of memory, of which --max-memory allows 256 MiB");
    items[0] = (struct item){.act = take_memory};
    struct job_task any = task;

    any.runs_command = true;
    run_task(&any, items, 1, &options);
    assert_string_equal(items[0].last, "got it");
}

static void nonsense_costs_only_the_work_of_its_child(void **state)
{
    static void (*const liars[])(struct job *) = {send_no_json, send_endless_line, lie};
    struct jobs_options options = {.limit = 2, .stall_timeout = 30};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(liars); i++) {
        struct item items[] = {{.act = liars[i]}, {.act = behave}};

        run(items, COUNT_OF(items), &options);
        assert_int_equal(items[0].fault.word, ERROR_CRASHED);
        assert_non_null(strstr(items[0].fault.message, "no record of its work"));
        assert_int_equal(items[1].fault.word, ERROR_NONE);
        assert_int_equal(items[1].reports, 2);
    }
}

static void a_child_that_runs_out_of_memory_drops_no_record(void **state)
{
    struct item items[] = {{.act = run_out_of_memory}};
    struct jobs_options options = {.limit = 1, .stall_timeout = 30};

    (void)state;
    skip_with_sanitizer();
    run(items, 1, &options);
    assert_int_equal(items[0].fault.word, ERROR_CRASHED);
    assert_non_null(strstr(items[0].fault.message, "out of memory"));
}

static void a_child_has_no_descriptor_of_its_parent(void **state)
{
    struct item items[] = {{.act = count_files}};
    struct jobs_options options = {.limit = 1, .stall_timeout = 30};
    int fd = open("/dev/null", O_RDONLY);

    (void)state;
    assert_true(fd >= 0);
    run(items, 1, &options);
    assert_string_equal(items[0].last, "one");
    close(fd);
}

static void one_child_serves_many_orders(void **state)
{
    struct item items[150];
    struct jobs_options options = {.limit = 1, .stall_timeout = 30};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(items); i++)
        items[i] = (struct item){.last = "serve"};
    run_task(&service, items, COUNT_OF(items), &options);
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        assert_int_equal(items[i].ended, 1);
        assert_int_equal(items[i].reports, 1);
        assert_int_equal(items[i].fault.word, ERROR_NONE);
    }
    assert_int_equal(items[1].child, items[0].child);
    assert_int_equal(items[99].child, items[0].child);
    assert_int_not_equal(items[100].child, items[0].child); /* ORDERS_MAX was reached */
    assert_int_equal(items[149].child, items[100].child);
}

static void a_crash_while_serving_loses_its_own_work_only(void **state)
{
    struct item items[] = {{.last = "serve"},       {.last = "crash"}, {.last = "serve"},
                           {.last = "crash later"}, {.last = "hang"},  {.last = "serve"}};
    struct jobs_options options = {.limit = 1, .stall_timeout = patience};

    (void)state;
    run_task(&service, items, COUNT_OF(items), &options);
    for (size_t i = 0; i < COUNT_OF(items); i++)
        assert_int_equal(items[i].ended, 1);
    assert_int_equal(items[1].fault.word, ERROR_CRASHED);
    assert_int_equal(items[2].fault.word, ERROR_NONE);
    /* The earlier orders had damaged the child. A new child does the work. */
    assert_int_equal(items[3].fault.word, ERROR_NONE);
    assert_int_equal(items[3].reports, 1);
    assert_int_equal(items[4].fault.word, ERROR_STALLED);
    assert_string_equal(items[5].last, "served");
}

static void idle_children_are_ended_to_make_room(void **state)
{
    struct item items[] = {{.last = "serve"}, {.act = behave}, {.last = "serve"}};
    struct jobs_options options = {.limit = 1, .stall_timeout = 30};

    (void)state;
    run_task(&service, items, COUNT_OF(items), &options);
    assert_string_equal(items[1].last, "last");
    assert_string_equal(items[2].last, "served");
    assert_int_not_equal(items[2].child, items[0].child);
}

static void freeing_the_pool_kills_its_children(void **state)
{
    struct item item = {.act = hang};
    struct jobs_options options = {.limit = 1};
    struct jobs *jobs = jobs_alloc(&options, NULL);
    struct error error;

    (void)state;
    assert_int_equal(jobs_start(jobs, &task, &item, &error), 0);
    assert_true(jobs_full(jobs));
    jobs_free(&jobs);
    assert_int_equal(item.ended, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_crash_loses_its_own_work_only),
                                       cmocka_unit_test(the_watchdog_kills_a_child_without_progress),
                                       cmocka_unit_test(a_short_limit_kills_no_child_that_works),
                                       cmocka_unit_test(time_in_which_the_parent_did_not_run_stalls_no_child),
                                       cmocka_unit_test(nonsense_costs_only_the_work_of_its_child),
                                       cmocka_unit_test(a_child_that_runs_out_of_memory_drops_no_record),
                                       cmocka_unit_test(a_child_has_no_descriptor_of_its_parent),
                                       cmocka_unit_test(one_child_serves_many_orders),
                                       cmocka_unit_test(a_crash_while_serving_loses_its_own_work_only),
                                       cmocka_unit_test(idle_children_are_ended_to_make_room),
                                       cmocka_unit_test(memory_is_limited),
                                       cmocka_unit_test(the_share_of_processors_grows_when_others_end),
                                       cmocka_unit_test(freeing_the_pool_kills_its_children)};

    signal(SIGPIPE, SIG_IGN); /* required by jobs.h */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
