#include "th-crop/encode/encoder_trial.h"

#include <errno.h>
#include <libavcodec/codec_desc.h>
#include <libavutil/avstring.h>
#include <poll.h>
#include <string.h>

#include "common/av/media.h"
#include "common/stage/jobs.h"
#include "common/stage/stage.h"
#include "th-crop/encode/clip_file.h"
#include "th-crop/encode/encoder.h"

enum { TRIAL_SIZE = 256 /* pixels */, TRIAL_SECONDS = 30 };

/* An encoder, and whether it works. */
struct trial {
    struct encoder_settings settings;
    int width, height; /* of the picture, TRIAL_SIZE or one more */
    bool works;
    struct error complaint; /* why it does not work */
};

/* Checks that a container takes what the encoder makes, and encodes one picture. 0, or -1 and error. */
static int encode_one(AVCodecContext *codec, AVFrame *frame, struct error *error)
{
    AVCodecParameters *parameters = avcodec_parameters_alloc();
    int result = parameters ? avcodec_parameters_from_context(parameters, codec) : AVERROR(ENOMEM);

    if (result >= 0)
        result = clip_file_try(encoder_container(codec->codec_id), parameters, codec->time_base);
    avcodec_parameters_free(&parameters);
    if (result < 0)
        return media_error(error, ERROR_UNREADABLE, result, "neither mp4 nor QuickTime holds %s",
                           avcodec_get_name(codec->codec_id));
    result = av_frame_get_buffer(frame, 0);
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

/* Runs in a child: encoders may start threads and load drivers, and neither survives a later fork(). */
static int try_encoder(struct job *job, void *item)
{
    const struct trial *trial = item;
    const struct picture_facts facts = {.time_base = {1, 25}, .frame_rate = {25, 1}};
    AVFrame *frame = av_frame_alloc();
    AVCodecContext *codec = NULL;
    struct error error;
    bool has_sent = false;
    int status;

    if (!frame)
        return 1;
    frame->width = trial->width;
    frame->height = trial->height;
    frame->format = encoder_takes(trial->settings.encoder, AV_PIX_FMT_YUV420P)
                        ? AV_PIX_FMT_YUV420P
                        : *encoder_formats(trial->settings.encoder);
    frame->sample_aspect_ratio = (AVRational){1, 1};
    if (!encoder_open(&codec, &trial->settings, &facts, frame, &error))
        has_sent = !encode_one(codec, frame, &error);
    status = job_report(job, json_pack("{s:s?}", "complaint", has_sent ? NULL : error.message));
    encoder_close(&codec, has_sent);
    av_frame_free(&frame);
    return status;
}

static int trial_report(void *owner, void *item, json_t *record)
{
    struct trial *trial = item;
    const char *complaint = json_string_value(json_object_get(record, "complaint"));

    (void)owner;
    trial->works = !complaint;
    if (complaint)
        error_set(&trial->complaint, ERROR_UNREADABLE, "%s", complaint);
    return 0;
}

static void trial_ended(void *owner, void *item, const struct error *fault)
{
    struct trial *trial = item;

    (void)owner;
    if (!trial->works && !trial->complaint.word)
        error_set(&trial->complaint, fault ? fault->word : ERROR_UNREADABLE, "the encoder %s does not work: %s",
                  trial->settings.encoder, fault ? fault->message : "it said nothing");
}

/* Tries the encoder in a child process. */
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

/* Names the encoders that FFmpeg has for the codec of that encoder, or the codec of that name; else for H.264. */
static void say_others(const char *name, struct console *console)
{
    const AVCodec *encoder = avcodec_find_encoder_by_name(name);
    const AVCodecDescriptor *codec =
        encoder ? avcodec_descriptor_get(encoder->id) : avcodec_descriptor_get_by_name(name);
    char names[1024] = "";
    void *state = NULL;

    if (!codec || codec->type != AVMEDIA_TYPE_VIDEO)
        codec = avcodec_descriptor_get(AV_CODEC_ID_H264);
    while ((encoder = av_codec_iterate(&state)))
        if (av_codec_is_encoder(encoder) && encoder->id == codec->id)
            av_strlcatf(names, sizeof names, "%s%s", *names ? ", " : "", encoder->name);
    console_say(console, CONSOLE_ERROR, "this FFmpeg has these encoders for %s: %s", codec->name,
                *names ? names : "none");
}

int encoder_trial_run(const struct output_settings *settings, struct console *console)
{
    const struct filter_settings *filter = &settings->filter;
    int odd_width = filter->width & 1, odd_height = filter->height & 1;
    struct trial trial = {
        .settings = settings->encoder, .width = TRIAL_SIZE + odd_width, .height = TRIAL_SIZE + odd_height};
    struct trial even = {.settings = settings->encoder, .width = TRIAL_SIZE, .height = TRIAL_SIZE};

    run_trial(&trial);
    if (trial.works)
        return EXIT_DONE;
    if (odd_width || odd_height)
        run_trial(&even);
    if (even.works) {
        console_say(console, CONSOLE_ERROR, "--size is %dx%d; expected even numbers, which the encoder %s needs",
                    (int)filter->width, (int)filter->height, settings->encoder.encoder);
        return EXIT_CANNOT;
    }
    console_say(console, CONSOLE_ERROR, "%s", trial.complaint.message);
    say_others(settings->encoder.encoder, console);
    return error_word_class(trial.complaint.word) == ERROR_CLASS_TRANSIENT ? EXIT_TRY_AGAIN : EXIT_CANNOT;
}
