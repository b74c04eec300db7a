#include "th-verify/input.h"

#include <string.h>

/* Rows that are taken before signals and children are served again. */
enum { ROWS_AT_ONCE = 256 };

/* What is not a clip, what is proven (unless it is to be scored), and what cannot be proven for want of a clip goes on
 * as it is. */
static bool passes_on(const struct verify_input *input, const struct record_head *head)
{
    if (head->kind != KIND_CLIP)
        return true;
    if (head->stage != STAGE_VERIFY)
        return false;
    if (head->status == STATUS_OK)
        return !input->schedule->settings->common.force && !input->schedule->settings->reference;
    return head->status == STATUS_SKIPPED && !head->path;
}

/* The verdict on a clip that th-crop did not make: its own word, and whether a rerun may help. */
static json_t *not_cropped(const struct record_head *head, const json_t *record)
{
    static const char *const members[] = {"error", "retry", NULL};
    static const char prefix[] = "not cropped: ";
    const char *message = record_text(record, "message");
    struct error error;
    json_t *skipped;

    if (!message)
        message = "the record does not say why";
    /* What came back through th-crop says so already. */
    error_set(&error, head->error == ERROR_NONE ? ERROR_IO : head->error, "%s%s",
              strncmp(message, prefix, sizeof prefix - 1) ? prefix : "", message);
    skipped = verify_record_not_ok(head->key, NULL, record, STATUS_SKIPPED, &error);
    record_copy(&skipped, record, members);
    return skipped;
}

static void take_record(struct verify_input *input, const struct manifest_line *line)
{
    struct record_head head;
    struct error error;
    struct clip *clip;

    if (record_read_head(line->record, &head, &error)) {
        stage_bad_line(input->schedule->stage, line->file, line->number, &error);
        return;
    }
    report_add(input->schedule->report, line->record, &head, false);
    if (passes_on(input, &head))
        verify_schedule_emit(input->schedule, json_incref(line->record));
    else if (head.stage != STAGE_VERIFY && head.status != STATUS_OK)
        verify_schedule_emit(input->schedule, not_cropped(&head, line->record));
    else if (clip_from_record(&clip, line->record, &head, &error))
        verify_schedule_emit(input->schedule,
                             verify_record_not_ok(head.key, head.path, line->record, STATUS_FAILED, &error));
    else
        verify_schedule_add(input->schedule, clip);
}

static void take_line(void *self, const struct manifest_line *line)
{
    struct verify_input *input = self;
    struct error error;
    struct clip *clip;

    if (line->record)
        take_record(input, line);
    else if (clip_from_path(&clip, line->text, &error))
        stage_bad_line(input->schedule->stage, line->file, line->number, &error);
    else
        verify_schedule_add(input->schedule, clip);
}

static bool has_rows(const struct verify_input *input)
{
    return input->list && input->chunk < input->list->chunk_count;
}

/* A row from which no clip can be made is skipped, as th-crop's records of it are. */
static void take_row(struct verify_input *input)
{
    const struct tube_chunk *chunk = &input->list->chunks[input->chunk];
    const struct tube *tube = &input->list->rows[chunk->first + input->row].tube;
    char key[NAME_CLIP_MAX + 1];
    struct error error;
    struct clip *clip;

    if (!clip_from_row(&clip, input->schedule->settings->clips, chunk->name, tube, &error)) {
        verify_schedule_add(input->schedule, clip);
    } else {
        json_t *lineage = verify_record_lineage(chunk->name, tube);

        tube_clip_name(chunk->name, tube, key);
        verify_schedule_emit(input->schedule, verify_record_not_ok(key, NULL, lineage, STATUS_SKIPPED, &error));
        json_decref(lineage);
    }
    if (++input->row == chunk->count) {
        input->chunk++;
        input->row = 0;
    }
}

static void input_ended(void *self)
{
    struct verify_input *input = self;

    input->has_ended = true;
}

/* True when every clip has its verdict, and only the report is left to do. */
static bool is_verified(const struct verify_input *input)
{
    return input->has_ended && !has_rows(input) && verify_schedule_is_idle(input->schedule);
}

static void advance(void *self)
{
    struct verify_input *input = self;

    for (int i = 0; i < ROWS_AT_ONCE && has_rows(input) && !jobs_full(stage_jobs(input->schedule->stage)); i++) {
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

    return has_rows(input) || input->schedule->batches.count || report_is_due(input->schedule->report);
}

/* There is nothing to wait for while a row can be taken. */
static int wait_for_events(void *self, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct verify_input *input = self;

    if (has_rows(input) && !jobs_full(stage_jobs(input->schedule->stage)))
        timeout_ms = 0;
    else if (is_verified(input))
        timeout_ms = report_timeout(input->schedule->report, timeout_ms);
    return poll(fds, count, timeout_ms);
}

const struct stage_program verify_input_program = {.counts = KIND_CLIP,
                                                   .take = take_line,
                                                   .input_ended = input_ended,
                                                   .advance = advance,
                                                   .busy = is_busy,
                                                   .wait = wait_for_events};
