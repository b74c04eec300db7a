#include "th-crop/plan/tube_request.h"

#include <search.h>
#include <stddef.h>
#include <stdlib.h>

/* Ignores H and W, which are not part of a clip's name. */
static int compare_requests(const void *a, const void *b)
{
    const struct tube *p = &((const struct tube_request *)a)->tube, *q = &((const struct tube_request *)b)->tube;
    const int32_t x[] = {p->start, p->end, p->left, p->top, p->right, p->bottom};
    const int32_t y[] = {q->start, q->end, q->left, q->top, q->right, q->bottom};

    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

static void leave(void *node)
{
    (void)node; /* tube_request_clear frees the requests through their list */
}

void tube_request_clear(struct tube_request_set *set)
{
    tdestroy(set->index, leave);
    while (set->first) {
        struct tube_request *next = set->first->next;

        free(set->first);
        set->first = next;
    }
    *set = (struct tube_request_set){0};
}

static uint32_t requested_records(const struct tube_request *request)
{
    uint32_t most = 0;

    for (int i = 0; i < PLAN_SOURCE_COUNT; i++)
        if (request->named[i] > most)
            most = request->named[i];
    return most;
}

static struct tube_request *new_request(struct tube_request_set *set, const struct tube *tube)
{
    struct tube_request *request = calloc(1, sizeof *request);

    if (!request)
        return NULL;
    request->tube = *tube;
    if (!tsearch(request, &set->index, compare_requests)) {
        free(request);
        return NULL;
    }
    *(set->last ? &set->last->next : &set->first) = request;
    set->last = request;
    return request;
}

struct tube_request *tube_request_add(struct tube_request_set *set, const struct tube *tube, enum plan_source source,
                                      int64_t *total)
{
    struct tube_request key = {.tube = *tube};
    void *node = tfind(&key, &set->index, compare_requests);
    struct tube_request *request = node ? *(struct tube_request **)node : new_request(set, tube);
    bool has_size = tube->width || tube->height;
    uint32_t before;

    if (!request)
        return NULL;
    if (!request->tube.width && !request->tube.height) {
        request->tube.width = tube->width;
        request->tube.height = tube->height;
    } else if (has_size && (request->tube.width != tube->width || request->tube.height != tube->height)) {
        request->clashes++;
        ++*total;
        return request;
    }
    before = requested_records(request);
    request->named[source]++;
    *total += requested_records(request) - before;
    return request;
}

bool tube_request_is_pending(const struct tube_request *request)
{
    return !request->is_running && (request->is_forced || request->recorded < requested_records(request));
}

uint32_t tube_request_records(const struct tube_request *request)
{
    uint32_t wanted = requested_records(request);

    return request->recorded < wanted ? wanted - request->recorded : 0;
}

void tube_request_recorded(struct tube_request *request, uint32_t records, bool is_final)
{
    request->is_running = false;
    request->recorded += records;
    if (is_final)
        request->is_forced = false;
}
