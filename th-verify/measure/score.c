#include "th-verify/measure/score.h"

#include <inttypes.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <stdlib.h>

#include "common/av/media.h"
#include "common/name.h"
#include "th-verify/measure/container.h"
#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/ssim.h"

enum { CHANNELS = 3 };

/* The PSNR of two equal pictures, dB. */
static const double psnr_same = 100;

/* Converts the frames of one of the two videos to RGB. */
struct side {
    struct SwsContext *scaler; /* NULL before the first frame */
    int format;
    AVFrame *rgb; /* RGB24 */
    struct ssim_grey grey;
};

struct score {
    char *path;
    struct error fault; /* of the reconstruction; word is ERROR_NONE when there is none */
    AVFormatContext *format;
    struct frame_reader *frames; /* NULL when there is nothing to compare with */
    AVFrame *frame;
    struct side clip, reconstruction;
    int64_t count;
    double l1, psnr, ssim, ms_ssim; /* sums over frames */
};

static void note_fault(void *self, const char *what, int result)
{
    struct score *score = self;

    if (score->fault.word == ERROR_NONE)
        error_set(&score->fault, ERROR_DECODE_ERROR, "%s, at frame %" PRId64 " of the reconstruction: %s", what,
                  score->count, av_err2str(result));
}

static void open_file(struct score *score, struct job *job)
{
    const struct frame_reader_faults faults = {score, note_fault};
    struct container container;

    if (container_open(&score->format, score->path, &container, &score->fault))
        return;
    if (container.video < 0)
        error_set(&score->fault, ERROR_UNREADABLE, "the reconstruction has no video stream");
    else
        (void)frame_reader_open_clip(&score->frames, score->format, container.video, job, &faults, &score->fault);
}

struct score *score_open(const char *dir, const char *key, struct job *job)
{
    struct score *score = calloc(1, sizeof *score);

    if (score)
        score->path = name_path(dir, key, ".mp4");
    if (score)
        score->frame = av_frame_alloc();
    if (!score || !score->path || !score->frame) {
        score_close(&score);
        return NULL;
    }
    open_file(score, job);
    return score;
}

static void side_free(struct side *side)
{
    sws_freeContext(side->scaler);
    av_frame_free(&side->rgb);
    ssim_grey_free(&side->grey);
}

void score_close(struct score **score)
{
    if (!*score)
        return;
    frame_reader_close(&(*score)->frames);
    avformat_close_input(&(*score)->format);
    av_frame_free(&(*score)->frame);
    side_free(&(*score)->clip);
    side_free(&(*score)->reconstruction);
    free((*score)->path);
    free(*score);
    *score = NULL;
}

static int no_memory(struct error *error)
{
    return error_set(error, ERROR_IO, "out of memory");
}

/* Sets side up for pictures like frame. */
static int side_make(struct side *side, const AVFrame *frame, struct error *error)
{
    bool is_full = frame->color_range == AVCOL_RANGE_JPEG;
    const int *coefficients =
        sws_getCoefficients(frame->colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_DEFAULT);

    side->scaler =
        sws_getContext(frame->width, frame->height, frame->format, frame->width, frame->height, AV_PIX_FMT_RGB24,
                       SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
    side->rgb = av_frame_alloc();
    if (!side->scaler || !side->rgb || ssim_grey_make(&side->grey, frame->width, frame->height))
        return no_memory(error);
    /* Fails for formats without colour details, which need none. */
    (void)sws_setColorspaceDetails(side->scaler, coefficients, is_full, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0,
                                   1 << 16, 1 << 16);
    side->format = frame->format;
    side->rgb->format = AV_PIX_FMT_RGB24;
    side->rgb->width = frame->width;
    side->rgb->height = frame->height;
    return av_frame_get_buffer(side->rgb, 0) < 0 ? no_memory(error) : 0;
}

/* Luma with the weights of BT.601, which is what SSIM is usually computed on. */
static void make_grey(struct side *side)
{
    for (int y = 0; y < side->rgb->height; y++) {
        const uint8_t *from = side->rgb->data[0] + (ptrdiff_t)y * side->rgb->linesize[0];
        float *to = side->grey.data + (size_t)y * side->grey.stride;

        for (int x = 0; x < side->rgb->width; x++, from += CHANNELS)
            to[x] = 0.299F * from[0] + 0.587F * from[1] + 0.114F * from[2];
    }
}

static int side_convert(struct side *side, const AVFrame *frame, struct error *error)
{
    if (side->scaler &&
        (side->format != frame->format || side->rgb->width != frame->width || side->rgb->height != frame->height)) {
        side_free(side);
        *side = (struct side){0};
    }
    if (!side->scaler && side_make(side, frame, error))
        return -1;
    if (sws_scale(side->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, side->rgb->data,
                  side->rgb->linesize) < 0)
        return error_set(error, ERROR_IO, "a picture cannot be made RGB");
    make_grey(side);
    return 0;
}

/* Adds the mean absolute difference, and the PSNR, of the RGB samples. */
static void add_differences(struct score *score)
{
    const AVFrame *a = score->clip.rgb, *b = score->reconstruction.rgb;
    int64_t absolute = 0, squares = 0;
    double samples = (double)a->width * a->height * CHANNELS;

    for (int y = 0; y < a->height; y++) {
        const uint8_t *p = a->data[0] + (ptrdiff_t)y * a->linesize[0], *q = b->data[0] + (ptrdiff_t)y * b->linesize[0];

        for (int i = 0; i < a->width * CHANNELS; i++) {
            int difference = p[i] - q[i];

            absolute += abs(difference);
            squares += (int64_t)difference * difference;
        }
    }
    score->l1 += (double)absolute / samples;
    score->psnr += squares ? fmin(psnr_same, 10 * log10(255 * 255 * samples / (double)squares)) : psnr_same;
}

static int compare_pictures(struct score *score, const AVFrame *clip, struct error *error)
{
    double ssim, ms_ssim;

    if (side_convert(&score->clip, clip, error) || side_convert(&score->reconstruction, score->frame, error))
        return -1;
    add_differences(score);
    if (ssim_compare(&score->clip.grey, &score->reconstruction.grey, &ssim, &ms_ssim))
        return no_memory(error);
    score->ssim += ssim;
    score->ms_ssim += ms_ssim;
    score->count++;
    return 0;
}

int score_add(struct score *score, const AVFrame *clip, struct error *error)
{
    int got;

    if (score->fault.word != ERROR_NONE || !score->frames)
        return 0;
    av_frame_unref(score->frame);
    got = frame_reader_next(score->frames, score->frame, &score->fault);
    if (score->fault.word != ERROR_NONE)
        return 0;
    if (got == 0) {
        error_set(&score->fault, ERROR_FRAME_COUNT, "the reconstruction has %" PRId64 " frames, fewer than the clip",
                  score->count);
        return 0;
    }
    if (score->frame->width != clip->width || score->frame->height != clip->height) {
        error_set(&score->fault, ERROR_WRONG_SIZE, "the reconstruction is %dx%d, the clip %dx%d", score->frame->width,
                  score->frame->height, clip->width, clip->height);
        return 0;
    }
    return compare_pictures(score, clip, error);
}

/* Frames beyond the last one of the clip are a fault. */
static void check_end(struct score *score)
{
    if (score->fault.word != ERROR_NONE)
        return;
    av_frame_unref(score->frame);
    if (score->frames && frame_reader_next(score->frames, score->frame, &score->fault) > 0)
        error_set(&score->fault, ERROR_FRAME_COUNT,
                  "the reconstruction has more frames than the %" PRId64 " of the clip", score->count);
    else if (!score->count && score->fault.word == ERROR_NONE)
        error_set(&score->fault, ERROR_FRAME_COUNT, "the clip has no frame to compare with");
}

/* The mean with six decimals at most; null when there is none. */
static json_t *mean(double sum, int64_t count)
{
    return isnan(sum) ? json_null() : json_real(round(sum / (double)count * 1e6) / 1e6);
}

json_t *score_result(struct score *score)
{
    check_end(score);
    if (score->fault.word != ERROR_NONE)
        return json_pack("{s:s, s:s, s:s}", "reference", score->path, "error", error_word_name(score->fault.word),
                         "message", score->fault.message);
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o}", "reference", score->path, "frames", (json_int_t)score->count,
                     "l1", mean(score->l1, score->count), "psnr", mean(score->psnr, score->count), "ssim",
                     mean(score->ssim, score->count), "ms_ssim", mean(score->ms_ssim, score->count));
}
