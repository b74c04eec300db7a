/* Joins video and sound, downloaded as two files, by remuxing: no packet is changed. In a job's child. */
#ifndef TH_FETCH_MEDIA_JOIN_H
#define TH_FETCH_MEDIA_JOIN_H

#include "common/error.h"
#include "common/output/output_file.h"
#include "common/stage/jobs.h"

/* Writes the video stream of the file `video` and the sound of the file `audio` into one mp4, with unchanged
 * timestamps. must_fit: refuses sound that ends more than JOIN_TOLERANCE before or after the video. 0, or -1 and error:
 * bad_media (one of them is not whole), no_format (mp4 cannot hold what it holds, or the sound does not fit), io,
 * disk_full. */
int join_audio(const char *video, const char *audio, bool must_fit, struct output_file *mp4, struct job *job,
               struct error *error);

enum { JOIN_TOLERANCE = 2 /* seconds */ };

#endif
