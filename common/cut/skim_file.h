/* Reads an H.264 video in mp4 without most of its picture data.
 *
 * That is enough for times, sizes and key frames. Times and sizes are in the container's index. libavcodec's parser
 * finds key frames from the NAL units before a packet's first slice and from the beginning of that slice. So only the
 * first bytes of a packet are read, or all of it when the slice begins too late. */
#ifndef COMMON_CUT_SKIM_FILE_H
#define COMMON_CUT_SKIM_FILE_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct skim_file;

/* Opens the file, which is read completely until skim_file_begin is called. 0 and *file (skim_file_close), or -1 and
 * error (io). */
int skim_file_open(struct skim_file **file, const char *path, struct error *error);

/* Closes, frees and leaves NULL; takes NULL. The demuxer that reads it must be closed before. */
void skim_file_close(struct skim_file **file);

/* For media_open_avio; owned by file. */
AVIOContext *skim_file_avio(const struct skim_file *file);

/* From now on packets of stream `video` have the right size and times, but their picture data may be any bytes. format
 * must outlive the use of file. Other containers and codecs, and packets that do not end within the file, are
 * read completely. */
void skim_file_begin(struct skim_file *file, const AVFormatContext *format, int video);

/* True when everything that the parser reads is in the first `known` bytes of an H.264 packet of `size` bytes. Each NAL
 * unit follows its length, a number of length_size bytes (1 to 4). False when in doubt. Pure. */
bool skim_file_suffices(const uint8_t *head, size_t known, size_t size, int length_size);

#endif
