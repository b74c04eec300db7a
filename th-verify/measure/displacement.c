#include "th-verify/measure/displacement.h"

#include <libavutil/common.h>
#include <math.h>
#include <stdlib.h>

#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/picture.h"

enum {
    FRAMES = 250,         /* to search before and after */
    PIXELS = 32,          /* to search each way */
    SAMPLES_MAX = 1 << 14 /* of a picture that are compared, about */
};

/* The part by which a difference grows with each pixel or frame of distance, so that the nearest of equals is found. */
#define DISTANCE_COST 0.01

/* The squared differences between the samples and the chunk at one displacement. */
struct sum {
    double difference;
    int count; /* samples that were compared */
};

struct state {
    const struct displacement_search *search;
    const struct displacement_samples *samples;
    struct picture_plane lumas[DISPLACEMENT_SAMPLES];
    struct picture_plane chunk;
    int used; /* samples that are compared */
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

static bool is_used(const struct state *state, const struct displacement_sample *sample)
{
    return !state->search->keys_only || sample->is_key || sample->number == 0;
}

static void add_difference(struct sum *sum, const struct state *state, int sample, int x, int y)
{
    const struct picture_part clip = {&state->lumas[sample], 0, 0}, chunk = {&state->chunk, x, y};
    const struct box *box = &state->search->box;

    sum->difference += picture_difference(&clip, &chunk, box->w, box->h, state->row_step);
    sum->count++;
}

static void compare_places(struct state *state, int sample)
{
    const struct displacement_search *search = state->search;
    const struct box *box = &search->box;

    for (int below = -PIXELS; below <= PIXELS; below += search->step_y)
        for (int right = -PIXELS; right <= PIXELS; right += search->step_x) {
            int x = box->x + right, y = box->y + below;

            if (x >= 0 && y >= 0 && x + box->w <= state->chunk.width && y + box->h <= state->chunk.height)
                add_difference(&state->beside[below + PIXELS][right + PIXELS], state, sample, x, y);
        }
}

static void compare_frame(struct state *state, int64_t number)
{
    const struct box *box = &state->search->box;

    if (box->x + box->w > state->chunk.width || box->y + box->h > state->chunk.height)
        return;
    for (int i = 0; i < state->samples->count; i++) {
        int64_t late = number - (state->search->start + state->samples->at[i].number);

        if (!is_used(state, &state->samples->at[i]) || late < -FRAMES || late > FRAMES)
            continue;
        add_difference(&state->late[late + FRAMES], state, i, box->x, box->y);
        if (late == 0)
            compare_places(state, i);
    }
}

/* Takes the displacement when it fits better than *best. */
static void take_if_better(const struct state *state, const struct sum *sum, const struct displacement *displacement,
                           double *best, struct displacement *found)
{
    int64_t distance = llabs(displacement->late) + abs(displacement->right) + abs(displacement->below);
    double score = sum->difference * (1 + DISTANCE_COST * (double)distance);

    if (sum->count != state->used || score >= *best || distance == 0)
        return;
    *best = score;
    *found = *displacement;
    found->is_found = true;
}

static void find_best(const struct state *state, struct displacement *found)
{
    double here = state->late[FRAMES].difference, best = state->search->is_sure ? here : here / 2;

    for (int late = -FRAMES; late <= FRAMES; late++)
        take_if_better(state, &state->late[late + FRAMES], &(struct displacement){.late = late}, &best, found);
    for (int below = -PIXELS; below <= PIXELS; below++)
        for (int right = -PIXELS; right <= PIXELS; right++)
            take_if_better(state, &state->beside[below + PIXELS][right + PIXELS],
                           &(struct displacement){.right = right, .below = below}, &best, found);
}

static int read_samples(struct state *state, struct error *error)
{
    for (int i = 0; i < state->samples->count; i++) {
        if (picture_luma(&state->lumas[i], state->samples->at[i].frame))
            return error_set(error, ERROR_IO, "out of memory");
        state->used += is_used(state, &state->samples->at[i]);
    }
    return 0;
}

static int compare_chunk(struct state *state, struct frame_reader *frames, struct error *error)
{
    const struct displacement_samples *samples = state->samples;
    int64_t last = state->search->start + samples->at[samples->count - 1].number + FRAMES;
    AVFrame *frame;
    int got = 1;

    for (int64_t number = 0; number <= last && (got = frame_reader_next(frames, &frame, error)) > 0; number++)
        if (number >= state->search->start - FRAMES && !picture_luma(&state->chunk, frame))
            compare_frame(state, number);
    return got < 0 ? -1 : 0;
}

int displacement_find(const struct displacement_search *search, const struct displacement_samples *samples,
                      struct job *job, struct displacement *found, struct error *error)
{
    struct state *state = calloc(1, sizeof *state);
    struct frame_reader *frames = NULL;
    int status = -1;

    *found = (struct displacement){0};
    if (!state)
        return error_set(error, ERROR_IO, "out of memory");
    state->search = search;
    state->samples = samples;
    state->row_step = FFMAX(1, search->box.w * search->box.h / SAMPLES_MAX);
    if (!samples->count) {
        status = 0;
        goto end;
    }
    if (read_samples(state, error) || frame_reader_open_chunk(&frames, search->source, job, error) ||
        compare_chunk(state, frames, error))
        goto end;
    find_best(state, found);
    status = 0;
end:
    for (int i = 0; i < DISPLACEMENT_SAMPLES; i++)
        picture_plane_clear(&state->lumas[i]);
    picture_plane_clear(&state->chunk);
    frame_reader_close(&frames);
    free(state);
    return status;
}
