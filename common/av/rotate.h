/* Pictures turned as their container says (a display matrix), by the same filters as the ffmpeg program turns them by
 * itself. */
#ifndef COMMON_AV_ROTATE_H
#define COMMON_AV_ROTATE_H

#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

enum { ROTATE_FILTERS_MAX = 80 };

/* The display matrix of the stream, NULL when it has none; owned by the stream. */
const int32_t *rotate_matrix(const AVStream *stream);

/* Writes the filters that turn pictures with that display matrix (9 numbers, NULL: none) to out, of ROTATE_FILTERS_MAX
 * bytes; "" when nothing is to be turned. Pure. */
void rotate_filters(const int32_t *matrix, char *out);

struct rotate;

/* For pictures with that display matrix. 0 and *rotate (rotate_close), which is NULL when nothing is to be turned; or
 * -1 and error. */
int rotate_open(struct rotate **rotate, const int32_t *matrix, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void rotate_close(struct rotate **rotate);

/* What pictures of that size and pixel format (enum AVPixelFormat, -1: not known) become. rotate may be NULL. 0, or -1
 * and error. */
int rotate_kind(struct rotate *rotate, int *width, int *height, int *format, struct error *error);

/* Turns frame: its content is replaced, times and description stay. rotate may be NULL. 0, or -1 and error. */
int rotate_frame(struct rotate *rotate, AVFrame *frame, struct error *error);

#endif
