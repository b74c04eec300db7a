#include "th-crop/plan/share.h"

#include <stdbool.h>
#include <stdlib.h>

/* The unit of cost is the decoding of one frame. Encoding a whole picture with libx264's defaults takes as long as
 * decoding 11 frames (H.264, 1280x720, 3 Mbit/s; measured with `make bench`). A start in the middle of a chunk decodes
 * half a group of pictures for nothing: most videos have groups of 5 s and 30 frames a second. */
static const double encoding_cost = 11, begin_cost = 75;

/* Limits for the halves of a share, relative to the whole: what they decode together, and what the slower one costs.
 * Tubes of the same frames stay together: their frames are decoded once and encoded by several threads. */
static const double decoding_most = 1.1, slower_most = 0.9;

/* A tube; parts are sorted by first frame. */
struct part {
    const struct tube *tube;
    size_t index;
};

/* What several tubes cost. */
struct sum {
    int32_t first, last; /* frames; first > last: no tubes */
    double encoding;
};

struct share {
    size_t first, count; /* parts */
    struct sum sum;
};

static const struct sum nothing = {INT32_MAX, -1, 0};

static void add(struct sum *sum, const struct tube *tube)
{
    double box = (double)(tube->right - tube->left) * (tube->bottom - tube->top);
    struct error ignored;

    if (tube_check(tube, &ignored))
        return;
    if (tube->start < sum->first)
        sum->first = tube->start;
    if (tube->end > sum->last)
        sum->last = tube->end;
    sum->encoding += encoding_cost * (double)tube_frames(tube) * box / ((double)tube->width * tube->height);
}

/* Counts gaps between tubes as decoded: few are as long as a group of pictures. */
static double decoding(const struct sum *sum)
{
    return sum->first > sum->last ? 0 : begin_cost + sum->last - sum->first + 1;
}

static double cost(const struct sum *sum)
{
    return decoding(sum) + sum->encoding;
}

static int compare_parts(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    if (x->tube->start != y->tube->start)
        return x->tube->start < y->tube->start ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Divides *whole at the best place: *whole becomes the first half, *rest the second. False when no place is within the
 * limits. heads: room for one sum per part. */
static bool halve(const struct part *parts, struct share *whole, struct share *rest, struct sum *heads)
{
    const struct part *first = parts + whole->first;
    double slowest = cost(&whole->sum) * slower_most, decoding_limit = decoding(&whole->sum) * decoding_most;
    struct sum head = nothing, tail = nothing;
    size_t best = 0;

    for (size_t i = 0; i < whole->count; i++) {
        add(&head, first[i].tube);
        heads[i] = head;
    }
    for (size_t i = whole->count - 1; i > 0; i--) {
        double slower;

        head = heads[i - 1];
        add(&tail, first[i].tube);
        slower = cost(&head) > cost(&tail) ? cost(&head) : cost(&tail);
        if (slower >= slowest || decoding(&head) + decoding(&tail) > decoding_limit)
            continue;
        slowest = slower;
        best = i;
        *rest = (struct share){whole->first + i, whole->count - i, tail};
    }
    if (best)
        *whole = (struct share){whole->first, best, heads[best - 1]};
    return best;
}

/* Divides the slowest share again and again; all has room for `most`. Returns how many there are. */
static size_t divide(const struct part *parts, struct share *all, size_t most, struct sum *heads)
{
    size_t count = 1;
    struct share *slowest = all;

    while (count < most && halve(parts, slowest, &all[count], heads)) {
        count++;
        slowest = all;
        for (size_t i = 1; i < count; i++)
            if (cost(&all[i].sum) > cost(&slowest->sum))
                slowest = &all[i];
    }
    return count;
}

size_t share_divide(const struct tube *tubes, size_t count, size_t most, size_t *shares)
{
    size_t room = most < count ? most : count, made = 0;
    struct part *parts = calloc(count + 1, sizeof *parts);
    struct sum *heads = calloc(count + 1, sizeof *heads), sum = nothing;
    struct share *all = calloc(room + 1, sizeof *all);

    if (!parts || !heads || !all)
        goto end;
    for (size_t i = 0; i < count; i++) {
        parts[i] = (struct part){&tubes[i], i};
        add(&sum, &tubes[i]);
    }
    qsort(parts, count, sizeof *parts, compare_parts);
    all[0] = (struct share){0, count, sum};
    made = divide(parts, all, room, heads);
    for (size_t i = 0; i < made; i++)
        for (size_t part = all[i].first; part < all[i].first + all[i].count; part++)
            shares[parts[part].index] = i;
end:
    free(parts);
    free(heads);
    free(all);
    return made;
}
