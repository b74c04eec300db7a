#include "th-verify/batch_queue.h"

#include <stdlib.h>
#include <string.h>

static const double quiet = 5; /* seconds */

static const char *source_of(const struct batch *batch)
{
    return batch->clips[0]->source;
}

/* A new batch of the clip (stolen on success), at the end. */
static int append(struct batch_queue *batches, struct clip *clip, bool is_ready, double time)
{
    struct batch **end = &batches->first, *batch = calloc(1, sizeof *batch);

    if (!batch)
        return -1;
    batch->clips[batch->count++] = clip;
    batch->is_ready = is_ready;
    batch->touched = time;
    while (*end)
        end = &(*end)->next;
    *end = batch;
    batches->count++;
    return 0;
}

int batch_queue_add(struct batch_queue *batches, struct clip *clip, bool gather, double time)
{
    if (!gather || !clip->source)
        return append(batches, clip, true, time);
    for (struct batch *batch = batches->first; batch; batch = batch->next) {
        if (batch->is_ready || strcmp(source_of(batch), clip->source) != 0)
            continue;
        batch->clips[batch->count++] = clip;
        batch->is_ready = batch->count == BATCH_MAX;
        batch->touched = time;
        return 0;
    }
    return append(batches, clip, false, time);
}

int batch_queue_split(struct batch_queue *batches, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->clips[i])
            continue;
        if (append(batches, batch->clips[i], true, 0))
            return -1;
        batch->clips[i] = NULL;
    }
    return 0;
}

struct batch *batch_queue_next(struct batch_queue *batches, double time, bool all)
{
    struct batch **oldest = &batches->first, *taken;

    for (struct batch **place = &batches->first; *place; place = &(*place)->next) {
        struct batch *batch = *place;

        if (batch->is_ready || all || time - batch->touched >= quiet) {
            oldest = place;
            break;
        }
        if (batch->touched < (*oldest)->touched)
            oldest = place;
    }
    taken = *oldest;
    if (!taken || !(taken->is_ready || all || time - taken->touched >= quiet || batches->count > batches->limit))
        return NULL;
    *oldest = taken->next;
    taken->next = NULL;
    batches->count--;
    return taken;
}

void batch_free(struct batch **batch)
{
    if (!*batch)
        return;
    for (size_t i = 0; i < (*batch)->count; i++)
        clip_free(&(*batch)->clips[i]);
    free(*batch);
    *batch = NULL;
}

void batch_queue_clear(struct batch_queue *batches)
{
    while (batches->first) {
        struct batch *next = batches->first->next;

        batch_free(&batches->first);
        batches->first = next;
    }
    batches->count = 0;
}
