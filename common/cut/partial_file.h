/* Reads a partly downloaded video: ID.mp4.needed, of which only the byte ranges in its note ID.mp4.needed.json are
 * there. The rest of the file are holes.
 *
 * Packets have the right times, sizes and positions, because the container's index is there. The data of a packet that
 * is not all there is replaced by a mark, and never read as video. */
#ifndef COMMON_CUT_PARTIAL_FILE_H
#define COMMON_CUT_PARTIAL_FILE_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/output/byte_ranges.h"
#include "common/stage/sandbox.h"

/* What the name of a partly downloaded video ends in: of any file, and of a video. */
#define PARTIAL_FILE_END ".needed"
#define PARTIAL_FILE_SUFFIX ".mp4" PARTIAL_FILE_END

enum { PARTIAL_FILE_NOTE_BYTES_MAX = 4 << 20 };

struct partial_file;

/* The process may read the video at path, whether it was partly downloaded or not. */
void partial_file_allow(const char *path, struct sandbox *sandbox);

/* Whether path is named like a partly downloaded video. */
bool partial_file_is_name(const char *path);

/* 0 and *file (partial_file_close), or -1 and error: io when file or note cannot be opened, or the note is not valid.
 */
int partial_file_open(struct partial_file **file, const char *path, struct error *error);

/* Closes, frees and leaves NULL; takes NULL. The demuxer that reads it must be closed before. */
void partial_file_close(struct partial_file **file);

/* For media_open_avio; owned by file. */
AVIOContext *partial_file_avio(const struct partial_file *file);

/* From now on the holes within packets of format, which must outlive the use of file, read as zeros. All other reads of
 * a hole fail, and so do all before this call. */
void partial_file_begin(struct partial_file *file, const AVFormatContext *format);

/* The first read of a hole that failed. False when there was none. */
bool partial_file_missed(const struct partial_file *file, struct byte_range *range);

/* Sets error to not_fetched when a read of a hole has failed, and returns -1; otherwise 0. */
int partial_file_check(const struct partial_file *file, const char *path, struct error *error);

/* The bytes that are there, the size of the whole file, and a descriptor of the file; owned by file. */
const struct byte_ranges *partial_file_ranges(const struct partial_file *file);
int64_t partial_file_size(const struct partial_file *file);
int partial_file_fd(const struct partial_file *file);

/* Whether all of a packet that the demuxer has read is there. If not, sets its key flag to what the container says. */
bool partial_file_holds(const struct partial_file *file, AVPacket *packet);

/* Replaces the packet's data by the mark. 0 or an AVERROR code. */
int partial_file_mark(AVPacket *packet);

/* Whether the packet's data is the mark. */
bool partial_file_is_marked(const AVPacket *packet);

#endif
