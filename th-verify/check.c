#include "th-verify/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/stage/record.h"

enum verdict { FAILED = false, PASSED = true, UNKNOWN };

const char *const check_level_names[] = {"container", "decode", "source", NULL};

/* Rounded to six decimals. */
static double rounded(double value)
{
    return round(value * 1e6) / 1e6;
}

/* Each check returns its measurements as a new object (NULL when memory runs out), sets *verdict, and sets error to the
 * fault; error counts only when the verdict is FAILED. */

static json_t *check_file(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    *verdict = evidence->fault.word == ERROR_NONE;
    *error = evidence->fault;
    return json_pack("{s:I}", "bytes", (json_int_t)evidence->container.bytes);
}

static json_t *check_streams(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct container *container = &evidence->container;
    bool lacks_sound = evidence->size.has_sound && container->sound_streams == 0;

    *verdict = container->video_streams == 1 && container->other_streams == 0 && !lacks_sound;
    if (container->video_streams == 0)
        error_set(error, ERROR_UNREADABLE, "the clip has no video stream");
    else if (container->video_streams > 1)
        error_set(error, ERROR_UNREADABLE, "the clip has %d video streams, not one", container->video_streams);
    else if (lacks_sound)
        error_set(error, ERROR_UNREADABLE, "the clip has no sound, which its record promises");
    else
        error_set(error, ERROR_UNREADABLE, "the clip has streams that are neither video nor sound");
    return json_pack("{s:i, s:i, s:i}", "video", container->video_streams, "sound", container->sound_streams, "other",
                     container->other_streams);
}

static json_t *check_pictures(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct decoded *decoded = &evidence->decoded;
    int64_t promised = evidence->container.frames;
    bool is_whole = decoded->frames >= promised;

    *verdict = decoded->fault.word == ERROR_NONE && is_whole;
    *error = decoded->fault;
    if (decoded->fault.word == ERROR_NONE)
        error_set(error, ERROR_DECODE_ERROR, "only %" PRId64 " of the %" PRId64 " frames of the clip can be decoded",
                  decoded->frames, promised);
    return json_pack("{s:I, s:b}", "damaged", (json_int_t)decoded->damaged, "whole", is_whole);
}

static json_t *check_size(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct container *got = &evidence->container;
    const struct clip_size *want = &evidence->size;
    static const char *const origins[] = {"box", "source", "ratio", "scale"};
    int width = want->origin == SIZE_FROM_SCALE ? want->width : want->box.w;
    int height = want->origin == SIZE_FROM_SCALE ? want->height : want->box.h;

    if (want->origin == SIZE_FROM_RATIO)
        *verdict = clip_ratio_fits(&evidence->tube, got->width, got->height, got->log2_chroma_w, got->log2_chroma_h);
    else
        *verdict = got->width == width && got->height == height;
    error_set(error, ERROR_WRONG_SIZE, "the clip is %dx%d; its tube asks for %s%dx%d", got->width, got->height,
              want->origin == SIZE_FROM_RATIO ? "the shape of " : "", width, height);
    return json_pack("{s:[ii], s:[ii], s:s}", "got", got->width, got->height, "want", width, height, "from",
                     origins[want->origin]);
}

static json_t *check_turn(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    *verdict = !evidence->container.is_turned;
    error_set(error, ERROR_DIFFERS_FROM_SOURCE, "the clip is marked to be shown turned or mirrored");
    return json_object();
}

static json_t *check_sizes(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    int64_t frame = evidence->decoded.resized;

    *verdict = frame < 0;
    error_set(error, ERROR_WRONG_SIZE, "frame %" PRId64 " has not the size that the container says", frame);
    return json_pack("{s:b}", "constant", frame < 0);
}

int64_t check_wanted_frames(const struct evidence *evidence)
{
    return evidence->size.frames ? evidence->size.frames : tube_frames(&evidence->tube);
}

static json_t *check_count(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    int64_t got = evidence->container.frames, want = check_wanted_frames(evidence);

    *verdict = got == 0 || want < 0 ? UNKNOWN : got == want;
    error_set(error, ERROR_FRAME_COUNT, "the clip has %" PRId64 " frames; its tube asks for %" PRId64, got, want);
    return json_pack("{s:I, s:I}", "got", (json_int_t)got, "want", (json_int_t)want);
}

static json_t *check_frames(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct decoded *decoded = &evidence->decoded;
    int64_t want = check_wanted_frames(evidence), surplus = decoded->frames - want;

    *verdict = want < 0 ? UNKNOWN : surplus == 0;
    if (surplus > 0 && decoded->front > surplus)
        error_set(error, ERROR_FRAME_COUNT,
                  "the clip has %" PRId64 " frames, its tube asks for %" PRId64
                  ", and its first picture is repeated %" PRId64 " times: made without setting the times back to 0",
                  decoded->frames, want, surplus);
    else
        error_set(error, ERROR_FRAME_COUNT, "%" PRId64 " frames of the clip can be seen; its tube asks for %" PRId64,
                  decoded->frames, want);
    return json_pack("{s:I, s:I}", "got", (json_int_t)decoded->frames, "want", (json_int_t)want);
}

static json_t *check_still(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct decoded *decoded = &evidence->decoded;
    bool is_still = decoded_is_still(decoded);

    *verdict = !is_still || evidence->stillness == SOURCE_STILL;
    if (is_still && evidence->stillness == STILLNESS_UNKNOWN)
        *verdict = UNKNOWN;
    error_set(error, ERROR_FROZEN, "all %" PRId64 " frames of the clip show one picture, and its chunk moves there",
              decoded->frames);
    return json_pack("{s:f, s:I, s:b}", "moved", rounded(decoded->moved), "front", (json_int_t)decoded->front,
                     "still_in_source", evidence->stillness == SOURCE_STILL);
}

static json_t *check_start(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct container *container = &evidence->container;

    if (!container->has_start) {
        *verdict = UNKNOWN;
        return json_object();
    }
    *verdict = container->start == 0;
    error_set(error, ERROR_BAD_TIMES, "the clip begins at %.6f s, not at 0", container->start);
    return json_pack("{s:f}", "seconds", rounded(container->start));
}

static json_t *check_times(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct decoded_times *times = &evidence->times;
    int64_t frames = evidence->decoded.frames;
    double tick = av_q2d(evidence->decoded.time_base);
    double first = times->first == AV_NOPTS_VALUE ? 0 : (double)times->first * tick;

    *verdict = FAILED;
    if (frames == 0) {
        *verdict = UNKNOWN;
    } else if (times->first == AV_NOPTS_VALUE) {
        error_set(error, ERROR_BAD_TIMES, "the first frame has no time");
    } else if (times->first != 0) {
        error_set(error, ERROR_BAD_TIMES, "the first frame is at %.6f s, not at 0", first);
    } else if (times->backward) {
        error_set(error, ERROR_BAD_TIMES, "the time of frame %zu is not after that of the one before it",
                  times->backward);
    } else if (times->gaps && !evidence->gaps_in_source) {
        error_set(error, ERROR_BAD_TIMES, "%zu gaps between frames, the first after frame %zu; frames are %.6f s apart",
                  times->gaps, times->first_gap, (double)times->median * tick);
    } else {
        *verdict = PASSED;
    }
    return json_pack("{s:f, s:f, s:f, s:b, s:I, s:b}", "first", rounded(first), "step",
                     rounded((double)times->median * tick), "longest", rounded((double)times->longest * tick),
                     "variable", times->is_variable, "gaps", (json_int_t)times->gaps, "gaps_in_source",
                     evidence->gaps_in_source);
}

/* The clip is as long as its part of the chunk, within 1%, or half a step for rounding to another time base. */
static json_t *check_speed(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct decoded *decoded = &evidence->decoded;
    double want = evidence->chunk_lasts, got;

    if (!evidence->is_compared || evidence->is_chunk_damaged || want <= 0 || decoded->frames != evidence->compared ||
        decoded->ticks[0] == AV_NOPTS_VALUE || decoded->ticks[decoded->frames - 1] == AV_NOPTS_VALUE)
        return json_object();
    got = (double)av_sat_sub64(decoded->ticks[decoded->frames - 1], decoded->ticks[0]) * av_q2d(decoded->time_base);
    *verdict = fabs(got - want) <= fmax(0.01 * want, want / (double)(decoded->frames - 1) / 2);
    error_set(error, ERROR_BAD_TIMES, "the last frame is at %.6f s; in the chunk it is %.6f s after the first one", got,
              want);
    return json_pack("{s:f, s:f}", "got", rounded(got), "want", rounded(want));
}

/* Sets error to where a clip belongs that shows other pictures than it should. */
static void set_place_error(const struct evidence *evidence, struct error *error)
{
    const struct displacement *place = &evidence->place;
    const struct tube *tube = &evidence->tube;
    int x = abs(place->right), y = abs(place->below);
    char across[40] = "", down[40] = "";

    if (place->is_found && place->late) {
        int64_t frames = llabs(place->late);

        error_set(error, ERROR_DIFFERS_FROM_SOURCE,
                  "the clip is %" PRId64 " frame%s %s: it shows frames %" PRId64 " to %" PRId64
                  " of the chunk, not %" PRId32 " to %" PRId32,
                  frames, frames == 1 ? "" : "s", place->late < 0 ? "early" : "late", tube->start + place->late,
                  tube->end + place->late, tube->start, tube->end);
        return;
    }
    if (!place->is_found && evidence->match.is_recoloured && !evidence->match.is_other) {
        error_set(error, ERROR_DIFFERS_FROM_SOURCE, "the clip shows its box of the chunk in other colours");
        return;
    }
    if (!place->is_found) {
        error_set(error, ERROR_DIFFERS_FROM_SOURCE, "the clip shows other pictures than its box of the chunk");
        return;
    }
    if (x)
        snprintf(across, sizeof across, "%d pixels to the %s%s", x, place->right < 0 ? "left" : "right",
                 y ? " and " : "");
    if (y)
        snprintf(down, sizeof down, "%d pixels %s", y, place->below < 0 ? "above" : "below");
    error_set(error, ERROR_DIFFERS_FROM_SOURCE, "the clip was taken beside its box of the chunk: %s%s", across, down);
}

static json_t *check_match(const struct evidence *evidence, enum verdict *verdict, struct error *error)
{
    const struct match_verdict *match = &evidence->match;
    const struct displacement *place = &evidence->place;
    bool fits;

    if (evidence->uncompared) {
        *verdict = UNKNOWN;
        return json_pack("{s:s}", "why", evidence->uncompared);
    }
    if (!evidence->is_compared && evidence->chunk_frames) {
        *verdict = FAILED;
        error_set(error, ERROR_DIFFERS_FROM_SOURCE,
                  "the chunk has %" PRId64 " frames; the clip's last one would be number %" PRId32,
                  evidence->chunk_frames, evidence->tube.end);
        return json_pack("{s:I}", "chunk_frames", (json_int_t)evidence->chunk_frames);
    }
    if (!evidence->is_compared) {
        *verdict = UNKNOWN;
        return json_pack("{s:s}", "why", "it has no frame that could be compared");
    }
    fits = match->way == MATCH_HERE && !match->is_other && !place->is_found && !match->is_recoloured;
    *verdict = !fits && evidence->is_chunk_damaged ? UNKNOWN : fits;
    if (*verdict == UNKNOWN)
        return json_pack("{s:s}", "why", "a frame of its chunk is damaged");
    set_place_error(evidence, error);
    return json_pack("{s:I, s:f, s:f, s:o, s:I, s:i, s:i}", "frames", (json_int_t)evidence->compared, "psnr",
                     rounded(match->psnr), "blocks", rounded(match->blocks), "colours",
                     match->colours < 0 ? json_null() : json_real(rounded(match->colours)), "late",
                     (json_int_t)place->late, "right", place->right, "below", place->below);
}

/* What must have been measured for a check. */
enum need { NEEDS_NOTHING, NEEDS_STREAMS, NEEDS_VIDEO, NEEDS_FRAMES, NEEDS_SOURCE };

/* The most telling come first: the error of a clip is that of the first check that failed. */
static const struct check {
    const char *name;
    enum level level;
    enum need needs;
    json_t *(*judge)(const struct evidence *evidence, enum verdict *verdict, struct error *error);
} checks_table[] = {
    {"file", LEVEL_CONTAINER, NEEDS_NOTHING, check_file},
    {"streams", LEVEL_CONTAINER, NEEDS_STREAMS, check_streams},
    {"pictures", LEVEL_DECODE, NEEDS_FRAMES, check_pictures},
    {"size", LEVEL_CONTAINER, NEEDS_VIDEO, check_size},
    {"turn", LEVEL_CONTAINER, NEEDS_VIDEO, check_turn},
    {"size", LEVEL_DECODE, NEEDS_FRAMES, check_sizes},
    {"frames", LEVEL_DECODE, NEEDS_FRAMES, check_frames},
    {"frames", LEVEL_CONTAINER, NEEDS_VIDEO, check_count},
    {"still", LEVEL_DECODE, NEEDS_FRAMES, check_still},
    {"match", LEVEL_SOURCE, NEEDS_SOURCE, check_match},
    {"start", LEVEL_CONTAINER, NEEDS_VIDEO, check_start},
    {"times", LEVEL_DECODE, NEEDS_FRAMES, check_times},
    {"speed", LEVEL_SOURCE, NEEDS_SOURCE, check_speed},
};

enum { CHECK_COUNT = sizeof checks_table / sizeof *checks_table };

static bool is_measured(const struct evidence *evidence, enum need need)
{
    switch (need) {
    case NEEDS_NOTHING:
        return true;
    case NEEDS_STREAMS:
        return evidence->fault.word == ERROR_NONE;
    case NEEDS_VIDEO:
        return evidence->fault.word == ERROR_NONE && evidence->container.video >= 0;
    case NEEDS_FRAMES:
        return evidence->is_decoded;
    case NEEDS_SOURCE:
        return evidence->is_decoded && (evidence->is_compared || evidence->uncompared || evidence->chunk_frames);
    }
    return false;
}

/* Adds the findings of a check under its level and name; details is stolen. 0, or -1 when memory runs out. */
static int add_findings(json_t *checks, const struct check *check, enum verdict verdict, json_t *details)
{
    const char *level = check_level_names[check->level];
    json_t *findings = json_pack("{s:o}", "ok", verdict == UNKNOWN ? json_null() : json_boolean(verdict == PASSED));

    record_add(&findings, details);
    if (!json_object_get(checks, level) && json_object_set_new(checks, level, json_object())) {
        json_decref(findings);
        return -1;
    }
    return json_object_set_new(json_object_get(checks, level), check->name, findings);
}

int check_all(const struct evidence *evidence, json_t **checks, struct error *failure)
{
    *failure = (struct error){0};
    *checks = json_object();
    for (int i = 0; i < CHECK_COUNT && *checks; i++) {
        const struct check *check = &checks_table[i];
        enum verdict verdict = UNKNOWN;
        struct error error = {0};
        json_t *details;

        if (!is_measured(evidence, check->needs))
            continue;
        details = check->judge(evidence, &verdict, &error);
        if (verdict == FAILED && failure->word == ERROR_NONE)
            *failure = error;
        if (add_findings(*checks, check, verdict, details)) {
            json_decref(*checks);
            *checks = NULL;
        }
    }
    return *checks ? 0 : -1;
}
