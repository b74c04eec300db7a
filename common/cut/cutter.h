/* A video on its way through the library's segment muxer, which cuts it into chunks of mp4 by stream copy just where
 * the `ffmpeg` program does. What becomes of the chunks is its user's business: output->io_open and io_close2 are
 * called for each of them, with its number as url. */
#ifndef COMMON_CUT_CUTTER_H
#define COMMON_CUT_CUTTER_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#include "common/cut/gop_list.h"
#include "common/error.h"
#include "common/output/file_stamp.h"

struct skim_file;
struct timing;

struct cutter_shift {
    int64_t ticks; /* at least 0 */
    AVRational time_base;
};

struct cutter {
    const char *path; /* of the video; its user's */
    struct file_stamp stamp;
    struct skim_file *skim; /* what input is read through; NULL: input has the file itself */
    AVFormatContext *input, *output;
    unsigned input_streams; /* those known at the start; later ones are passed over */
    int video;              /* index in input */
    int *map;               /* index in output of each stream of input, -1 for none */
    struct timing *timing;
    struct gop_list gops;      /* of the video */
    struct cutter_shift shift; /* what is added to all times so that none is below 0: known once has_begun is true */
    int64_t first_pts;         /* the first one of the video that the muxer was given; AV_NOPTS_VALUE: none yet */
    bool has_begun;            /* the muxer has written a packet */
    bool from_first;           /* the muxer counts times from the first one (segmenter.h) */
    bool needs_all;            /* the muxer may make one packet of several: it must be given each of them */
    bool is_intra_only;        /* each packet of the video can be decoded by itself */
};

/* The shift in units of time_base. */
int64_t cutter_shift_ticks(const struct cutter_shift *shift, AVRational time_base);

/* Begins with the file path, which must stay. skims: once the output has begun, the packets that are read need not hold
 * their pictures (skim_file.h), for no chunk is kept. 0, or -1 and error (unreadable, no_video, io). In any case
 * cutter_close is to be called. */
int cutter_open(struct cutter *cutter, const char *path, bool skims, struct error *error);

/* Makes output, without its header. 0, or -1 and error (no_format, unreadable, io). */
int cutter_make_output(struct cutter *cutter, struct error *error);

/* Writes the header, with an option of the segment muxer that says where to cut. 0 or an AVERROR code. */
int cutter_begin(struct cutter *cutter, const char *option, const char *value);

/* Makes of a packet that was read from input one for output. 1; 0 when it is to be passed over; or -1 and error. */
int cutter_prepare(struct cutter *cutter, AVPacket *packet, struct error *error);

/* Gives the muxer the packet, which is emptied; or only the video's key packets, if sparse is true and that leads to
 * the same cuts. source_dts is the packet's dts as it was read. 0 or an AVERROR code. */
int cutter_feed(struct cutter *cutter, AVPacket *packet, int64_t source_dts, bool sparse);

/* To be called from io_open for each chunk: notes where it begins. 0, or -1 when out of memory. */
int cutter_note_chunk(struct cutter *cutter);

/* Frees what it holds; what the muxer's files are goes first through io_close2. */
void cutter_close(struct cutter *cutter);

#endif
