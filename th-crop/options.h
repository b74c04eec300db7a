/* What the user of th-crop can choose. */
#ifndef TH_CROP_OPTIONS_H
#define TH_CROP_OPTIONS_H

#include <libavutil/rational.h>
#include <stdbool.h>
#include <time.h>

#include "common/error.h"
#include "common/stage/options.h"

/* How clips are encoded. Texts are NULL when not given: then the encoder's own default holds. */
struct encoder_settings {
    const char *encoder; /* a name that libavcodec knows */
    double crf;          /* -1 when not given */
    const char *preset;
    int64_t gop;         /* frames from one key frame to the next at most, 0 when not given */
    const char *options; /* k=v:k=v */
};

/* How a picture is made to have another shape than its own. */
enum fit { FIT_PAD, FIT_CROP, FIT_STRETCH };

/* What becomes of the pictures after the crop. */
struct filter_settings {
    int64_t width, height; /* 0 when not given: the size of the box */
    int fit;               /* enum fit */
    AVRational fps;        /* 0/1 when not given: each frame at its own time */
};

/* Pictures instead of clips. */
enum images { IMAGES_NONE = -1, IMAGES_PNG, IMAGES_JPG };

struct output_settings {
    struct encoder_settings encoder;
    struct filter_settings filter;
    int images;     /* enum images */
    bool sound;     /* clips keep it */
    bool no_credit; /* clips do not say whose they are */
    int64_t trim;   /* frames taken off at each end of a tube */
};

struct crop_settings {
    struct common_settings common;
    const char *tubes;      /* -t: the list of tubes, NULL when not given */
    const char *chunks;     /* -i: the folder of chunks, NULL when not given */
    const char *size, *fps; /* as given; crop_options_read reads them into output.filter */
    int64_t min_size;       /* pixels of the box's shorter side, 0: any */
    int64_t min_frames;     /* of the clip before --fps, 0: any */
    struct output_settings output;
    struct timespec made_since; /* clips that are older were made with another output; clip_options_check sets it */
};

extern const struct program crop_program;
extern const struct crop_settings crop_defaults;

/* "fit" as the user writes it: "pad", "crop", "stretch"; ends with NULL. */
extern const char *const fit_names[];

/* By enum images: how the user writes them and their files end; ends with NULL. */
extern const char *const image_names[];

/* Reads what options_read has left as text, and checks what it cannot. 0, or -1 and error names the option, its value
 * and what was expected. */
int crop_options_read(struct crop_settings *settings, struct error *error);

#endif
