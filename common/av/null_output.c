#include "common/av/null_output.h"

#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/av/compat.h"

enum { BUFFER_SIZE = 1 << 16 };

struct nowhere {
    int64_t place, size; /* bytes */
};

static int write_bytes(void *opaque, compat_avio_byte *buffer, int size)
{
    struct nowhere *nowhere = opaque;

    (void)buffer;
    nowhere->place += size;
    if (nowhere->size < nowhere->place)
        nowhere->size = nowhere->place;
    return size;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct nowhere *nowhere = opaque;

    if (whence & AVSEEK_SIZE)
        return nowhere->size;
    switch (whence & ~AVSEEK_FORCE) {
    case SEEK_CUR:
        offset += nowhere->place;
        break;
    case SEEK_END:
        offset += nowhere->size;
        break;
    }
    if (offset < 0)
        return AVERROR(EINVAL);
    nowhere->place = offset;
    return offset;
}

AVIOContext *null_output_alloc(void)
{
    struct nowhere *nowhere = calloc(1, sizeof *nowhere);
    unsigned char *buffer = av_malloc(BUFFER_SIZE);
    AVIOContext *avio = NULL;

    if (nowhere && buffer)
        avio = avio_alloc_context(buffer, BUFFER_SIZE, 1, nowhere, NULL, write_bytes, seek_bytes);
    if (avio) {
        avio->min_packet_size = BUFFER_SIZE;
    } else {
        av_free(buffer);
        free(nowhere);
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
