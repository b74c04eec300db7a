#include "th-crop/plan/plan.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/name.h"

/* A node of tsearch() begins with a pointer to the element. */
#define FOUND(type, node) (*(type **)(node))

static int compare_videos(const void *a, const void *b)
{
    return strcmp(((const struct plan_video *)a)->id, ((const struct plan_video *)b)->id);
}

static int compare_chunks(const void *a, const void *b)
{
    return strcmp(((const struct plan_chunk *)a)->name, ((const struct plan_chunk *)b)->name);
}

/* Ignores H and W, which are not part of a clip's name. */
static int compare_requests(const void *a, const void *b)
{
    const struct tube *p = &((const struct plan_request *)a)->tube, *q = &((const struct plan_request *)b)->tube;
    const int32_t x[] = {p->start, p->end, p->left, p->top, p->right, p->bottom};
    const int32_t y[] = {q->start, q->end, q->left, q->top, q->right, q->bottom};

    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

static void free_video(void *node)
{
    struct plan_video *video = node;

    free(video->id);
    json_decref(video->lineage);
    free(video);
}

static void free_chunk(void *node)
{
    struct plan_chunk *chunk = node;

    tdestroy(chunk->request_index, free);
    free(chunk->name);
    free(chunk->source);
    json_decref(chunk->range);
    free(chunk);
}

struct plan *plan_alloc(const struct tube_list *list)
{
    struct plan *plan = calloc(1, sizeof *plan);

    if (!plan)
        return NULL;
    plan->list = list;
    plan->chunks_end = &plan->chunks;
    plan->queue_end = &plan->queue;
    return plan;
}

void plan_free(struct plan **plan)
{
    if (!*plan)
        return;
    tdestroy((*plan)->chunk_index, free_chunk);
    tdestroy((*plan)->videos, free_video);
    while ((*plan)->refusals) {
        struct refusal *next = (*plan)->refusals->next;

        free((*plan)->refusals);
        (*plan)->refusals = next;
    }
    free(*plan);
    *plan = NULL;
}

/* The video whose id is the first length bytes of id; added when it is new. NULL when out of memory. */
static struct plan_video *find_video(struct plan *plan, const char *id, size_t length)
{
    struct plan_video *video = calloc(1, sizeof *video);
    void *node;

    if (!video || !(video->id = strndup(id, length)))
        goto fail;
    node = tsearch(video, &plan->videos, compare_videos);
    if (!node)
        goto fail;
    if (FOUND(struct plan_video, node) != video)
        free_video(video);
    return FOUND(struct plan_video, node);
fail:
    free(video);
    return NULL;
}

struct plan_chunk *plan_chunk(struct plan *plan, const char *name)
{
    struct plan_chunk key = {.name = (char *)name}, *chunk;
    void *node = tfind(&key, &plan->chunk_index, compare_chunks);

    if (node)
        return FOUND(struct plan_chunk, node);
    chunk = calloc(1, sizeof *chunk);
    if (!chunk)
        return NULL;
    chunk->requests_end = &chunk->requests;
    chunk->name = strdup(name);
    chunk->video = find_video(plan, name, name_chunk_id(name, NULL));
    if (!chunk->name || !chunk->video || !tsearch(chunk, &plan->chunk_index, compare_chunks)) {
        free_chunk(chunk);
        return NULL;
    }
    chunk->next_of_video = chunk->video->chunks;
    chunk->video->chunks = chunk;
    *plan->chunks_end = chunk;
    plan->chunks_end = &chunk->next;
    return chunk;
}

static uint32_t requested_records(const struct plan_request *request)
{
    uint32_t most = 0;

    for (int i = 0; i < PLAN_SOURCE_COUNT; i++)
        if (request->named[i] > most)
            most = request->named[i];
    return most;
}

static struct plan_request *find_request(struct plan_chunk *chunk, const struct tube *tube)
{
    struct plan_request *request = calloc(1, sizeof *request);
    void *node = NULL;

    if (request) {
        request->tube = *tube;
        node = tsearch(request, &chunk->request_index, compare_requests);
    }
    if (!node || FOUND(struct plan_request, node) != request) {
        free(request);
        return node ? FOUND(struct plan_request, node) : NULL;
    }
    *chunk->requests_end = request;
    chunk->requests_end = &request->next;
    return request;
}

struct plan_request *plan_add_tube(struct plan *plan, struct plan_chunk *chunk, const struct tube *tube,
                                   enum plan_source source)
{
    struct plan_request *request = find_request(chunk, tube);
    bool has_size = tube->width || tube->height;
    uint32_t before;

    if (!request)
        return NULL;
    if (!request->tube.width && !request->tube.height) {
        request->tube.width = tube->width;
        request->tube.height = tube->height;
    } else if (has_size && (request->tube.width != tube->width || request->tube.height != tube->height)) {
        request->clashes++;
        plan->total++;
        return request;
    }
    before = requested_records(request);
    request->named[source]++;
    plan->total += requested_records(request) - before;
    return request;
}

int plan_describe(struct plan_chunk *chunk, const char *source, json_t *range, json_t *lineage)
{
    if (!chunk->source && source) {
        chunk->source = strdup(source);
        if (!chunk->source)
            return -1;
        chunk->range = json_incref(range);
    }
    if (!chunk->video->lineage && lineage)
        chunk->video->lineage = json_incref(lineage);
    return 0;
}

/* Points *place to a copy of refusal that the plan keeps. 0, or -1 and error. */
static int set_refusal(struct plan *plan, const struct refusal **place, const struct refusal *refusal,
                       struct error *error)
{
    struct refusal *kept = plan->refusals;

    if (!kept || kept->status != refusal->status || kept->error.word != refusal->error.word ||
        strcmp(kept->error.message, refusal->error.message) != 0) {
        kept = malloc(sizeof *kept);
        if (!kept)
            return error_set(error, ERROR_IO, "out of memory");
        *kept = *refusal;
        kept->next = plan->refusals;
        plan->refusals = kept;
    }
    *place = kept;
    return 0;
}

int plan_remember(struct plan *plan, struct plan_request *request, const struct error *error)
{
    const struct refusal refusal = {.status = STATUS_SKIPPED, .error = *error};

    return set_refusal(plan, &request->before, &refusal, NULL);
}

/* Adds the list's tubes of the chunk, once. 0, or -1 and error. */
static int name_listed(struct plan *plan, struct plan_chunk *chunk, struct error *error)
{
    const struct tube_chunk *listed = plan->list ? tube_list_chunk(plan->list, chunk->name) : NULL;

    if (chunk->is_listed || !listed)
        return 0;
    chunk->is_listed = true;
    for (size_t i = 0; i < listed->count; i++)
        if (!plan_add_tube(plan, chunk, &plan->list->rows[listed->first + i].tube, PLAN_LIST))
            return error_set(error, ERROR_IO, "out of memory");
    return 0;
}

int plan_chunk_came(struct plan *plan, struct plan_chunk *chunk, const char *path, json_t *range, json_t *lineage,
                    struct error *error)
{
    chunk->has_arrived = true;
    if (path) { /* replaces what records of former runs said */
        free(chunk->source);
        json_decref(chunk->range);
        chunk->source = NULL;
        chunk->range = NULL;
    }
    if (plan_describe(chunk, path, range, lineage))
        return error_set(error, ERROR_IO, "out of memory");
    if (name_listed(plan, chunk, error))
        return -1;
    plan_queue(plan, chunk);
    return 0;
}

int plan_chunk_refused(struct plan *plan, struct plan_chunk *chunk, const struct refusal *refusal, struct error *error)
{
    if (chunk->has_arrived)
        return 0;
    if (set_refusal(plan, &chunk->refusal, refusal, error) || name_listed(plan, chunk, error))
        return -1;
    plan_queue(plan, chunk);
    return 0;
}

/* Refuses the listed chunks of the video that were not read. 0, or -1 and error. */
static int refuse_listed(struct plan *plan, const char *id, const struct refusal *refusal, struct error *error)
{
    size_t first = 0, count = plan->list ? tube_list_video(plan->list, id, &first) : 0;

    for (size_t i = first; i < first + count; i++) {
        struct plan_chunk *chunk = plan_chunk(plan, plan->list->chunks[i].name);

        if (!chunk)
            return error_set(error, ERROR_IO, "out of memory");
        if (!chunk->refusal && plan_chunk_refused(plan, chunk, refusal, error))
            return -1;
    }
    return 0;
}

int plan_video_complete(struct plan *plan, const char *id, struct error *error)
{
    struct refusal refusal = {.status = STATUS_FAILED};

    error_set(&refusal.error, ERROR_NO_SUCH_CHUNK, "the video has been cut, and has no chunk of this number");
    return refuse_listed(plan, id, &refusal, error);
}

int plan_video_refused(struct plan *plan, const char *id, const struct refusal *refusal, struct error *error)
{
    struct plan_video *video = find_video(plan, id, strlen(id));

    if (!video)
        return error_set(error, ERROR_IO, "out of memory");
    if (set_refusal(plan, &video->refusal, refusal, error) || refuse_listed(plan, id, refusal, error))
        return -1;
    for (struct plan_chunk *chunk = video->chunks; chunk; chunk = chunk->next_of_video)
        if (!chunk->has_arrived)
            plan_queue(plan, chunk);
    return 0;
}

void plan_input_ended(struct plan *plan)
{
    for (struct plan_chunk *chunk = plan->chunks; chunk; chunk = chunk->next)
        plan_queue(plan, chunk);
}

void plan_queue(struct plan *plan, struct plan_chunk *chunk)
{
    if (chunk->is_queued || !plan_pending(chunk))
        return;
    chunk->is_queued = true;
    chunk->next_queued = NULL;
    *plan->queue_end = chunk;
    plan->queue_end = &chunk->next_queued;
    plan->queued++;
}

struct plan_chunk *plan_next(struct plan *plan)
{
    struct plan_chunk *chunk = plan->queue;

    if (!chunk)
        return NULL;
    plan->queue = chunk->next_queued;
    if (!plan->queue)
        plan->queue_end = &plan->queue;
    chunk->is_queued = false;
    plan->queued--;
    return chunk;
}

const struct refusal *plan_refusal(const struct plan_chunk *chunk)
{
    if (chunk->has_arrived)
        return NULL;
    return chunk->refusal ? chunk->refusal : chunk->video->refusal;
}

size_t plan_pending(const struct plan_chunk *chunk)
{
    size_t count = 0;

    for (const struct plan_request *request = chunk->requests; request; request = request->next)
        count += request->clashes || plan_request_is_pending(request);
    return count;
}

bool plan_request_is_pending(const struct plan_request *request)
{
    return !request->is_running && (request->is_forced || request->recorded < requested_records(request));
}

uint32_t plan_request_records(const struct plan_request *request)
{
    uint32_t wanted = requested_records(request);

    return request->recorded < wanted ? wanted - request->recorded : 0;
}

void plan_request_recorded(struct plan_request *request, uint32_t records, bool is_final)
{
    request->is_running = false;
    request->recorded += records;
    if (is_final)
        request->is_forced = false;
}
