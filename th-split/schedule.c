#include "th-split/schedule.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/cut/segmenter.h"
#include "common/name.h"
#include "common/stage/record.h"
#include "th-split/input.h"
#include "th-split/job.h"

/* A video whose child runs. */
struct item {
    struct work work;
    json_t *records; /* what the child has reported; written when it has ended well */
    struct item *next;
};

struct split {
    const struct split_settings *settings;
    struct stage *stage;
    const struct tube_list *tubes;
    json_t *taken;               /* id: source of each video that came in */
    json_t *emitted[KIND_COUNT]; /* key: true of each ok record, so that none comes twice */
    struct item *items;
};

struct split *split_alloc(const struct split_settings *settings)
{
    struct split *split = calloc(1, sizeof *split);

    if (!split)
        return NULL;
    split->settings = settings;
    split->taken = json_object();
    split->emitted[KIND_VIDEO] = json_object();
    split->emitted[KIND_CHUNK] = json_object();
    if (!split->taken || !split->emitted[KIND_VIDEO] || !split->emitted[KIND_CHUNK])
        split_free(&split);
    return split;
}

static void free_item(struct item *item)
{
    request_free(&item->work.request);
    split_index_free(&item->work.known);
    json_decref(item->records);
    free(item);
}

void split_free(struct split **split)
{
    if (!*split)
        return;
    for (struct item *item = (*split)->items, *next; item; item = next) {
        next = item->next;
        free_item(item);
    }
    json_decref((*split)->taken);
    json_decref((*split)->emitted[KIND_VIDEO]);
    json_decref((*split)->emitted[KIND_CHUNK]);
    free(*split);
    *split = NULL;
}

void split_serve(struct split *split, struct stage *stage, const struct tube_list *tubes)
{
    split->stage = stage;
    split->tubes = tubes;
}

/* Writes record (stolen), unless it is an own one that is ok and one of its kind and key was. */
static void emit(struct split *split, json_t *record)
{
    struct record_head head;
    struct error ignored;
    json_t *emitted = NULL;

    if (record && !record_read_head(record, &head, &ignored) && head.stage == STAGE_SPLIT && head.status == STATUS_OK)
        emitted = split->emitted[head.kind];
    if (emitted && json_object_get(emitted, head.key)) {
        json_decref(record);
        return;
    }
    if (emitted && json_object_set_new(emitted, head.key, json_true())) {
        json_decref(record);
        record = NULL;
    }
    stage_emit(split->stage, record);
}

static void drop_item(struct split *split, struct item *item)
{
    struct item **place = &split->items;

    while (*place != item)
        place = &(*place)->next;
    *place = item->next;
    free_item(item);
}

static void report(void *owner, void *item, json_t *record)
{
    (void)owner;
    /* Should memory run out here, the video's record will be missing and `ended` notices. */
    (void)json_array_append(((struct item *)item)->records, record);
}

/* The child's last report is the video's record: without it the work has died halfway. */
static bool is_whole(const json_t *records)
{
    const json_t *last = json_array_get(records, json_array_size(records) - 1);
    const char *kind = record_text(last, "kind");

    return kind && !strcmp(kind, "video");
}

static void tell_dropped(struct split *split, const json_t *record)
{
    const char *dropped = record_text(record, "dropped");

    if (dropped)
        console_say(stage_console(split->stage), CONSOLE_WARNING, "%s: mp4 cannot hold %s, left out",
                    record_text(record, "key"), dropped);
}

static void ended(void *owner, void *place, const struct error *fault)
{
    struct split *split = owner;
    struct item *item = place;
    struct error error;
    json_t *record;
    size_t i;

    if (is_whole(item->records)) {
        json_array_foreach(item->records, i, record)
        {
            tell_dropped(split, record);
            emit(split, json_incref(record));
        }
    } else {
        if (!fault)
            error_set(&error, ERROR_CRASHED, "the working process ended without a record");
        stage_emit(split->stage, request_failure(&item->work.request, STATUS_FAILED, fault ? fault : &error));
    }
    drop_item(split, item);
}

static int work(struct job *job, void *item)
{
    return work_run(&((struct item *)item)->work, job);
}

static const struct job_task task = {.work = work, .report = report, .ended = ended};

/* Writes the records of a video from its index, when that says that all is done. */
static bool emit_known(struct split *split, const struct work *w)
{
    size_t count = w->known ? w->known->count : 0;

    if (split->settings->common.force || !count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (work_is_listed(w, i) && !work_is_done(w, w->known, i))
            return false;
    for (size_t i = 0; i < count; i++)
        if (work_is_listed(w, i))
            emit(split, work_chunk_record(w, w->known, i, true));
    emit(split, request_video_record(&w->request, w->known, true));
    return true;
}

/* Loads what is known of the video, if it is of this source and these settings. */
static int load_known(struct split *split, struct work *w, struct error *error)
{
    struct file_stamp stamp;
    struct error ignored;
    char *path = work_index_path(w);

    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    if (file_stamp_read(&stamp, w->request.source)) {
        free(path);
        return error_set_errno(error, errno, "cannot read %s", w->request.source);
    }
    if (split_index_load(&w->known, path, w->request.id, &ignored) && ignored.word != ERROR_IO)
        console_say(stage_console(split->stage), CONSOLE_INFO, "%s; the video is split anew", ignored.message);
    free(path);
    if (w->known && (!file_stamp_equal(&w->known->source, &stamp) || w->known->seconds != w->seconds))
        split_index_free(&w->known);
    if (w->known)
        split_index_check_files(w->known, w->dir, w->request.id);
    return 0;
}

static int start(struct split *split, struct item *item, struct error *error)
{
    bool ignored;

    if (load_known(split, &item->work, error))
        return -1;
    if (emit_known(split, &item->work)) {
        drop_item(split, item);
        return 0;
    }
    if (split->settings->common.dry_run)
        return error_set(error, ERROR_DRY_RUN, "would be split from %s", item->work.request.source);
    (void)segmenter_from_first(&ignored); /* here once, so that no child has to find out */
    return stage_start(split->stage, &task, item, error);
}

/* Takes over the request. */
static void split_one(struct split *split, struct request *request)
{
    struct item *item = calloc(1, sizeof *item);
    struct error error;
    enum record_status status;

    if (item)
        item->records = json_array();
    if (!item || !item->records) {
        free(item);
        request_free(request);
        stage_emit(split->stage, NULL);
        return;
    }
    item->work = (struct work){.request = *request,
                               .dir = split->settings->common.output,
                               .seconds = split->settings->seconds,
                               .no_copy = split->settings->no_copy,
                               .tubes = split->tubes};
    *request = (struct request){0};
    item->next = split->items;
    split->items = item;
    if (!start(split, item, &error))
        return;
    status = error.word == ERROR_DRY_RUN ? STATUS_SKIPPED : STATUS_FAILED;
    stage_emit(split->stage, request_failure(&item->work.request, status, &error));
    drop_item(split, item);
}

/* True for a video that has not come in yet. The same video twice is once; two videos of one id would overwrite each
 * other's chunks. */
static bool is_new(struct split *split, const struct request *request, const struct manifest_line *line)
{
    const char *source = json_string_value(json_object_get(split->taken, request->id));
    struct error error;

    if (!source) {
        if (!json_object_set_new(split->taken, request->id, json_string(request->source)))
            return true;
        error_set(&error, ERROR_IO, "out of memory");
    } else if (!strcmp(source, request->source)) {
        console_say(stage_console(split->stage), CONSOLE_INFO, "%s:%ld: %s came in before", line->file, line->number,
                    request->id);
        return false;
    } else {
        error_set(&error, ERROR_BAD_ID, "the id %s of %s is that of %s too; each video needs its own", request->id,
                  request->source, source);
    }
    stage_bad_line(split->stage, line->file, line->number, &error);
    return false;
}

static void take(void *self, const struct manifest_line *line)
{
    struct split *split = self;
    struct request request = {0};
    struct error error;
    json_t *record;

    switch (request_read(line, &request, &record, &error)) {
    case REQUEST_SPLIT:
        if (is_new(split, &request, line))
            split_one(split, &request);
        request_free(&request);
        break;
    case REQUEST_PASS:
        emit(split, record);
        break;
    case REQUEST_BAD:
        stage_bad_line(split->stage, line->file, line->number, &error);
        break;
    }
}

const struct stage_program split_program = {.counts = KIND_VIDEO, .take = take};
