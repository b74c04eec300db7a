#include "th-fetch/schedule.h"

#include <math.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/clock.h"
#include "th-fetch/policy/guest.h"
#include "th-fetch/record.h"
#include "th-fetch/selection.h"
#include "th-fetch/steps/item.h"
#include "th-fetch/steps/steps.h"

enum {
    ITEMS_MAX = 4096, /* also those that wait for a time */
    PAGES_TOLD = 25   /* from which on the run says how long their pages take */
};

struct schedule {
    const struct fetch_settings *settings;
    struct console *console;
    struct stage *stage;
    struct steps *steps;
    struct selection *selection;
    struct item **items; /* those that are not done; `allocated` fit in */
    size_t count, allocated;
    size_t room;      /* for those that do not wait for a time */
    bool has_ended;   /* the input */
    int64_t expected; /* records that the input so far will give */
    json_t *seen;     /* its members are the ids so far */
};

/* Whether the id is a new one; notes it. A second record of a video would make all its clips twice. */
static bool is_new(struct schedule *schedule, const struct manifest_line *line, const char *id)
{
    if (json_object_get(schedule->seen, id)) {
        console_say(schedule->console, CONSOLE_WARNING, "%s:%ld: %s is listed again and skipped", line->file,
                    line->number, id);
        return false;
    }
    return json_object_set_new(schedule->seen, id, json_true()) == 0;
}

/* Whether this run writes a record for the id. */
static bool is_ours(struct schedule *schedule, const struct manifest_line *line, const char *id)
{
    return selection_is_ours(schedule->selection, id) && is_new(schedule, line, id);
}

static void add_item(struct schedule *schedule, struct fetch_input *input)
{
    bool was_here = input->was_here;
    struct item *item = item_alloc(input, schedule->settings->common.output);
    struct item **items =
        array_make_room(schedule->items, schedule->count, &schedule->allocated, sizeof(struct item *));
    struct error error;

    if (items)
        schedule->items = items;
    if (!item || !items) {
        item_free(&item);
        stage_emit(schedule->stage, NULL);
        return;
    }
    if (selection_check(schedule->selection, item->input.id, &error) < 0) {
        stage_emit(schedule->stage, fetch_record_not_ok(item, &error, false));
        item_free(&item);
        return;
    }
    item->listed_height = selection_height(schedule->selection, item->input.id);
    schedule->items[schedule->count++] = item;
    if (schedule->settings->recheck)
        steps_begin_check(schedule->steps, item, was_here);
    else
        steps_begin(schedule->steps, item);
}

static void pass_on(struct schedule *schedule, json_t *record, bool is_video)
{
    struct error error;

    if (is_video && steps_credit(schedule->steps, record, &error) < 0) {
        console_say(schedule->console, CONSOLE_ERROR, "%s", error.message);
        stage_stop(schedule->stage, EXIT_CANNOT);
        return;
    }
    stage_emit(schedule->stage, json_incref(record));
}

static void take_line(void *self, const struct manifest_line *line)
{
    struct schedule *schedule = self;
    const struct fetch_settings *settings = schedule->settings;
    struct fetch_input input;
    struct error error;

    if (fetch_input_read(&input, line, settings->url_template, settings->recheck, &error) < 0) {
        stage_bad_line(schedule->stage, line->file, line->number, &error);
        return;
    }
    if (!input.id || is_ours(schedule, line, input.id)) {
        schedule->expected++;
        if (input.intent == FETCH_INPUT_PASS_ON)
            pass_on(schedule, line->record, input.id);
        else
            add_item(schedule, &input);
    }
    fetch_input_clear(&input);
}

static size_t waiting_guests(const struct schedule *schedule)
{
    size_t waiting = 0;

    for (size_t i = 0; i < schedule->count; i++)
        waiting += item_waits_as_guest(schedule->items[i]);
    return waiting;
}

/* A pace that nobody has asked for is told, with the time that it takes. */
static void say_duration(const struct schedule *schedule)
{
    size_t pages = waiting_guests(schedule);
    char duration[40];

    if (pages < PAGES_TOLD)
        return;
    double gap = (double)schedule->settings->parallel_runs * GUEST_GAP;

    guest_duration(pages, gap, duration, sizeof duration);
    console_say(
        schedule->console, CONSOLE_WARNING,
        "%zu videos at this pace: %s (a page of YouTube each %g seconds, as guests may; --sleep-interval changes "
        "it)",
        pages, duration, gap);
}

static void release_when_done(struct schedule *schedule)
{
    if (schedule->has_ended && schedule->count == 0)
        steps_release(schedule->steps);
}

static void input_ended(void *self)
{
    struct schedule *schedule = self;

    stage_expect(schedule->stage, schedule->expected);
    say_duration(schedule);
    schedule->has_ended = true;
    release_when_done(schedule);
}

static void advance(void *self)
{
    struct schedule *schedule = self;
    size_t kept = 0;

    for (size_t i = 0; i < schedule->count; i++) {
        struct item *item = schedule->items[i];

        steps_advance(schedule->steps, item);
        if (item->step == ITEM_DONE)
            item_free(&item);
        else
            schedule->items[kept++] = item;
    }
    schedule->count = kept;
    release_when_done(schedule);
}

/* The videos that wait for their turn as guests, or whose download waits until the server gives it, take no room, so
 * that the others go on. */
static bool ready(void *self)
{
    const struct schedule *schedule = self;
    size_t waiting = 0;

    for (size_t i = 0; i < schedule->count; i++)
        waiting += schedule->items[i]->is_early && schedule->items[i]->not_before > clock_seconds();
    waiting += waiting_guests(schedule);
    return schedule->count < ITEMS_MAX && schedule->count - waiting < schedule->room;
}

static bool busy(void *self)
{
    const struct schedule *schedule = self;

    return schedule->count > 0;
}

/* Waits until something happens, or until the earliest item->wake. */
static int wait_for_all(void *self, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct schedule *schedule = self;
    double now = clock_seconds();

    for (size_t i = 0; i < schedule->count; i++) {
        const struct item *item = schedule->items[i];
        double left = item->step == ITEM_DONE ? 0 : item->is_running ? INFINITY : ceil((item->wake - now) * 1000);

        if (timeout_ms < 0 || left < timeout_ms)
            timeout_ms = left > 0 ? (int)fmin(left, 1e6) : 0;
    }
    return steps_wait(schedule->steps, fds, count, timeout_ms);
}

static const struct stage_program program = {
    .counts = KIND_VIDEO,
    .take = take_line,
    .input_ended = input_ended,
    .advance = advance,
    .ready = ready,
    .busy = busy,
    .wait = wait_for_all,
};

/* A warning only: th-crop counts such rows. */
static void say_bad_row(void *context, const char *file, long line, const struct error *error)
{
    const struct schedule *schedule = context;

    console_say(schedule->console, CONSOLE_WARNING, "%s:%ld: %s", file, line, error->message);
}

static int set_up(struct schedule *schedule, struct error *error)
{
    const struct fetch_settings *settings = schedule->settings;

    /* While `jobs` videos are downloaded, as many can be resolved or probed. */
    schedule->room = 2 * (size_t)settings->common.jobs;
    schedule->seen = json_object();
    if (!schedule->seen)
        return error_set(error, ERROR_IO, "out of memory");
    if (selection_alloc(&schedule->selection, settings, say_bad_row, schedule, error) < 0)
        return -1;
    if (steps_alloc(&schedule->steps, settings, schedule->console, error) < 0)
        return -1;
    steps_set_tubes(schedule->steps, selection_tubes(schedule->selection));
    return 0;
}

int fetch_schedule_run(const struct fetch_settings *settings, struct console *console, char *const *files, int count)
{
    struct schedule schedule = {.settings = settings, .console = console};
    struct error error;
    int status = EXIT_CANNOT;

    if (set_up(&schedule, &error) < 0) {
        console_say(console, CONSOLE_ERROR, "cannot start: %s", error.message);
        goto end;
    }
    schedule.stage = stage_alloc(&program, &schedule, &settings->common, console, files, count);
    if (!schedule.stage)
        goto end;
    steps_set_stage(schedule.steps, schedule.stage);
    status = stage_run(schedule.stage);
    if (steps_complete(schedule.steps, &error) < 0) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        status = status < 128 ? EXIT_CANNOT : status;
    }
end:
    stage_free(&schedule.stage);
    steps_free(&schedule.steps);
    for (size_t i = 0; i < schedule.count; i++)
        item_free(&schedule.items[i]);
    free(schedule.items);
    selection_free(&schedule.selection);
    json_decref(schedule.seen);
    return status;
}
