#include "th-verify/verify.h"

#include <stdlib.h>

#include "common/media.h"
#include "th-verify/source.h"

/* A gap that the source has as well is no fault of the clip. */
static bool source_has_gaps(struct job *job, const struct clip *clip, const struct evidence *evidence)
{
    const struct decoded *decoded = &evidence->decoded;
    size_t start = (size_t)clip->tube.start, count = (size_t)decoded->frames;
    struct source_times source;
    struct error error;
    bool agree;

    if (!clip->source || source_read_times(clip->source, job, &source, &error))
        return false;
    agree = source.count >= start + count && times_gaps_agree(decoded->ticks, decoded->time_base, source.ticks + start,
                                                              source.time_base, count, &evidence->times);
    free(source.ticks);
    return agree;
}

/* Nor is a picture that hardly moves when the same box of the source does not move either. A clip whose source moves
 * twice as far as what an encoder may change is frozen. */
static bool source_is_still(struct job *job, const struct clip *clip, const struct evidence *evidence)
{
    const double enough = 2 * DECODE_SAME_PICTURE;
    const struct expected_size *size = &evidence->size;
    struct error error;
    double moved;

    if (!clip->source || size->origin == SIZE_FROM_RATIO ||
        source_motion(clip->source, job, clip->tube.start, evidence->decoded.frames, &size->box, enough, &moved,
                      &error))
        return false;
    return moved <= enough;
}

static int look_at_frames(struct job *job, const struct clip *clip, AVFormatContext *format, struct evidence *evidence,
                          struct error *error)
{
    struct decoded *decoded = &evidence->decoded;

    if (decode_run(format, evidence->container.video, job, decoded, error))
        return -1;
    evidence->is_decoded = true;
    if (times_look(decoded->ticks, (size_t)decoded->frames, &evidence->times))
        return error_set(error, ERROR_IO, "out of memory");
    if (evidence->times.gaps)
        evidence->gaps_in_source = source_has_gaps(job, clip, evidence);
    if (decoded_is_still(decoded))
        evidence->still_in_source = source_is_still(job, clip, evidence);
    return 0;
}

/* Measures what level asks for. What keeps the clip from being opened is evidence, too; -1 and error are for what
 * hinders the work itself. */
static int gather(struct job *job, const struct clip *clip, enum level level, struct evidence *evidence,
                  struct error *error)
{
    AVFormatContext *format = NULL;
    int status = 0;

    *evidence = (struct evidence){.tube = clip->tube};
    if (container_open(&format, clip->path, &evidence->container, &evidence->fault))
        return 0;
    if (evidence->container.video >= 0) {
        expect_size(clip, &evidence->size);
        if (level >= LEVEL_DECODE)
            status = look_at_frames(job, clip, format, evidence, error);
    }
    media_close(&format);
    return status;
}

/* Adds what was measured to the record; checks is stolen. */
static void add_measures(json_t **record, const struct evidence *evidence, json_t *checks)
{
    const struct container *container = &evidence->container;
    int64_t frames = evidence->is_decoded ? evidence->decoded.frames : container->frames;

    if (evidence->fault.word == ERROR_NONE && container->video >= 0)
        record_add(record,
                   json_pack("{s:I, s:I, s:i, s:i}", "frames", (json_int_t)frames, "bytes",
                             (json_int_t)container->bytes, "width", container->width, "height", container->height));
    record_add(record, json_pack("{s:o}", "checks", checks));
}

int verify_clip(struct job *job, const struct clip *clip, enum level level)
{
    struct evidence evidence;
    struct error error = {0};
    json_t *record = NULL, *checks = NULL;

    if (gather(job, clip, level, &evidence, &error)) {
        record = clip_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &error);
    } else if (!check_all(&evidence, &checks, &error)) {
        record = error.word == ERROR_NONE
                     ? clip_record_ok(clip)
                     : clip_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &error);
        add_measures(&record, &evidence, checks);
    }
    decoded_free(&evidence.decoded);
    return job_report(job, record);
}
