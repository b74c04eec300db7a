/* A video file of which no more is read than telling its packets apart takes.
 *
 * Whoever wants of the packets of H.264 in mp4 only times, sizes and which of them are key frames has no use for the
 * pictures, which are nearly all of the file. Times and sizes stand in the container's index. Key frames the library's
 * parser tells by what stands in front of a packet's first slice and by how that begins; so the heads of the packets
 * are read, and all of those whose head does not reach that far. */
#ifndef COMMON_CUT_SKIM_FILE_H
#define COMMON_CUT_SKIM_FILE_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct skim_file;

/* 0 and *file (skim_file_close), or -1 and error (io). All is read until skim_file_begin. */
int skim_file_open(struct skim_file **file, const char *path, struct error *error);

/* Closes, frees and leaves NULL; takes NULL. The demuxer that reads it must be closed before. */
void skim_file_close(struct skim_file **file);

/* What a demuxer (media_open_avio) reads the file through; stays the file's. */
AVIOContext *skim_file_avio(const struct skim_file *file);

/* From here on the demuxer's packets of stream `video`, which must outlive the file's use, have the right size and
 * times but may hold anything in place of their pictures. Where that could change what the demuxer says of them all is
 * read as before: in other containers, of other codecs, and where a packet would not end within the file. */
void skim_file_begin(struct skim_file *file, const AVFormatContext *format, int video);

/* Whether all that the parser looks at is in the first `known` bytes of a packet of H.264 of `size` bytes, whose units
 * have their length in front of them as a number of length_size bytes (1 to 4). False when in doubt. */
bool skim_file_suffices(const uint8_t *head, size_t known, size_t size, int length_size);

#endif
