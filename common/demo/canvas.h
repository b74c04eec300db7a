/* Soft-edged shapes drawn straight into yuv420p pictures. Shapes may reach beyond the picture. */
#ifndef COMMON_DEMO_CANVAS_H
#define COMMON_DEMO_CANVAS_H

#include <libavutil/frame.h>
#include <stdint.h>

struct color {
    uint8_t yuv[3]; /* BT.709, limited range */
};

/* 0xRRGGBB, full range. */
struct color color_from_rgb(uint32_t rgb);

/* The mix of two colours: a at share 0, b at share 1. */
struct color color_mix(struct color a, struct color b, double share);

/* The whole picture, from one colour at its top to another at its bottom. */
void canvas_gradient(AVFrame *picture, struct color top, struct color bottom);

/* An ellipse around x, y with the radii rx, ry, in luma pixels; opacity is 0..1. */
void canvas_ellipse(AVFrame *picture, double x, double y, double rx, double ry, struct color color, double opacity);

#endif
