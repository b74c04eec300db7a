/* A tube: one row of a tube list, the box of one talking head over some frames of a chunk. */
#ifndef COMMON_TUBE_H
#define COMMON_TUBE_H

#include <stdint.h>

#include "common/error.h"
#include "common/name.h"

/* The box left..right, top..bottom in a picture of width x height, over frames start..end (both included, counted from
 * 0 over the decoded frames of the chunk). Right and bottom are one past the last pixel: the box is right - left wide.
 */
struct tube {
    int32_t height, width; /* H, W: the picture that the box was measured in */
    int32_t start, end;    /* S, E */
    int32_t left, top, right, bottom;
};

/* The numbers of a tube, 0 to TUBE_NUMBERS - 1 in the order of a row, and their names "H", "W", "S", "E", "L", "T",
 * "R", "B", also used in records. */
enum { TUBE_NUMBERS = 8 };
int32_t *tube_number(struct tube *tube, int index);
const char *tube_number_name(int index);

/* Reads `name, H, W, S, E, L, T, R, B` (white space around a field is ignored). name_out takes at least
 * NAME_CHUNK_MAX + 1 bytes. Checks the form only: nine fields, a name of the form ID_NNNN that name_check passes, and
 * numbers in 0..INT32_MAX. 0, or -1 and error (bad_tube, or bad_id for the name), which quotes the field. */
int tube_parse(const char *row, char *name_out, struct tube *tube, struct error *error);

/* 0 when the tube is consistent: H, W > 0, S <= E (else bad_tube), L < R, T < B (else empty_box), R <= W and
 * B <= H (else outside_picture). Otherwise -1 and error. */
int tube_check(const struct tube *tube, struct error *error);

/* Number of frames: end - start + 1. */
int64_t tube_frames(const struct tube *tube);

/* Writes CHUNK_S{S}_E{E}_L{L}_T{T}_R{R}_B{B} to out, of NAME_CLIP_MAX + 1 bytes. */
void tube_clip_name(const char *chunk, const struct tube *tube, char *out);

/* Parses a clip name. chunk_out has NAME_CHUNK_MAX + 1 bytes; height and width of tube, which are not in the name,
 * become 0. 0, or -1 and error (bad_id). */
int tube_from_clip_name(const char *clip, char *chunk_out, struct tube *tube, struct error *error);

/* Pixels: the top left corner and the size. */
struct box {
    int x, y, w, h;
};

/* The box of tube in a picture of width x height whose chroma planes are subsampled by 1 << log2_chroma_w and
 * 1 << log2_chroma_h (AVPixFmtDescriptor). left = floor(L * width / W), top = floor(T * height / H), and so on in 64
 * bit integers; then the size is rounded down to the chroma grid and after it the origin, as FFmpeg's crop filter does
 * (libavfilter/vf_crop.c with exact=0).
 * 0, or -1 and error: what tube_check says, aspect_mismatch (the shapes width:height and W:H differ by more than 1%),
 * empty_box (no pixel is left). */
int tube_box(const struct tube *tube, int width, int height, int log2_chroma_w, int log2_chroma_h, struct box *box,
             struct error *error);

#endif
