/* How much two decoded pictures differ. Pure. */
#ifndef TH_VERIFY_MEASURE_PICTURE_H
#define TH_VERIFY_MEASURE_PICTURE_H

#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
#include <stdbool.h>

/* Width and height of the blocks that are compared, in samples of the first component (luma for video). */
enum { PICTURE_BLOCK = 8 };

/* True when the samples of a component (by its number in the format, which has it) are plain integers of 8 to 16 bits,
 * not packed into shared bytes. */
bool picture_has_plain_samples(const AVPixFmtDescriptor *format, int component);

/* The largest difference between the means of a block in a and in b, over all whole blocks of the picture, in levels
 * of 8 bit video (0..255). Encoders lose detail, so encoding one picture twice changes the means little (x264: up to
 * 2.5 at crf 29), while a blink changes them by tens. -1 when the two cannot be compared: sizes or pixel formats
 * differ, or picture_has_plain_samples refuses the format. */
double picture_distance(const AVFrame *a, const AVFrame *b);

#endif
