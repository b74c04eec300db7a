#include "th-fetch/schedule.h"

#include <math.h>
#include <stdlib.h>

#include "common/clock.h"
#include "th-fetch/record.h"
#include "th-fetch/selection.h"
#include "th-fetch/sidecar/credits.h"
#include "th-fetch/steps/item.h"
#include "th-fetch/steps/steps.h"

struct fetch {
    const struct fetch_settings *settings;
    struct console *console;
    struct stage *stage;
    struct steps *steps;
    struct selection *selection;
    struct credits *credits; /* NULL: none are kept */
    struct item **items;     /* on their way; place for `room` */
    size_t count, room;
    int64_t taken;
    bool was_here; /* the newest line is the record of a video that was downloaded */
    json_t *seen;  /* the ids that came so far, as members */
};

/* What a record of input is to th-fetch. */
enum use { USE_BAD, USE_FETCH, USE_PASS_ON, USE_NONE };

/* Whether the id comes for the first time; notes it. A second record of a video would have all its clips made twice. */
static bool is_new(struct fetch *fetch, const struct manifest_line *line, const char *id)
{
    if (json_object_get(fetch->seen, id)) {
        console_say(fetch->console, CONSOLE_WARNING, "%s:%ld: %s has come before; it is passed over", line->file,
                    line->number, id);
        return false;
    }
    return json_object_set_new(fetch->seen, id, json_true()) == 0;
}

/* Whether this run is to say what becomes of the id. */
static bool is_ours(struct fetch *fetch, const struct manifest_line *line, const char *id)
{
    return selection_is_ours(fetch->selection, id) && is_new(fetch, line, id);
}

static enum use read_record(struct fetch *fetch, const struct manifest_line *line, struct fetch_input *input,
                            struct error *error)
{
    struct record_head head;
    const char *url_template = fetch->settings->url_template;

    if (record_read_head(line->record, &head, error) < 0)
        return USE_BAD;
    if (head.stage != STAGE_FETCH || head.kind != KIND_VIDEO)
        return USE_PASS_ON;
    if (head.status == STATUS_OK && !fetch->settings->recheck)
        return is_ours(fetch, line, head.key) ? USE_PASS_ON : USE_NONE;
    if (fetch_input_from_record(input, head.key, record_text(line->record, "url"), url_template, error) < 0)
        return USE_BAD;
    fetch->was_here = head.status == STATUS_OK;
    return is_ours(fetch, line, input->id) ? USE_FETCH : USE_NONE;
}

static enum use read_text(struct fetch *fetch, const struct manifest_line *line, struct fetch_input *input,
                          struct error *error)
{
    fetch->was_here = false;
    if (fetch_input_from_text(input, line->text, fetch->settings->url_template, error) < 0)
        return USE_BAD;
    return is_ours(fetch, line, input->id) ? USE_FETCH : USE_NONE;
}

static void add_item(struct fetch *fetch, struct fetch_input *input)
{
    struct item *item = item_alloc(input, fetch->settings->common.output);
    struct error error;

    if (!item) {
        stage_emit(fetch->stage, NULL);
        return;
    }
    if (selection_check(fetch->selection, item->input.id, &error) < 0) {
        stage_emit(fetch->stage, fetch_record_not_ok(item, &error, false));
        item_free(&item);
        return;
    }
    fetch->items[fetch->count++] = item;
    if (fetch->settings->recheck)
        steps_begin_check(fetch->steps, item, fetch->was_here);
    else
        steps_begin(fetch->steps, item);
}

static void pass_on(struct fetch *fetch, json_t *record)
{
    struct record_head head;
    struct error error;

    if (fetch->credits && record_read_head(record, &head, &error) == 0 && head.stage == STAGE_FETCH &&
        credits_add(fetch->credits, record, &error) < 0) {
        console_say(fetch->console, CONSOLE_ERROR, "%s", error.message);
        stage_stop(fetch->stage, EXIT_CANNOT);
        return;
    }
    stage_emit(fetch->stage, json_incref(record));
}

static void take(void *self, const struct manifest_line *line)
{
    struct fetch *fetch = self;
    struct fetch_input input = {0};
    struct error error;
    enum use use = line->record ? read_record(fetch, line, &input, &error) : read_text(fetch, line, &input, &error);

    fetch->taken += use == USE_FETCH || use == USE_PASS_ON;
    switch (use) {
    case USE_BAD:
        stage_bad_line(fetch->stage, line->file, line->number, &error);
        break;
    case USE_FETCH:
        add_item(fetch, &input);
        break;
    case USE_PASS_ON:
        pass_on(fetch, line->record);
        break;
    case USE_NONE:
        break;
    }
    fetch_input_clear(&input);
}

static void input_ended(void *self)
{
    struct fetch *fetch = self;

    stage_expect(fetch->stage, fetch->taken);
}

static void advance(void *self)
{
    struct fetch *fetch = self;
    size_t kept = 0;

    for (size_t i = 0; i < fetch->count; i++) {
        struct item *item = fetch->items[i];

        steps_advance(fetch->steps, item);
        if (item->step == ITEM_DONE)
            item_free(&item);
        else
            fetch->items[kept++] = item;
    }
    fetch->count = kept;
}

static bool ready(void *self)
{
    const struct fetch *fetch = self;

    return fetch->count < fetch->room;
}

static bool busy(void *self)
{
    const struct fetch *fetch = self;

    return fetch->count > 0;
}

/* Waits at most until the next item's time has come. */
static int wait_for_all(void *self, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct fetch *fetch = self;
    double now = clock_seconds();

    for (size_t i = 0; i < fetch->count; i++) {
        const struct item *item = fetch->items[i];
        double left = item->step == ITEM_DONE ? 0 : item->is_running ? INFINITY : ceil((item->wake - now) * 1000);

        if (timeout_ms < 0 || left < timeout_ms)
            timeout_ms = left > 0 ? (int)fmin(left, 1e6) : 0;
    }
    return steps_wait(fetch->steps, fds, count, timeout_ms);
}

const struct stage_program schedule_program = {
    .counts = KIND_VIDEO,
    .take = take,
    .input_ended = input_ended,
    .advance = advance,
    .ready = ready,
    .busy = busy,
    .wait = wait_for_all,
};

/* th-crop counts such rows; here they stop nothing. */
static void say_bad_row(void *context, const char *file, long line, const struct error *error)
{
    const struct fetch *fetch = context;

    console_say(fetch->console, CONSOLE_WARNING, "%s:%ld: %s", file, line, error->message);
}

struct fetch *fetch_alloc(const struct fetch_settings *settings, struct console *console)
{
    struct selection_options select = {.shard = settings->shard,
                                       .tubes = settings->tubes,
                                       .min_size = settings->min_size,
                                       .min_frames = settings->min_frames};
    struct error error = {.message = "out of memory"};
    struct fetch *fetch = calloc(1, sizeof *fetch);

    if (!fetch)
        goto failed;
    fetch->settings = settings;
    fetch->console = console;
    /* While some are downloaded as many are resolved or probed. */
    fetch->room = 2 * (size_t)settings->common.jobs;
    fetch->items = calloc(fetch->room, sizeof(struct item *));
    fetch->seen = json_object();
    if (fetch->items && fetch->seen && selection_alloc(&fetch->selection, &select, say_bad_row, fetch, &error) == 0 &&
        (!settings->attribution || settings->common.dry_run ||
         credits_alloc(&fetch->credits, settings->attribution, &error) == 0) &&
        steps_alloc(&fetch->steps, settings, fetch->credits, console, &error) == 0)
        return fetch;
failed:
    console_say(console, CONSOLE_ERROR, "cannot start: %s", error.message);
    fetch_free(&fetch);
    return NULL;
}

void fetch_free(struct fetch **fetch)
{
    if (!*fetch)
        return;
    steps_free(&(*fetch)->steps);
    for (size_t i = 0; i < (*fetch)->count; i++)
        item_free(&(*fetch)->items[i]);
    free((*fetch)->items);
    selection_free(&(*fetch)->selection);
    credits_free(&(*fetch)->credits);
    json_decref((*fetch)->seen);
    free(*fetch);
    *fetch = NULL;
}

int fetch_finish(struct fetch *fetch, struct error *error)
{
    return fetch->credits ? credits_finish(fetch->credits, error) : 0;
}

void fetch_set_stage(struct fetch *fetch, struct stage *stage)
{
    fetch->stage = stage;
    steps_set_stage(fetch->steps, stage);
}
