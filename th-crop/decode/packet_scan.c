#include "th-crop/decode/packet_scan.h"

#include <stdlib.h>

#include "common/array.h"
#include "common/cut/chunk_reader.h"
#include "th-crop/decode/packet_kind.h"

/* The packets so far. */
struct notes {
    struct packet_note *array;
    size_t count, room;
    bool is_all_sound; /* what follows need not be judged once one is not */
};

/* 0, or -1 when out of memory. */
static int take(struct notes *notes, struct packet_judge *judge, const AVPacket *packet)
{
    struct packet_note note = {.pts = packet->pts};
    struct packet_note *array = array_make_room(notes->array, notes->count, &notes->room, sizeof *array);

    if (!array)
        return -1;
    notes->array = array;
    if (notes->is_all_sound)
        note.kind = packet_judge(judge, packet);
    notes->is_all_sound &= note.kind.is_sound;
    /* What an edit list discards never becomes a frame, so its time is none of the timeline's. */
    if (!packet->size || packet->flags & AV_PKT_FLAG_DISCARD)
        return 0;
    notes->array[notes->count++] = note;
    return 0;
}

/* 0, or -1 when out of memory. */
static int make_timeline(struct timeline *timeline, const struct notes *notes)
{
    int64_t *times = calloc(notes->count + 1, sizeof *times);

    if (!times)
        return -1;
    for (size_t i = 0; i < notes->count; i++) {
        times[i] = notes->array[i].pts;
        if (times[i] == AV_NOPTS_VALUE) {
            free(times);
            return 0;
        }
    }
    timeline_make(timeline, times, notes->count);
    return 0;
}

static void make_map(struct survey *survey, const struct notes *notes, const AVCodecParameters *parameters,
                     const struct packet_judge *judge, bool is_whole)
{
    if (!packet_judge_can(judge))
        survey->no_map = "its codec is not looked into";
    else if (!is_whole)
        survey->no_map = "it cannot be read to its end";
    else if (!notes->is_all_sound)
        survey->no_map = "a packet is not exactly one picture";
    else if (!survey->timeline.times)
        survey->no_map = "times are missing or doubled";
    else
        packet_map_make(&survey->map, notes->array, notes->count, parameters->video_delay, &survey->no_map);
}

int survey_read(struct survey *survey, const char *path, struct error *error)
{
    struct chunk_reader *reader = NULL;
    struct packet_judge *judge = NULL;
    struct notes notes = {.is_all_sound = true};
    AVPacket *packet = av_packet_alloc();
    const AVCodecParameters *parameters;
    struct error breaks_off;
    int result, status = -1;

    *survey = (struct survey){.timeline = {.unit = 1}};
    if (chunk_reader_open(&reader, path, error))
        goto end;
    parameters = chunk_reader_video(reader)->codecpar;
    judge = packet_judge_alloc(parameters);
    error_set(error, ERROR_IO, "out of memory");
    if (!packet || !judge)
        goto end;
    for (; (result = chunk_reader_next(reader, packet, &breaks_off)) > 0; av_packet_unref(packet))
        if (take(&notes, judge, packet))
            goto end;
    if (make_timeline(&survey->timeline, &notes))
        goto end;
    make_map(survey, &notes, parameters, judge, result == 0);
    status = 0;
end:
    free(notes.array);
    packet_judge_free(&judge);
    av_packet_free(&packet);
    chunk_reader_close(&reader);
    return status;
}

void survey_clear(struct survey *survey)
{
    timeline_clear(&survey->timeline);
    packet_map_clear(&survey->map);
}
