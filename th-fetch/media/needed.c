#include "th-fetch/media/needed.h"

#include <inttypes.h>
#include <libavutil/mathematics.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "common/av/media.h"
#include "common/av/media_whole.h"
#include "common/av/packet_map.h"
#include "common/cut/cutter.h"
#include "common/cut/partial_file.h"
#include "th-fetch/media/box_walk.h"
#include "th-fetch/selection.h"

enum {
    SECONDS = 60,        /* of a chunk: as the tube lists were made */
    LEAD = 64,           /* packets at the beginning of a chunk: what libavformat reads to know the stream */
    TAIL = 96,           /* packets behind the last frame, where all are decoded: 16 for the decoder's delay, and those
                            that th-crop waits for to know that a frame is undamaged (FRAME_GATE_WINDOW) */
    GAP_BYTES = 1 << 12, /* between packets that are wanted: packets of sound */
    MISSED_BLOCK = 1 << 18, /* bytes wanted where a read failed */
    NEARLY_ALL = 95         /* percent of the file from which all of it is downloaded */
};

static const int64_t MARGIN = 500000; /* microseconds before the time of a cut */

/* A packet of the video stream. */
struct packet {
    int64_t pos, size;
    int64_t time; /* muxer time in microseconds; AV_NOPTS_VALUE: not known */
    bool is_key;
    struct packet_note note;
};

struct search {
    const struct needed_request *request;
    struct needed_answer *answer;
    struct cutter cutter;
    struct bitstream *bitstream;
    struct packet *packets;
    size_t count, room;
    bool is_missing; /* a packet that is wanted is not there */
};

/* Sets the answer. Returns -1, so that a search can leave with it. */
static int need_whole(struct needed_answer *answer, const char *why)
{
    answer->kind = NEEDED_WHOLE;
    snprintf(answer->why, sizeof answer->why, "%s", why);
    return -1;
}

static int no_memory(struct needed_answer *answer)
{
    return need_whole(answer, "memory ran out");
}

/* 0, or -1 with the answer. */
static int want_packet(struct search *search, size_t number)
{
    const struct packet *packet = &search->packets[number];

    search->is_missing |= packet->note.is_absent;
    return byte_ranges_add(&search->answer->wanted, packet->pos, packet->pos + packet->size) ? no_memory(search->answer)
                                                                                             : 0;
}

static int want_packets(struct search *search, size_t from, size_t to)
{
    int status = 0;

    for (size_t i = from; i < to && !status; i++)
        status = want_packet(search, i);
    return status;
}

/* io_open: chunks are only counted. */
static int open_chunk(AVFormatContext *context, AVIOContext **avio, const char *url, int flags, AVDictionary **options)
{
    struct search *search = context->opaque;

    (void)url;
    (void)options;
    if (flags & AVIO_FLAG_READ)
        return AVERROR(EINVAL);
    *avio = media_avio_alloc(-1, MEDIA_BLOCK_SMALL);
    return *avio && !cutter_note_chunk(&search->cutter) ? 0 : AVERROR(ENOMEM);
}

/* io_close2. */
static int close_chunk(AVFormatContext *context, AVIOContext *avio)
{
    (void)context;
    (void)media_avio_close(&avio);
    return 0;
}

/* Notes the packet, which was prepared. 0, or -1 with the answer. */
static int note_packet(struct search *search, const AVPacket *packet)
{
    const struct cutter *cutter = &search->cutter;
    AVRational time_base = cutter->output->streams[packet->stream_index]->time_base;
    struct packet *packets = array_make_room(search->packets, search->count, &search->room, sizeof *packets);
    struct packet *noted;

    if (!packets)
        return no_memory(search->answer);
    search->packets = packets;
    noted = &packets[search->count++];
    *noted = (struct packet){.pos = packet->pos,
                             .size = packet->size,
                             .time = AV_NOPTS_VALUE,
                             .is_key = packet->flags & AV_PKT_FLAG_KEY,
                             .note = {.pts = packet->pts, .is_absent = cutter->is_absent}};
    if (packet->pts != AV_NOPTS_VALUE)
        noted->time = av_rescale_q(av_sat_add64(packet->pts, cutter_shift_ticks(&cutter->shift, time_base)), time_base,
                                   AV_TIME_BASE_Q);
    if (packet->pos < 0)
        return need_whole(search->answer, "the positions of its packets are not known");
    if (!cutter->is_absent)
        noted->note.kind = bitstream_kind(search->bitstream, packet);
    return 0;
}

/* 0, or -1 with the answer. */
static int take_packet(struct search *search, AVPacket *packet)
{
    struct cutter *cutter = &search->cutter;
    int64_t source_dts = packet->dts;
    struct error error;
    int status = cutter_prepare(cutter, packet, &error);

    if (status < 0)
        return need_whole(search->answer, "its packets cannot be read");
    if (!status)
        return 0;
    if (packet->stream_index == cutter->map[cutter->video] && note_packet(search, packet))
        return -1;
    return cutter_feed(cutter, packet, source_dts, true) < 0 ? need_whole(search->answer, "mp4 cannot hold its packets")
                                                             : 0;
}

/* Adds what a failed read has asked for to wanted. True when there was one. */
static bool has_missed(struct search *search)
{
    struct byte_range missed;

    if (!search->cutter.partial || !partial_file_missed(search->cutter.partial, &missed))
        return false;
    if (byte_ranges_add(&search->answer->wanted, missed.from, FFMAX(missed.to, missed.from + MISSED_BLOCK)))
        no_memory(search->answer);
    return true;
}

/* Reads all packets, as th-split does when it only counts. 0, or -1 with the answer. */
static int read_packets(struct search *search, struct job *job)
{
    AVFormatContext *input = search->cutter.input;
    AVPacket *packet = av_packet_alloc();
    int status = 0, result = 0;

    if (!packet)
        return no_memory(search->answer);
    while (!status && (result = av_read_frame(input, packet)) >= 0) {
        if (job)
            job_alive(job);
        status = has_missed(search) ? -1 : take_packet(search, packet);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    if (has_missed(search))
        return -1;
    if (!status && (result != AVERROR_EOF || av_write_trailer(search->cutter.output) < 0))
        return need_whole(search->answer, "its packets cannot be read to the end");
    return status;
}

/* Opens the video and reads its packets. 0, or -1 with the answer. */
static int scan(struct search *search, struct job *job)
{
    struct cutter *cutter = &search->cutter;
    char seconds[20];
    struct error error;

    snprintf(seconds, sizeof seconds, "%d", SECONDS);
    if (cutter_open(cutter, search->request->path, false, &error) || cutter_make_output(cutter, &error))
        return has_missed(search) ? -1 : need_whole(search->answer, error.message);
    if (!strstr(cutter->input->iformat->name, "mp4"))
        return need_whole(search->answer, "only mp4 files say where their packets are");
    if (media_whole_check_index(cutter->input, cutter->stamp.size, &error))
        return need_whole(search->answer, error.message);
    cutter->output->opaque = search;
    cutter->output->io_open = open_chunk;
    cutter->output->io_close2 = close_chunk;
    search->bitstream = bitstream_alloc(cutter->input->streams[cutter->video]->codecpar);
    if (!search->bitstream)
        return no_memory(search->answer);
    if (cutter_begin(cutter, "segment_time", seconds) < 0)
        return need_whole(search->answer, "mp4 cannot hold its streams");
    if (read_packets(search, job))
        return -1;
    if (cutter->gops.is_unsure)
        return need_whole(search->answer, "its chunks do not begin with key frames");
    return 0;
}

/* Whether the chunks up to `number` begin in their own minute each. Then a key frame that the container does not mark
 * could begin a chunk earlier, but could not give it another number. */
static bool has_sure_number(const struct search *search, size_t number)
{
    int64_t frames;

    for (size_t i = 1; i <= number; i++) {
        struct gop chunk = gop_list_chunk(&search->cutter.gops, i, &frames);
        int64_t time = frames ? search->packets[chunk.first].time : AV_NOPTS_VALUE;

        if (time == AV_NOPTS_VALUE || time >= (int64_t)(i + 1) * SECONDS * AV_TIME_BASE)
            return false;
    }
    return true;
}

/* The packets before the chunk in which it would begin if one of them were a key frame. */
static int want_cut(struct search *search, size_t number, size_t first)
{
    int64_t cut = (int64_t)number * SECONDS * AV_TIME_BASE - MARGIN;
    size_t from = first;

    while (number && from > 0 && search->packets[from - 1].time >= cut)
        from--;
    return want_packets(search, from, first);
}

/* Compares by the time, for sorting. */
struct ranked {
    int64_t pts;
    size_t packet;
};

/* Where all packets are decoded: those up to the last frame. */
static int want_all_to(struct search *search, size_t first, size_t count, int64_t last)
{
    struct ranked *ranked = calloc(count, sizeof *ranked);
    size_t end = 0;

    if (!ranked)
        return no_memory(search->answer);
    for (size_t i = 0; i < count; i++) {
        ranked[i] = (struct ranked){search->packets[first + i].note.pts, i};
        if (ranked[i].pts == AV_NOPTS_VALUE)
            last = INT64_MAX;
    }
    qsort(ranked, count, sizeof *ranked, array_compare_int64);
    for (size_t i = 0; i < count && (int64_t)i <= last; i++)
        end = FFMAX(end, ranked[i].packet + 1);
    free(ranked);
    return want_packets(search, first, FFMIN(first + count, first + end + TAIL));
}

/* The map of the chunk's packets. is_guess: by what the container says of them; otherwise as th-crop will make it.
 * False when there is none. */
static bool make_map(const struct search *search, size_t first, size_t count, bool is_guess, struct packet_map *map)
{
    int delay = search->cutter.input->streams[search->cutter.video]->codecpar->video_delay;
    struct packet_note *notes = calloc(count, sizeof *notes);
    bool is_made;

    if (!notes)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct packet *packet = &search->packets[first + i];

        notes[i] = packet->note;
        if (is_guess)
            notes[i] = (struct packet_note){.pts = notes[i].pts,
                                            .kind = {.is_one_picture = true, .is_random_access = packet->is_key}};
    }
    is_made = !packet_map_make(map, notes, count, delay);
    free(notes);
    return is_made;
}

/* Wants the packets that the map chooses for the ranges. 0, or -1 with the answer. */
static int want_chosen(struct search *search, size_t first, const struct packet_map *map,
                       const struct frame_range *ranges, size_t count)
{
    enum packet_use *uses = calloc(map->count, sizeof *uses);
    int status = 0;

    if (!uses || packet_map_choose(map, ranges, count, uses))
        status = no_memory(search->answer);
    for (size_t i = 0; i < map->count && !status; i++)
        if (uses[i] != PACKET_SKIP)
            status = want_packet(search, first + i);
    free(uses);
    return status;
}

/* Wants what the frames of the ranges need, in the chunk of count packets from first on. last: the highest frame. */
static int want_frames(struct search *search, size_t first, size_t count, const struct frame_range *ranges,
                       size_t range_count, int64_t last)
{
    struct packet_map map = {0};
    int status = 0;

    if (!bitstream_is_known(search->bitstream) || !make_map(search, first, count, true, &map))
        return want_all_to(search, first, count, last);
    status = want_chosen(search, first, &map, ranges, range_count);
    packet_map_clear(&map);
    if (status || search->is_missing)
        return status;
    if (!make_map(search, first, count, false, &map))
        return want_all_to(search, first, count, last);
    status = want_chosen(search, first, &map, ranges, range_count);
    packet_map_clear(&map);
    return status;
}

/* Wants what the tubes of the chunk need. 0, or -1 with the answer. */
static int want_chunk(struct search *search, const struct tube_chunk *chunk, size_t number)
{
    const struct tube_list *tubes = search->request->tubes;
    struct frame_range *ranges = calloc(chunk->count, sizeof *ranges);
    struct gop group;
    int64_t frames, last = -1;
    size_t count = 0;
    int status = -1;

    if (!ranges)
        return no_memory(search->answer);
    group = gop_list_chunk(&search->cutter.gops, FFMIN(number, search->cutter.gops.cut_count), &frames);
    for (size_t i = chunk->first; i < chunk->first + chunk->count; i++) {
        const struct tube *tube = &tubes->rows[i].tube;

        if (!selection_passes(tube, search->request->settings))
            continue;
        ranges[count++] = (struct frame_range){tube->start, tube->end};
        last = FFMAX(last, tube->end);
    }
    if (number > search->cutter.gops.cut_count) /* unless a key frame is not marked, the video has no such chunk */
        status = want_cut(search, search->cutter.gops.cut_count + 1, search->count);
    else if (!has_sure_number(search, number))
        need_whole(search->answer, "its key frames are further apart than a chunk is long");
    else if (!count || !frames)
        status = 0;
    else if (!want_cut(search, number, (size_t)group.first) &&
             !want_packets(search, (size_t)group.first, (size_t)(group.first + FFMIN(frames, LEAD))))
        status = want_frames(search, (size_t)group.first, (size_t)frames, ranges, count, last);
    free(ranges);
    return status;
}

static int want_chunks(struct search *search)
{
    const struct tube_list *tubes = search->request->tubes;
    size_t first, count = tube_list_video(tubes, search->request->id, &first);
    int status = 0;

    for (size_t i = first; i < first + count && !status; i++) {
        long number;

        (void)name_chunk_id(tubes->chunks[i].name, &number);
        if (number >= 0)
            status = want_chunk(search, &tubes->chunks[i], (size_t)number);
    }
    return status;
}

static void describe(const struct search *search)
{
    struct media_facts facts;

    media_facts(search->cutter.input, search->cutter.video, &facts);
    search->answer->bytes = byte_ranges_bytes(partial_file_ranges(search->cutter.partial));
    search->answer->width = facts.width;
    search->answer->height = facts.height;
    search->answer->fps = facts.fps.num > 0 ? av_q2d(facts.fps) : 0;
}

static void run(struct search *search, struct job *job)
{
    struct needed_answer *answer = search->answer;

    if (scan(search, job) || want_chunks(search))
        return;
    if (byte_ranges_bytes(&answer->wanted) > search->cutter.stamp.size / 100 * NEARLY_ALL)
        need_whole(answer, "nearly all of it is needed");
    else if (!search->is_missing)
        answer->kind = NEEDED_DONE;
    describe(search);
    byte_ranges_join(&answer->wanted, GAP_BYTES);
}

/* Sets the answer to the boxes that are wanted next. 0 when all are there, otherwise -1, with error only when the file
 * cannot be read. */
static int walk(const struct needed_request *request, struct needed_answer *answer, struct error *error)
{
    struct partial_file *file;
    const char *why;

    if (partial_file_open(&file, request->path, error))
        return -1;
    why = box_walk(file, &answer->wanted);
    partial_file_close(&file);
    if (why)
        need_whole(answer, why);
    return why || answer->wanted.count ? -1 : 0;
}

int needed_find(const struct needed_request *request, struct job *job, struct needed_answer *answer,
                struct error *error)
{
    struct search search = {.request = request, .answer = answer};

    *answer = (struct needed_answer){.kind = NEEDED_MORE};
    *error = (struct error){0};
    if (!walk(request, answer, error))
        run(&search, job);
    bitstream_free(&search.bitstream);
    cutter_close(&search.cutter);
    free(search.packets);
    return error->word == ERROR_NONE ? 0 : -1;
}

void needed_clear(struct needed_answer *answer)
{
    byte_ranges_clear(&answer->wanted);
}
