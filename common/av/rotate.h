/* Rotates and flips frames as the stream's display matrix says, with the filters that the ffmpeg program inserts. */
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

/* Writes the filters for a display matrix (9 numbers; NULL: none) to out, of ROTATE_FILTERS_MAX bytes; "" when none is
 * needed. Pure. */
void rotate_filters(const int32_t *matrix, char *out);

struct rotate;

/* 0 and *rotate (rotate_close), which is NULL when the matrix needs no filter; or -1 and error. */
int rotate_open(struct rotate **rotate, const int32_t *matrix, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void rotate_close(struct rotate **rotate);

/* Replaces the size and pixel format (enum AVPixelFormat; -1: unknown, nothing changes) of a decoded frame by those of
 * the rotated one. rotate may be NULL. 0, or -1 and error. */
int rotate_kind(struct rotate *rotate, int *width, int *height, int *format, struct error *error);

/* Replaces the picture in frame by the rotated one; its time and colour description stay. rotate may be NULL. 0, or -1
 * and error. */
int rotate_frame(struct rotate *rotate, AVFrame *frame, struct error *error);

#endif
