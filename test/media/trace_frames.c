/* trace_frames FILE: prints for each decoded frame its index, its time in seconds, and the frame number drawn into it
 * (-1 when none can be read). */
#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/av/media.h"
#include "common/demo/frame_code.h"
#include "common/stage/stage.h"

struct tracer {
    AVFormatContext *format;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    int video; /* index of the stream */
    long index;
    struct frame_code_place place;
};

static bool has_plain_luma(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get(format);
    return pixels && !(pixels->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_HWACCEL)) && pixels->comp[0].plane == 0 &&
           pixels->comp[0].depth == 8 && pixels->comp[0].step == 1;
}

static int tracer_open(struct tracer *tracer, const char *path, struct error *error)
{
    if (media_open(&tracer->format, path, error) < 0)
        return -1;
    tracer->video = media_video_stream(tracer->format, error);
    if (tracer->video < 0)
        return -1;
    if (media_decoder_open(&tracer->decoder, tracer->format->streams[tracer->video], "it", error) < 0)
        return -1;
    tracer->packet = av_packet_alloc();
    tracer->frame = av_frame_alloc();
    return tracer->packet && tracer->frame ? 0 : error_set(error, ERROR_IO, "out of memory");
}

static void tracer_close(struct tracer *tracer)
{
    av_frame_free(&tracer->frame);
    av_packet_free(&tracer->packet);
    avcodec_free_context(&tracer->decoder);
    avformat_close_input(&tracer->format);
}

/* Prints a line for each frame that the decoder gives for packet; NULL: for those that it still holds. */
static int trace_packet(struct tracer *tracer, const AVPacket *packet, struct error *error)
{
    int result = avcodec_send_packet(tracer->decoder, packet);
    while (result >= 0) {
        result = avcodec_receive_frame(tracer->decoder, tracer->frame);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return 0;
        if (result < 0)
            break;
        if (!has_plain_luma(tracer->frame->format))
            return error_set(error, ERROR_UNREADABLE, "the pictures have no 8 bit luma plane");
        double seconds =
            (double)tracer->frame->best_effort_timestamp * av_q2d(tracer->format->streams[tracer->video]->time_base);
        printf("%ld %.6f %d\n", tracer->index++, seconds, frame_code_read(tracer->frame, &tracer->place));
    }
    return media_error(error, ERROR_DECODE_ERROR, result, "cannot decode");
}

static int trace_file(const char *path, struct error *error)
{
    struct tracer tracer = {0};
    int result = tracer_open(&tracer, path, error);
    while (result == 0) {
        int read = av_read_frame(tracer.format, tracer.packet);
        if (read == AVERROR_EOF) {
            result = trace_packet(&tracer, NULL, error);
            break;
        }
        if (read < 0)
            result = media_error(error, ERROR_UNREADABLE, read, "cannot read");
        else if (tracer.packet->stream_index == tracer.video)
            result = trace_packet(&tracer, tracer.packet, error);
        av_packet_unref(tracer.packet);
    }
    tracer_close(&tracer);
    return result;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: trace_frames FILE\n");
        return EXIT_USAGE;
    }
    struct error error = {0};
    av_log_set_level(AV_LOG_ERROR);
    if (trace_file(argv[1], &error) < 0) {
        fprintf(stderr, "trace_frames: %s: %s\n", argv[1], error.message);
        return EXIT_SOME_FAILED;
    }
    if (fclose(stdout) != 0) {
        perror("trace_frames: stdout");
        return EXIT_CANNOT;
    }
    return EXIT_DONE;
}
