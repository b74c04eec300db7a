/* The frames of a video stream, decoded one by one. */
#ifndef TH_VERIFY_MEASURE_FRAME_READER_H
#define TH_VERIFY_MEASURE_FRAME_READER_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/stage/jobs.h"

struct frame_reader;

/* Called for faults of the stream. */
struct frame_reader_faults {
    void *self;
    /* Called for each fault; decoding goes on if it can. what is a clause without a full stop, result the AVERROR. */
    void (*tell)(void *self, const char *what, int result);
};

/* The frames of a clip: of the stream at index video of format (which must outlive *frames), from its current position.
 * Every fault is reported to faults; nothing is concealed. 0 and *frames (frame_reader_close), or -1 and error (io:
 * memory). */
int frame_reader_open_clip(struct frame_reader **frames, AVFormatContext *format, int video, struct job *job,
                           const struct frame_reader_faults *faults, struct error *error);

/* The frames of the chunk at path, turned as its container says. The decoder conceals faults where it can, as players
 * do. Frames that were not downloaded come in their places, without a picture (frame_reader_is_absent). 0 and *frames
 * (frame_reader_close), or -1 and error. */
int frame_reader_open_chunk(struct frame_reader **frames, const char *path, struct job *job, struct error *error);

/* The unit of the frames' times. */
AVRational frame_reader_time_base(const struct frame_reader *frames);

/* The next frame, owned by frames and valid until the next call; its reference may be moved away. 1, 0 after the last
 * one, or -1 and error: io (memory, reading), unreadable (a chunk that breaks off). */
int frame_reader_next(struct frame_reader *frames, AVFrame **frame, struct error *error);

/* Whether frame has a time and no picture, because it was not downloaded. */
bool frame_reader_is_absent(const AVFrame *frame);

/* True when the stream had a fault so far: later frames may show it, too, or have a wrong number. Faults before the
 * first key frame do not count, since players do not show those frames. */
bool frame_reader_is_damaged(const struct frame_reader *frames);

/* Frees and leaves NULL; takes NULL. */
void frame_reader_close(struct frame_reader **frames);

#endif
