/* Writes an mp4 file with H.264 video and, if wanted, AAC sound. The same input gives the same bytes. */
#ifndef COMMON_DEMO_MOVIE_H
#define COMMON_DEMO_MOVIE_H

#include <libavutil/frame.h>
#include <libavutil/rational.h>
#include <stdbool.h>

#include "common/error.h"

enum { MOVIE_SAMPLE_RATE = 44100 };

struct movie_format {
    int width, height; /* pixels, even */
    AVRational fps;
    int gop; /* frames from one key frame to the next */
    bool sound;
};

/* The sound at sample number `sample`, -1..1. */
typedef float movie_sound(const void *context, int64_t sample);

struct movie;

/* Begins the file at path, which appears there at movie_finish. 0 and *movie, or -1 and error. */
int movie_begin(struct movie **movie, const char *path, const struct movie_format *format, struct error *error);

/* The picture to draw the next frame into: yuv420p, owned by movie, valid until movie_add. NULL when out of memory. */
AVFrame *movie_picture(struct movie *movie);

/* Adds that picture as the next frame, and its sound (may be NULL in a movie without sound). 0, or -1 and error. */
int movie_add(struct movie *movie, movie_sound *sound, const void *context, struct error *error);

/* Completes the file, frees and sets *movie to NULL. 0, or -1 and error; then there is no file. */
int movie_finish(struct movie **movie, struct error *error);

/* Discards the file, frees and sets *movie to NULL; takes NULL. */
void movie_abandon(struct movie **movie);

#endif
