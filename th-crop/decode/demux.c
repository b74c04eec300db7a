#include "th-crop/decode/demux.h"

#include <stdlib.h>
#include <string.h>

#include "common/cut/chunk_reader.h"
#include "th-crop/decode/packet_scan.h"

struct packet_feed {
    struct chunk_reader *reader;
    char *path;
    struct survey survey;
    enum packet_use *uses; /* of each packet of the map; NULL: all are given */
    size_t end;            /* packets from here on are not needed */
    size_t next;           /* packet to be read */
    unsigned char *chosen; /* by number: a frame that a given packet becomes */
    size_t given, came;    /* packets given, frames that came */
    int64_t frame;         /* number of the next frame that can come */
};

int packet_feed_open(struct packet_feed **feed, const char *path, struct error *error)
{
    struct packet_feed *f = calloc(1, sizeof *f);

    *feed = f;
    if (f)
        f->path = strdup(path);
    if (!f || !f->path)
        error_set(error, ERROR_IO, "out of memory");
    else if (!chunk_reader_open(&f->reader, path, error) && !survey_read(&f->survey, path, error))
        return 0;
    packet_feed_close(feed);
    return -1;
}

static void forget_choice(struct packet_feed *feed)
{
    free(feed->uses);
    free(feed->chosen);
    feed->uses = NULL;
    feed->chosen = NULL;
}

void packet_feed_close(struct packet_feed **feed)
{
    if (!*feed)
        return;
    forget_choice(*feed);
    survey_clear(&(*feed)->survey);
    chunk_reader_close(&(*feed)->reader);
    free((*feed)->path);
    free(*feed);
    *feed = NULL;
}

AVFormatContext *packet_feed_format(const struct packet_feed *feed)
{
    return chunk_reader_format(feed->reader);
}

AVStream *packet_feed_video(const struct packet_feed *feed)
{
    return chunk_reader_video(feed->reader);
}

const struct timeline *packet_feed_timeline(const struct packet_feed *feed)
{
    return &feed->survey.timeline;
}

const struct packet_map *packet_feed_map(const struct packet_feed *feed, const char **why)
{
    if (why)
        *why = feed->survey.no_map;
    return feed->survey.no_map ? NULL : &feed->survey.map;
}

/* Reads from the first packet on. 0, or -1 and error. */
static int rewind_reader(struct packet_feed *feed, struct error *error)
{
    if (!packet_feed_read(feed))
        return 0;
    chunk_reader_close(&feed->reader);
    feed->next = feed->given = feed->came = 0;
    feed->frame = 0;
    return chunk_reader_open(&feed->reader, feed->path, error);
}

int packet_feed_choose(struct packet_feed *feed, const struct frame_range *ranges, size_t count, struct error *error)
{
    const struct packet_map *map = &feed->survey.map;

    forget_choice(feed);
    if (rewind_reader(feed, error))
        return -1;
    if (feed->survey.no_map)
        return 0;
    feed->uses = calloc(map->count, sizeof *feed->uses);
    feed->chosen = calloc(map->count, 1);
    if (!feed->uses || !feed->chosen || packet_map_choose(map, ranges, count, feed->uses)) {
        forget_choice(feed);
        return error_set(error, ERROR_IO, "out of memory");
    }
    feed->end = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (feed->uses[i] == PACKET_PASS)
            continue;
        feed->chosen[map->packets[i].frame] = 1;
        feed->end = i + 1;
    }
    return 0;
}

void packet_feed_drop_map(struct packet_feed *feed)
{
    if (!feed->survey.no_map)
        feed->survey.no_map = "frames did not come as expected";
}

/* The packet that was read as number feed->next - 1: what the survey says of it. */
static enum feed_result judge(struct packet_feed *feed, const AVPacket *packet, struct error *error)
{
    const struct packet_map *map = &feed->survey.map;
    size_t index = feed->next - 1;

    if (!feed->uses)
        return FEED_PACKET;
    if (index >= map->count || packet->pts != map->packets[index].pts) {
        error_set(error, ERROR_UNREADABLE, "packet %zu of the chunk is another than before", index);
        return FEED_FAILED;
    }
    return feed->uses[index] == PACKET_RESTART && feed->given ? FEED_RESTART : FEED_PACKET;
}

enum feed_result packet_feed_next(struct packet_feed *feed, AVPacket *packet, struct error *error)
{
    while (!feed->uses || feed->next < feed->end) {
        int status = chunk_reader_next(feed->reader, packet, error);
        enum feed_result result;

        if (status == 0 && feed->uses)
            status = error_set(error, ERROR_UNREADABLE, "the chunk has become shorter");
        if (status <= 0)
            return status < 0 ? FEED_FAILED : FEED_END;
        /* An empty packet would tell the decoder that the stream ends. */
        if (packet->size > 0) {
            feed->next++;
            result = judge(feed, packet, error);
            if (result == FEED_FAILED || !feed->uses || feed->uses[feed->next - 1] != PACKET_PASS) {
                feed->given++;
                return result;
            }
        }
        av_packet_unref(packet);
    }
    return FEED_END;
}

int64_t packet_feed_frame(struct packet_feed *feed, int64_t pts)
{
    const struct packet_map *map = &feed->survey.map;

    feed->came++;
    if (feed->uses) {
        while (feed->frame < (int64_t)map->count && !feed->chosen[feed->frame])
            feed->frame++;
        if (feed->frame == (int64_t)map->count || feed->survey.timeline.times[feed->frame] != pts)
            return -1;
    }
    return feed->frame++;
}

bool packet_feed_is_settled(const struct packet_feed *feed, bool has_held)
{
    return !feed->uses || feed->given - has_held == feed->came;
}

int64_t packet_feed_last(const struct packet_feed *feed)
{
    return (int64_t)feed->next - 1;
}

bool packet_feed_is_needed(const struct packet_feed *feed, int64_t packet, const struct frame_range *range)
{
    return feed->uses && packet_map_needs(&feed->survey.map, range, (size_t)packet);
}

int64_t packet_feed_read(const struct packet_feed *feed)
{
    return chunk_reader_packets(feed->reader);
}

int64_t packet_feed_passed(const struct packet_feed *feed)
{
    int64_t passed = 0;

    for (size_t i = 0; feed->uses && i < feed->survey.map.count; i++)
        passed += feed->uses[i] == PACKET_PASS;
    return passed;
}
