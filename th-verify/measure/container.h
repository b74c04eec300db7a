/* What the container of a clip says, read without decoding. */
#ifndef TH_VERIFY_MEASURE_CONTAINER_H
#define TH_VERIFY_MEASURE_CONTAINER_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/cut/chunk_reader.h"
#include "common/error.h"

struct container {
    int64_t bytes;
    int video_streams, sound_streams, other_streams;
    int video;                        /* index of the video stream, -1 when there is none; the rest is about it */
    int64_t frames;                   /* 0 when the container does not say */
    int width, height;                /* pixels */
    int log2_chroma_w, log2_chroma_h; /* of its pixel format */
    bool is_turned; /* tells players to rotate or mirror it; th-crop rotates the pictures themselves */
    bool has_start;
    double start; /* seconds; of the first frame, when has_start */
};

/* 0 and the size in *bytes when path is a file that is not empty. Otherwise -1 and error: missing (no file, or an empty
 * one), unreadable (not a regular file), io. */
int container_find(const char *path, int64_t *bytes, struct error *error);

/* Opens the clip and fills in container. 0 and *format (avformat_close_input), or -1 and the error of container_find or
 * media_open. */
int container_open(AVFormatContext **format, const char *path, struct container *container, struct error *error);

/* Opens the chunk at path, or at an address that chunk_range_address made. 0 and *reader (chunk_reader_close), or -1
 * and error. */
int container_open_chunk(struct chunk_reader **reader, const char *path, struct error *error);

/* The chroma grid of a stream's pixel format as AVPixFmtDescriptor has it; that of 4:2:0 when it is not known. */
void container_chroma(const AVCodecParameters *parameters, int *log2_chroma_w, int *log2_chroma_h);

#endif
