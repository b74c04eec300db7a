/* The step that finds out, with --needed, what to download next of a video: only what the tubes need. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cut/partial_file.h"
#include "common/stage/record.h"
#include "th-fetch/media/needed.h"
#include "th-fetch/record.h"
#include "th-fetch/sidecar/index.h"
#include "th-fetch/steps/step.h"
#include "th-fetch/transfer/partial.h"

static const char *const kinds[] = {[NEEDED_MORE] = "more", [NEEDED_DONE] = "done", [NEEDED_WHOLE] = "whole"};

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    (void)error;
    return item->part || steps_count_file(steps, item) ? STEP_STARTED : STEP_WAITS;
}

static int work(struct job *job, void *context)
{
    const struct item *item = context;
    const struct needed_request request = {.path = item->needed_path,
                                           .id = item->input.id,
                                           .tubes = item->steps->tubes,
                                           .settings = item->steps->settings};
    struct needed_answer answer;
    struct error error;
    int status;

    if (needed_find(&request, job, &answer, &error) < 0)
        status =
            job_report(job, json_pack("{s:s, s:s}", "error", error_word_name(error.word), "message", error.message));
    else
        status = job_report(job, json_pack("{s:s, s:o, s:s, s:I, s:i, s:i, s:f}", "kind", kinds[answer.kind], "wanted",
                                           byte_ranges_to_json(&answer.wanted), "why", answer.why, "bytes",
                                           (json_int_t)answer.bytes, "width", answer.width, "height", answer.height,
                                           "fps", answer.fps));
    needed_clear(&answer);
    return status;
}

static bool access_files(const void *item, struct sandbox *sandbox)
{
    partial_file_allow(((const struct item *)item)->needed_path, sandbox);
    return true;
}

/* The record of the download; NULL: none is kept. The bytes decide whether it is still right: they are never changed,
 * only added to. */
static json_t *kept_record(const struct steps *steps, const struct item *item)
{
    bool is_same;

    return index_load(steps->settings->common.output, item->input.id, item->needed_path, &is_same);
}

/* Keeps credit and record of a download; of a video that was there, only a credit that is missing. 0, or -1 and error.
 */
static int keep_record(struct steps *steps, const struct item *item, const json_t *record, struct error *error)
{
    bool has_credit = !item->part && steps->credits && credits_know(steps->credits, item->input.id);

    if (!has_credit && steps_credit(steps, record, error) < 0)
        return -1;
    return item->part ? index_save(steps->settings->common.output, item->input.id, item->needed_path, record, error)
                      : 0;
}

/* All that the tubes need is there. 0, or -1 and error. */
static int keep(struct steps *steps, struct item *item, const struct probe_result *picture, struct error *error)
{
    json_t *known = item->part ? NULL : kept_record(steps, item);
    json_t *record = known ? fetch_record_known(item, known) : fetch_record_ok(item, picture, !item->part);

    json_decref(known);
    record_add(&record, json_pack("{s:s}", "path", item->needed_path));
    if (item->part)
        record_add(&record, json_pack("{s:I, s:I, s:I, s:I}", "bytes", (json_int_t)part_size(item->part), "size",
                                      (json_int_t)part_total(item->part), "ranges",
                                      (json_int_t)partial_ranges(item->part)->count, "requests",
                                      (json_int_t)partial_requests(item->part)));
    if (record && keep_record(steps, item, record, error) < 0) {
        json_decref(record);
        return -1;
    }
    steps_finish_kept(steps, item, record);
    return 0;
}

/* The file holds what it should. */
static void finish(struct steps *steps, struct item *item)
{
    struct probe_result picture = {.bytes = json_integer_value(json_object_get(item->report, "bytes")),
                                   .width = (int)json_integer_value(json_object_get(item->report, "width")),
                                   .height = (int)json_integer_value(json_object_get(item->report, "height")),
                                   .fps = json_number_value(json_object_get(item->report, "fps"))};
    struct error error;

    if (height_check(&steps->min_height, picture.height, item->listed_height, &error) < 0 ||
        keep(steps, item, &picture, &error) < 0)
        steps_fail(steps, item, &error, item_first_step(item));
}

/* Whether what is wanted is not there yet. A child that has read a hostile file may say anything. */
static bool is_news(const struct item *item)
{
    return !item->part || partial_lacks(item->part, &item->wanted);
}

static void ended(struct steps *steps, struct item *item, const struct error *fault)
{
    const char *kind = record_text(item->report, "kind"), *why = record_text(item->report, "why");
    bool is_done = !fault && kind && !strcmp(kind, kinds[NEEDED_DONE]);
    bool is_whole = fault || !kind || !strcmp(kind, kinds[NEEDED_WHOLE]);

    byte_ranges_clear(&item->wanted);
    if (is_done) {
        if (item->part)
            steps_set_room(steps, item);
        finish(steps, item);
        return;
    }
    if (is_whole || !byte_ranges_from_json(&item->wanted, json_object_get(item->report, "wanted")) || !is_news(item))
        item_need_whole(item, fault ? fault->message : why && *why ? why : "its index cannot be followed");
    item->is_going_on = item->part;
    if (item->part) {
        if (steps_want_parts(steps, item))
            steps_set_room(steps, item);
        item->step = ITEM_DOWNLOAD;
    } else
        steps_begin_download(steps, item);
}

const struct step step_needed = {.start = start, .job = {.work = work, .access = access_files}, .ended = ended};
