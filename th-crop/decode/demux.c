#include "th-crop/decode/demux.h"

#include <stdlib.h>
#include <string.h>

#include "common/cut/chunk_reader.h"
#include "th-crop/decode/packet_scan.h"

struct demux {
    struct chunk_reader *reader;
    char *path;
    struct packet_scan scan;
    enum packet_use *uses; /* of each packet of the map; NULL: all are given */
    size_t end;            /* packets from here on are not needed */
    size_t next;           /* packet to be read */
    unsigned char *chosen; /* by number: a frame that a given packet becomes */
    size_t given, came;    /* packets given, frames that came */
    int64_t frame;         /* number of the next frame that can come */
};

int demux_open(struct demux **demux, const char *path, struct error *error)
{
    struct demux *f = calloc(1, sizeof *f);

    *demux = f;
    if (f)
        f->path = strdup(path);
    if (!f || !f->path)
        error_set(error, ERROR_IO, "out of memory");
    else if (!chunk_reader_open(&f->reader, path, error) && !packet_scan_read(&f->scan, path, error))
        return 0;
    demux_close(demux);
    return -1;
}

static void forget_choice(struct demux *demux)
{
    free(demux->uses);
    free(demux->chosen);
    demux->uses = NULL;
    demux->chosen = NULL;
}

void demux_close(struct demux **demux)
{
    if (!*demux)
        return;
    forget_choice(*demux);
    packet_scan_clear(&(*demux)->scan);
    chunk_reader_close(&(*demux)->reader);
    free((*demux)->path);
    free(*demux);
    *demux = NULL;
}

AVFormatContext *demux_format(const struct demux *demux)
{
    return chunk_reader_format(demux->reader);
}

AVStream *demux_video(const struct demux *demux)
{
    return chunk_reader_video(demux->reader);
}

const struct packet_times *demux_timeline(const struct demux *demux)
{
    return &demux->scan.timeline;
}

const struct packet_map *demux_map(const struct demux *demux, const char **why)
{
    if (why)
        *why = demux->scan.no_map;
    return demux->scan.no_map ? NULL : &demux->scan.map;
}

/* Reads from the first packet on. 0, or -1 and error. */
static int rewind_reader(struct demux *demux, struct error *error)
{
    if (!demux_read(demux))
        return 0;
    chunk_reader_close(&demux->reader);
    demux->next = demux->given = demux->came = 0;
    demux->frame = 0;
    return chunk_reader_open(&demux->reader, demux->path, error);
}

int demux_choose(struct demux *demux, const struct frame_range *ranges, size_t count, struct error *error)
{
    const struct packet_map *map = &demux->scan.map;

    forget_choice(demux);
    if (rewind_reader(demux, error))
        return -1;
    if (demux->scan.no_map)
        return 0;
    demux->uses = calloc(map->count, sizeof *demux->uses);
    demux->chosen = calloc(map->count, 1);
    if (!demux->uses || !demux->chosen || packet_map_choose(map, ranges, count, demux->uses)) {
        forget_choice(demux);
        return error_set(error, ERROR_IO, "out of memory");
    }
    demux->end = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (demux->uses[i] == PACKET_SKIP)
            continue;
        demux->chosen[map->packets[i].frame] = 1;
        demux->end = i + 1;
    }
    return 0;
}

void demux_drop_map(struct demux *demux)
{
    if (!demux->scan.no_map)
        demux->scan.no_map = "frames did not come as expected";
}

/* The packet that was read as number demux->next - 1: what the scan says of it. */
static enum demux_result judge(struct demux *demux, const AVPacket *packet, struct error *error)
{
    const struct packet_map *map = &demux->scan.map;
    size_t index = demux->next - 1;

    if (!demux->uses)
        return DEMUX_PACKET;
    if (index >= map->count || packet->pts != map->packets[index].pts) {
        error_set(error, ERROR_UNREADABLE, "packet %zu of the chunk is another than before", index);
        return DEMUX_FAILED;
    }
    return demux->uses[index] == PACKET_RESTART && demux->given ? DEMUX_RESTART : DEMUX_PACKET;
}

enum demux_result demux_next(struct demux *demux, AVPacket *packet, struct error *error)
{
    while (!demux->uses || demux->next < demux->end) {
        int status = chunk_reader_next(demux->reader, packet, error);
        enum demux_result result;

        if (status == 0 && demux->uses)
            status = error_set(error, ERROR_UNREADABLE, "the chunk has become shorter");
        if (status <= 0)
            return status < 0 ? DEMUX_FAILED : DEMUX_END;
        /* An empty packet would tell the decoder that the stream ends. */
        if (packet->size > 0) {
            demux->next++;
            result = judge(demux, packet, error);
            if (result == DEMUX_FAILED || !demux->uses || demux->uses[demux->next - 1] != PACKET_SKIP) {
                demux->given++;
                return result;
            }
        }
        av_packet_unref(packet);
    }
    return DEMUX_END;
}

int64_t demux_frame(struct demux *demux, int64_t pts)
{
    const struct packet_map *map = &demux->scan.map;

    demux->came++;
    if (demux->uses) {
        while (demux->frame < (int64_t)map->count && !demux->chosen[demux->frame])
            demux->frame++;
        if (demux->frame == (int64_t)map->count || demux->scan.timeline.times[demux->frame] != pts)
            return -1;
    }
    return demux->frame++;
}

bool demux_is_settled(const struct demux *demux, bool has_held)
{
    return !demux->uses || demux->given - has_held == demux->came;
}

int64_t demux_last(const struct demux *demux)
{
    return (int64_t)demux->next - 1;
}

bool demux_is_needed(const struct demux *demux, int64_t packet, const struct frame_range *range)
{
    return demux->uses && packet_map_needs(&demux->scan.map, range, (size_t)packet);
}

int64_t demux_read(const struct demux *demux)
{
    return chunk_reader_packets(demux->reader);
}

int64_t demux_passed(const struct demux *demux)
{
    int64_t passed = 0;

    for (size_t i = 0; demux->uses && i < demux->scan.map.count; i++)
        passed += demux->uses[i] == PACKET_SKIP;
    return passed;
}
