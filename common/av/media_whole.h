/* Finds video files that were cut off, by what their container says. */
#ifndef COMMON_AV_MEDIA_WHOLE_H
#define COMMON_AV_MEDIA_WHOLE_H

#include <libavformat/avformat.h>
#include <stdint.h>

#include "common/error.h"

/* Checks that the top-level boxes (mp4), elements (Matroska), tags (FLV) or chunk (AVI) of the file behind fd end
 * within its size bytes. Other containers pass. 0, or -1 and error (unreadable: how many bytes are missing; io). */
int media_whole_check_boxes(int fd, int64_t size, struct error *error);

/* Checks that the packets in the demuxer's index lie within the file of size bytes. Only mp4, AVI and Matroska are
 * checked: other indexes give no file positions, or wrong ones. 0, or -1 and error (unreadable).
 */
int media_whole_check_index(const AVFormatContext *format, int64_t size, struct error *error);

#endif
