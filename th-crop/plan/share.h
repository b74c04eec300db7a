/* How the tubes of a chunk are divided among processes when there are fewer chunks than processors. Pure functions. */
#ifndef TH_CROP_PLAN_SHARE_H
#define TH_CROP_PLAN_SHARE_H

#include <stddef.h>

#include "common/tube.h"

/* Divides count tubes into at most `most` shares (both at least 1) that take about the same time: shares[i] becomes
 * the share of tubes[i], from 0. The tubes of a share begin one after the other, with none of another share
 * between them, so that little of the chunk is decoded twice; there are fewer shares where more would decode too much
 * twice or be done no earlier. Tubes that make no sense (tube_check) cost nothing. The number of shares, or 0 when
 * out of memory. */
size_t share_divide(const struct tube *tubes, size_t count, size_t most, size_t *shares);

#endif
