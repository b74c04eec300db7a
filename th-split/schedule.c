#include "th-split/schedule.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/cut/partial_file.h"
#include "common/cut/segmenter.h"
#include "common/name.h"
#include "common/stage/record.h"
#include "th-split/input.h"
#include "th-split/job.h"
#include "th-split/record.h"

/* A video that is being split. */
struct item {
    struct split_work work;
    json_t *report; /* what the child said; NULL: nothing yet */
    struct item *next;
};

struct split_schedule {
    const struct split_settings *settings;
    struct stage *stage;
    const struct tube_list *tubes;
    json_t *taken;               /* object of id: source, of each video that came in */
    json_t *emitted[KIND_COUNT]; /* objects of key: true, so that no ok record is written twice */
    struct item *items;
};

struct split_schedule *split_schedule_alloc(const struct split_settings *settings)
{
    struct split_schedule *schedule = calloc(1, sizeof *schedule);

    if (!schedule)
        return NULL;
    schedule->settings = settings;
    schedule->taken = json_object();
    schedule->emitted[KIND_VIDEO] = json_object();
    schedule->emitted[KIND_CHUNK] = json_object();
    if (!schedule->taken || !schedule->emitted[KIND_VIDEO] || !schedule->emitted[KIND_CHUNK])
        split_schedule_free(&schedule);
    return schedule;
}

static void free_item(struct item *item)
{
    split_input_free(&item->work.request);
    split_index_free(&item->work.known);
    work_folder_close(&item->work.folder);
    json_decref(item->report);
    free(item);
}

void split_schedule_free(struct split_schedule **schedule)
{
    if (!*schedule)
        return;
    for (struct item *item = (*schedule)->items, *next; item; item = next) {
        next = item->next;
        free_item(item);
    }
    json_decref((*schedule)->taken);
    json_decref((*schedule)->emitted[KIND_VIDEO]);
    json_decref((*schedule)->emitted[KIND_CHUNK]);
    free(*schedule);
    *schedule = NULL;
}

void split_schedule_serve(struct split_schedule *schedule, struct stage *stage, const struct tube_list *tubes)
{
    schedule->stage = stage;
    schedule->tubes = tubes;
}

/* Writes record (stolen), unless it repeats an ok record of th-split with the same kind and key. */
static void emit(struct split_schedule *schedule, json_t *record)
{
    struct record_head head;
    struct error ignored;
    json_t *emitted = NULL;

    if (record && !record_read_head(record, &head, &ignored) && head.stage == STAGE_SPLIT && head.status == STATUS_OK)
        emitted = schedule->emitted[head.kind];
    if (emitted && json_object_get(emitted, head.key)) {
        json_decref(record);
        return;
    }
    if (emitted && json_object_set_new(emitted, head.key, json_true())) {
        json_decref(record);
        record = NULL;
    }
    stage_emit(schedule->stage, record);
}

static void drop_item(struct split_schedule *schedule, struct item *item)
{
    struct item **place = &schedule->items;

    while (*place != item)
        place = &(*place)->next;
    *place = item->next;
    free_item(item);
}

/* The chunks that the child calls stale, when it has succeeded; NULL for the record of a failure. */
static const json_t *stale_of(const json_t *report)
{
    return json_object_get(report, "stale");
}

/* Checks what the child says, which is one line. */
static int report(void *owner, void *place, json_t *message)
{
    struct item *item = place;
    struct record_head head;
    struct error ignored;

    (void)owner;
    if (item->report)
        return -1;
    if (!json_is_array(stale_of(message)) &&
        (record_read_head(message, &head, &ignored) || head.stage != STAGE_SPLIT || head.kind != KIND_VIDEO ||
         head.status == STATUS_OK || head.path || strcmp(head.key, item->work.request.id) != 0))
        return -1;
    item->report = json_incref(message);
    return 0;
}

/* Writes the records of the video and its listed chunks. */
static void emit_index(struct split_schedule *schedule, const struct split_work *w, const struct split_index *index,
                       bool is_cached)
{
    for (size_t i = 0; i < index->count; i++)
        if (split_job_is_listed(w, i))
            emit(schedule,
                 split_job_chunk_record(w, index, i, is_cached || (w->no_copy && index->chunks[i].is_written)));
    emit(schedule, split_record_video(&w->request, index, is_cached));
}

/* Finishes a video that the child has cut, and writes its records. 0, or -1 and error. */
static int finish(struct split_schedule *schedule, const struct item *item, struct error *error)
{
    struct split_index *index;

    if (split_job_finish(&item->work, stale_of(item->report), &index, error))
        return -1;
    if (*index->dropped)
        console_say(stage_console(schedule->stage), CONSOLE_WARNING, "%s: mp4 cannot hold %s, left out",
                    item->work.request.id, index->dropped);
    emit_index(schedule, &item->work, index, false);
    split_index_free(&index);
    return 0;
}

static void ended(void *owner, void *place, const struct error *fault)
{
    struct split_schedule *schedule = owner;
    struct item *item = place;
    struct error error;

    error_set(&error, ERROR_CRASHED, "the child process ended without a record");
    if (!item->report)
        stage_emit(schedule->stage, split_record_failure(&item->work.request, STATUS_FAILED, fault ? fault : &error));
    else if (!stale_of(item->report))
        emit(schedule, json_incref(item->report));
    else if (finish(schedule, item, &error))
        stage_emit(schedule->stage, split_record_failure(&item->work.request, STATUS_FAILED, &error));
    drop_item(schedule, item);
}

static int work(struct job *job, void *item)
{
    return split_job_run(&((struct item *)item)->work, job);
}

static bool access_files(const void *item, struct sandbox *sandbox)
{
    const struct split_work *w = &((const struct item *)item)->work;

    partial_file_allow(w->request.source, sandbox);
    sandbox_read(sandbox, w->dir);
    sandbox_write(sandbox, work_folder_path(w->folder));
    return true;
}

static const struct job_task task = {.work = work, .access = access_files, .report = report, .ended = ended};

/* Writes the records of a video from its index when no chunk needs work; false when some do. */
static bool emit_known(struct split_schedule *schedule, const struct split_work *w)
{
    size_t count = w->known ? w->known->count : 0;

    if (schedule->settings->common.force || !count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (split_job_is_listed(w, i) && !split_job_is_done(w, w->known, i))
            return false;
    emit_index(schedule, w, w->known, true);
    return true;
}

/* Answers for a video that was discarded after its clips had passed. 0, or -1 and error when it has to be split again.
 */
static int emit_discarded(struct split_schedule *schedule, struct split_work *w, struct error *error)
{
    struct error ignored;
    char *path = split_job_index_path(w);

    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    (void)split_index_load(&w->known, path, w->request.id, &ignored);
    free(path);
    if (!w->known || w->known->seconds != w->seconds || schedule->settings->common.force)
        return error_set(error, ERROR_NOT_FETCHED, "the video was discarded, and has to be split again");
    for (size_t i = 0; i < w->known->count; i++)
        w->known->chunks[i].is_written = false;
    emit_index(schedule, w, w->known, true);
    return 0;
}

/* Sets the times of the index to those of the files, which a copy may have changed. False when the index is for another
 * video or length. */
static bool renew_known(struct split_schedule *schedule, struct split_work *w, const char *path)
{
    struct split_index *known = w->known;
    int64_t time = known->source.mtime;
    struct error error;
    bool is_renewed;

    if (known->seconds != w->seconds || file_stamp_renew(&known->source, w->request.source) != 1)
        return false;
    is_renewed = split_index_check_files(known, w->dir, w->request.id) || known->source.mtime != time;
    for (size_t i = 0; i < known->count; i++)
        known->chunks[i].range.source = known->source;
    if (is_renewed && !schedule->settings->common.dry_run && split_index_save(known, path, w->request.id, &error))
        console_say(stage_console(schedule->stage), CONSOLE_WARNING, "%s", error.message);
    return true;
}

/* Loads the index of an earlier run, if it has the same source and seconds. 0 without one, too. */
static int load_known(struct split_schedule *schedule, struct split_work *w, struct error *error)
{
    struct file_stamp stamp;
    struct error ignored;
    char *path = split_job_index_path(w);

    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    if (file_stamp_read(&stamp, w->request.source)) {
        free(path);
        return error_set_errno(error, errno, "cannot read %s", w->request.source);
    }
    if (split_index_load(&w->known, path, w->request.id, &ignored) && ignored.word != ERROR_IO)
        console_say(stage_console(schedule->stage), CONSOLE_INFO, "%s; splitting the video again", ignored.message);
    if (w->known && !renew_known(schedule, w, path))
        split_index_free(&w->known);
    free(path);
    return 0;
}

static int start(struct split_schedule *schedule, struct item *item, struct error *error)
{
    bool ignored;

    if (!item->work.request.source) {
        if (emit_discarded(schedule, &item->work, error))
            return -1;
        drop_item(schedule, item);
        return 0;
    }
    if (load_known(schedule, &item->work, error))
        return -1;
    if (emit_known(schedule, &item->work)) {
        drop_item(schedule, item);
        return 0;
    }
    if (schedule->settings->common.dry_run)
        return error_set(error, ERROR_DRY_RUN, "would be split from %s", item->work.request.source);
    (void)segmenter_from_first(&ignored); /* asked once here, so that the children inherit the answer */
    if (work_folder_open(&item->work.folder, item->work.dir, error))
        return -1;
    return jobs_start(stage_jobs(schedule->stage), &task, item, error);
}

/* Takes over *request. */
static void split_one(struct split_schedule *schedule, struct split_request *request)
{
    struct item *item = calloc(1, sizeof *item);
    struct error error;
    enum record_status status;

    if (!item) {
        split_input_free(request);
        stage_emit(schedule->stage, NULL);
        return;
    }
    item->work = (struct split_work){.request = *request,
                                     .dir = schedule->settings->common.output,
                                     .seconds = schedule->settings->seconds,
                                     .no_copy = schedule->settings->no_copy ||
                                                (request->source && partial_file_is_name(request->source)),
                                     .tubes = schedule->tubes};
    *request = (struct split_request){0};
    item->next = schedule->items;
    schedule->items = item;
    if (!start(schedule, item, &error))
        return;
    status = error.word == ERROR_DRY_RUN || error.word == ERROR_NOT_FETCHED ? STATUS_SKIPPED : STATUS_FAILED;
    stage_emit(schedule->stage, split_record_failure(&item->work.request, status, &error));
    drop_item(schedule, item);
}

/* True for a video that has not come in before. A repeated video is ignored. Two videos with one id are an error: they
 * would overwrite each other's chunks. */
static bool is_new(struct split_schedule *schedule, const struct split_request *request,
                   const struct manifest_line *line)
{
    const char *source = json_string_value(json_object_get(schedule->taken, request->id));
    const char *own = request->source ? request->source : "";
    struct error error;

    if (!source) {
        if (!json_object_set_new(schedule->taken, request->id, json_string(own)))
            return true;
        error_set(&error, ERROR_IO, "out of memory");
    } else if (!strcmp(source, own)) {
        console_say(stage_console(schedule->stage), CONSOLE_INFO, "%s:%ld: %s is repeated; ignored", line->file,
                    line->number, request->id);
        return false;
    } else {
        error_set(&error, ERROR_BAD_ID, "the id %s of %s is that of %s too; each video needs its own id", request->id,
                  own, source);
    }
    stage_bad_line(schedule->stage, line->file, line->number, &error);
    return false;
}

static void take(void *self, const struct manifest_line *line)
{
    struct split_schedule *schedule = self;
    struct split_request request = {0};
    struct error error;
    json_t *record;

    switch (split_input_read(line, &request, &record, &error)) {
    case SPLIT_INPUT_VIDEO:
        if (is_new(schedule, &request, line))
            split_one(schedule, &request);
        split_input_free(&request);
        break;
    case SPLIT_INPUT_RECORD:
        emit(schedule, record);
        break;
    case SPLIT_INPUT_BAD:
        stage_bad_line(schedule->stage, line->file, line->number, &error);
        break;
    }
}

const struct stage_program split_schedule_program = {.counts = KIND_VIDEO, .take = take};
