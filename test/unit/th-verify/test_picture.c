/* The distance of two pictures. */
#include "test/unit/unit.h"

#include <libavutil/pixdesc.h>
#include <stdbool.h>
#include <string.h>

#include "test/unit/th-verify/pictures.h"
#include "th-verify/measure/picture.h"

static AVFrame *picture(enum AVPixelFormat format, int width, int height)
{
    AVFrame *frame = new_picture(format, width, height);

    for (int plane = 0; plane < 4 && frame->buf[plane]; plane++)
        memset(frame->buf[plane]->data, 0, frame->buf[plane]->size);
    return frame;
}

/* Sets a rectangle of 8 bit luma. */
static void paint(AVFrame *frame, int x, int y, int w, int h, uint8_t level)
{
    for (int row = y; row < y + h; row++)
        memset(frame->data[0] + row * frame->linesize[0] + x, level, w);
}

static void test_a_picture_has_no_distance_from_itself(void **state)
{
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_YUV420P,     AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_NV12,
                                                 AV_PIX_FMT_YUV444P10LE, AV_PIX_FMT_GBRP12BE, AV_PIX_FMT_GRAY8,
                                                 AV_PIX_FMT_RGB24,       AV_PIX_FMT_YUYV422,  AV_PIX_FMT_P010LE};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        AVFrame *frame = picture(formats[i], 40, 24);

        assert_float_equal(picture_distance(frame, frame), 0, 0);
        av_frame_free(&frame);
    }
}

static void test_the_block_that_differs_most_counts(void **state)
{
    AVFrame *a = picture(AV_PIX_FMT_YUV420P, 64, 48), *b = picture(AV_PIX_FMT_YUV420P, 64, 48);

    (void)state;
    paint(b, 0, 0, 8, 8, 3);
    assert_float_equal(picture_distance(a, b), 3, 1e-6);
    paint(b, 56, 40, 8, 4, 100); /* half of the last block */
    assert_float_equal(picture_distance(a, b), 50, 1e-6);
    assert_float_equal(picture_distance(b, a), 50, 1e-6);
    av_frame_free(&a);
    av_frame_free(&b);
}

static void test_detail_that_keeps_the_mean_does_not_count(void **state)
{
    AVFrame *a = picture(AV_PIX_FMT_YUV420P, 32, 32), *b = picture(AV_PIX_FMT_YUV420P, 32, 32);

    (void)state;
    paint(a, 0, 0, 32, 32, 100);
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++)
            paint(b, x, y, 1, 1, (x + y) % 2 ? 90 : 110);
    assert_float_equal(picture_distance(a, b), 0, 1e-6);
    av_frame_free(&a);
    av_frame_free(&b);
}

static void test_deep_pictures_are_measured_in_levels_of_8_bit(void **state)
{
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV420P12LE, AV_PIX_FMT_GRAY16LE,
                                                 AV_PIX_FMT_P010LE, AV_PIX_FMT_YUV420P10BE};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(formats[i]);
        AVFrame *a = picture(formats[i], 16, 16), *b = picture(formats[i], 16, 16);
        unsigned value = 5u << (format->comp[0].depth - 8 + format->comp[0].shift);

        for (int y = 0; y < 16; y++)
            for (int x = 0; x < 16; x++) {
                uint8_t *sample = b->data[0] + y * b->linesize[0] + 2 * x;
                bool is_big = format->flags & AV_PIX_FMT_FLAG_BE;

                sample[is_big ? 0 : 1] = (uint8_t)(value >> 8);
                sample[is_big ? 1 : 0] = (uint8_t)value;
            }
        assert_float_equal(picture_distance(a, b), 5, 1e-6);
        av_frame_free(&a);
        av_frame_free(&b);
    }
}

static void test_tiny_pictures_are_one_block(void **state)
{
    (void)state;
    for (int w = 1; w <= 8; w++)
        for (int h = 1; h <= 8; h++) {
            AVFrame *a = picture(AV_PIX_FMT_YUV444P, w, h), *b = picture(AV_PIX_FMT_YUV444P, w, h);

            paint(b, 0, 0, w, h, 9);
            assert_float_equal(picture_distance(a, b), 9, 1e-6);
            av_frame_free(&a);
            av_frame_free(&b);
        }
}

static void test_what_cannot_be_compared_is_said(void **state)
{
    AVFrame *a = picture(AV_PIX_FMT_YUV420P, 32, 32);
    AVFrame *others[] = {picture(AV_PIX_FMT_YUV420P, 32, 30), picture(AV_PIX_FMT_YUV420P, 30, 32),
                         picture(AV_PIX_FMT_YUV422P, 32, 32)};
    AVFrame *plain[] = {picture(AV_PIX_FMT_MONOBLACK, 32, 32), picture(AV_PIX_FMT_GRAYF32LE, 32, 32)};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_true(picture_distance(a, others[i]) < 0);
        av_frame_free(&others[i]);
    }
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        assert_true(picture_distance(plain[i], plain[i]) < 0);
        av_frame_free(&plain[i]);
    }
    av_frame_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_picture_has_no_distance_from_itself),
        cmocka_unit_test(test_the_block_that_differs_most_counts),
        cmocka_unit_test(test_detail_that_keeps_the_mean_does_not_count),
        cmocka_unit_test(test_deep_pictures_are_measured_in_levels_of_8_bit),
        cmocka_unit_test(test_tiny_pictures_are_one_block),
        cmocka_unit_test(test_what_cannot_be_compared_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
