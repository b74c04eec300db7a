#include "common/cut/gop_list.h"

#include <libavutil/avutil.h>
#include <libavutil/common.h>
#include <stdlib.h>

#include "common/array.h"

/* FNV-1a, but with 64 bits per step. */
static uint64_t hash_value(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * UINT64_C(0x100000001B3);
}

static uint64_t hash_packet(uint64_t sum, const AVPacket *packet)
{
    sum = hash_value(sum, (uint64_t)packet->pts);
    sum = hash_value(sum, (uint64_t)packet->dts);
    sum = hash_value(sum, (uint64_t)packet->duration);
    sum = hash_value(sum, (uint64_t)packet->size);
    return hash_value(sum, (uint64_t)packet->flags);
}

int gop_list_note(struct gop_list *list, const AVPacket *packet, int64_t source_dts, bool is_fed)
{
    int64_t start = packet->pts == AV_NOPTS_VALUE ? packet->dts : packet->pts;
    struct gop *gop;

    if (packet->flags & AV_PKT_FLAG_KEY || !list->count) {
        struct gop *gops = array_make_room(list->gops, list->count, &list->room, sizeof *gops);

        if (!gops)
            return -1;
        list->gops = gops;
        list->gops[list->count++] = (struct gop){.first = list->packets,
                                                 .fed = list->fed,
                                                 .start = INT64_MAX,
                                                 .end = INT64_MIN,
                                                 .pts = packet->pts,
                                                 .source_dts = source_dts};
    }
    gop = &list->gops[list->count - 1];
    gop->start = FFMIN(gop->start, start);
    gop->end = FFMAX(gop->end, av_sat_add64(start, packet->duration));
    gop->sum = hash_packet(gop->sum, packet);
    list->packets++;
    list->fed += is_fed;
    return 0;
}

int gop_list_cut(struct gop_list *list, int64_t written)
{
    size_t gop = list->cut_count ? list->cuts[list->cut_count - 1] : 0;
    size_t *cuts = array_make_room(list->cuts, list->cut_count, &list->cut_room, sizeof *cuts);

    if (!cuts)
        return -1;
    list->cuts = cuts;
    while (gop < list->count && list->gops[gop].fed < written)
        gop++;
    list->is_unsure |= gop == list->count || list->gops[gop].fed != written;
    list->cuts[list->cut_count++] = gop;
    return 0;
}

struct gop gop_list_chunk(const struct gop_list *list, size_t number, int64_t *frames)
{
    size_t first = number ? list->cuts[number - 1] : 0;
    size_t end = number < list->cut_count ? list->cuts[number] : list->count;
    struct gop all = {.first = list->packets, .pts = AV_NOPTS_VALUE, .source_dts = AV_NOPTS_VALUE};

    if (first < end)
        all = list->gops[first];
    for (size_t i = first + 1; i < end; i++) {
        all.start = FFMIN(all.start, list->gops[i].start);
        all.end = FFMAX(all.end, list->gops[i].end);
        all.sum = hash_value(all.sum, list->gops[i].sum);
    }
    *frames = (end < list->count ? list->gops[end].first : list->packets) - all.first;
    return all;
}

void gop_list_clear(struct gop_list *list)
{
    free(list->gops);
    free(list->cuts);
    *list = (struct gop_list){0};
}
