/* The luma of pictures of all kinds, and differences of parts of them. */
#include "test/unit/unit.h"

#include <libavutil/pixdesc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/th-verify/pictures.h"
#include "th-verify/measure/luma.h"

/* A picture whose sample at x, y is (x * 3 + y * 7) % 256 in 8 bits. */
static AVFrame *picture(enum AVPixelFormat format, int width, int height)
{
    const AVComponentDescriptor *component = &av_pix_fmt_desc_get(format)->comp[0];
    bool is_big = av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_BE;
    AVFrame *frame = new_picture(format, width, height);

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            unsigned value = ((unsigned)(x * 3 + y * 7) % 256) << (component->depth - 8) << component->shift;
            uint8_t *sample = frame->data[component->plane] + y * frame->linesize[component->plane] +
                              x * component->step + component->offset;

            if (component->depth + component->shift > 8) {
                sample[is_big ? 0 : 1] = (uint8_t)(value >> 8);
                sample[is_big ? 1 : 0] = (uint8_t)value;
            } else {
                sample[0] = (uint8_t)value;
            }
        }
    return frame;
}

static void test_all_depths_and_layouts_give_the_same_luma(void **state)
{
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_YUV420P,     AV_PIX_FMT_NV12,        AV_PIX_FMT_YUYV422,
                                                 AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV422P12BE, AV_PIX_FMT_P010LE,
                                                 AV_PIX_FMT_GRAY16LE,    AV_PIX_FMT_RGB24,       AV_PIX_FMT_GBRP10LE};
    struct luma luma = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        AVFrame *frame = picture(formats[i], 34, 18);

        assert_int_equal(luma_of_frame(&luma, frame), 0);
        for (int y = 0; y < 18; y++)
            for (int x = 0; x < 34; x++)
                assert_int_equal(luma.data[y * luma.linesize + x], (x * 3 + y * 7) % 256);
        av_frame_free(&frame);
    }
    luma_clear(&luma);
}

static void test_what_has_no_plain_samples_is_refused(void **state)
{
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_MONOBLACK, AV_PIX_FMT_GRAYF32LE, AV_PIX_FMT_RGB8};
    struct luma luma = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        AVFrame *frame = av_frame_alloc();

        frame->format = formats[i];
        frame->width = frame->height = 16;
        assert_int_equal(av_frame_get_buffer(frame, 0), 0);
        assert_int_equal(luma_of_frame(&luma, frame), -1);
        av_frame_free(&frame);
    }
    luma_clear(&luma);
}

static void test_the_difference_is_that_of_the_samples(void **state)
{
    static uint8_t a[40 * 40], b[40 * 40];
    const struct luma first = {.data = a, .linesize = 40, .width = 40, .height = 40};
    const struct luma second = {.data = b, .linesize = 40, .width = 40, .height = 40};

    (void)state;
    srand(1);
    for (size_t i = 0; i < sizeof a; i++) {
        a[i] = (uint8_t)rand();
        b[i] = (uint8_t)rand();
    }
    for (int w = 1; w <= 37; w++)
        for (int step = 1; step <= 3; step++) {
            const struct luma_part p = {&first, 1, 2}, q = {&second, 3, 0};
            int64_t sum = 0;

            for (int y = 0; y < 30; y += step)
                for (int x = 0; x < w; x++) {
                    int d = a[(y + 2) * 40 + x + 1] - b[y * 40 + x + 3];

                    sum += d * d;
                }
            assert_float_equal(luma_difference(&p, &q, w, 30, step), (double)sum, 0);
        }
}

static void test_what_is_brighter_along_a_run_is_no_detail(void **state)
{
    static uint8_t a[64 * 64], b[64 * 64];
    const struct luma first = {.data = a, .linesize = 64, .width = 64, .height = 64};
    const struct luma second = {.data = b, .linesize = 64, .width = 64, .height = 64};
    const struct luma_part p = {&first, 0, 0}, q = {&second, 0, 0};

    (void)state;
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++) {
            a[y * 64 + x] = (uint8_t)(x * 2 + y);
            b[y * 64 + x] = (uint8_t)(x * 2 + y + 40 + x / 16 * 3 - y / 2); /* a constant for each run */
        }
    assert_float_equal(luma_detail_difference(&p, &q, 64, 64, 1), 0, 1e-9);
    assert_float_equal(luma_detail_difference(&p, &q, 9, 5, 2), 0, 1e-9);
    b[5] = (uint8_t)(b[5] + 16); /* one of 16: 16^2 - 16^2 / 16 */
    assert_float_equal(luma_detail_difference(&p, &q, 64, 64, 1), 240, 1e-9);
}

static void test_blocks_differ_by_their_means(void **state)
{
    static uint8_t a[64 * 64], b[64 * 64];
    const struct luma first = {.data = a, .linesize = 64, .width = 64, .height = 64};
    const struct luma second = {.data = b, .linesize = 64, .width = 64, .height = 64};
    const struct luma_part p = {&first, 0, 0}, q = {&second, 0, 0};

    (void)state;
    memset(a, 100, sizeof a);
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++)
            b[y * 64 + x] = (uint8_t)((x + y) % 2 ? 90 : 110);
    assert_float_equal(luma_block_difference(&p, &q, 64, 64, 1), 0, 1e-9);
    memset(b, 103, sizeof b);
    assert_float_equal(luma_block_difference(&p, &q, 64, 64, 1), 9, 1e-9);
    assert_float_equal(luma_block_difference(&p, &q, 64, 64, 4), 9, 1e-9);
    assert_float_equal(luma_block_difference(&p, &q, 5, 3, 1), 9, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_depths_and_layouts_give_the_same_luma),
        cmocka_unit_test(test_what_has_no_plain_samples_is_refused),
        cmocka_unit_test(test_the_difference_is_that_of_the_samples),
        cmocka_unit_test(test_what_is_brighter_along_a_run_is_no_detail),
        cmocka_unit_test(test_blocks_differ_by_their_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
