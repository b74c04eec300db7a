/* Who made the video, where it is and under which licence, written into the clip itself, as the licences ask for. */
#ifndef TH_CROP_ENCODE_CREDIT_H
#define TH_CROP_ENCODE_CREDIT_H

#include <libavutil/dict.h>

#include "common/tube.h"
#include "th-crop/record.h"

/* Adds title, artist (the uploader), comment (the source page, if it is on the web), copyright (the licence) and
 * description (the tube's row) to *metadata, as far as the clip's origin knows them; nothing when it knows none of the
 * first four. 0 or an AVERROR code. */
int credit_add(AVDictionary **metadata, const struct clip_origin *origin, const struct tube *tube);

#endif
