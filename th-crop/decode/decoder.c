#include "th-crop/decode/decoder.h"

#include <limits.h>
#include <stdlib.h>

#include "common/av/compat.h"
#include "th-crop/decode/demux.h"
#include "th-crop/decode/pictures.h"

struct decoder {
    struct packet_feed *feed;
    struct pictures *pictures;
    struct picture_facts facts;
    int64_t unit;    /* of the facts' time base, in units of the stream's */
    int64_t nominal; /* a frame's duration as the frame rate says, in units of the facts; at least 1 */

    int64_t origin;   /* time of frame 0, in units of the stream */
    int64_t last_pts; /* of the last frame given, in units of the facts */
    bool has_frame;   /* a frame was given */
    bool has_restarted;
};

static void set_units(struct decoder *decoder)
{
    const struct timeline *timeline = packet_feed_timeline(decoder->feed);
    const struct packet_map *map = packet_feed_map(decoder->feed, NULL);

    decoder->unit = timeline->unit <= INT_MAX ? timeline->unit : 1;
    picture_facts_read(&decoder->facts, packet_feed_format(decoder->feed), packet_feed_video(decoder->feed),
                       (int)decoder->unit);
    decoder->nominal = av_rescale_q(1, av_inv_q(decoder->facts.frame_rate), decoder->facts.time_base);
    if (decoder->nominal < 1)
        decoder->nominal = 1;
    if (map) { /* frame 0 may not be among those that are decoded */
        decoder->origin = map->packets[0].pts;
        decoder->last_pts = -1;
        decoder->has_frame = true;
    }
}

int decoder_open(struct decoder **decoder, const char *path, struct error *error)
{
    struct decoder *d = calloc(1, sizeof *d);

    *decoder = d;
    if (!d)
        return error_set(error, ERROR_IO, "out of memory");
    if (!packet_feed_open(&d->feed, path, error) && !pictures_open(&d->pictures, d->feed, error)) {
        set_units(d);
        return 0;
    }
    decoder_close(decoder);
    return -1;
}

void decoder_close(struct decoder **decoder)
{
    if (!*decoder)
        return;
    pictures_close(&(*decoder)->pictures);
    packet_feed_close(&(*decoder)->feed);
    free(*decoder);
    *decoder = NULL;
}

const struct picture_facts *decoder_facts(const struct decoder *decoder)
{
    return &decoder->facts;
}

int64_t decoder_origin(const struct decoder *decoder, AVRational *time_base)
{
    *time_base = av_mul_q(decoder->facts.time_base, (AVRational){1, (int)decoder->unit});
    return decoder->origin;
}

int64_t decoder_frames(const struct decoder *decoder)
{
    const struct packet_map *map = packet_feed_map(decoder->feed, NULL);

    return map ? (int64_t)map->count : -1;
}

bool decoder_has_map(const struct decoder *decoder)
{
    return packet_feed_map(decoder->feed, NULL);
}

void decoder_drop_map(struct decoder *decoder)
{
    packet_feed_drop_map(decoder->feed);
}

int decoder_choose(struct decoder *decoder, const struct frame_range *ranges, size_t count, struct error *error)
{
    if (packet_feed_read(decoder->feed))
        decoder->has_restarted = true;
    if (packet_feed_choose(decoder->feed, ranges, count, error) || pictures_begin(decoder->pictures, error))
        return -1;
    decoder->has_frame = false;
    set_units(decoder);
    return 0;
}

struct decoder_counts decoder_counts(const struct decoder *decoder)
{
    struct decoder_counts counts = {.frames = pictures_decoded(decoder->pictures),
                                    .passed = packet_feed_passed(decoder->feed),
                                    .has_restarted = decoder->has_restarted};

    packet_feed_map(decoder->feed, &counts.no_map);
    return counts;
}

bool decoder_faults(const struct decoder *decoder, const struct frame_range *range)
{
    int64_t packet = pictures_damaged(decoder->pictures);

    return packet >= 0 && packet_feed_is_needed(decoder->feed, packet, range);
}

/* Sees that times rise: one that is missing, or not after the one before, becomes the one before and a duration. */
static void set_times(struct decoder *decoder, AVFrame *frame)
{
    int64_t time = frame->best_effort_timestamp, unit = decoder->unit;
    int64_t duration = timeline_duration(packet_feed_timeline(decoder->feed), time), pts = 0;

    if (duration <= 0)
        duration = compat_frame_duration(frame);
    duration = av_sat_add64(duration, unit / 2) / unit;
    if (duration <= 0)
        duration = decoder->nominal;
    if (!decoder->has_frame)
        decoder->origin = time != AV_NOPTS_VALUE ? time : 0;
    else if (time == AV_NOPTS_VALUE || (pts = av_sat_sub64(time, decoder->origin) / unit) <= decoder->last_pts)
        pts = av_sat_add64(decoder->last_pts, duration);
    frame->pts = pts;
    compat_frame_set_duration(frame, duration);
    if (decoder->facts.sample_aspect_ratio.num)
        frame->sample_aspect_ratio = decoder->facts.sample_aspect_ratio;
    decoder->last_pts = pts;
    decoder->has_frame = true;
}

int decoder_next(struct decoder *decoder, AVFrame *frame, int64_t *number, struct error *error)
{
    int status = pictures_next(decoder->pictures, frame, error);

    if (status <= 0)
        return status;
    *number = packet_feed_frame(decoder->feed, frame->best_effort_timestamp);
    if (*number < 0)
        return error_set(error, ERROR_UNREADABLE, "a frame of the chunk has another time than its packet");
    set_times(decoder, frame);
    return 1;
}
