/* Pictures turned as their container says (a display matrix), by the same filters as the ffmpeg program turns them by
 * itself. */
#ifndef COMMON_AV_ROTATE_H
#define COMMON_AV_ROTATE_H

#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

enum { TURNER_FILTERS_MAX = 80 };

/* The display matrix of the stream, NULL when it has none; owned by the stream. */
const int32_t *turner_matrix(const AVStream *stream);

/* Writes the filters that turn pictures with that display matrix (9 numbers, NULL: none) to out, of TURNER_FILTERS_MAX
 * bytes; "" when nothing is to be turned. Pure. */
void turner_filters(const int32_t *matrix, char *out);

struct turner;

/* For pictures with that display matrix. 0 and *turner (turner_close), which is NULL when nothing is to be turned; or
 * -1 and error. */
int turner_open(struct turner **turner, const int32_t *matrix, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void turner_close(struct turner **turner);

/* What pictures of that size and pixel format (enum AVPixelFormat, -1: not known) become. turner may be NULL. 0, or -1
 * and error. */
int turner_kind(struct turner *turner, int *width, int *height, int *format, struct error *error);

/* Turns frame: its content is replaced, times and description stay. turner may be NULL. 0, or -1 and error. */
int turner_turn(struct turner *turner, AVFrame *frame, struct error *error);

#endif
