/* What a pass over a chunk's packets tells before anything is decoded. */
#ifndef TH_CROP_DECODE_PACKET_SCAN_H
#define TH_CROP_DECODE_PACKET_SCAN_H

#include "common/error.h"
#include "th-crop/decode/packet_map.h"
#include "th-crop/decode/timeline.h"

struct survey {
    struct timeline timeline;
    struct packet_map map;
    const char *no_map; /* a phrase that says why there is no map; NULL when there is one */
};

/* Reads the packets of the video stream of path. 0 and the survey (survey_clear), or -1 and error. A file that breaks
 * off has no map, and the times up to there. */
int survey_read(struct survey *survey, const char *path, struct error *error);
void survey_clear(struct survey *survey);

#endif
