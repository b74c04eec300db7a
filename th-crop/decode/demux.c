#include "th-crop/decode/demux.h"

#include <stdlib.h>

#include "common/cut/partial_file.h"

struct demux {
    struct chunk_reader *reader;
    const char *path;
    const struct packet_scan *scan;
    enum packet_use *uses; /* of each packet of the map; NULL: all are returned */
    size_t end;            /* packets from here on are not needed */
    size_t next;           /* number of the next packet to be read */
    unsigned char *chosen; /* by number: whether a packet that is returned becomes this frame */
    size_t sent, came;     /* packets returned, frames that came */
    int64_t frame;         /* number of the next frame that can come */
};

int demux_open(struct demux **demux, const char *path, const struct packet_scan *scan, struct error *error)
{
    *demux = calloc(1, sizeof **demux);
    if (!*demux)
        return error_set(error, ERROR_IO, "out of memory");
    **demux = (struct demux){.path = path, .scan = scan};
    return chunk_reader_open(&(*demux)->reader, path, error);
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
    chunk_reader_close(&(*demux)->reader);
    free(*demux);
    *demux = NULL;
}

const struct chunk_reader *demux_reader(const struct demux *demux)
{
    return demux->reader;
}

/* Goes back to the first packet. 0, or -1 and error. */
static int rewind_reader(struct demux *demux, struct error *error)
{
    if (!chunk_reader_packets(demux->reader))
        return 0;
    chunk_reader_close(&demux->reader);
    demux->next = demux->sent = demux->came = 0;
    demux->frame = 0;
    return chunk_reader_open(&demux->reader, demux->path, error);
}

int demux_choose(struct demux *demux, const struct frame_range *ranges, size_t count, struct error *error)
{
    const struct packet_map *map = &demux->scan->map;

    forget_choice(demux);
    if (rewind_reader(demux, error))
        return -1;
    if (demux->scan->no_map)
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

enum demux_result demux_next(struct demux *demux, AVPacket *packet, int64_t *number, struct error *error)
{
    const struct packet_map *map = &demux->scan->map;

    for (; !demux->uses || demux->next < demux->end; av_packet_unref(packet)) {
        int status = chunk_reader_next(demux->reader, packet, error);
        enum packet_use use = PACKET_DECODE;

        if (status == 0 && demux->uses)
            status = error_set(error, ERROR_UNREADABLE, "the chunk has become shorter");
        if (status <= 0)
            return status < 0 ? DEMUX_FAILED : DEMUX_END;
        if (!packet->size) /* to the decoder it would be the end of the stream */
            continue;
        *number = (int64_t)demux->next++;
        if (demux->uses) {
            if ((size_t)*number >= map->count || packet->pts != map->packets[*number].pts) {
                error_set(error, ERROR_UNREADABLE, "packet %lld of the chunk is another than before",
                          (long long)*number);
                return DEMUX_FAILED;
            }
            use = demux->uses[*number];
        }
        if (use != PACKET_SKIP && partial_file_is_marked(packet)) {
            error_set(error, ERROR_NOT_FETCHED, "packet %lld of the chunk was not downloaded", (long long)*number);
            return DEMUX_FAILED;
        }
        if (use != PACKET_SKIP)
            return demux->sent++ && use == PACKET_RESTART ? DEMUX_RESTART : DEMUX_PACKET;
    }
    return DEMUX_END;
}

int64_t demux_frame(struct demux *demux, int64_t pts)
{
    const struct packet_map *map = &demux->scan->map;

    demux->came++;
    if (demux->uses) {
        while (demux->frame < (int64_t)map->count && !demux->chosen[demux->frame])
            demux->frame++;
        if (demux->frame == (int64_t)map->count || demux->scan->times[demux->frame] != pts)
            return -1;
    }
    return demux->frame++;
}

bool demux_has_all_frames(const struct demux *demux, bool has_held)
{
    return !demux->uses || demux->sent - has_held == demux->came;
}

int64_t demux_skipped(const struct demux *demux)
{
    int64_t skipped = 0;

    for (size_t i = 0; demux->uses && i < demux->scan->map.count; i++)
        skipped += demux->uses[i] == PACKET_SKIP;
    return skipped;
}
