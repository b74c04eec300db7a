#include "th-verify/measure/displacement.h"

#include <libavutil/common.h>
#include <math.h>
#include <stdlib.h>

#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/luma.h"

enum {
    FRAMES = 250,         /* before and after */
    PIXELS = 32,          /* each way */
    SAMPLES_MAX = 1 << 14 /* of a picture that are compared, about */
};

/* What a pixel or frame of distance adds to the difference. */
#define NEARER 0.01

/* Sums of squared differences of the samples to what the chunk has at a displacement. */
struct sum {
    double difference;
    int count; /* samples that could be compared */
};

struct hunt {
    const struct displacement_search *search;
    const struct displacement_samples *samples;
    struct luma lumas[DISPLACEMENT_SAMPLES];
    struct luma chunk;
    int wanted; /* samples that are looked for */
    int row_step;
    struct sum late[2 * FRAMES + 1];
    struct sum beside[2 * PIXELS + 1][2 * PIXELS + 1]; /* [below][right] */
};

int displacement_keep(struct displacement_samples *samples, const AVFrame *frame, int64_t number, int64_t count)
{
    int64_t distance = count / DISPLACEMENT_SAMPLES + 1;
    struct displacement_sample *sample = &samples->at[samples->count];

    if (number % distance || samples->count == DISPLACEMENT_SAMPLES)
        return 0;
    sample->frame = av_frame_clone(frame);
    sample->number = number;
    sample->is_key = frame->pict_type == AV_PICTURE_TYPE_I;
    samples->count += sample->frame != NULL;
    return sample->frame ? 0 : -1;
}

void displacement_forget(struct displacement_samples *samples)
{
    for (int i = 0; i < samples->count; i++)
        av_frame_free(&samples->at[i].frame);
    samples->count = 0;
}

static bool is_wanted(const struct hunt *hunt, const struct displacement_sample *sample)
{
    return !hunt->search->keys_only || sample->is_key || sample->number == 0;
}

static void add(struct sum *sum, const struct hunt *hunt, int sample, int x, int y)
{
    const struct luma_part clip = {&hunt->lumas[sample], 0, 0}, chunk = {&hunt->chunk, x, y};
    const struct box *box = &hunt->search->box;

    sum->difference += luma_difference(&clip, &chunk, box->w, box->h, hunt->row_step);
    sum->count++;
}

static void look_beside(struct hunt *hunt, int sample)
{
    const struct displacement_search *search = hunt->search;
    const struct box *box = &search->box;

    for (int below = -PIXELS; below <= PIXELS; below += search->step_y)
        for (int right = -PIXELS; right <= PIXELS; right += search->step_x) {
            int x = box->x + right, y = box->y + below;

            if (x >= 0 && y >= 0 && x + box->w <= hunt->chunk.width && y + box->h <= hunt->chunk.height)
                add(&hunt->beside[below + PIXELS][right + PIXELS], hunt, sample, x, y);
        }
}

static void look_at(struct hunt *hunt, int64_t number)
{
    const struct box *box = &hunt->search->box;

    if (box->x + box->w > hunt->chunk.width || box->y + box->h > hunt->chunk.height)
        return;
    for (int i = 0; i < hunt->samples->count; i++) {
        int64_t late = number - (hunt->search->start + hunt->samples->at[i].number);

        if (!is_wanted(hunt, &hunt->samples->at[i]) || late < -FRAMES || late > FRAMES)
            continue;
        add(&hunt->late[late + FRAMES], hunt, i, box->x, box->y);
        if (late == 0)
            look_beside(hunt, i);
    }
}

/* Takes the displacement when it fits better. Of those that fit about as well the nearest counts. */
static void consider(const struct hunt *hunt, const struct sum *sum, const struct displacement *displacement,
                     double *best, struct displacement *found)
{
    int64_t distance = llabs(displacement->late) + abs(displacement->right) + abs(displacement->below);
    double score = sum->difference * (1 + NEARER * (double)distance);

    if (sum->count != hunt->wanted || score >= *best || distance == 0)
        return;
    *best = score;
    *found = *displacement;
    found->is_found = true;
}

static void conclude(const struct hunt *hunt, struct displacement *found)
{
    double here = hunt->late[FRAMES].difference, best = hunt->search->is_sure ? here : here / 2;

    for (int late = -FRAMES; late <= FRAMES; late++)
        consider(hunt, &hunt->late[late + FRAMES], &(struct displacement){.late = late}, &best, found);
    for (int below = -PIXELS; below <= PIXELS; below++)
        for (int right = -PIXELS; right <= PIXELS; right++)
            consider(hunt, &hunt->beside[below + PIXELS][right + PIXELS],
                     &(struct displacement){.right = right, .below = below}, &best, found);
}

static int see_samples(struct hunt *hunt, struct error *error)
{
    for (int i = 0; i < hunt->samples->count; i++) {
        if (luma_of_frame(&hunt->lumas[i], hunt->samples->at[i].frame))
            return error_set(error, ERROR_IO, "out of memory");
        hunt->wanted += is_wanted(hunt, &hunt->samples->at[i]);
    }
    return 0;
}

static int hunt_through(struct hunt *hunt, struct frame_reader *frames, struct error *error)
{
    const struct displacement_samples *samples = hunt->samples;
    int64_t last = hunt->search->start + samples->at[samples->count - 1].number + FRAMES;
    AVFrame *frame = av_frame_alloc();
    int got = 1;

    if (!frame)
        return error_set(error, ERROR_IO, "out of memory");
    for (int64_t number = 0; number <= last && (got = frame_reader_next(frames, frame, error)) > 0; number++) {
        if (number >= hunt->search->start - FRAMES && !luma_of_frame(&hunt->chunk, frame))
            look_at(hunt, number);
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    return got < 0 ? -1 : 0;
}

int displacement_find(const struct displacement_search *search, const struct displacement_samples *samples,
                      struct job *job, struct displacement *found, struct error *error)
{
    struct hunt *hunt = calloc(1, sizeof *hunt);
    struct frame_reader *frames = NULL;
    int status = -1;

    *found = (struct displacement){0};
    if (!hunt)
        return error_set(error, ERROR_IO, "out of memory");
    hunt->search = search;
    hunt->samples = samples;
    hunt->row_step = FFMAX(1, search->box.w * search->box.h / SAMPLES_MAX);
    if (!samples->count) {
        status = 0;
        goto end;
    }
    if (see_samples(hunt, error) || frame_reader_open_chunk(&frames, search->source, job, error) ||
        hunt_through(hunt, frames, error))
        goto end;
    conclude(hunt, found);
    status = 0;
end:
    for (int i = 0; i < DISPLACEMENT_SAMPLES; i++)
        luma_clear(&hunt->lumas[i]);
    luma_clear(&hunt->chunk);
    frame_reader_close(&frames);
    free(hunt);
    return status;
}
