/* Writes one clip: crops, filters if the settings or the pictures need it, encodes, and writes the file. */
#ifndef TH_CROP_ENCODE_CLIP_WRITER_H
#define TH_CROP_ENCODE_CLIP_WRITER_H

#include <libavutil/frame.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/tube.h"
#include "th-crop/decode/decoder.h"
#include "th-crop/options.h"
#include "th-crop/record.h"
#include "th-crop/sound/sound.h"

struct clip_writer;

/* What to write. Everything that is pointed to must outlive the writer. */
struct clip_writer_params {
    const char *path;
    const struct clip_origin *origin; /* for the credit, with tube */
    const struct tube *tube;
    const struct output_settings *settings;
    const struct picture_facts *facts;
    struct box box;            /* in the pictures that are added */
    const struct sound *sound; /* of the chunk, NULL when the clip gets none */
    int64_t zero;              /* time of the chunk's frame 0, in units of zero_base */
    AVRational zero_base;
    pthread_mutex_t *encoder_lock; /* held while an encoder is opened: some fill static tables */
};

/* A clip that was written. */
struct clip_made {
    int64_t bytes;
    int64_t frames; /* in the file */
    bool has_sound;
};

/* Starts a clip. `first` is its first frame, which says what its pictures are like and has time 0; it is not added yet.
 * 0 and *writer, or -1 and error. */
int clip_writer_open(struct clip_writer **writer, const struct clip_writer_params *params, const AVFrame *first,
                     struct error *error);

/* Adds the box of frame, which stays the caller's and is not changed; the encoder may keep a reference to its pixels.
 * 0, or -1 and error. */
int clip_writer_add(struct clip_writer *writer, const AVFrame *frame, struct error *error);

/* Ends the clip and gives it its final name. Frees *writer and leaves NULL in any case. 0 and *made, or -1 and error;
 * then there is no clip. */
int clip_writer_finish(struct clip_writer **writer, struct clip_made *made, struct error *error);

/* Discards the clip, frees *writer and leaves NULL; takes NULL. */
void clip_writer_abort(struct clip_writer **writer);

#endif
