/* Structural similarity of two grey pictures, and the same at several scales. Pure.
 *
 * SSIM: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity",
 * 2004: a Gaussian window of 11x11 with sigma 1.5, K1 = 0.01, K2 = 0.03, at all places where the window lies inside the
 * picture. MS-SSIM: Wang, Simoncelli and Bovik, "Multiscale structural similarity for image quality assessment", 2003:
 * five scales, each half of the one before (means of 2x2), with the weights 0.0448, 0.2856, 0.3001, 0.2363 and 0.1333.
 */
#ifndef TH_VERIFY_MEASURE_SSIM_H
#define TH_VERIFY_MEASURE_SSIM_H

#include <stddef.h>

enum {
    SSIM_WINDOW = 11,
    SSIM_SCALES = 5,
    SSIM_MS_MIN = SSIM_WINDOW << (SSIM_SCALES - 1), /* pixels: the least width and height for all scales */
    SSIM_LANES = 16
};

/* A grey picture, 0..255. Rows are stride floats apart: width rounded up to SSIM_LANES, and SSIM_LANES more. */
struct grey {
    float *data; /* owned */
    int width, height;
    size_t stride;
};

/* Allocates width x height pixels, zeroed. 0, or -1 when memory runs out. */
int grey_make(struct grey *grey, int width, int height);

/* Frees what grey owns and makes it empty. */
void grey_free(struct grey *grey);

/* Compares a and b, of one size. *ssim is NAN when they are smaller than the window, *ms_ssim when they are smaller
 * than SSIM_MS_MIN. 0, or -1 when memory runs out. */
int ssim_compare(const struct grey *a, const struct grey *b, double *ssim, double *ms_ssim);

#endif
