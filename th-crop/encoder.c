#include "th-crop/encoder.h"

#include <errno.h>
#include <libavutil/avstring.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <string.h>

#include "common/jobs.h"
#include "common/media.h"

enum { COMPLAINT_SIZE = 256, TRIAL_SIZE = 256, TRIAL_SECONDS = 30 };

/* Keeps the encoder's first complaint, which says more than its error code. A log has no place for the caller's data
 * but the codec context's `opaque`. */
static void hear(void *object, int level, const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));

static void hear(void *object, int level, const char *format, va_list arguments)
{
    char *complaint;

    if (level > AV_LOG_WARNING || !object || *(const AVClass **)object != avcodec_get_class())
        return;
    complaint = ((const AVCodecContext *)object)->opaque;
    if (complaint && !*complaint) {
        vsnprintf(complaint, COMPLAINT_SIZE, format, arguments);
        complaint[strcspn(complaint, "\n")] = '\0';
    }
}

/* The frame's description goes on to the clip. */
static void describe_pictures(AVCodecContext *codec, const struct picture_facts *facts, const AVFrame *first)
{
    bool is_interlaced, top_first;
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    is_interlaced = first->flags & AV_FRAME_FLAG_INTERLACED;
    top_first = first->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
    is_interlaced = first->interlaced_frame;
    top_first = first->top_field_first;
#endif
    codec->time_base = facts->time_base;
    codec->framerate = facts->frame_rate;
    codec->width = first->width;
    codec->height = first->height;
    codec->pix_fmt = first->format;
    codec->sample_aspect_ratio = first->sample_aspect_ratio;
    codec->color_range = first->color_range;
    codec->color_primaries = first->color_primaries;
    codec->color_trc = first->color_trc;
    codec->colorspace = first->colorspace;
    codec->chroma_sample_location = first->chroma_location;
    codec->field_order = !is_interlaced ? AV_FIELD_PROGRESSIVE : top_first ? AV_FIELD_TB : AV_FIELD_BT;
    codec->thread_count = 1;
}

/* Some of x264's faster routines round otherwise than the plain ones, so that its bytes depend on the processor; this
 * keeps to those that do not. A user who knows better comes after it. */
static int make_independent(AVDictionary **options)
{
    const AVDictionaryEntry *given = av_dict_get(*options, "x264-params", NULL, 0);
    char *params = av_asprintf("cpu-independent=1%s%s", given ? ":" : "", given ? given->value : "");

    return params ? av_dict_set(options, "x264-params", params, AV_DICT_DONT_STRDUP_VAL) : AVERROR(ENOMEM);
}

/* The user's choices as a dictionary. 0, or -1 and error. */
static int collect_options(const struct encoder_settings *settings, AVDictionary **options, struct error *error)
{
    char crf[32];
    int result = 0;

    if (settings->options)
        result = av_dict_parse_string(options, settings->options, "=", ":", 0);
    if (result < 0)
        return error_set(error, ERROR_UNREADABLE, "the encoder's options `%s` have not the form name=value:name=value",
                         settings->options);
    if (settings->crf >= 0) {
        snprintf(crf, sizeof crf, "%.10g", settings->crf);
        result = av_dict_set(options, "crf", crf, 0);
    }
    if (result >= 0 && settings->preset)
        result = av_dict_set(options, "preset", settings->preset, 0);
    if (result >= 0 && !strncmp(settings->encoder, "libx264", strlen("libx264")))
        result = make_independent(options);
    return result < 0 ? error_set(error, ERROR_IO, "out of memory") : 0;
}

static int open_with(AVCodecContext *codec, const struct encoder_settings *settings, char *complaint,
                     struct error *error)
{
    AVDictionary *options = NULL;
    const AVDictionaryEntry *unknown;
    int result, status = collect_options(settings, &options, error);

    if (status)
        goto end;
    codec->opaque = complaint;
    av_log_set_callback(hear);
    result = avcodec_open2(codec, NULL, &options);
    av_log_set_callback(av_log_default_callback);
    codec->opaque = NULL;
    unknown = av_dict_get(options, "", NULL, AV_DICT_IGNORE_SUFFIX);
    if (result < 0)
        status = error_set(error, ERROR_UNREADABLE, "the encoder %s does not open for pictures of %dx%d, %s: %s",
                           settings->encoder, codec->width, codec->height, av_get_pix_fmt_name(codec->pix_fmt),
                           *complaint ? complaint : av_err2str(result));
    else if (unknown)
        status =
            error_set(error, ERROR_UNREADABLE, "the encoder %s has no option `%s`", settings->encoder, unknown->key);
end:
    av_dict_free(&options);
    return status;
}

int encoder_open(AVCodecContext **codec, const struct encoder_settings *settings, const struct picture_facts *facts,
                 const AVFrame *first, bool global_header, struct error *error)
{
    const AVCodec *encoder = avcodec_find_encoder_by_name(settings->encoder);
    char complaint[COMPLAINT_SIZE] = "";

    *codec = NULL;
    if (!encoder || encoder->type != AVMEDIA_TYPE_VIDEO)
        return error_set(error, ERROR_UNREADABLE, "this FFmpeg has no video encoder named %s", settings->encoder);
    *codec = avcodec_alloc_context3(encoder);
    if (!*codec)
        return error_set(error, ERROR_IO, "out of memory");
    describe_pictures(*codec, facts, first);
    if (global_header)
        (*codec)->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (open_with(*codec, settings, complaint, error)) {
        avcodec_free_context(codec);
        return -1;
    }
    return 0;
}

/* The first pixel format that the encoder takes, yuv420p if it is among them; -1 when it does not say. */
static int trial_format(const char *name)
{
    const AVCodec *encoder = avcodec_find_encoder_by_name(name);
    const enum AVPixelFormat *formats = NULL;

    if (!encoder)
        return AV_PIX_FMT_YUV420P;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
    avcodec_get_supported_config(NULL, encoder, AV_CODEC_CONFIG_PIX_FORMAT, 0, (const void **)&formats, NULL);
#else
    formats = encoder->pix_fmts;
#endif
    for (const enum AVPixelFormat *format = formats; format && *format != AV_PIX_FMT_NONE; format++)
        if (*format == AV_PIX_FMT_YUV420P)
            return *format;
    return formats ? formats[0] : AV_PIX_FMT_YUV420P;
}

/* In a child, for encoders may start threads and drivers, which must not be there when further children are forked. */
static int try_encoder(struct job *job, void *item)
{
    const struct encoder_settings *settings = item;
    const struct picture_facts facts = {.time_base = {1, 25}, .frame_rate = {25, 1}};
    AVFrame *frame = av_frame_alloc();
    AVCodecContext *codec = NULL;
    struct error error;
    int status = 1;

    if (!frame)
        goto end;
    frame->width = frame->height = TRIAL_SIZE;
    frame->format = trial_format(settings->encoder);
    frame->sample_aspect_ratio = (AVRational){1, 1};
    if (!encoder_open(&codec, settings, &facts, frame, true, &error))
        status = job_report(job, json_pack("{s:b}", "works", 1));
    else
        status = job_report(job, json_pack("{s:s%}", "complaint", error.message, strlen(error.message)));
    avcodec_free_context(&codec);
end:
    av_frame_free(&frame);
    return status;
}

struct trial {
    struct console *console;
    bool works, has_spoken;
};

static void trial_report(void *owner, void *item, json_t *record)
{
    struct trial *trial = owner;
    const char *complaint = json_string_value(json_object_get(record, "complaint"));

    (void)item;
    trial->works = !complaint;
    trial->has_spoken = true;
    if (complaint)
        console_say(trial->console, CONSOLE_ERROR, "%s", complaint);
}

static void trial_ended(void *owner, void *item, const struct error *fault)
{
    struct trial *trial = owner;

    (void)item;
    if (!trial->has_spoken)
        console_say(trial->console, CONSOLE_ERROR, "the encoder does not work: %s",
                    fault ? fault->message : "it said nothing");
}

bool encoder_works(const struct encoder_settings *settings, struct console *console)
{
    static const struct job_task task = {.work = try_encoder, .report = trial_report, .ended = trial_ended};
    const struct jobs_options options = {.limit = 1, .stall_timeout = TRIAL_SECONDS};
    struct trial trial = {.console = console};
    struct jobs *jobs = jobs_alloc(&options, &trial);
    struct error error;

    if (!jobs || jobs_start(jobs, &task, (void *)settings, &error))
        console_say(console, CONSOLE_ERROR, "cannot try the encoder: %s", jobs ? error.message : strerror(errno));
    while (jobs && jobs_running(jobs)) {
        struct pollfd fd;
        int timeout = -1;
        size_t count = jobs_prepare(jobs, &fd, 1, &timeout);

        (void)poll(&fd, count, timeout);
        jobs_handle(jobs, &fd, count);
    }
    jobs_free(&jobs);
    return trial.works;
}
