/* Reads the sound of a chunk for its clips. */
#ifndef TH_CROP_SOUND_SOUND_READER_H
#define TH_CROP_SOUND_SOUND_READER_H

#include <stddef.h>

#include "common/cut/chunk_file.h"
#include "common/error.h"
#include "th-crop/sound/sound.h"

/* Reads the sound of the chunk at address up to its end or to damage. Packets are copied, or encoded as AAC when mp4
 * does not hold them. 0 and *sound (sound_free), NULL when there is none; or -1 and error (io). note, of note_size
 * bytes, says that it was encoded, or why it is NULL although the chunk has sound; else it is "". watch is called for
 * each packet. No other thread may open anything of FFmpeg meanwhile: see sound_coder_open. */
int sound_read(struct sound **sound, const char *address, const struct chunk_file_watch *watch, char *note,
               size_t note_size, struct error *error);

#endif
