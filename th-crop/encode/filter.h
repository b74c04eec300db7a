/* The FFmpeg filters between the crop and the encoder: none in most cases, else for another frame rate, size or pixel
 * format. */
#ifndef TH_CROP_ENCODE_FILTER_H
#define TH_CROP_ENCODE_FILTER_H

#include "common/av/picture_filter.h"
#include "th-crop/options.h"

/* How a picture is placed to fit a size. */
struct filter_place {
    int width, height; /* of the scaled picture; square pixels */
    int x, y;          /* FIT_PAD: its corner in the clip's picture; FIT_CROP: the clip's corner in it */
};

/* How a picture of width x height pixels fits the settings' size. aspect: of a pixel, 0/1: square. The numbers are
 * multiples of step_x and step_y (powers of 2) if the settings' size is. Pure. */
struct filter_place filter_fit(const struct filter_settings *settings, int width, int height, AVRational aspect,
                               int step_x, int step_y);

/* Opens the filter that pictures of that kind need for these settings. 0 and *filter (picture_filter_close), NULL when
 * none is needed; or -1 and error. */
int filter_open(struct picture_filter **filter, const struct output_settings *settings, const struct picture_kind *kind,
                struct error *error);

#endif
