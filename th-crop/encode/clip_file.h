/* The output of a clip: an mp4 or QuickTime file, or a folder of pictures. */
#ifndef TH_CROP_ENCODE_CLIP_FILE_H
#define TH_CROP_ENCODE_CLIP_FILE_H

#include <libavcodec/avcodec.h>
#include <stdint.h>

#include "common/error.h"
#include "common/tube.h"
#include "th-crop/record.h"
#include "th-crop/sound/sound.h"

struct clip_file;

/* Opens a file that will be at path when it is finished. images: NULL, or "png" or "jpg" for a folder of numbered
 * pictures, which is there from now on. 0 and *file, or -1 and error. */
int clip_file_open(struct clip_file **file, const char *path, const char *images, struct error *error);

/* The streams of a clip. */
enum clip_stream { CLIP_VIDEO, CLIP_SOUND, CLIP_STREAM_COUNT };

/* Writes the header for the packets of codec, an open encoder, and for the sound (NULL: none). Call once, before the
 * first packet. When origin is not NULL and knows the title, the uploader, the source page or the licence, these and
 * the tube's row go into the file's metadata: many licences ask for that. 0, or -1 and error. */
int clip_file_begin(struct clip_file *file, const AVCodecContext *codec, const struct sound *sound,
                    const struct clip_origin *origin, const struct tube *tube, struct error *error);

/* Writes the header of such a stream to memory. 0 when the container ("mp4", "mov") takes it, else an AVERROR code. */
int clip_file_try(const char *container, const AVCodecParameters *parameters, AVRational time_base);

/* Writes packet, whose times are in units of time_base, and leaves it empty. 0, or -1 and error. */
int clip_file_write(struct clip_file *file, enum clip_stream stream, AVPacket *packet, AVRational time_base,
                    struct error *error);

/* Ends the file and gives it its name; *bytes gets its size. Frees *file and leaves NULL in any case. 0, or -1 and
 * error. */
int clip_file_finish(struct clip_file **file, int64_t *bytes, struct error *error);

/* Discards the file or the pictures. Frees *file and leaves NULL; takes NULL. */
void clip_file_abort(struct clip_file **file);

#endif
