/* What happens to the pictures of a clip between the crop and the encoder: nothing as a rule; otherwise another frame
 * rate, another size, another pixel format, by FFmpeg's filters. */
#ifndef TH_CROP_ENCODE_FILTER_H
#define TH_CROP_ENCODE_FILTER_H

#include "common/av/picture_filter.h"
#include "th-crop/options.h"

/* Where a picture comes to lie when it is made to fit. */
struct filter_place {
    int width, height; /* of the picture once it is scaled; square pixels */
    int x, y;          /* FIT_PAD: its corner in the clip's picture; FIT_CROP: the clip's corner in it */
};

/* How a picture of width x height pixels, whose pixels have the shape `aspect` (0/1: square), fits. Numbers are
 * multiples of step_x and step_y, powers of 2, as far as the settings' size is. Pure. */
struct filter_place filter_fit(const struct filter_settings *settings, int width, int height, AVRational aspect,
                               int step_x, int step_y);

/* Opens the filter that pictures of that kind need before the settings' encoder. 0 and *filter (picture_filter_close),
 * which is NULL when they need none; or -1 and error. */
int filter_open(struct picture_filter **filter, const struct output_settings *settings, const struct picture_kind *kind,
                struct error *error);

#endif
