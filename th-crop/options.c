#include "th-crop/options.h"

#include <libavutil/pixdesc.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/number.h"
#include "th-crop/encode/encoder.h"

enum { SIZE_MAX_PIXELS = 16384, FPS_MAX = 1000000 };

const char *const fit_names[] = {"pad", "crop", "stretch", NULL};
const char *const image_names[] = {"png", "jpg", NULL};

#define SETTING(member) offsetof(struct crop_settings, member)
static const struct option_spec specs[] = {
    {"tubes", 't', OPTION_TEXT, SETTING(tubes), "FILE", "crop the tubes that FILE lists, of each chunk that comes", 0,
     0, NULL},
    {"input", 'i', OPTION_TEXT, SETTING(chunks), "DIR", "look for chunks in DIR when no record says where they are", 0,
     0, NULL},
    {"min-size", 0, OPTION_COUNT, SETTING(min_size), "PIXELS", "leave out tubes whose box has a side shorter than that",
     0, INT32_MAX, NULL},
    {"min-frames", 0, OPTION_COUNT, SETTING(min_frames), "N", "leave out tubes whose clips would have fewer frames", 0,
     INT32_MAX, NULL},
    {"trim-edges", 0, OPTION_COUNT, SETTING(output.trim), "N", "take N frames off at both ends of each tube", 0,
     INT32_MAX / 2, NULL},
    {"size", 0, OPTION_TEXT, SETTING(size), "N|WxH", "scale what was cut out to N x N or W x H pixels", 0, 0, NULL},
    {"fit", 0, OPTION_CHOICE, SETTING(output.filter.fit), "HOW",
     "with --size: pad (black borders; the default), crop (cut what sticks out) or stretch", 0, 0, fit_names},
    {"fps", 0, OPTION_TEXT, SETTING(fps), "N|N/D", "drop and repeat frames for N frames a second", 0, 0, NULL},
    {"pix-fmt", 0, OPTION_TEXT, SETTING(output.filter.format), "NAME",
     "convert pictures to that pixel format, such as yuv420p", 0, 0, NULL},
    {"frames", 0, OPTION_CHOICE, SETTING(output.images), "png|jpg",
     "write folders of numbered pictures instead of clips", 0, 0, image_names},
    {"audio", 0, OPTION_FLAG, SETTING(output.sound), NULL, "keep the sound of the tube's frames", 0, 0, NULL},
    {"no-credit", 0, OPTION_FLAG, SETTING(output.no_credit), NULL,
     "do not write source page, author and licence into the clips", 0, 0, NULL},
    {"crf", 0, OPTION_REAL, SETTING(output.encoder.crf), "N",
     "quality, 0 is best (default: the encoder's own; libx264: 23)", 0, 63, NULL},
    {"preset", 0, OPTION_TEXT, SETTING(output.encoder.preset), "NAME",
     "speed of encoding (default: the encoder's own; libx264: medium)", 0, 0, NULL},
    {"gop", 0, OPTION_COUNT, SETTING(output.encoder.gop), "N",
     "at most N frames from one key frame to the next (default: the encoder's own; libx264: 250)", 1, INT32_MAX, NULL},
    {"encoder", 0, OPTION_TEXT, SETTING(output.encoder.encoder), "NAME",
     "encode with NAME, an encoder of FFmpeg (default: libx264)", 0, 0, NULL},
    {"encoder-opts", 0, OPTION_TEXT, SETTING(output.encoder.options), "K=V:...", "further options of the encoder", 0, 0,
     NULL},
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

const struct crop_settings crop_defaults = {
    .output = {.images = IMAGES_NONE, .encoder = {.encoder = "libx264", .crf = -1}, .filter = {.fps = {0, 1}}}};

/* Parses "A" or "A<mark>B", numbers from 1 to max. Without B, *b is `alone`, or A if that is 0. */
static bool read_pair(const char *text, char mark, int64_t max, int64_t alone, int64_t *a, int64_t *b)
{
    char first[24];
    const char *end = strchr(text, mark);
    size_t length = end ? (size_t)(end - text) : strlen(text);

    if (length >= sizeof first)
        return false;
    memcpy(first, text, length);
    first[length] = '\0';
    if (!number_int(first, 1, max, a))
        return false;
    *b = alone ? alone : *a;
    return !end || number_int(end + 1, 1, max, b);
}

/* Chooses the encoder of --frames. 0, or -1 and error when an option for clips is given too. */
static int read_images(struct output_settings *output, struct error *error)
{
    static const char *const encoders[] = {"png", "mjpeg"};
    struct encoder_settings *encoder = &output->encoder;
    const char *unused = strcmp(encoder->encoder, crop_defaults.output.encoder.encoder) != 0 ? "encoder"
                         : encoder->crf >= 0                                                 ? "crf"
                         : encoder->preset                                                   ? "preset"
                         : encoder->gop                                                      ? "gop"
                         : output->sound                                                     ? "audio"
                                                                                             : NULL;

    if (output->images == IMAGES_NONE)
        return 0;
    if (unused)
        return error_set(error, ERROR_IO,
                         "--frames writes pictures, for which --%s means nothing; expected one of the two", unused);
    encoder->encoder = encoders[output->images];
    return 0;
}

/* After the encoder is known. 0, or -1 and error. */
static int check_format(const struct output_settings *output, struct error *error)
{
    const char *name = output->filter.format;
    enum AVPixelFormat format = name ? av_get_pix_fmt(name) : AV_PIX_FMT_NONE;

    if (name && format == AV_PIX_FMT_NONE)
        return error_set(error, ERROR_IO, "--pix-fmt is \"%s\"; expected a pixel format of FFmpeg, such as yuv420p",
                         name);
    if (name && !encoder_takes(output->encoder.encoder, format))
        return error_set(error, ERROR_IO, "--pix-fmt is %s; expected one that the encoder %s takes", name,
                         output->encoder.encoder);
    return 0;
}

int crop_options_read(struct crop_settings *settings, struct error *error)
{
    struct filter_settings *filter = &settings->output.filter;
    int64_t num, den;

    if (settings->size && !read_pair(settings->size, 'x', SIZE_MAX_PIXELS, 0, &filter->width, &filter->height))
        return error_set(error, ERROR_IO, "--size is \"%s\"; expected N or WxH, numbers from 1 to %d", settings->size,
                         SIZE_MAX_PIXELS);
    if (filter->fit != FIT_PAD && !settings->size)
        return error_set(error, ERROR_IO, "--fit is \"%s\", but there is nothing to fit into; expected --size, too",
                         fit_names[filter->fit]);
    if (settings->fps) {
        if (!read_pair(settings->fps, '/', FPS_MAX, 1, &num, &den))
            return error_set(error, ERROR_IO, "--fps is \"%s\"; expected N or N/D, numbers from 1 to %d", settings->fps,
                             FPS_MAX);
        av_reduce(&filter->fps.num, &filter->fps.den, num, den, INT32_MAX);
    }
    return read_images(&settings->output, error) ? -1 : check_format(&settings->output, error);
}
