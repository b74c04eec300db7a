/* Clips that are folders of numbered pictures. */
#ifndef TH_VERIFY_MEASURE_IMAGES_H
#define TH_VERIFY_MEASURE_IMAGES_H

#include <jansson.h>
#include <libavutil/frame.h>
#include <stdint.h>

#include "th-verify/check.h"
#include "th-verify/clip.h"

/* "png" or "jpg" when the clip of that record (or lineage) is a folder of such pictures, NULL when it is a file. */
const char *images_kind(const json_t *record);

/* Counts the files in the folder. 0, or -1 and error (missing, io). */
int images_count(const char *folder, int64_t *count, struct error *error);

/* Decodes picture `number` of the folder, counted from 0: 0 and frame, with the bytes of the file in *size; or a
 * negative AVERROR. */
int images_read(const char *folder, const char *kind, int64_t number, AVFrame *frame, size_t *size);

/* Measures the pictures of such a clip: their number, and the bytes and sizes of the first one, or from LEVEL_DECODE on
 * of all. A fault of theirs becomes evidence->fault. 0, or -1 and error (io). */
int images_measure(const struct clip *clip, enum level level, struct job *job, struct evidence *evidence,
                   struct error *error);

#endif
