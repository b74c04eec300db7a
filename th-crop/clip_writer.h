/* One clip being written: its encoder, its mp4 muxer, its file. */
#ifndef TH_CROP_CLIP_WRITER_H
#define TH_CROP_CLIP_WRITER_H

#include <libavutil/frame.h>
#include <stdint.h>

#include "common/box.h"
#include "common/error.h"
#include "th-crop/decoder.h"
#include "th-crop/options.h"

struct clip_writer;

/* Begins the clip path: box of pictures like `first`, whose time becomes 0. settings must outlive the writer. 0 and
 * *writer, or -1 and error. */
int clip_writer_open(struct clip_writer **writer, const char *path, const struct encoder_settings *settings,
                     const struct picture_facts *facts, const AVFrame *first, const struct box *box,
                     struct error *error);

/* Adds the box of frame, which stays the caller's and as it was. The encoder may keep a reference to its pixels. 0, or
 * -1 and error. */
int clip_writer_add(struct clip_writer *writer, const AVFrame *frame, struct error *error);

/* Ends the clip and gives it its name; bytes gets its size. Frees *writer and leaves NULL in any case. 0, or -1 and
 * error; then there is no file. */
int clip_writer_finish(struct clip_writer **writer, int64_t *bytes, struct error *error);

/* Throws away what was begun, frees *writer and leaves NULL; takes NULL. */
void clip_writer_abort(struct clip_writer **writer);

#endif
