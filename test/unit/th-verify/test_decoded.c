#include "th-verify/measure/decoded.h"

#include <libavformat/avformat.h>

#include "test/unit/unit.h"

/* The frames that are decoded of an endless clip that should have `wanted` of them. */
static int64_t frames_decoded(int64_t wanted)
{
    AVFormatContext *format = avformat_alloc_context();
    AVStream *stream = avformat_new_stream(format, NULL);
    AVFrame *frame = av_frame_alloc();
    struct decoded decoded;
    struct error error;
    int64_t frames;

    assert_non_null(stream);
    assert_non_null(frame);
    frame->format = AV_PIX_FMT_GRAY8;
    frame->width = frame->height = 16;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    decoded_begin(&decoded, stream, wanted);
    while (decoded_add(&decoded, frame, &error) > 0)
        decoded.moved = 255; /* the pictures need not be compared */
    frames = decoded.frames;
    decoded_free(&decoded);
    av_frame_free(&frame);
    avformat_free_context(format);
    return frames;
}

static void decoding_stops_some_frames_after_the_wanted_ones(void **state)
{
    (void)state;
    assert_int_equal(frames_decoded(93), 93 + 10000);
    assert_int_equal(frames_decoded(-1), 1000000);
    assert_int_equal(frames_decoded(INT64_MAX), 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(decoding_stops_some_frames_after_the_wanted_ones)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
