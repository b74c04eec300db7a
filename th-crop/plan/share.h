/* Divides the tubes of a chunk among processes when there are fewer chunks than processors. Pure functions. */
#ifndef TH_CROP_PLAN_SHARE_H
#define TH_CROP_PLAN_SHARE_H

#include <stddef.h>

#include "common/tube.h"

/* Divides count tubes into at most `most` shares (both at least 1) that take about the same time: shares[i] becomes the
 * share of tubes[i], from 0. The tubes of a share follow one another in the order of their first frames, so that few
 * frames are decoded in two shares. There are fewer shares when more would not be faster or would decode too much
 * twice. Invalid tubes (tube_check) cost nothing. Returns the number of shares, or 0 when out of memory. */
size_t share_divide(const struct tube *tubes, size_t count, size_t most, size_t *shares);

#endif
