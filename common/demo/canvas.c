#include "common/demo/canvas.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { PLANES = 3 };

static uint8_t round_to_byte(double value)
{
    return (uint8_t)(fmin(fmax(value, 0), 255) + 0.5);
}

struct color color_from_rgb(uint32_t rgb)
{
    double r = (rgb >> 16 & 0xff) / 255.0, g = (rgb >> 8 & 0xff) / 255.0, b = (rgb & 0xff) / 255.0;
    double luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return (struct color){{round_to_byte(16 + 219 * luma), round_to_byte(128 + 224 * (b - luma) / 1.8556),
                           round_to_byte(128 + 224 * (r - luma) / 1.5748)}};
}

struct color color_mix(struct color a, struct color b, double share)
{
    struct color mixed;
    for (int i = 0; i < PLANES; i++)
        mixed.yuv[i] = round_to_byte(a.yuv[i] + (b.yuv[i] - a.yuv[i]) * share);
    return mixed;
}

static int clamp(double value, int min, int max)
{
    return (int)fmin(fmax(value, min), max);
}

static int plane_width(const AVFrame *picture, int plane)
{
    return plane == 0 ? picture->width : (picture->width + 1) / 2;
}

static int plane_height(const AVFrame *picture, int plane)
{
    return plane == 0 ? picture->height : (picture->height + 1) / 2;
}

void canvas_gradient(AVFrame *picture, struct color top, struct color bottom)
{
    for (int plane = 0; plane < PLANES; plane++) {
        int width = plane_width(picture, plane), height = plane_height(picture, plane);
        for (int y = 0; y < height; y++)
            memset(picture->data[plane] + (ptrdiff_t)y * picture->linesize[plane],
                   color_mix(top, bottom, (double)y / height).yuv[plane], (size_t)width);
    }
}

/* opacity in 256ths. */
static void blend(uint8_t *pixels, int count, uint8_t value, int opacity)
{
    for (int i = 0; i < count; i++)
        pixels[i] = (uint8_t)(pixels[i] + (value - pixels[i]) * opacity / 256);
}

/* Half the width of an ellipse at dy from its middle; negative when dy is beyond it. */
static double half_width(double rx, double ry, double dy)
{
    double part = 1 - dy * dy / (ry * ry);
    return rx > 0 && ry > 0 && part >= 0 ? rx * sqrt(part) : -1;
}

/* One row of an ellipse in one plane. */
struct span {
    uint8_t *row;
    double x;      /* the ellipse's middle */
    double dy;     /* of the row from that middle */
    double rx, ry; /* radii */
    uint8_t value;
    double opacity;
};

/* The columns first to end - 1 of the edge, which is a ramp one pixel wide. */
static void draw_edge(const struct span *span, int first, int end)
{
    for (int column = first; column < end; column++) {
        double across = (column - span->x) / span->rx, down = span->dy / span->ry;
        double cover = (1 - sqrt(across * across + down * down)) * fmin(span->rx, span->ry) + 0.5;
        blend(span->row + column, 1, span->value, (int)(fmin(fmax(cover, 0), 1) * span->opacity * 256));
    }
}

static void draw_span(const struct span *span, int width)
{
    double outer = half_width(span->rx + 0.5, span->ry + 0.5, span->dy);
    double inner = half_width(span->rx - 0.5, span->ry - 0.5, span->dy);
    int first = clamp(ceil(span->x - outer), 0, width), end = clamp(floor(span->x + outer) + 1, first, width);
    int inner_first = clamp(ceil(span->x - inner), first, end);
    int inner_end = clamp(floor(span->x + inner) + 1, inner_first, end);
    draw_edge(span, first, inner_first);
    blend(span->row + inner_first, inner_end - inner_first, span->value, (int)(span->opacity * 256));
    draw_edge(span, inner_end, end);
}

void canvas_ellipse(AVFrame *picture, double x, double y, double rx, double ry, struct color color, double opacity)
{
    for (int plane = 0; plane < PLANES; plane++) {
        double scale = plane == 0 ? 1 : 0.5;
        double plane_y = y * scale, plane_ry = ry * scale;
        int first = (int)fmax(ceil(plane_y - plane_ry - 0.5), 0);
        int last = (int)fmin(floor(plane_y + plane_ry + 0.5), plane_height(picture, plane) - 1);
        for (int row = first; row <= last; row++) {
            struct span span = {picture->data[plane] + (ptrdiff_t)row * picture->linesize[plane],
                                x * scale,
                                row - plane_y,
                                rx * scale,
                                plane_ry,
                                color.yuv[plane],
                                opacity};
            draw_span(&span, plane_width(picture, plane));
        }
    }
}
