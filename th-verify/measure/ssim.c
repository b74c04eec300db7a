#include "th-verify/measure/ssim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { A, B, AA, BB, AB, MAPS };

static const double weights[SSIM_SCALES] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
static const double sigma = 1.5;
static const double c1 = (0.01 * 255) * (0.01 * 255), c2 = (0.03 * 255) * (0.03 * 255);

int grey_make(struct grey *grey, int width, int height)
{
    size_t stride = ((size_t)width + SSIM_LANES - 1) / SSIM_LANES * SSIM_LANES + SSIM_LANES;

    *grey = (struct grey){NULL, width, height, stride};
    if (width > 0 && height > 0)
        grey->data = calloc(stride * (size_t)height, sizeof *grey->data);
    return grey->data ? 0 : -1;
}

void grey_free(struct grey *grey)
{
    free(grey->data);
    *grey = (struct grey){0};
}

static const float *row_of(const struct grey *grey, int y)
{
    return grey->data + (size_t)y * grey->stride;
}

static void make_window(float *window)
{
    const int centre = SSIM_WINDOW / 2;
    double sum = 0, values[SSIM_WINDOW];

    for (int i = 0; i < SSIM_WINDOW; i++) {
        double distance = i - centre;

        values[i] = exp(-distance * distance / (2 * sigma * sigma));
        sum += values[i];
    }
    for (int i = 0; i < SSIM_WINDOW; i++)
        window[i] = (float)(values[i] / sum);
}

/* Weights the rows y to y + SSIM_WINDOW - 1 of both pictures and of their products: lines[MAPS] of stride floats. */
static void weight_rows(const struct grey *a, const struct grey *b, int y, const float *window, float *lines)
{
    size_t stride = a->stride;

    memset(lines, 0, MAPS * stride * sizeof *lines);
    for (int i = 0; i < SSIM_WINDOW; i++) {
        const float *p = row_of(a, y + i), *q = row_of(b, y + i);

        for (size_t x = 0; x < stride; x += SSIM_LANES)
            for (size_t k = x; k < x + SSIM_LANES; k++) {
                lines[A * stride + k] += window[i] * p[k];
                lines[B * stride + k] += window[i] * q[k];
                lines[AA * stride + k] += window[i] * (p[k] * p[k]);
                lines[BB * stride + k] += window[i] * (q[k] * q[k]);
                lines[AB * stride + k] += window[i] * (p[k] * q[k]);
            }
    }
}

static void weight_columns(const float *line, const float *window, float *means)
{
    for (int k = 0; k < SSIM_LANES; k++)
        means[k] = 0;
    for (int i = 0; i < SSIM_WINDOW; i++)
        for (int k = 0; k < SSIM_LANES; k++)
            means[k] += window[i] * line[i + k];
}

/* Adds the similarities of `count` windows, whose weighted means are given, to the sums of structure and of all. */
static void add_windows(float means[MAPS][SSIM_LANES], int count, double *structure, double *all)
{
    for (int k = 0; k < count; k++) {
        double a = means[A][k], b = means[B][k];
        double va = means[AA][k] - a * a, vb = means[BB][k] - b * b, cov = means[AB][k] - a * b;
        double cs = (2 * cov + c2) / (va + vb + c2);

        *structure += cs;
        *all += cs * (2 * a * b + c1) / (a * a + b * b + c1);
    }
}

/* The means of contrast times structure, and of SSIM, over all windows. lines: room for MAPS * stride floats. */
static void compare_scale(const struct grey *a, const struct grey *b, float *lines, double *structure, double *all)
{
    int wide = a->width - SSIM_WINDOW + 1, high = a->height - SSIM_WINDOW + 1;
    float window[SSIM_WINDOW], means[MAPS][SSIM_LANES];

    make_window(window);
    *structure = *all = 0;
    for (int y = 0; y < high; y++) {
        weight_rows(a, b, y, window, lines);
        for (int x = 0; x < wide; x += SSIM_LANES) {
            for (int map = 0; map < MAPS; map++)
                weight_columns(lines + (size_t)map * a->stride + x, window, means[map]);
            add_windows(means, wide - x < SSIM_LANES ? wide - x : SSIM_LANES, structure, all);
        }
    }
    *structure /= (double)wide * high;
    *all /= (double)wide * high;
}

/* The picture at half its size. 0, or -1 when memory runs out. */
static int halve(const struct grey *grey, struct grey *half)
{
    if (grey_make(half, grey->width / 2, grey->height / 2))
        return -1;
    for (int y = 0; y < half->height; y++) {
        const float *above = row_of(grey, 2 * y), *below = row_of(grey, 2 * y + 1);
        float *to = half->data + (size_t)y * half->stride;

        for (int x = 0; x < half->width; x++, above += 2, below += 2)
            to[x] = (above[0] + above[1] + below[0] + below[1]) / 4;
    }
    return 0;
}

int ssim_compare(const struct grey *a, const struct grey *b, double *ssim, double *ms_ssim)
{
    struct grey scales[2][SSIM_SCALES] = {{*a}, {*b}};
    int count = a->width < SSIM_MS_MIN || a->height < SSIM_MS_MIN ? 1 : SSIM_SCALES, status = -1;
    float *lines = calloc(MAPS * a->stride, sizeof *lines);
    double product = 1, structure, all;

    *ssim = *ms_ssim = NAN;
    if (a->width < SSIM_WINDOW || a->height < SSIM_WINDOW) {
        status = 0;
        goto end;
    }
    if (!lines)
        goto end;
    for (int scale = 0; scale < count; scale++) {
        if (scale &&
            (halve(&scales[0][scale - 1], &scales[0][scale]) || halve(&scales[1][scale - 1], &scales[1][scale])))
            goto end;
        compare_scale(&scales[0][scale], &scales[1][scale], lines, &structure, &all);
        if (scale == 0)
            *ssim = all;
        product *= pow(fmax(scale == SSIM_SCALES - 1 ? all : structure, 0), weights[scale]);
    }
    if (count == SSIM_SCALES)
        *ms_ssim = product;
    status = 0;
end:
    for (int scale = 1; scale < SSIM_SCALES; scale++) {
        grey_free(&scales[0][scale]);
        grey_free(&scales[1][scale]);
    }
    free(lines);
    return status;
}
