#include "th-crop/encode/encoder_trial.h"

#include <errno.h>
#include <libavformat/avformat.h>
#include <stdio.h>
#include <string.h>

#include "common/av/media.h"
#include "common/stage/jobs.h"
#include "th-crop/encode/encoder.h"

enum { TRIAL_SIZE = 256, TRIAL_SECONDS = 30 };

/* Those that are offered when another one does not open. What a library lacks does not open either. */
static const char *const known_encoders[] = {
    "libx264",           "libx264rgb",        "libx265",     "libsvtav1",    "libaom-av1",
    "librav1e",          "libvpx-vp9",        "ffv1",        "mpeg4",        "mjpeg",
    "h264_nvenc",        "hevc_nvenc",        "av1_nvenc",   "h264_qsv",     "hevc_qsv",
    "av1_qsv",           "h264_amf",          "hevc_amf",    "h264_vaapi",   "hevc_vaapi",
    "av1_vaapi",         "h264_vulkan",       "hevc_vulkan", "h264_v4l2m2m", "hevc_v4l2m2m",
    "h264_videotoolbox", "hevc_videotoolbox",
};

enum { KNOWN_COUNT = sizeof known_encoders / sizeof *known_encoders };

/* One encoder that is tried. */
struct trial {
    struct encoder_settings settings;
    int width, height; /* of the pictures, TRIAL_SIZE or one more */
    bool works;
    struct error complaint; /* why it does not work */
};

/* Whether a container holds what the encoder makes. 0, or -1 and error. */
static int try_container(const AVCodecContext *codec, struct error *error)
{
    AVFormatContext *format = NULL;
    uint8_t *bytes = NULL;
    AVStream *stream;
    int result = avformat_alloc_output_context2(&format, NULL, encoder_container(codec->codec_id), NULL);

    if (result >= 0)
        result = avio_open_dyn_buf(&format->pb);
    if (result < 0)
        goto end;
    stream = avformat_new_stream(format, NULL);
    result = stream ? avcodec_parameters_from_context(stream->codecpar, codec) : AVERROR(ENOMEM);
    if (result >= 0)
        result = avformat_write_header(format, NULL);
    avio_close_dyn_buf(format->pb, &bytes);
    av_free(bytes);
end:
    avformat_free_context(format);
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "neither mp4 nor QuickTime holds %s",
                                    avcodec_get_name(codec->codec_id))
                      : 0;
}

/* Encodes frame, whose size and format are set. 0, or -1 and error. */
static int encode_one(AVCodecContext *codec, AVFrame *frame, struct error *error)
{
    int result = av_frame_get_buffer(frame, 0);

    for (int i = 0; result >= 0 && i < AV_NUM_DATA_POINTERS && frame->buf[i]; i++)
        memset(frame->buf[i]->data, 0, frame->buf[i]->size);
    frame->pts = 0;
    frame->quality = codec->global_quality;
    if (result >= 0)
        result = encoder_send(codec, frame);
    return result < 0
               ? media_error(error, ERROR_UNREADABLE, result, "the encoder %s does not encode", codec->codec->name)
               : 0;
}

/* In a child, for encoders may start threads and drivers, which must not be there when further children are forked. */
static int try_encoder(struct job *job, void *item)
{
    const struct trial *trial = item;
    const struct picture_facts facts = {.time_base = {1, 25}, .frame_rate = {25, 1}};
    enum AVPixelFormat format = AV_PIX_FMT_YUV420P;
    AVFrame *frame = av_frame_alloc();
    AVCodecContext *codec = NULL;
    struct error error;
    bool has_sent = false;
    int status = 1;

    if (!frame)
        goto end;
    if (!encoder_takes(trial->settings.encoder, format))
        format = *encoder_formats(trial->settings.encoder);
    frame->width = trial->width;
    frame->height = trial->height;
    frame->format = format;
    frame->sample_aspect_ratio = (AVRational){1, 1};
    if (!encoder_open(&codec, &trial->settings, &facts, frame, true, &error) && !try_container(codec, &error))
        has_sent = !encode_one(codec, frame, &error);
    if (has_sent)
        status = job_report(job, json_pack("{s:b}", "works", 1));
    else
        status = job_report(job, json_pack("{s:s%}", "complaint", error.message, strlen(error.message)));
    encoder_close(&codec, has_sent);
end:
    av_frame_free(&frame);
    return status;
}

static void trial_report(void *owner, void *item, json_t *record)
{
    struct trial *trial = item;
    const char *complaint = json_string_value(json_object_get(record, "complaint"));

    (void)owner;
    trial->works = !complaint;
    if (complaint)
        error_set(&trial->complaint, ERROR_UNREADABLE, "%s", complaint);
}

static void trial_ended(void *owner, void *item, const struct error *fault)
{
    struct trial *trial = item;

    (void)owner;
    if (!trial->works && !trial->complaint.word)
        error_set(&trial->complaint, ERROR_UNREADABLE, "the encoder %s does not work: %s", trial->settings.encoder,
                  fault ? fault->message : "it said nothing");
}

/* Tries one encoder in a process of its own. */
static void run_trial(struct trial *trial)
{
    static const struct job_task task = {.work = try_encoder, .report = trial_report, .ended = trial_ended};
    const struct jobs_options options = {.limit = 1, .stall_timeout = TRIAL_SECONDS};
    struct jobs *jobs = jobs_alloc(&options, NULL);
    struct error error;

    if (!jobs)
        error_set_errno(&trial->complaint, errno, "cannot try the encoder");
    else if (jobs_start(jobs, &task, trial, &error))
        trial->complaint = error;
    while (jobs && jobs_running(jobs)) {
        struct pollfd fd;
        int timeout = -1;
        size_t count = jobs_prepare(jobs, &fd, 1, &timeout);

        (void)poll(&fd, count, timeout);
        jobs_handle(jobs, &fd, count);
    }
    jobs_free(&jobs);
}

/* Says which of the known encoders do open, with nothing but their defaults. */
static void say_others(struct console *console)
{
    char names[KNOWN_COUNT * 24] = "";

    for (int i = 0; i < KNOWN_COUNT; i++) {
        struct trial trial = {
            .settings = {.encoder = known_encoders[i], .crf = -1}, .width = TRIAL_SIZE, .height = TRIAL_SIZE};
        size_t length = strlen(names);

        if (!avcodec_find_encoder_by_name(known_encoders[i]))
            continue;
        run_trial(&trial);
        if (trial.works)
            snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", known_encoders[i]);
    }
    console_say(console, CONSOLE_ERROR, "encoders that open here: %s", *names ? names : "none that is known");
}

bool encoder_works(const struct output_settings *settings, struct console *console)
{
    const struct filter_settings *filter = &settings->filter;
    int odd_width = filter->width & 1, odd_height = filter->height & 1;
    struct trial trial = {
        .settings = settings->encoder, .width = TRIAL_SIZE + odd_width, .height = TRIAL_SIZE + odd_height};
    struct trial even = {.settings = settings->encoder, .width = TRIAL_SIZE, .height = TRIAL_SIZE};

    run_trial(&trial);
    if (trial.works)
        return true;
    if (odd_width || odd_height)
        run_trial(&even);
    if (even.works) {
        console_say(console, CONSOLE_ERROR, "--size is %dx%d; expected even numbers, which the encoder %s needs",
                    (int)filter->width, (int)filter->height, settings->encoder.encoder);
        return false;
    }
    console_say(console, CONSOLE_ERROR, "%s", trial.complaint.message);
    say_others(console);
    return false;
}
