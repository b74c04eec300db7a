#include "th-split/chunks.h"

#include <errno.h>
#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/array.h"
#include "common/av/media.h"
#include "common/name.h"
#include "common/output/output_file.h"

/* A chunk that the muxer has opened. */
struct chunk {
    AVIOContext *avio;        /* NULL once closed */
    struct output_file *file; /* NULL when the chunk is only counted */
    int result;               /* of closing the file: 0 or an AVERROR code */
    struct chunk_facts facts;
};

struct chunks {
    struct cutter *cutter;
    const char *dir, *id;
    chunk_is_wanted *wanted;
    const void *context;
    struct error error; /* of the last attempt to open a file; no word when that succeeded */
    struct chunk *list;
    size_t count, room, settled;
    int64_t frames; /* of the video stream, in closed chunks */
};

static char *chunk_path(const struct chunks *chunks, size_t number)
{
    char name[NAME_CHUNK_MAX + 1];

    split_index_chunk_name(name, chunks->id, number);
    return name_path(chunks->dir, name, ".mp4");
}

static bool open_file(struct chunks *chunks, struct chunk *chunk, size_t number)
{
    char *path = chunk_path(chunks, number);

    error_set(&chunks->error, ERROR_IO, "out of memory");
    if (path && !output_file_open(&chunk->file, path, &chunks->error)) {
        chunk->avio = media_avio_alloc(output_file_fd(chunk->file), MEDIA_BLOCK_LARGE);
        if (!chunk->avio)
            output_file_abort(&chunk->file);
    }
    free(path);
    return chunk->avio;
}

/* AVFormatContext.io_open: the muxer begins the next chunk. */
static int open_chunk(AVFormatContext *context, AVIOContext **avio, const char *url, int flags, AVDictionary **options)
{
    struct chunks *chunks = context->opaque;
    size_t number = chunks->count;
    struct chunk *chunk, *list;

    (void)options;
    if (flags & AVIO_FLAG_READ || strtoul(url, NULL, 10) != number)
        return AVERROR(EINVAL);
    list = array_make_room(chunks->list, chunks->count, &chunks->room, sizeof *list);
    if (!list)
        return AVERROR(ENOMEM);
    chunks->list = list;
    chunk = &chunks->list[number];
    *chunk = (struct chunk){0};
    if (!chunks->wanted || !chunks->wanted(chunks->context, number))
        chunk->avio = media_avio_alloc(-1, MEDIA_BLOCK_SMALL);
    else if (!open_file(chunks, chunk, number))
        return AVERROR(EIO);
    if (!chunk->avio)
        return AVERROR(ENOMEM);
    if (cutter_note_chunk(chunks->cutter))
        return AVERROR(ENOMEM);
    chunks->error = (struct error){0};
    chunks->count++;
    *avio = chunk->avio;
    return 0;
}

/* AVFormatContext.io_close2. The muxer also calls it after an error, so chunks_settle names the file, not this
 * function. */
static int close_chunk(AVFormatContext *context, AVIOContext *avio)
{
    struct chunks *chunks = context->opaque;
    int64_t frames;

    for (size_t i = chunks->settled; i < chunks->count; i++) {
        struct chunk *chunk = &chunks->list[i];

        if (chunk->avio != avio)
            continue;
        frames = chunks->cutter->output->streams[chunks->cutter->map[chunks->cutter->video]]->nb_frames;
        chunk->facts.frames = frames - chunks->frames;
        chunks->frames = frames;
        chunk->result = media_avio_close(&chunk->avio);
        return chunk->result;
    }
    return AVERROR(EINVAL);
}

struct chunks *chunks_alloc(struct cutter *cutter, const char *dir, const char *id, chunk_is_wanted *wanted,
                            const void *context)
{
    struct chunks *chunks = calloc(1, sizeof *chunks);

    if (!chunks)
        return NULL;
    *chunks = (struct chunks){.cutter = cutter, .dir = dir, .id = id, .wanted = wanted, .context = context};
    cutter->output->opaque = chunks;
    cutter->output->io_open = open_chunk;
    cutter->output->io_close2 = close_chunk;
    return chunks;
}

void chunks_free(struct chunks **chunks)
{
    struct chunks *c = *chunks;

    if (!c)
        return;
    for (size_t i = c->settled; i < c->count; i++) {
        (void)media_avio_close(&c->list[i].avio);
        output_file_abort(&c->list[i].file);
    }
    free(c->list);
    free(c);
    *chunks = NULL;
}

static int settle(struct chunks *chunks, struct chunk *chunk, size_t number, struct error *error)
{
    char *path;
    int status;

    if (!chunk->file)
        return 0;
    path = chunk_path(chunks, number);
    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    if (chunk->result < 0)
        status = media_error(error, ERROR_IO, chunk->result, "cannot write %s", path);
    else
        status = output_file_commit(&chunk->file, NULL, error);
    chunk->facts.is_written = !status;
    if (!status && file_stamp_read(&chunk->facts.file, path))
        status = error_set_errno(error, errno, "cannot look at %s", path);
    free(path);
    return status;
}

int chunks_settle(struct chunks *chunks, struct error *error)
{
    while (chunks->settled < chunks->count && !chunks->list[chunks->settled].avio) {
        if (settle(chunks, &chunks->list[chunks->settled], chunks->settled, error))
            return -1;
        chunks->settled++;
    }
    return 0;
}

bool chunks_failure(const struct chunks *chunks, struct error *error)
{
    if (chunks->error.word) {
        *error = chunks->error;
        return true;
    }
    for (size_t i = chunks->settled; i < chunks->count; i++) {
        const struct chunk *chunk = &chunks->list[i];
        int result = chunk->avio ? chunk->avio->error : chunk->result;

        if (result >= 0)
            continue;
        media_error(error, ERROR_IO, result, "cannot write chunk %zu", i);
        return true;
    }
    return false;
}

void chunks_undo(struct chunks *chunks)
{
    for (size_t i = 0; i < chunks->count; i++) {
        char *path = chunks->list[i].facts.is_written ? chunk_path(chunks, i) : NULL;

        if (path)
            unlink(path);
        free(path);
    }
}

/* Adds what is known only at the end of the video. */
static void complete_facts(const struct cutter *cutter, double seconds, size_t number, struct chunk_facts *facts)
{
    AVRational time_base = cutter->output->streams[cutter->map[cutter->video]]->time_base;
    int64_t frames;
    struct gop chunk = gop_list_chunk(&cutter->gops, number, &frames);

    if (frames) {
        facts->start = (double)av_rescale_q(chunk.start, time_base, AV_TIME_BASE_Q) / AV_TIME_BASE;
        facts->duration = (double)av_rescale_q(chunk.end - chunk.start, time_base, AV_TIME_BASE_Q) / AV_TIME_BASE;
    }
    if (!cutter->gops.is_unsure)
        facts->frames = frames;
    facts->has_range = chunk_range_make(&facts->range, cutter, seconds, number);
}

struct chunk_facts *chunks_take(const struct chunks *chunks, double seconds, size_t *count)
{
    struct chunk_facts *facts = calloc(chunks->settled + 1, sizeof *facts);

    for (size_t i = 0; facts && i < chunks->settled; i++) {
        facts[i] = chunks->list[i].facts;
        complete_facts(chunks->cutter, seconds, i, &facts[i]);
    }
    *count = chunks->settled;
    return facts;
}
