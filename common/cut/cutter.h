/* Cuts a video into mp4 chunks by stream copy, with libavformat's segment muxer, at the same packets as the ffmpeg
 * program. The muxer decides which packet begins a chunk, by the option segment_time, which the caller passes to
 * cutter_begin; segmenter.h corrects where it counts from. The caller sets output->io_open and io_close2, which are
 * called for each chunk with its number as url. */
#ifndef COMMON_CUT_CUTTER_H
#define COMMON_CUT_CUTTER_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#include "common/cut/gop_list.h"
#include "common/error.h"
#include "common/output/file_stamp.h"

struct partial_file;
struct skim_file;
struct timing;

struct cutter_shift {
    int64_t ticks; /* at least 0 */
    AVRational time_base;
};

struct cutter {
    const char *path; /* of the video; the caller's */
    struct file_stamp stamp;
    /* What input reads through; both NULL: it opens the file itself. */
    struct skim_file *skim;
    struct partial_file *partial; /* of a video that was partly downloaded */
    AVFormatContext *input, *output;
    unsigned input_streams; /* known at the start; later ones are ignored */
    int video;              /* index in input */
    int *map;               /* index in output of each stream of input, -1 for none */
    struct timing *timing;
    struct gop_list gops;      /* of the video */
    struct cutter_shift shift; /* added to all times so that none is negative; known once has_begun is true */
    int64_t first_pts;         /* of the first video packet given to the muxer; AV_NOPTS_VALUE: none yet */
    bool has_begun;            /* the muxer has written a packet */
    bool from_first;           /* the muxer counts from the first pts (segmenter.h) */
    bool is_absent;            /* the data of the packet that was prepared last was not downloaded */
    bool needs_all;            /* the muxer may merge packets, so it must get all of them */
    bool is_intra_only;        /* each video packet decodes on its own */
};

/* The shift in units of time_base. */
int64_t cutter_shift_ticks(const struct cutter_shift *shift, AVRational time_base);

/* Opens the video at path, which must outlive cutter. skims: no chunk is kept, so packets may be read without their
 * picture data (skim_file.h). The video may be a partly downloaded one (partial_file.h). 0, or -1 and error
 * (unreadable, no_video, io, not_fetched). Call cutter_close in both cases. */
int cutter_open(struct cutter *cutter, const char *path, bool skims, struct error *error);

/* Makes output and its streams. 0, or -1 and error (no_format, unreadable, io). */
int cutter_make_output(struct cutter *cutter, struct error *error);

/* Writes the header, with the option of the segment muxer that says where to cut. 0 or an AVERROR code. */
int cutter_begin(struct cutter *cutter, const char *option, const char *value);

/* To be called when reading input has ended: 0, or -1 and error (not_fetched) when it needed what was not downloaded.
 */
int cutter_check_input(const struct cutter *cutter, struct error *error);

/* Turns a packet from input into one for output. 1, 0 when it is to be dropped, or -1 and error. */
int cutter_prepare(struct cutter *cutter, AVPacket *packet, struct error *error);

/* Gives the packet, or the mark of one that was not downloaded, to the muxer, which empties it. sparse: gives only the
 * video's key packets where that leads to the same cuts. source_dts is the dts as it was read. 0 or an AVERROR code. */
int cutter_feed(struct cutter *cutter, AVPacket *packet, int64_t source_dts, bool sparse);

/* Call it in io_open for each chunk: it records where the chunk begins. 0, or -1 when out of memory. */
int cutter_note_chunk(struct cutter *cutter);

/* Frees all. Chunks that are still open are closed with io_close2. */
void cutter_close(struct cutter *cutter);

#endif
