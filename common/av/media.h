/* Opens video files that may be damaged or hostile, makes their decoders, and lets FFmpeg's libraries write to a
 * descriptor. */
#ifndef COMMON_AV_MEDIA_H
#define COMMON_AV_MEDIA_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "common/error.h"

/* What the container says about its video, without decoding. */
struct media_facts {
    int width, height; /* pixels, as coded, before any rotation */
    AVRational fps;    /* average frame rate, 0/1 when unknown */
    double duration;   /* seconds, 0 when unknown */
    int64_t frames;    /* in the video stream, from the container's index; 0 when unknown */
};

/* Turns an AVERROR code into error: disk_full for ENOSPC and EDQUOT, io for the other errno codes, otherwise word.
 * Returns -1. */
int media_error(struct error *error, enum error_word word, int averror, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Opens the local file path for demuxing and reads its stream information. Only the `file` protocol and container
 * formats of plain video files are allowed, so that the file cannot make the library open another file or a connection.
 * 0 and *format (avformat_close_input), or -1 and error: unreadable (not such a container), io (cannot be opened). */
int media_open(AVFormatContext **format, const char *path, struct error *error);

/* Like media_open, but reads through avio (NULL: opens path itself). avio stays the caller's and must outlive *format.
 */
int media_open_avio(AVFormatContext **format, const char *path, AVIOContext *avio, struct error *error);

/* The index of the best video stream, or -1 and error (no_video) when there is none or it is a cover picture. */
int media_video_stream(const AVFormatContext *format, struct error *error);

/* Facts of the stream at index video. */
void media_facts(const AVFormatContext *format, int video, struct media_facts *facts);

/* Most pixels of a picture. Decoders refuse larger ones: only damaged headers ask for them. */
enum { MEDIA_PIXELS_MAX = 8192 * 8192 };

/* Makes a decoder for the stream. The caller may set more before it calls avcodec_open2(*decoder, NULL, NULL). It has
 * one thread, because the programs run one process per processor. 0 and *decoder (avcodec_free_context), or an AVERROR
 * code (AVERROR_DECODER_NOT_FOUND, AVERROR(ENOMEM)) and NULL. */
int media_decoder_alloc(AVCodecContext **decoder, const AVStream *stream);

/* Makes a decoder for the stream and opens it. 0 and *decoder (avcodec_free_context), or -1, NULL and error: unreadable
 * (no such decoder, or it refuses the stream, which the message calls `what`), io (memory). */
int media_decoder_open(AVCodecContext **decoder, const AVStream *stream, const char *what, struct error *error);

/* Bytes per read and write, and the buffer's size. A larger block means fewer system calls and more memory per open
 * file.
 */
enum media_block {
    MEDIA_BLOCK_SMALL = 1 << 16, /* for many open files */
    MEDIA_BLOCK_LARGE = 1 << 18
};

/* read_packet and seek of avio_alloc_context(). */
typedef int media_avio_read(void *opaque, uint8_t *buffer, int size);
typedef int64_t media_avio_seek(void *opaque, int64_t offset, int whence);

/* An AVIOContext for input with a buffer of size bytes. opaque stays the caller's. NULL when out of memory. */
AVIOContext *media_avio_wrap(int size, void *opaque, media_avio_read *read, media_avio_seek *seek);

/* Frees such a context and leaves NULL; takes NULL. */
void media_avio_unwrap(AVIOContext **avio);

/* An AVIOContext that writes the file behind fd from its beginning, or with fd -1 discards what is written. The file
 * stays the caller's and must outlive it; its offset is neither used nor changed. NULL when out of memory. */
AVIOContext *media_avio_alloc(int fd, enum media_block block);

/* The same for reading the file, which another one may be writing. */
AVIOContext *media_avio_alloc_reader(int fd);

/* Flushes, frees and leaves NULL; takes NULL. 0, or the AVERROR code of the first write or read that failed. */
int media_avio_close(AVIOContext **avio);

#endif
