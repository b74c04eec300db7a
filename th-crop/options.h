/* The command line of th-crop. */
#ifndef TH_CROP_OPTIONS_H
#define TH_CROP_OPTIONS_H

#include <libavutil/rational.h>
#include <stdbool.h>
#include <time.h>

#include "common/error.h"
#include "common/stage/options.h"

/* How clips are encoded. Texts are NULL when not given; then the encoder's own defaults apply. An option that changes
 * the content of clips also belongs into clip_target_options. */
struct encoder_settings {
    const char *encoder; /* its name in libavcodec */
    double crf;          /* -1 when not given */
    const char *preset;
    int64_t gop;         /* frames from one key frame to the next at most, 0 when not given */
    const char *options; /* "k=v:k=v" */
};

/* How a picture is made to fit a size of another aspect ratio. */
enum fit { FIT_PAD, FIT_CROP, FIT_STRETCH };

/* What is done to the pictures after the crop. */
struct filter_settings {
    int64_t width, height; /* pixels; 0 when not given: the size of the box */
    int fit;               /* enum fit */
    AVRational fps;        /* 0/1 when not given: frames keep their times */
    const char *format;    /* the name of a pixel format, NULL when not given: the chunk's, if the encoder takes it */
};

/* Pictures instead of clips. */
enum images { IMAGES_NONE = -1, IMAGES_PNG, IMAGES_JPG };

struct output_settings {
    struct encoder_settings encoder;
    struct filter_settings filter;
    int images;     /* enum images */
    bool sound;     /* clips keep the sound */
    bool no_credit; /* clips get no title, author, source page and licence */
    int64_t trim;   /* frames taken off at each end of a tube */
};

struct crop_settings {
    struct common_settings common;
    const char *tubes;      /* -t: the list of tubes, NULL when not given */
    const char *chunks;     /* -i: the folder of chunks, NULL when not given */
    const char *size, *fps; /* as given; crop_options_read parses them into output.filter */
    int64_t min_size;       /* pixels of the box's shorter side, 0: any */
    int64_t min_frames;     /* of the clip before --fps, 0: any */
    struct output_settings output;
    struct timespec made_since; /* older clips were made with other options; set by clip_target_check_options */
};

extern const struct program crop_program;
extern const struct crop_settings crop_defaults;

/* The values of --fit by enum fit: "pad", "crop", "stretch", NULL. */
extern const char *const fit_names[];

/* The values of --frames by enum images, which are also the endings of the files: "png", "jpg", NULL. */
extern const char *const image_names[];

/* Parses the options that options_read stored as text, and checks combinations. 0, or -1 and an error that names the
 * option, its value and what was expected. */
int crop_options_read(struct crop_settings *settings, struct error *error);

#endif
