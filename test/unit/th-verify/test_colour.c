/* The chroma of pictures of all kinds, and their differences. */
#include "th-verify/measure/colour.h"

#include <libavutil/pixdesc.h>

#include "test/unit/th-verify/pictures.h"
#include "test/unit/unit.h"

/* A picture of 8 bits all of whose samples are `first`, `second` and `third`, those that it has. */
static AVFrame *plain(enum AVPixelFormat format, int width, int height, int first, int second, int third)
{
    const AVPixFmtDescriptor *kind = av_pix_fmt_desc_get(format);
    const int values[] = {first, second, third};
    AVFrame *frame = new_picture(format, width, height);

    for (int i = 0; i < kind->nb_components; i++) {
        const AVComponentDescriptor *component = &kind->comp[i];
        int w = i ? AV_CEIL_RSHIFT(width, kind->log2_chroma_w) : width;
        int h = i ? AV_CEIL_RSHIFT(height, kind->log2_chroma_h) : height;

        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                frame->data[component->plane][y * frame->linesize[component->plane] + x * component->step +
                                              component->offset] = (uint8_t)values[i];
    }
    return frame;
}

/* colour_difference of a plain picture of 16x16 and the box at 8, 4 of another, of 33x21. */
static double difference(enum AVPixelFormat format, int second, int third, enum AVPixelFormat other_format)
{
    static const struct box box = {8, 4, 16, 16};
    AVFrame *picture = plain(format, 16, 16, 50, second, third), *other = plain(other_format, 33, 21, 90, 100, 120);
    struct colour colour = {0}, other_colour = {0};
    double result;

    colour_of_frame(&colour, picture);
    colour_of_frame(&other_colour, other);
    result = colour_difference(&colour, &other_colour, &box, 1);
    colour_clear(&colour);
    colour_clear(&other_colour);
    av_frame_free(&picture);
    av_frame_free(&other);
    return result;
}

static void test_only_what_is_beside_luma_counts(void **state)
{
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P,
                                                 AV_PIX_FMT_NV12, AV_PIX_FMT_RGB24};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        assert_float_equal(difference(formats[i], 100, 120, formats[i]), 0, 0);
        assert_float_equal(difference(formats[i], 110, 120, formats[i]), 50, 0);
        assert_float_equal(difference(formats[i], 100, 100, formats[i]), 200, 0);
    }
}

static void test_what_cannot_be_compared_is_told(void **state)
{
    (void)state;
    assert_float_equal(difference(AV_PIX_FMT_GRAY8, 0, 0, AV_PIX_FMT_YUV420P), -1, 0);
    assert_float_equal(difference(AV_PIX_FMT_YUV420P, 0, 0, AV_PIX_FMT_GRAY8), -1, 0);
    assert_float_equal(difference(AV_PIX_FMT_YUV444P, 0, 0, AV_PIX_FMT_YUV420P), -1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_is_beside_luma_counts),
        cmocka_unit_test(test_what_cannot_be_compared_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
