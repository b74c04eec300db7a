/* Whether a video file is whole, as far as its container tells. */
#ifndef COMMON_AV_MEDIA_WHOLE_H
#define COMMON_AV_MEDIA_WHOLE_H

#include <libavformat/avformat.h>
#include <stdint.h>

#include "common/error.h"

/* Looks at the outermost boxes (mp4), elements (Matroska) or chunk (AVI) of the file behind fd, of size bytes: each
 * must end within it. Other containers pass. 0, or -1 and error (unreadable: where it is cut short; io). */
int media_whole_check_boxes(int fd, int64_t size, struct error *error);

/* Each packet that the demuxer's index names must lie within the file of size bytes. 0, or -1 and error (unreadable).
 * Only mp4, AVI and Matroska are looked at: the indexes of other formats do not give such places, or cannot be trusted.
 */
int media_whole_check_index(const AVFormatContext *format, int64_t size, struct error *error);

#endif
