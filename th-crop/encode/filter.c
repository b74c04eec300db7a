#include "th-crop/encode/filter.h"

#include <libavutil/bprint.h>
#include <libavutil/mathematics.h>
#include <libavutil/pixdesc.h>

#include "th-crop/encode/encoder.h"

/* The multiple of step nearest to a * b / c, and at least one step. */
static int scaled(int64_t a, int64_t b, int64_t c, int step)
{
    int64_t steps = av_rescale(a, b, c * step);

    return (int)(steps > 0 ? steps * step : step);
}

/* The offset that centres `inner` in `outer`, a multiple of step. */
static int centred(int64_t outer, int64_t inner, int step)
{
    return (int)((outer - inner) / 2 / step * step);
}

struct filter_place filter_fit(const struct filter_settings *settings, int width, int height, AVRational aspect,
                               int step_x, int step_y)
{
    int64_t shown_w = width, shown_h = height, to_w = settings->width, to_h = settings->height;
    struct filter_place place = {.width = (int)to_w, .height = (int)to_h};
    bool is_wider;

    if (settings->fit == FIT_STRETCH)
        return place;
    if (aspect.num > 0 && aspect.den > 0) {
        shown_w *= aspect.num;
        shown_h *= aspect.den;
    }
    is_wider = shown_w * to_h > shown_h * to_w;
    if (is_wider == (settings->fit == FIT_PAD))
        place.height = scaled(to_w, shown_h, shown_w, step_y);
    else
        place.width = scaled(to_h, shown_w, shown_h, step_x);
    if (settings->fit == FIT_PAD) {
        place.width = FFMIN(place.width, (int)to_w);
        place.height = FFMIN(place.height, (int)to_h);
        place.x = centred(to_w, place.width, step_x);
        place.y = centred(to_h, place.height, step_y);
    } else {
        place.width = FFMAX(place.width, (int)to_w);
        place.height = FFMAX(place.height, (int)to_h);
        place.x = centred(place.width, to_w, step_x);
        place.y = centred(place.height, to_h, step_y);
    }
    return place;
}

/* Adds a filter for the format of --pix-fmt, or else for those that the encoder takes. FFmpeg chooses among them as in
 * the ffmpeg program. */
static void add_formats(AVBPrint *text, const struct output_settings *settings)
{
    const enum AVPixelFormat *format = encoder_formats(settings->encoder.encoder);

    if (settings->filter.format) {
        av_bprintf(text, "format=%s", settings->filter.format);
        return;
    }
    if (*format == AV_PIX_FMT_NONE)
        av_bprintf(text, "null");
    for (int i = 0; format[i] != AV_PIX_FMT_NONE; i++)
        av_bprintf(text, "%s%s", i ? "|" : "format=", av_get_pix_fmt_name(format[i]));
}

/* Adds filters that scale, convert to the encoder's format in the same step, and then pad or crop. */
static void add_size(AVBPrint *text, const struct output_settings *settings, const struct picture_kind *kind)
{
    static const char *const finish[] = {"pad=", "crop=exact=1:", NULL}; /* by enum fit */
    const struct filter_settings *target = &settings->filter;
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get((enum AVPixelFormat)kind->format);
    struct filter_place place = filter_fit(target, kind->width, kind->height, kind->sample_aspect_ratio,
                                           1 << pixels->log2_chroma_w, 1 << pixels->log2_chroma_h);

    av_bprintf(text, "scale=%d:%d:interl=-1:flags=lanczos+accurate_rnd+full_chroma_int+bitexact,", place.width,
               place.height);
    add_formats(text, settings);
    if (place.width != target->width || place.height != target->height)
        av_bprintf(text, ",%sw=%d:h=%d:x=%d:y=%d", finish[target->fit], (int)target->width, (int)target->height,
                   place.x, place.y);
    av_bprintf(text, ",setsar=1");
}

/* Checks the size of the output: filters silently round to the chroma grid. 0, or -1 and error. */
static int check_size(const struct picture_filter *filter, const struct filter_settings *target, int format,
                      struct error *error)
{
    struct picture_kind made = filter ? picture_filter_output(filter) : (struct picture_kind){0};

    if (made.width == target->width && made.height == target->height)
        return 0;
    return error_set(error, ERROR_UNREADABLE,
                     "pictures of %s cannot be made to fit %dx%d; expected even numbers, or --fit stretch",
                     av_get_pix_fmt_name((enum AVPixelFormat)format), (int)target->width, (int)target->height);
}

int filter_open(struct picture_filter **filter, const struct output_settings *settings, const struct picture_kind *kind,
                struct error *error)
{
    const struct filter_settings *target = &settings->filter;
    bool is_converted = target->format && (int)av_get_pix_fmt(target->format) != kind->format;
    bool fits_encoder = !is_converted && encoder_takes(settings->encoder.encoder, (enum AVPixelFormat)kind->format);
    bool is_odd = (target->width | target->height) & 1;
    AVBPrint text;
    int status;

    *filter = NULL;
    if (!target->width && !target->fps.num && fits_encoder)
        return 0;
    av_bprint_init(&text, 0, AV_BPRINT_SIZE_UNLIMITED);
    if (target->fps.num)
        av_bprintf(&text, "fps=%d/%d,", target->fps.num, target->fps.den);
    if (target->width)
        add_size(&text, settings, kind);
    else if (is_converted) /* with the flags of the ffmpeg program's own conversion */
        av_bprintf(&text, "scale=flags=bicubic,");
    if (!target->width)
        add_formats(&text, settings);
    status = av_bprint_is_complete(&text) ? picture_filter_open(filter, text.str, kind, error)
                                          : error_set(error, ERROR_IO, "out of memory");
    av_bprint_finalize(&text, NULL);
    if (target->width && (!status || is_odd) && check_size(*filter, target, kind->format, error)) {
        picture_filter_close(filter);
        status = -1;
    }
    return status;
}
