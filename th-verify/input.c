#include "th-verify/input.h"

#include "th-verify/record.h"

/* Rows that are taken before signals and children are served again. */
enum { ROWS_AT_ONCE = 256 };

/* Records that pass through unchanged: those of other kinds, clips that have passed (unless they are to be verified
 * again or scored), and skipped clips without a file. */
static bool passes_through(const struct verify_settings *settings, const struct record_head *head)
{
    if (head->kind != KIND_CLIP)
        return true;
    if (head->stage != STAGE_VERIFY)
        return false;
    if (head->status == STATUS_OK)
        return !settings->common.force && !settings->reference;
    return head->status == STATUS_SKIPPED && !head->path;
}

static void take_record(struct verify_schedule *schedule, const struct manifest_line *line)
{
    json_t *record = line->record;
    struct record_head head;
    struct error error;
    struct clip *clip;

    if (record_read_head(record, &head, &error)) {
        stage_bad_line(schedule->stage, line->file, line->number, &error);
        return;
    }
    report_add(schedule->report, record, &head, false);
    if (passes_through(schedule->settings, &head))
        verify_schedule_emit(schedule, json_incref(record));
    else if (head.stage != STAGE_VERIFY && head.status != STATUS_OK)
        verify_schedule_emit(schedule, verify_record_not_cropped(record, &head));
    else if (clip_from_record(&clip, record, &head, &error))
        verify_schedule_emit(schedule, verify_record_not_ok(head.key, head.path, record, STATUS_FAILED, &error));
    else
        verify_schedule_add(schedule, clip);
}

static void take_line(void *self, const struct manifest_line *line)
{
    struct verify_schedule *schedule = ((struct verify_input *)self)->schedule;
    struct error error;
    struct clip *clip;

    if (line->record)
        take_record(schedule, line);
    else if (clip_from_path(&clip, line->text, &error))
        stage_bad_line(schedule->stage, line->file, line->number, &error);
    else
        verify_schedule_add(schedule, clip);
}

static bool has_rows(const struct verify_input *input)
{
    return input->list && input->chunk < input->list->chunk_count;
}

/* Takes a row of the list. A row from which no clip can be made is skipped, as in th-crop's records. */
static void take_row(struct verify_input *input)
{
    const struct tube_chunk *chunk = &input->list->chunks[input->chunk];
    const struct tube *tube = &input->list->rows[chunk->first + input->row].tube;
    struct verify_schedule *schedule = input->schedule;
    char key[NAME_CLIP_MAX + 1];
    struct error error;
    struct clip *clip;

    if (!clip_from_row(&clip, schedule->settings->clips, chunk->name, tube, &error)) {
        verify_schedule_add(schedule, clip);
    } else {
        json_t *lineage = clip_origin(chunk->name, tube);

        tube_clip_name(chunk->name, tube, key);
        verify_schedule_emit(schedule, verify_record_not_ok(key, NULL, lineage, STATUS_SKIPPED, &error));
        json_decref(lineage);
    }
    if (++input->row == chunk->count) {
        input->chunk++;
        input->row = 0;
    }
}

static void note_end(void *self)
{
    struct verify_input *input = self;

    input->has_ended = true;
}

/* True when every clip has its record, and only the report is left to make. */
static bool is_verified(const struct verify_input *input)
{
    return input->has_ended && !has_rows(input) && verify_schedule_is_idle(input->schedule);
}

static bool can_take_row(const struct verify_input *input)
{
    return has_rows(input) && !jobs_full(stage_jobs(input->schedule->stage));
}

static void advance(void *self)
{
    struct verify_input *input = self;

    for (int i = 0; i < ROWS_AT_ONCE && can_take_row(input); i++) {
        take_row(input);
        verify_schedule_start(input->schedule, false);
    }
    verify_schedule_start(input->schedule, input->has_ended && !has_rows(input));
    if (is_verified(input))
        report_advance(input->schedule->report);
}

static bool is_busy(void *self)
{
    const struct verify_input *input = self;

    return has_rows(input) || input->schedule->waiting.count || report_is_due(input->schedule->report);
}

/* Does not wait while a row can be taken. */
static int wait_for_events(void *self, struct pollfd *fds, size_t count, int timeout_ms)
{
    const struct verify_input *input = self;

    if (can_take_row(input))
        timeout_ms = 0;
    else if (is_verified(input))
        timeout_ms = report_timeout(input->schedule->report, timeout_ms);
    return poll(fds, count, timeout_ms);
}

const struct stage_program verify_input_program = {.counts = KIND_CLIP,
                                                   .take = take_line,
                                                   .input_ended = note_end,
                                                   .advance = advance,
                                                   .busy = is_busy,
                                                   .wait = wait_for_events};
