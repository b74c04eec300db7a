#include "th-crop/options.h"

#include <stddef.h>

#define SETTING(member) offsetof(struct crop_settings, member)
static const struct option_spec specs[] = {
    {"tubes", 't', OPTION_TEXT, SETTING(tubes), "FILE", "crop the tubes that FILE lists, of each chunk that comes", 0,
     0, NULL},
    {"input", 'i', OPTION_TEXT, SETTING(chunks), "DIR", "look for chunks in DIR when no record says where they are", 0,
     0, NULL},
    {"crf", 0, OPTION_REAL, SETTING(encoder.crf), "N", "quality, 0 is best (default: the encoder's own; libx264: 23)",
     0, 63, NULL},
    {"preset", 0, OPTION_TEXT, SETTING(encoder.preset), "NAME",
     "speed of encoding (default: the encoder's own; libx264: medium)", 0, 0, NULL},
    {"encoder", 0, OPTION_TEXT, SETTING(encoder.encoder), "NAME", "encode with NAME (default: libx264)", 0, 0, NULL},
    {"encoder-opts", 0, OPTION_TEXT, SETTING(encoder.options), "K=V:...", "further options of the encoder", 0, 0, NULL},
    {0},
};
#undef SETTING

const struct program crop_program = {
    .name = "th-crop",
    .synopsis = "-o DIR [-t TUBES] [-i CHUNKS] [options] [FILE...]",
    .purpose = "Cuts the clips that tubes name out of chunks: reads chunk records, tube rows and clip records,\n"
               "and writes one clip record for each tube.",
    .options = specs,
    .needs_output = true,
};

const struct crop_settings crop_defaults = {.encoder = {.encoder = "libx264", .crf = -1}};
