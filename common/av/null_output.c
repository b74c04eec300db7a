#include "common/av/null_output.h"

#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/av/compat.h"

enum { BUFFER_SIZE = 1 << 16 };

struct null_file {
    int64_t place, size; /* bytes */
};

static int write_bytes(void *opaque, compat_avio_byte *buffer, int size)
{
    struct null_file *null_file = opaque;

    (void)buffer;
    null_file->place += size;
    if (null_file->size < null_file->place)
        null_file->size = null_file->place;
    return size;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct null_file *null_file = opaque;

    if (whence & AVSEEK_SIZE)
        return null_file->size;
    switch (whence & ~AVSEEK_FORCE) {
    case SEEK_CUR:
        offset += null_file->place;
        break;
    case SEEK_END:
        offset += null_file->size;
        break;
    }
    if (offset < 0)
        return AVERROR(EINVAL);
    null_file->place = offset;
    return offset;
}

AVIOContext *null_output_alloc(void)
{
    struct null_file *null_file = calloc(1, sizeof *null_file);
    unsigned char *buffer = av_malloc(BUFFER_SIZE);
    AVIOContext *avio = NULL;

    if (null_file && buffer)
        avio = avio_alloc_context(buffer, BUFFER_SIZE, 1, null_file, NULL, write_bytes, seek_bytes);
    if (avio) {
        avio->min_packet_size = BUFFER_SIZE;
    } else {
        av_free(buffer);
        free(null_file);
    }
    return avio;
}

void null_output_free(AVIOContext **avio)
{
    if (!*avio)
        return;
    free((*avio)->opaque);
    av_freep(&(*avio)->buffer);
    avio_context_free(avio);
}
