/* What the user of th-crop can choose. */
#ifndef TH_CROP_OPTIONS_H
#define TH_CROP_OPTIONS_H

#include "common/options.h"

/* How clips are encoded. Texts are NULL when not given: then the encoder's own default holds. */
struct encoder_settings {
    const char *encoder; /* a name that libavcodec knows */
    double crf;          /* -1 when not given */
    const char *preset;
    const char *options; /* k=v:k=v */
};

struct crop_settings {
    struct common_settings common;
    const char *tubes;  /* -t: the list of tubes, NULL when not given */
    const char *chunks; /* -i: the folder of chunks, NULL when not given */
    struct encoder_settings encoder;
};

extern const struct program crop_program;
extern const struct crop_settings crop_defaults;

#endif
