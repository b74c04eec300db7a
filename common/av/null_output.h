/* An AVIOContext that discards what is written and keeps only its size. */
#ifndef COMMON_AV_NULL_OUTPUT_H
#define COMMON_AV_NULL_OUTPUT_H

#include <libavformat/avio.h>

/* Writes and seeks like a file. NULL when out of memory. */
AVIOContext *null_output_alloc(void);

/* Frees and leaves NULL; takes NULL. */
void null_output_free(AVIOContext **avio);

#endif
