/* A decoded picture as a small JPEG in base64, for data URLs. */
#ifndef TH_VERIFY_REPORT_JPEG_H
#define TH_VERIFY_REPORT_JPEG_H

#include <libavutil/frame.h>

#include "common/error.h"

/* The base64 text (av_free) of a JPEG of frame, scaled down so that neither side is longer than side_max pixels; its
 * size in *width and *height. NULL and error (unreadable, io) when that cannot be made. */
char *jpeg_text(const AVFrame *frame, int side_max, int *width, int *height, struct error *error);

#endif
