#include "th-verify/measure/compare.h"

#include <inttypes.h>
#include <libavutil/pixdesc.h>
#include <string.h>

#include "th-verify/measure/colour.h"
#include "th-verify/measure/luma.h"

enum {
    BEFORE, /* the frame before the one that is compared */
    HERE,
    AFTER,
    VIEWS,
    SAMPLES_MAX = 1 << 16, /* of a picture that are compared, about */
    STEP_MIN = 2,          /* pixels by which the box is moved */
    CELL_UNIT = 16         /* pixels */
};

/* Three frames of the chunk that follow each other. */
struct view {
    AVFrame *frame;
    struct luma luma;
    struct colour colour;
    bool is_set, is_damaged;
};

struct comparison {
    struct view views[VIEWS];
    struct luma clip;
    struct colour clip_colour;
    AVRational time_base; /* of the chunk */
};

/* Prepares for the clip's first frame: what of the chunk it shows. What keeps it from being compared; NULL: nothing. */
static const char *begin(struct clip_check *check, const AVFrame *chunk)
{
    const struct container *container = &check->evidence.container;
    const json_t *scale = json_object_get(check->clip->lineage, "scale");
    struct unscaler_plan plan;
    struct error error;

    check->box = check->evidence.size.box;
    if (scale) {
        if (!unscaler_make_plan(scale, &check->box, chunk->sample_aspect_ratio, 1 << container->log2_chroma_w,
                                1 << container->log2_chroma_h, &plan))
            return "it is too small beside its box: --size";
        if (unscaler_open(&check->unscaler, &plan, check->frame, &error))
            return "it cannot be brought back to the size of its box: --size";
        check->box = plan.box;
    }
    check->watch = (struct source_motion){.box = check->box, .enough = SOURCE_MOTION_SEEN};
    return NULL;
}

/* What keeps the picture from being held against the frame; NULL when nothing does. */
static const char *obstacle(const struct clip_check *check, const AVFrame *picture, const AVFrame *chunk)
{
    const struct box *box = &check->box;
    const AVPixFmtDescriptor *is = av_pix_fmt_desc_get(check->frame->format), *was = av_pix_fmt_desc_get(chunk->format);

    if (!is || !was || (is->flags & AV_PIX_FMT_FLAG_RGB) != (was->flags & AV_PIX_FMT_FLAG_RGB) ||
        (check->frame->color_range == AVCOL_RANGE_JPEG) != (chunk->color_range == AVCOL_RANGE_JPEG))
        return "its pixels are of another kind than the chunk's";
    if (picture->width != box->w || picture->height != box->h)
        return "it has another size than its box";
    if (box->x < 0 || box->y < 0 || box->x > chunk->width - box->w || box->y > chunk->height - box->h)
        return "its box is not inside the chunk's picture";
    return NULL;
}

/* Width or height of the cells that divide a length into MATCH_GRID, rounded up to what is quick to compare. */
static int cell_size(int length)
{
    return (length + MATCH_GRID * CELL_UNIT - 1) / (MATCH_GRID * CELL_UNIT) * CELL_UNIT;
}

/* Difference of two parts of the size of box, by cells. */
static void compare_cells(const struct luma_part *a, const struct luma_part *b, const struct box *box, int step,
                          double *cells)
{
    int wide = cell_size(box->w), high = cell_size(box->h);

    for (int y = 0, row = 0; y < box->h; y += high, row++)
        for (int x = 0, column = 0; x < box->w; x += wide, column++) {
            const struct luma_part first = {a->luma, a->x + x, a->y + y}, second = {b->luma, b->x + x, b->y + y};

            cells[row * MATCH_GRID + column] =
                luma_detail_difference(&first, &second, FFMIN(wide, box->w - x), FFMIN(high, box->h - y), step);
        }
}

/* Measures one of the ways, if the chunk has it. */
static void measure_way(struct match_sums *sums, const struct view *view, const struct luma_part *clip,
                        const struct luma_part *here, int x, int y, const struct box *box, int step)
{
    const struct luma_part there = {&view->luma, x, y};

    if (!view->is_set || x < 0 || y < 0 || x + box->w > view->luma.width || y + box->h > view->luma.height)
        return;
    compare_cells(clip, &there, box, step, sums->there);
    compare_cells(here, &there, box, step, sums->apart);
    sums->samples = (double)box->w * box->h / step;
}

static void measure(const struct comparison *comparison, const struct clip_check *check, struct match_frame *frame)
{
    const struct view *views = comparison->views;
    const struct box *box = &check->box;
    const struct container *container = &check->evidence.container;
    int step_x = FFMAX(STEP_MIN, 1 << container->log2_chroma_w);
    int step_y = FFMAX(STEP_MIN, 1 << container->log2_chroma_h);
    int step = FFMAX(1, box->w * box->h / SAMPLES_MAX);
    double differences[MATCH_CELLS] = {0};
    const struct luma_part clip = {&comparison->clip, 0, 0}, here = {&views[HERE].luma, box->x, box->y};
    const struct {
        int view, right, below;
    } ways[MATCH_WAYS] = {
        [MATCH_BEFORE] = {BEFORE, 0, 0},   [MATCH_AFTER] = {AFTER, 0, 0},      [MATCH_LEFT] = {HERE, -step_x, 0},
        [MATCH_RIGHT] = {HERE, step_x, 0}, [MATCH_ABOVE] = {HERE, 0, -step_y}, [MATCH_BELOW] = {HERE, 0, step_y}};

    *frame = (struct match_frame){.is_key = check->frame->pict_type == AV_PICTURE_TYPE_I};
    compare_cells(&clip, &here, box, step, differences);
    frame->here = luma_difference(&clip, &here, box->w, box->h, step);
    frame->samples = (double)box->w * box->h / step;
    frame->blocks = luma_block_difference(&clip, &here, box->w, box->h, step);
    frame->colours = colour_difference(&comparison->clip_colour, &views[HERE].colour, box, step);
    for (int way = 0; way < MATCH_WAYS; way++) {
        measure_way(&frame->ways[way], &views[ways[way].view], &clip, &here, box->x + ways[way].right,
                    box->y + ways[way].below, box, step);
        if (frame->ways[way].samples > 0)
            memcpy(frame->ways[way].here, differences, sizeof differences);
    }
}

/* The clip's frame as it is to be compared; NULL after evidence->uncompared was set. */
static const AVFrame *picture_of(struct comparison *comparison, struct clip_check *check)
{
    const struct view *here = &comparison->views[HERE];
    struct evidence *evidence = &check->evidence;
    const AVFrame *picture = check->frame;
    struct error error;

    if (evidence->decoded.frames == 1)
        evidence->uncompared = begin(check, here->frame);
    if (!evidence->uncompared && check->unscaler && !(picture = unscaler_scale(check->unscaler, picture, &error)))
        evidence->uncompared = "it cannot be brought back to the size of its box: --size";
    if (!evidence->uncompared)
        evidence->uncompared = obstacle(check, picture, here->frame);
    if (!evidence->uncompared && (!here->is_set || luma_of_frame(&comparison->clip, picture)))
        evidence->uncompared = "its pixels cannot be compared";
    return evidence->uncompared ? NULL : picture;
}

/* Notes when the chunk shows the frame that is compared. */
static void note_time(const struct comparison *comparison, struct clip_check *check)
{
    int64_t time = comparison->views[HERE].frame->best_effort_timestamp;

    if (check->evidence.decoded.frames == 1)
        check->chunk_first = check->chunk_last = time;
    else if (time == AV_NOPTS_VALUE || check->chunk_last == AV_NOPTS_VALUE || time <= check->chunk_last)
        check->chunk_last = AV_NOPTS_VALUE;
    else
        check->chunk_last = time;
    check->evidence.chunk_lasts =
        check->chunk_last == AV_NOPTS_VALUE
            ? 0
            : (double)(check->chunk_last - check->chunk_first) * av_q2d(comparison->time_base);
}

/* Holds the clip's next frame against the chunk's frame HERE. */
static void compare_frame(struct comparison *comparison, struct clip_check *check)
{
    struct evidence *evidence = &check->evidence;
    const AVFrame *picture;
    struct match_frame measured;

    if (!clip_check_next(check) || evidence->uncompared)
        return;
    picture = picture_of(comparison, check);
    evidence->is_compared = picture;
    if (!picture)
        return;
    colour_of_frame(&comparison->clip_colour, picture);
    note_time(comparison, check);
    evidence->is_chunk_damaged |= comparison->views[HERE].is_damaged;
    measure(comparison, check, &measured);
    match_add(&check->match, &measured);
    if (displacement_keep(&check->samples, picture, evidence->decoded.frames - 1, tube_frames(&evidence->tube)))
        error_set(&check->error, ERROR_IO, "out of memory");
    else
        (void)source_motion_add(&check->watch, comparison->views[HERE].frame, &check->error);
}

/* Why the clip cannot be held against its chunk, as far as that can be told without decoding. */
static const char *first_obstacle(const struct clip_check *check)
{
    const struct evidence *evidence = &check->evidence;

    if (!evidence->size.is_placed)
        return "its place in the chunk's picture is not known";
    if (json_object_get(check->clip->lineage, "fps"))
        return "it has other frames than the chunk: --fps";
    return NULL;
}

/* Compares what is due with the chunk's frame `number`, which is HERE. 0, or -1 when a record cannot be made. */
static int compare_all(struct comparison *comparison, struct clip_check *checks, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        struct clip_check *check = &checks[i];
        const struct tube *tube = &check->clip->tube;

        if (check->is_done || number < tube->start)
            continue;
        if (!check->is_open) {
            clip_check_open(check);
            check->evidence.uncompared = first_obstacle(check);
        }
        compare_frame(comparison, check);
        if (number == tube->end && clip_check_end(check))
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

/* Makes HERE of AFTER, and BEFORE of HERE. AFTER is empty then. */
static void step(struct view *views)
{
    struct view first = views[BEFORE];

    views[BEFORE] = views[HERE];
    views[HERE] = views[AFTER];
    views[AFTER] = first;
    views[AFTER].is_set = false;
    av_frame_unref(views[AFTER].frame);
}

/* Decodes the chunk until all checks are done, and counts its frames. 0, or -1 when a record cannot be made; why it
 * could not be decoded to its end is in error. */
static int compare_frames(struct comparison *comparison, struct frame_reader *frames, struct clip_check *checks,
                          size_t count, int64_t *number, struct error *error)
{
    struct view *after = &comparison->views[AFTER];
    int got = 1;

    for (*number = 0; got > 0 && !all_done(checks, count); ++*number) {
        got = frame_reader_next(frames, after->frame, error);
        if (got < 0)
            return 0;
        after->is_set = got > 0 && !luma_of_frame(&after->luma, after->frame);
        if (after->is_set)
            colour_of_frame(&after->colour, after->frame);
        after->is_damaged = frame_reader_is_damaged(frames);
        if (*number > 0 && compare_all(comparison, checks, count, *number - 1))
            return -1;
        step(comparison->views);
    }
    --*number;
    return 0;
}

/* Ends the checks for which the chunk had not enough frames, or could not be read. */
static int end_rest(struct clip_check *checks, size_t count, int64_t frames, const struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct clip_check *check = &checks[i];

        if (check->is_done)
            continue;
        if (!check->is_open)
            clip_check_open(check);
        check->evidence.is_compared = false;
        check->evidence.chunk_frames = frames;
        if (error->word != ERROR_NONE)
            check->evidence.uncompared = error->message;
        else if (frames)
            check->evidence.uncompared = NULL;
        else
            check->evidence.uncompared = "the chunk has no frames";
        if (clip_check_end(check))
            return -1;
    }
    return 0;
}

int compare_clips(const char *path, struct job *job, struct clip_check *checks, size_t count)
{
    struct comparison comparison = {0};
    struct chunk_reader *reader = NULL;
    struct frame_reader *frames = NULL;
    struct error error = {0};
    int64_t number = 0;
    int status = 0;

    for (int i = 0; i < VIEWS; i++)
        if (!(comparison.views[i].frame = av_frame_alloc()))
            error_set(&error, ERROR_IO, "out of memory");
    if (error.word == ERROR_NONE && !source_open(&reader, path, &error) &&
        !frame_reader_open_chunk(&frames, reader, job, &error)) {
        comparison.time_base = chunk_reader_video(reader)->time_base;
        status = compare_frames(&comparison, frames, checks, count, &number, &error);
    }
    if (!status)
        status = end_rest(checks, count, number, &error);
    for (int i = 0; i < VIEWS; i++) {
        luma_clear(&comparison.views[i].luma);
        colour_clear(&comparison.views[i].colour);
        av_frame_free(&comparison.views[i].frame);
    }
    luma_clear(&comparison.clip);
    colour_clear(&comparison.clip_colour);
    frame_reader_close(&frames);
    chunk_reader_close(&reader);
    return status;
}
