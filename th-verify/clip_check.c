#include "th-verify/clip_check.h"

#include <stdlib.h>

#include "common/av/media.h"
#include "th-verify/measure/images.h"

void clip_check_open(struct clip_check *check)
{
    struct evidence *evidence = &check->evidence;
    const struct frame_reader_faults faults = {&evidence->decoded, decoded_note_fault};

    check->is_open = true;
    *evidence = (struct evidence){.tube = check->clip->tube, .match.way = MATCH_HERE};
    if (images_kind(check->clip->lineage)) {
        expected_size_find(check->clip, &evidence->size);
        (void)images_measure(check->clip, check->level, check->job, evidence, &check->error);
        return;
    }
    if (container_open(&check->format, check->clip->path, &evidence->container, &evidence->fault) ||
        evidence->container.video < 0)
        return;
    expected_size_find(check->clip, &evidence->size);
    if (check->level < LEVEL_DECODE)
        return;
    check->frame = av_frame_alloc();
    decoded_begin(&evidence->decoded, check->format->streams[evidence->container.video]);
    evidence->is_decoded = true;
    if (!check->frame)
        error_set(&check->error, ERROR_IO, "out of memory");
    else
        (void)frame_reader_open_clip(&check->frames, check->format, evidence->container.video, check->job, &faults,
                                     &check->error);
    if (check->reference && !(check->score = score_open(check->reference, check->clip->key, check->job)))
        error_set(&check->error, ERROR_IO, "out of memory");
}

bool clip_check_next(struct clip_check *check)
{
    int got;

    if (!check->frames || check->error.word != ERROR_NONE)
        return false;
    av_frame_unref(check->frame);
    got = frame_reader_next(check->frames, check->frame, &check->error);
    if (got > 0)
        got = decoded_add(&check->evidence.decoded, check->frame, &check->error);
    if (got > 0 && check->score && score_add(check->score, check->frame, &check->error))
        got = -1;
    if (got <= 0)
        frame_reader_close(&check->frames);
    return got > 0;
}

/* A gap that the source has as well is no fault of the clip. */
static bool source_has_gaps(const struct clip_check *check)
{
    const struct decoded *decoded = &check->evidence.decoded;
    size_t start = (size_t)check->clip->tube.start, count = (size_t)decoded->frames;
    struct source_times source;
    struct error error;
    bool agree;

    if (!check->clip->source || source_read_times(check->clip->source, check->job, start + count, &source, &error))
        return false;
    agree = source.count >= start + count && times_gaps_agree(decoded->ticks, decoded->time_base, source.ticks + start,
                                                              source.time_base, count, &check->evidence.times);
    free(source.ticks);
    return agree;
}

/* What the chunk says of a clip that hardly moves. Its picture is no fault when the same box of the source moves
 * little, either: by what an encoder may keep still. */
static enum stillness stillness_of_source(struct clip_check *check)
{
    const struct evidence *evidence = &check->evidence;
    struct source_motion *watch = &check->watch;
    struct error error;

    if (!evidence->is_compared) {
        if (!check->clip->source || !evidence->size.is_placed)
            return STILLNESS_UNKNOWN;
        source_motion_clear(watch);
        *watch = (struct source_motion){.box = evidence->size.box, .enough = SOURCE_MOTION_SEEN};
        if (source_motion_measure(check->clip->source, check->job, check->clip->tube.start,
                                  tube_frames(&check->clip->tube), watch, &error))
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
static void find_place(struct clip_check *check)
{
    struct evidence *evidence = &check->evidence;
    const struct displacement_search search = {.source = check->clip->source,
                                               .start = check->clip->tube.start,
                                               .box = check->box,
                                               .step_x = 1 << evidence->container.log2_chroma_w,
                                               .step_y = 1 << evidence->container.log2_chroma_h,
                                               .keys_only = evidence->match.by_keys,
                                               .is_sure = evidence->match.way != MATCH_HERE};
    struct error error;

    if (displacement_find(&search, &check->samples, check->job, &evidence->place, &error) || !evidence->place.is_found)
        evidence->place = match_place(evidence->match.way, search.step_x, search.step_y);
}

static void conclude(struct clip_check *check)
{
    struct evidence *evidence = &check->evidence;

    if (times_measure(evidence->decoded.ticks, (size_t)evidence->decoded.frames, &evidence->times)) {
        error_set(&check->error, ERROR_IO, "out of memory");
        return;
    }
    if (evidence->times.gaps)
        evidence->gaps_in_source = source_has_gaps(check);
    if (evidence->is_compared) {
        evidence->compared = check->match.frames;
        evidence->match = match_judge(&check->match);
        if (evidence->match.is_suspicious)
            find_place(check);
    }
    if (decoded_is_still(&evidence->decoded))
        evidence->stillness = stillness_of_source(check);
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
static json_t *verdict_record(const struct clip_check *check)
{
    const struct clip *clip = check->clip;
    json_t *record = NULL, *checks = NULL;
    struct error error;

    if (check->error.word != ERROR_NONE)
        return verify_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &check->error);
    if (check_all(&check->evidence, &checks, &error))
        return NULL;
    record = error.word == ERROR_NONE
                 ? verify_record_ok(clip)
                 : verify_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &error);
    add_measures(&record, &check->evidence, checks);
    if (check->score && error.word == ERROR_NONE)
        record_add(&record, json_pack("{s:o}", "scores", score_result(check->score)));
    return record;
}

int clip_check_end(struct clip_check *check)
{
    int status;

    if (!check->is_open)
        clip_check_open(check);
    while (clip_check_next(check))
        ;
    if (check->evidence.is_decoded && check->error.word == ERROR_NONE)
        conclude(check);
    status = job_report(check->job, verdict_record(check));
    check->is_done = true;
    displacement_forget(&check->samples);
    source_motion_clear(&check->watch);
    unscaler_close(&check->unscaler);
    score_close(&check->score);
    frame_reader_close(&check->frames);
    av_frame_free(&check->frame);
    media_close(&check->format);
    decoded_free(&check->evidence.decoded);
    return status;
}
