/* Whether a video file is whole, as far as its container tells. */
#ifndef TH_SPLIT_SOURCE_H
#define TH_SPLIT_SOURCE_H

#include <libavformat/avformat.h>
#include <stdint.h>

#include "common/error.h"

/* Looks at the outermost boxes (mp4), elements (Matroska) or chunk (AVI) of the file behind fd, of size bytes: each
 * must end within it. Other containers pass. 0, or -1 and error (unreadable: where it is cut short; io). */
int source_check_boxes(int fd, int64_t size, struct error *error);

/* Each packet that the demuxer's index names must lie within the file. 0, or -1 and error (unreadable). Only the
 * formats whose index gives places in the file itself are looked at. */
int source_check_index(const AVFormatContext *format, int64_t size, struct error *error);

#endif
