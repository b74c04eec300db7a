#include "th-verify/job.h"

#include <stdlib.h>

#include "common/av/media.h"
#include "th-verify/measure/compare.h"
#include "th-verify/measure/images.h"
#include "th-verify/measure/score.h"
#include "th-verify/record.h"

/* One clip that is being verified. */
struct clip_check {
    const struct clip *clip;
    struct job *job;
    enum level level;
    const char *reference; /* the folder of the reconstructions; NULL: there are none */
    struct evidence evidence;
    struct error error; /* what hinders the work itself; word is ERROR_NONE when nothing does */
    AVFormatContext *format;
    struct frame_reader *frames; /* NULL when there is nothing to decode */
    AVFrame *frame;              /* the last one that was decoded, owned by frames */
    struct comparison comparison;
    struct score *score;
    bool is_open, is_done;
};

/* Opens the clip and reads what its container says; images are measured here. */
static void open_clip(struct clip_check *check)
{
    const struct clip *clip = check->clip;
    struct evidence *evidence = &check->evidence;
    const struct frame_reader_faults faults = {&evidence->decoded, decoded_note_fault};

    check->is_open = true;
    *evidence = (struct evidence){.tube = clip->tube, .match.way = MATCH_HERE};
    if (images_kind(clip->lineage)) {
        clip_find_size(clip, &evidence->size);
        (void)images_measure(clip, check->level, check->job, evidence, &check->error);
        return;
    }
    if (container_open(&check->format, clip->path, &evidence->container, &evidence->fault) ||
        evidence->container.video < 0)
        return;
    clip_find_size(clip, &evidence->size);
    if (check->level < LEVEL_DECODE)
        return;
    decoded_begin(&evidence->decoded, check->format->streams[evidence->container.video], check_wanted_frames(evidence));
    evidence->is_decoded = true;
    (void)frame_reader_open_clip(&check->frames, check->format, evidence->container.video, check->job, &faults,
                                 &check->error);
    if (check->reference && !(check->score = score_open(check->reference, clip->key, check->job)))
        error_set(&check->error, ERROR_IO, "out of memory");
}

/* Decodes the next frame into check->frame and notes what it shows. False when there is none. */
static bool read_frame(struct clip_check *check)
{
    int got;

    if (!check->frames || check->error.word != ERROR_NONE)
        return false;
    got = frame_reader_next(check->frames, &check->frame, &check->error);
    if (got > 0)
        got = decoded_add(&check->evidence.decoded, check->frame, &check->error);
    if (got > 0 && check->score && score_add(check->score, check->frame, &check->error))
        got = -1;
    if (got <= 0)
        frame_reader_close(&check->frames);
    return got > 0;
}

/* A gap that the source has as well is no fault of the clip. Where times of the source are missing or go back, th-crop
 * has made up others. */
static bool source_has_gaps(const struct clip_check *check)
{
    const struct decoded *decoded = &check->evidence.decoded;
    size_t start = (size_t)check->clip->tube.start, count = (size_t)decoded->frames;
    struct source_times source;
    struct error error;
    bool agree;

    if (!check->clip->source || source_read_times(check->clip->source, check->job, start + count, &source, &error))
        return false;
    agree = source.count >= start + count &&
            (!source_times_rise(&source) || decoded_gaps_agree(decoded->ticks, decoded->time_base, source.ticks + start,
                                                               source.time_base, count, &check->evidence.times));
    free(source.ticks);
    return agree;
}

/* Whether the chunk moves where a clip shows one picture. A clip that was compared has measured that already. */
static enum stillness stillness_of_source(const struct clip_check *check)
{
    const struct clip *clip = check->clip;
    const struct evidence *evidence = &check->evidence;
    struct source_motion motion = {.box = evidence->size.box};
    struct error error;
    int status;

    if (evidence->is_compared)
        return check->comparison.motion.moved <= SOURCE_MOTION_SEEN ? SOURCE_STILL : SOURCE_MOVING;
    if (!clip->source || !evidence->size.is_placed)
        return STILLNESS_UNKNOWN;
    status =
        source_motion_measure(clip->source, check->job, clip->tube.start, tube_frames(&clip->tube), &motion, &error);
    source_motion_clear(&motion);
    if (status)
        return STILLNESS_UNKNOWN;
    return motion.moved <= SOURCE_MOTION_SEEN ? SOURCE_STILL : SOURCE_MOVING;
}

/* Measures what takes all frames of the clip. */
static void measure_whole(struct clip_check *check)
{
    struct evidence *evidence = &check->evidence;

    if (decoded_measure_times(evidence->decoded.ticks, (size_t)evidence->decoded.frames, &evidence->times)) {
        error_set(&check->error, ERROR_IO, "out of memory");
        return;
    }
    if (evidence->times.gaps)
        evidence->gaps_in_source = source_has_gaps(check);
    if (evidence->is_compared)
        compare_judge(&check->comparison, check->clip, check->job, evidence);
    if (decoded_is_still(&evidence->decoded))
        evidence->stillness = stillness_of_source(check);
}

/* Decodes the rest of the clip, reports its record and frees all. 0, or -1 when the record cannot be made. */
static int finish(struct clip_check *check)
{
    const struct clip *clip = check->clip;
    json_t *record;
    int status;

    while (read_frame(check))
        ;
    if (check->evidence.is_decoded && check->error.word == ERROR_NONE)
        measure_whole(check);
    if (check->error.word == ERROR_NONE)
        record = verify_record_verdict(clip, &check->evidence, check->score);
    else
        record = verify_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &check->error);
    status = job_report(check->job, record);
    check->is_done = true;
    compare_clear(&check->comparison);
    score_close(&check->score);
    frame_reader_close(&check->frames);
    avformat_close_input(&check->format);
    decoded_free(&check->evidence.decoded);
    return status;
}

/* Why the clip cannot be compared with its chunk, as far as that is known without decoding; NULL when it can. */
static const char *find_obstacle(const struct clip_check *check)
{
    if (!check->evidence.size.is_placed)
        return "its place in the chunk's picture is not known";
    if (json_object_get(check->clip->lineage, "fps"))
        return "it has other frames than the chunk: --fps";
    return NULL;
}

/* Compares the next frame of each clip that shows the chunk's frame HERE. 0, or -1 when a record cannot be made. */
static int compare_clips(struct compare_window *window, struct clip_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct clip_check *check = &checks[i];

        if (check->is_done || window->number < check->clip->tube.start)
            continue;
        if (!check->is_open) {
            open_clip(check);
            check->evidence.uncompared = find_obstacle(check);
        }
        if (read_frame(check))
            (void)compare_frame(window, &check->comparison, check->clip, check->frame, &check->evidence, &check->error);
        if (window->number == check->clip->tube.end && finish(check))
            return -1;
    }
    return 0;
}

static bool all_done(const struct clip_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!checks[i].is_done)
            return false;
    return true;
}

/* Finishes the clips for which the chunk has too few frames or cannot be decoded (error). */
static int finish_rest(struct clip_check *checks, size_t count, const struct compare_window *window,
                       const struct error *error)
{
    int64_t frames = window->number;

    for (size_t i = 0; i < count; i++) {
        struct clip_check *check = &checks[i];

        if (check->is_done)
            continue;
        if (!check->is_open)
            open_clip(check);
        check->evidence.is_compared = false;
        if (error->word != ERROR_NONE) {
            check->evidence.uncompared = error->message;
        } else if (frame_reader_is_damaged(window->chunk)) {
            check->evidence.uncompared = "a frame of its chunk is damaged";
        } else {
            check->evidence.chunk_frames = frames;
            check->evidence.uncompared = frames ? NULL : "the chunk has no frames";
        }
        if (finish(check))
            return -1;
    }
    return 0;
}

/* Decodes the chunk and its clips side by side, and finishes each clip after its last frame. 0, or -1 when a record
 * cannot be made. */
static int check_with_chunk(const char *path, struct job *job, struct clip_check *checks, size_t count)
{
    struct compare_window window = {0};
    struct error error = {0};
    int status = 0;

    if (!compare_window_open(&window, path, job, &error))
        while (!status && !all_done(checks, count) && compare_window_advance(&window, &error) > 0)
            status = compare_clips(&window, checks, count);
    if (!status)
        status = finish_rest(checks, count, &window, &error);
    compare_window_close(&window);
    return status;
}

int verify_job_run(struct job *job, struct clip *const *clips, size_t count, enum level level, const char *reference)
{
    const char *source = clips[0]->source;
    struct clip_check *checks = calloc(count, sizeof *checks);
    int status = 0;

    if (!checks)
        return -1;
    for (size_t i = 0; i < count; i++)
        checks[i] = (struct clip_check){.clip = clips[i], .job = job, .level = level, .reference = reference};
    if (level >= LEVEL_SOURCE && source)
        status = check_with_chunk(source, job, checks, count);
    for (size_t i = 0; i < count && !status; i++) {
        if (checks[i].is_done)
            continue;
        open_clip(&checks[i]);
        if (level >= LEVEL_SOURCE)
            checks[i].evidence.uncompared = "its chunk is not at hand";
        status = finish(&checks[i]);
    }
    free(checks);
    return status;
}
