#include "th-verify/clip_check.h"

#include <stdlib.h>

#include "common/av/media.h"
#include "th-verify/measure/images.h"

void exam_open(struct exam *exam)
{
    struct evidence *evidence = &exam->evidence;
    const struct frames_faults faults = {&evidence->decoded, decoded_note_fault};

    exam->is_open = true;
    *evidence = (struct evidence){.tube = exam->clip->tube, .match.way = MATCH_HERE};
    if (images_kind(exam->clip->lineage)) {
        expect_size(exam->clip, &evidence->size);
        (void)images_look(exam->clip, exam->level, exam->job, evidence, &exam->error);
        return;
    }
    if (container_open(&exam->format, exam->clip->path, &evidence->container, &evidence->fault) ||
        evidence->container.video < 0)
        return;
    expect_size(exam->clip, &evidence->size);
    if (exam->level < LEVEL_DECODE)
        return;
    exam->frame = av_frame_alloc();
    decoded_begin(&evidence->decoded, exam->format->streams[evidence->container.video]);
    evidence->is_decoded = true;
    if (!exam->frame)
        error_set(&exam->error, ERROR_IO, "out of memory");
    else
        (void)frames_of_clip(&exam->frames, exam->format, evidence->container.video, exam->job, &faults, &exam->error);
    if (exam->reference && !(exam->score = score_open(exam->reference, exam->clip->key, exam->job)))
        error_set(&exam->error, ERROR_IO, "out of memory");
}

bool exam_next(struct exam *exam)
{
    int got;

    if (!exam->frames || exam->error.word != ERROR_NONE)
        return false;
    av_frame_unref(exam->frame);
    got = frames_next(exam->frames, exam->frame, &exam->error);
    if (got > 0)
        got = decoded_add(&exam->evidence.decoded, exam->frame, &exam->error);
    if (got > 0 && exam->score && score_add(exam->score, exam->frame, &exam->error))
        got = -1;
    if (got <= 0)
        frames_close(&exam->frames);
    return got > 0;
}

/* A gap that the source has as well is no fault of the clip. */
static bool source_has_gaps(const struct exam *exam)
{
    const struct decoded *decoded = &exam->evidence.decoded;
    size_t start = (size_t)exam->clip->tube.start, count = (size_t)decoded->frames;
    struct source_times source;
    struct error error;
    bool agree;

    if (!exam->clip->source || source_read_times(exam->clip->source, exam->job, start + count, &source, &error))
        return false;
    agree = source.count >= start + count && times_gaps_agree(decoded->ticks, decoded->time_base, source.ticks + start,
                                                              source.time_base, count, &exam->evidence.times);
    free(source.ticks);
    return agree;
}

/* What the chunk says of a clip that hardly moves. Its picture is no fault when the same box of the source moves
 * little, either: by what an encoder may keep still. */
static enum stillness stillness_of_source(struct exam *exam)
{
    const struct evidence *evidence = &exam->evidence;
    struct source_watch *watch = &exam->watch;
    struct error error;

    if (!evidence->is_compared) {
        if (!exam->clip->source || !evidence->size.is_placed)
            return STILLNESS_UNKNOWN;
        source_watch_end(watch);
        *watch = (struct source_watch){.box = evidence->size.box, .enough = SOURCE_MOVES};
        if (source_motion(exam->clip->source, exam->job, exam->clip->tube.start, tube_frames(&exam->clip->tube), watch,
                          &error))
            return STILLNESS_UNKNOWN;
    }
    return watch->moved <= watch->enough ? SOURCE_STILL : SOURCE_MOVING;
}

static struct displacement match_place(enum match_way way, int step_x, int step_y)
{
    const struct displacement places[MATCH_WAYS + 1] = {
        [MATCH_BEFORE] = {true, -1, 0, 0},     [MATCH_AFTER] = {true, 1, 0, 0},
        [MATCH_LEFT] = {true, 0, -step_x, 0},  [MATCH_RIGHT] = {true, 0, step_x, 0},
        [MATCH_ABOVE] = {true, 0, 0, -step_y}, [MATCH_BELOW] = {true, 0, 0, step_y},
    };

    return places[way];
}

/* Where a clip belongs that does not fit: what fits best far and wide, or else the neighbour that fits better. */
static void find_place(struct exam *exam)
{
    struct evidence *evidence = &exam->evidence;
    const struct search search = {.source = exam->clip->source,
                                  .start = exam->clip->tube.start,
                                  .box = exam->box,
                                  .step_x = 1 << evidence->container.log2_chroma_w,
                                  .step_y = 1 << evidence->container.log2_chroma_h,
                                  .keys_only = evidence->match.by_keys,
                                  .is_sure = evidence->match.way != MATCH_HERE};
    struct error error;

    if (search_run(&search, &exam->samples, exam->job, &evidence->place, &error) || !evidence->place.is_found)
        evidence->place = match_place(evidence->match.way, search.step_x, search.step_y);
}

static void conclude(struct exam *exam)
{
    struct evidence *evidence = &exam->evidence;

    if (times_look(evidence->decoded.ticks, (size_t)evidence->decoded.frames, &evidence->times)) {
        error_set(&exam->error, ERROR_IO, "out of memory");
        return;
    }
    if (evidence->times.gaps)
        evidence->gaps_in_source = source_has_gaps(exam);
    if (evidence->is_compared) {
        evidence->compared = exam->match.frames;
        evidence->match = match_judge(&exam->match);
        if (evidence->match.is_suspicious)
            find_place(exam);
    }
    if (decoded_is_still(&evidence->decoded))
        evidence->stillness = stillness_of_source(exam);
}

/* Adds what was measured to the record; checks is stolen. */
static void add_measures(json_t **record, const struct evidence *evidence, json_t *checks)
{
    const struct container *container = &evidence->container;
    int64_t frames = evidence->is_decoded ? evidence->decoded.frames : container->frames;

    if (evidence->fault.word == ERROR_NONE && container->video >= 0)
        record_add(record,
                   json_pack("{s:I, s:I}", "frames", (json_int_t)frames, "bytes", (json_int_t)container->bytes));
    /* Also of a folder of pictures of which only some can be seen. */
    if (container->width > 0)
        record_add(record, json_pack("{s:i, s:i}", "width", container->width, "height", container->height));
    record_add(record, json_pack("{s:o}", "checks", checks));
}

/* The scores of a clip that is not what it should be would mean nothing. */
static json_t *verdict_record(const struct exam *exam)
{
    const struct clip *clip = exam->clip;
    json_t *record = NULL, *checks = NULL;
    struct error error;

    if (exam->error.word != ERROR_NONE)
        return clip_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &exam->error);
    if (check_all(&exam->evidence, &checks, &error))
        return NULL;
    record = error.word == ERROR_NONE ? clip_record_ok(clip)
                                      : clip_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &error);
    add_measures(&record, &exam->evidence, checks);
    if (exam->score && error.word == ERROR_NONE)
        record_add(&record, json_pack("{s:o}", "scores", score_result(exam->score)));
    return record;
}

int exam_end(struct exam *exam)
{
    int status;

    if (!exam->is_open)
        exam_open(exam);
    while (exam_next(exam))
        ;
    if (exam->evidence.is_decoded && exam->error.word == ERROR_NONE)
        conclude(exam);
    status = job_report(exam->job, verdict_record(exam));
    exam->is_done = true;
    search_forget(&exam->samples);
    source_watch_end(&exam->watch);
    unscaler_close(&exam->unscaler);
    score_close(&exam->score);
    frames_close(&exam->frames);
    av_frame_free(&exam->frame);
    media_close(&exam->format);
    decoded_free(&exam->evidence.decoded);
    return status;
}
