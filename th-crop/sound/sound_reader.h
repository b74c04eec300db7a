/* Reading the sound of a chunk for its clips. */
#ifndef TH_CROP_SOUND_SOUND_READER_H
#define TH_CROP_SOUND_SOUND_READER_H

#include <stddef.h>

#include "common/cut/chunk_file.h"
#include "common/error.h"
#include "th-crop/sound/sound.h"

/* Reads the sound of the chunk at address as far as it can be read: packets as they are, or encoded anew as AAC when
 * mp4 does not hold them. 0 and *sound (sound_free), which is NULL when there is none; note, of note_size bytes, then
 * says that it was encoded, or why there is none although the chunk has some ("" otherwise). Or -1 and error (io).
 * watch hears that work goes on. No other thread may open anything of FFmpeg's libraries meanwhile: see
 * sound_coder_open. */
int sound_read(struct sound **sound, const char *address, const struct chunk_file_watch *watch, char *note,
               size_t note_size, struct error *error);

#endif
