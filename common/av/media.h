/* Foreign media opened with care, and mp4 files written through output files, by way of FFmpeg's libraries. */
#ifndef COMMON_AV_MEDIA_H
#define COMMON_AV_MEDIA_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "common/error.h"
#include "common/output/output_file.h"

/* What a look at a video file tells, without decoding. */
struct media_facts {
    int width, height; /* pixels, as coded, before any rotation */
    AVRational fps;    /* average frame rate, 0/1 when unknown */
    double duration;   /* seconds, 0 when unknown */
    int64_t frames;    /* of the video stream as the container's index says; 0 when unknown */
};

/* Turns an AVERROR code into error: disk_full for ENOSPC and EDQUOT, io for the other errno codes, otherwise word.
 * Returns -1. */
int media_error(struct error *error, enum error_word word, int averror, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Sends the library's own log to nowhere, or to stderr from level AV_LOG_* on. */
void media_log_level(int level);

/* Opens the local file path for demuxing and reads its stream information. Only the `file` protocol and container
 * formats of plain video files are allowed, so that the file cannot make the library open another file or a connection.
 * 0 and *format (media_close), or -1 and error: unreadable (not such a container), io (cannot be opened). */
int media_open(AVFormatContext **format, const char *path, struct error *error);

/* The same through avio, which reads the file, stays the caller's and must outlive *format; NULL: as media_open. */
int media_open_avio(AVFormatContext **format, const char *path, AVIOContext *avio, struct error *error);

/* Closes, frees and leaves NULL; takes NULL. */
void media_close(AVFormatContext **format);

/* The video stream that counts: the best one that is not a cover picture. Its index, or -1 and error (no_video). */
int media_video_stream(const AVFormatContext *format, struct error *error);

/* Facts of the stream at index video. */
void media_facts(const AVFormatContext *format, int video, struct media_facts *facts);

/* Pixels of one picture: decoders refuse larger ones, which only a damaged header asks for. */
enum { MEDIA_PIXELS_MAX = 8192 * 8192 };

/* Makes a decoder for the stream and does not open it, so that more can be set: avcodec_open2(*decoder, NULL, NULL). It
 * has one thread; the processors are used by pieces of work side by side. 0 and *decoder (avcodec_free_context), or an
 * AVERROR code (AVERROR_DECODER_NOT_FOUND, AVERROR(ENOMEM)) and NULL. */
int media_decoder_alloc(AVCodecContext **decoder, const AVStream *stream);

/* Makes a decoder for the stream and opens it. 0 and *decoder (avcodec_free_context), or -1, NULL and error: unreadable
 * (there is no such decoder, or it does not take the stream, which the message calls `what`), io (memory). */
int media_decoder_open(AVCodecContext **decoder, const AVStream *stream, const char *what, struct error *error);

/* How many bytes are written at a time: the larger, the less work for the system; each open file takes as much memory.
 */
enum media_block {
    MEDIA_BLOCK_SMALL = 1 << 16, /* where many files are open at a time */
    MEDIA_BLOCK_LARGE = 1 << 18
};

/* An AVIOContext that writes (and seeks, reads) the output file, or the file behind fd; which stays the caller's and
 * must outlive it. NULL when out of memory. media_avio_close flushes, frees, leaves NULL, and returns 0 or the AVERROR
 * that writing met. */
AVIOContext *media_avio_alloc(struct output_file *file, enum media_block block);
AVIOContext *media_avio_alloc_fd(int fd, enum media_block block);
int media_avio_close(AVIOContext **avio);

#endif
