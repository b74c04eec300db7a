#include "th-crop/plan/tube_request.h"

#include <search.h>
#include <stddef.h>
#include <stdlib.h>

/* H and W are left out: the name of a clip does not say them. */
static int compare_wants(const void *a, const void *b)
{
    const struct tube *p = &((const struct want *)a)->tube, *q = &((const struct want *)b)->tube;
    const int32_t x[] = {p->start, p->end, p->left, p->top, p->right, p->bottom};
    const int32_t y[] = {q->start, q->end, q->left, q->top, q->right, q->bottom};

    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

static void leave(void *node)
{
    (void)node; /* what the tree points to is freed by its list */
}

void want_set_clear(struct want_set *set)
{
    tdestroy(set->index, leave);
    while (set->first) {
        struct want *next = set->first->next;

        free(set->first);
        set->first = next;
    }
    *set = (struct want_set){0};
}

static uint32_t wanted_records(const struct want *want)
{
    uint32_t most = 0;

    for (int i = 0; i < PLAN_SOURCE_COUNT; i++)
        if (want->named[i] > most)
            most = want->named[i];
    return most;
}

static struct want *new_want(struct want_set *set, const struct tube *tube)
{
    struct want *want = calloc(1, sizeof *want);

    if (!want)
        return NULL;
    want->tube = *tube;
    if (!tsearch(want, &set->index, compare_wants)) {
        free(want);
        return NULL;
    }
    *(set->last ? &set->last->next : &set->first) = want;
    set->last = want;
    return want;
}

struct want *want_set_name(struct want_set *set, const struct tube *tube, enum plan_source source, int64_t *total)
{
    struct want key = {.tube = *tube};
    void *node = tfind(&key, &set->index, compare_wants);
    struct want *want = node ? *(struct want **)node : new_want(set, tube);
    bool has_size = tube->width || tube->height;
    uint32_t before;

    if (!want)
        return NULL;
    if (!want->tube.width && !want->tube.height) {
        want->tube.width = tube->width;
        want->tube.height = tube->height;
    } else if (has_size && (want->tube.width != tube->width || want->tube.height != tube->height)) {
        want->clashes++;
        ++*total;
        return want;
    }
    before = wanted_records(want);
    want->named[source]++;
    *total += wanted_records(want) - before;
    return want;
}

bool want_is_pending(const struct want *want)
{
    return !want->is_running && (want->is_forced || want->recorded < wanted_records(want));
}

bool want_is_owed(const struct want *want)
{
    return want_is_pending(want) && !want->is_forced;
}

uint32_t want_records(const struct want *want)
{
    uint32_t wanted = wanted_records(want);

    return want->recorded < wanted ? wanted - want->recorded : 0;
}

void want_recorded(struct want *want, uint32_t records, bool is_final)
{
    want->is_running = false;
    want->recorded += records;
    if (is_final)
        want->is_forced = false;
}
