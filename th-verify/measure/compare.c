#include "th-verify/measure/compare.h"

#include <libavutil/pixdesc.h>
#include <string.h>

enum {
    SAMPLES_MAX = 1 << 16, /* of a picture that are compared, about */
    STEP_MIN = 2,          /* pixels by which the box is moved */
    CELL_UNIT = 16         /* pixels: the compiler vectorizes runs of that many */
};

/* Decodes the next frame of the chunk into AFTER. 0, or -1 and error. */
static int read_after(struct compare_window *window, struct error *error)
{
    struct compare_view *after = &window->views[COMPARE_AFTER];
    AVFrame *frame;
    int got = frame_reader_next(window->chunk, &frame, error);

    if (got > 0)
        av_frame_move_ref(after->frame, frame);
    if (got > 0) {
        int64_t time = after->frame->best_effort_timestamp;

        window->has_odd_times |= time == AV_NOPTS_VALUE || (window->number >= 0 && time <= window->time);
        window->time = time;
    }
    after->is_set = got > 0 && !picture_luma(&after->luma, after->frame);
    if (after->is_set)
        picture_colours(&after->colour, after->frame);
    after->is_damaged = frame_reader_is_damaged(window->chunk);
    return got < 0 ? -1 : 0;
}

int compare_window_open(struct compare_window *window, const char *path, struct job *job, struct error *error)
{
    for (int i = 0; i < COMPARE_VIEWS; i++)
        if (!(window->views[i].frame = av_frame_alloc()))
            return error_set(error, ERROR_IO, "out of memory");
    window->number = -1;
    return frame_reader_open_chunk(&window->chunk, path, job, error) || read_after(window, error) ? -1 : 0;
}

int compare_window_advance(struct compare_window *window, struct error *error)
{
    struct compare_view *views = window->views, first = views[COMPARE_BEFORE];

    views[COMPARE_BEFORE] = views[COMPARE_HERE];
    views[COMPARE_HERE] = views[COMPARE_AFTER];
    views[COMPARE_AFTER] = first;
    av_frame_unref(first.frame);
    window->number++;
    if (!views[COMPARE_HERE].frame->buf[0])
        return 0;
    return read_after(window, error) ? -1 : 1;
}

void compare_window_close(struct compare_window *window)
{
    for (int i = 0; i < COMPARE_VIEWS; i++) {
        picture_plane_clear(&window->views[i].luma);
        picture_colours_clear(&window->views[i].colour);
        av_frame_free(&window->views[i].frame);
    }
    picture_plane_clear(&window->clip);
    picture_colours_clear(&window->clip_colour);
    frame_reader_close(&window->chunk);
}

/* Finds out which pixels of the chunk the clip shows, at its first frame. Returns why they cannot be compared; NULL
 * when they can. */
static const char *open_comparison(struct comparison *comparison, const struct clip *clip,
                                   const struct evidence *evidence, const AVFrame *frame, const AVFrame *chunk)
{
    const struct container *container = &evidence->container;
    const json_t *scale = json_object_get(clip->lineage, "scale");
    struct unscaler_plan plan;
    struct error error;

    comparison->box = evidence->size.box;
    if (scale) {
        if (!unscaler_make_plan(scale, &comparison->box, chunk->sample_aspect_ratio, 1 << container->log2_chroma_w,
                                1 << container->log2_chroma_h, &plan))
            return "it is too small beside its box: --size";
        if (unscaler_open(&comparison->unscaler, &plan, frame, &error))
            return "it cannot be brought back to the size of its box: --size";
        comparison->box = plan.box;
    }
    comparison->motion.box = comparison->box;
    return NULL;
}

/* Why the clip's frame, brought back to the size of its box as `picture`, cannot be compared with the chunk's; NULL
 * when it can. */
static const char *find_obstacle(const struct box *box, const AVFrame *frame, const AVFrame *picture,
                                 const AVFrame *chunk)
{
    const AVPixFmtDescriptor *is = av_pix_fmt_desc_get(frame->format), *was = av_pix_fmt_desc_get(chunk->format);

    if (!is || !was || (is->flags & AV_PIX_FMT_FLAG_RGB) != (was->flags & AV_PIX_FMT_FLAG_RGB) ||
        (frame->color_range == AVCOL_RANGE_JPEG) != (chunk->color_range == AVCOL_RANGE_JPEG))
        return "its pixels are of another kind than the chunk's";
    if (picture->width != box->w || picture->height != box->h)
        return "it has another size than its box";
    if (box->x < 0 || box->y < 0 || box->x > chunk->width - box->w || box->y > chunk->height - box->h)
        return "its box is not inside the chunk's picture";
    return NULL;
}

/* Width or height of the cells that divide a length into MATCH_GRID, rounded up to CELL_UNIT. */
static int cell_size(int length)
{
    return (length + MATCH_GRID * CELL_UNIT - 1) / (MATCH_GRID * CELL_UNIT) * CELL_UNIT;
}

/* Difference of two parts of the size of box, by cells. */
static void compare_cells(const struct picture_part *a, const struct picture_part *b, const struct box *box, int step,
                          double *cells)
{
    int wide = cell_size(box->w), high = cell_size(box->h);

    for (int y = 0, row = 0; y < box->h; y += high, row++)
        for (int x = 0, column = 0; x < box->w; x += wide, column++) {
            const struct picture_part first = {a->plane, a->x + x, a->y + y}, second = {b->plane, b->x + x, b->y + y};

            cells[row * MATCH_GRID + column] =
                picture_detail_difference(&first, &second, FFMIN(wide, box->w - x), FFMIN(high, box->h - y), step);
        }
}

/* Where a neighbour is; steps in pixels. */
static struct displacement neighbour(enum match_way way, int step_x, int step_y)
{
    const struct displacement places[MATCH_WAYS + 1] = {
        [MATCH_BEFORE] = {true, -1, 0, 0},     [MATCH_AFTER] = {true, 1, 0, 0},
        [MATCH_LEFT] = {true, 0, -step_x, 0},  [MATCH_RIGHT] = {true, 0, step_x, 0},
        [MATCH_ABOVE] = {true, 0, 0, -step_y}, [MATCH_BELOW] = {true, 0, 0, step_y},
    };

    return places[way];
}

/* Measures all that match_add takes, over every step-th row. */
static void measure(const struct compare_window *window, const struct comparison *comparison,
                    const struct container *container, struct match_frame *frame)
{
    const struct compare_view *views = window->views;
    const struct box *box = &comparison->box;
    int step_x = FFMAX(STEP_MIN, 1 << container->log2_chroma_w);
    int step_y = FFMAX(STEP_MIN, 1 << container->log2_chroma_h);
    int step = FFMAX(1, box->w * box->h / SAMPLES_MAX);
    double differences[MATCH_CELLS] = {0};
    const struct picture_part clip = {&window->clip, 0, 0}, here = {&views[COMPARE_HERE].luma, box->x, box->y};

    compare_cells(&clip, &here, box, step, differences);
    frame->here = picture_difference(&clip, &here, box->w, box->h, step);
    frame->samples = (double)box->w * box->h / step;
    frame->blocks = picture_block_difference(&clip, &here, box->w, box->h, step);
    frame->colours = picture_colour_difference(&window->clip_colour, &views[COMPARE_HERE].colour, box, step);
    for (int way = 0; way < MATCH_WAYS; way++) {
        const struct displacement place = neighbour((enum match_way)way, step_x, step_y);
        const struct compare_view *view = &views[COMPARE_HERE + place.late];
        const struct picture_part there = {&view->luma, box->x + place.right, box->y + place.below};
        struct match_sums *sums = &frame->ways[way];

        if (!view->is_set || there.x < 0 || there.y < 0 || there.x + box->w > view->luma.width ||
            there.y + box->h > view->luma.height)
            continue;
        compare_cells(&clip, &there, box, step, sums->there);
        compare_cells(&here, &there, box, step, sums->apart);
        memcpy(sums->here, differences, sizeof differences);
        sums->samples = frame->samples;
    }
}

/* Notes when the chunk shows the frame that is compared, and how long the chunk's frames last so far. */
static void note_time(const struct compare_window *window, struct comparison *comparison, struct evidence *evidence)
{
    int64_t time = window->views[COMPARE_HERE].frame->best_effort_timestamp;

    if (!window->has_odd_times && evidence->decoded.frames == 1)
        comparison->first = comparison->last = time;
    else if (window->has_odd_times || time == AV_NOPTS_VALUE || comparison->last == AV_NOPTS_VALUE ||
             time <= comparison->last) /* th-crop has made up times where they are odd */
        comparison->last = AV_NOPTS_VALUE;
    else
        comparison->last = time;
    evidence->chunk_lasts =
        comparison->last == AV_NOPTS_VALUE
            ? 0
            : (double)av_sat_sub64(comparison->last, comparison->first) * av_q2d(frame_reader_time_base(window->chunk));
}

int compare_frame(struct compare_window *window, struct comparison *comparison, const struct clip *clip,
                  const AVFrame *frame, struct evidence *evidence, struct error *error)
{
    const struct compare_view *here = &window->views[COMPARE_HERE];
    struct match_frame measured = {.is_key = frame->pict_type == AV_PICTURE_TYPE_I};
    const AVFrame *picture = frame;
    struct error cause;

    if (frame_reader_is_absent(here->frame))
        evidence->uncompared = "a part of its chunk was not downloaded";
    if (!evidence->uncompared && evidence->decoded.frames == 1)
        evidence->uncompared = open_comparison(comparison, clip, evidence, frame, here->frame);
    if (!evidence->uncompared && comparison->unscaler &&
        !(picture = unscaler_scale(comparison->unscaler, frame, &cause)))
        evidence->uncompared = "it cannot be brought back to the size of its box: --size";
    if (!evidence->uncompared)
        evidence->uncompared = find_obstacle(&comparison->box, frame, picture, here->frame);
    if (!evidence->uncompared && (!here->is_set || picture_luma(&window->clip, picture)))
        evidence->uncompared = "its pixels cannot be compared";
    evidence->is_compared = !evidence->uncompared;
    if (evidence->uncompared)
        return 0;

    picture_colours(&window->clip_colour, picture);
    note_time(window, comparison, evidence);
    evidence->is_chunk_damaged |= here->is_damaged;
    measure(window, comparison, &evidence->container, &measured);
    match_add(&comparison->match, &measured);
    if (displacement_keep(&comparison->samples, picture, evidence->decoded.frames - 1, tube_frames(&evidence->tube)))
        return error_set(error, ERROR_IO, "out of memory");
    return source_motion_add(&comparison->motion, here->frame, error);
}

void compare_judge(const struct comparison *comparison, const struct clip *clip, struct job *job,
                   struct evidence *evidence)
{
    struct displacement_search search = {.source = clip->source,
                                         .start = clip->tube.start,
                                         .box = comparison->box,
                                         .step_x = 1 << evidence->container.log2_chroma_w,
                                         .step_y = 1 << evidence->container.log2_chroma_h};
    struct error error;

    evidence->compared = comparison->match.frames;
    evidence->match = match_judge(&comparison->match);
    if (!evidence->match.is_suspicious)
        return;
    search.keys_only = evidence->match.by_keys;
    search.is_sure = evidence->match.way != MATCH_HERE;
    if (displacement_find(&search, &comparison->samples, job, &evidence->place, &error) || !evidence->place.is_found)
        evidence->place = neighbour(evidence->match.way, search.step_x, search.step_y);
}

void compare_clear(struct comparison *comparison)
{
    displacement_forget(&comparison->samples);
    source_motion_clear(&comparison->motion);
    unscaler_close(&comparison->unscaler);
}
