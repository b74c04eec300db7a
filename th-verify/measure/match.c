#include "th-verify/measure/match.h"

#include <math.h>

/* Let d be the neighbour less the right picture, and n the clip's picture less the right one. The share of d in n,
 * <n,d>/<d,d> = (here - there + apart) / (2 apart), is 0 for a right picture with noise that is independent of d, 1 for
 * the neighbour, and 1/2 when the encoder kept nothing that distinguishes the two. It is the least-squares estimate of
 * the shift, so the sums of several frames may be added.
 *
 * Measured with x264, presets ultrafast to medium, crf 18 to 40, on fourteen kinds of footage (drawings, cuts,
 * zooms, noise, gradients, cellular automata, film) of 64x64 to 128x128 pixels. Right clips had at most 0.56 in their
 * key frames and 0.51 in their windows, but for smooth gradients, where the pictures differ less than the encoder's
 * noise; shifted ones, where there is anything to see, 0.72 and more. */

/* Thresholds that a neighbour must pass. */
struct bar {
    double change; /* apart / noise: below it the noise hides how the pictures differ */
    double share;
};

/* Key frames are intra coded. Other frames reference earlier ones, so in slow scenes an encoder may repeat an old
 * picture: hence the higher thresholds. */
static const struct bar key_bar = {0.05, 0.65}, time_bar = {1.0, 0.75}, space_bar = {2.0, 0.75};

enum { WINDOW = 16 /* frames: short, so that a shift in a part of the clip is found */ };

/* Standard errors by which the share must exceed 1/2. The jackknife over the cells of the picture estimates the error:
 * a shift is the same in all cells, the noise of an encoder is not. */
static const double errors = 4;
enum { CELLS_MIN = 6 /* fewer cells that change are too few for an estimate */ };

/* The mean square of the rounding of smooth pictures to 8 bits, in both pictures and in the encoder. */
static const double rounding = 0.5;

/* Levels by which the means of blocks differ: x264 reaches 3.9 at crf 35, and 11 at crf 51. */
static const double suspicious_blocks = 4.5, other_blocks = 12;
/* The same of their colours: 3.4 at crf 35, 5.2 by x265 in 4:4:4, and 7.8 where film of dull colours was made grey. */
static const double other_colours = 7;
/* A clip of other pictures has a share of about 1/2. So has one whose encoder dropped noise, but few videos have so
 * much noise that the PSNR is below this, in dB. */
static const double unrelated_share = 0.4, unrelated_psnr = 30;

/* Sums over all cells but one; -1: over all. */
struct totals {
    double here, there, apart;
};

static struct totals total(const struct match_sums *sums, int but)
{
    struct totals all = {0};

    for (int cell = 0; cell < MATCH_CELLS; cell++) {
        if (cell == but)
            continue;
        all.here += sums->here[cell];
        all.there += sums->there[cell];
        all.apart += sums->apart[cell];
    }
    return all;
}

static double share_of(const struct match_sums *sums, int but)
{
    struct totals all = total(sums, but);

    return all.apart > 0 ? (all.here - all.there + all.apart) / (2 * all.apart) : 0.5;
}

/* The jackknife's estimate of the share's standard error: Efron and Stein 1981, (n - 1) / n times the sum of the
 * squared deviations of the estimates that leave one cell out. A large number when too few cells change. */
static double share_error(const struct match_sums *sums)
{
    double without[MATCH_CELLS], mean = 0, square = 0;
    int count = 0;

    for (int cell = 0; cell < MATCH_CELLS; cell++)
        if (sums->apart[cell] > 0) {
            without[count] = share_of(sums, cell);
            mean += without[count++];
        }
    if (count < CELLS_MIN)
        return HUGE_VAL;
    mean /= count;
    for (int i = 0; i < count; i++)
        square += (without[i] - mean) * (without[i] - mean);
    return sqrt(square * (count - 1) / count);
}

/* How much the neighbour differs from the right picture, relative to the noise. */
static double change_of(const struct match_sums *sums)
{
    struct totals all = total(sums, -1);
    double noise = fmin(all.here, all.there) + rounding * sums->samples;

    if (noise > 0)
        return all.apart / noise;
    return all.apart > 0 ? HUGE_VAL : 0;
}

/* Whether the neighbour fits better. */
static bool fits_better(const struct match_sums *sums, const struct bar *bar)
{
    double share = share_of(sums, -1);

    return change_of(sums) >= bar->change && share >= bar->share && share - 0.5 >= errors * share_error(sums);
}

static void add_sums(struct match_sums *to, const struct match_sums *from)
{
    for (int cell = 0; cell < MATCH_CELLS; cell++) {
        to->here[cell] += from->here[cell];
        to->there[cell] += from->there[cell];
        to->apart[cell] += from->apart[cell];
    }
    to->samples += from->samples;
}

/* The best neighbour that passes its thresholds; *gain is the part of the difference that it explains. */
static enum match_way best_way(const struct match_sums *ways, int count, const struct bar *time,
                               const struct bar *space, double *gain)
{
    enum match_way best = MATCH_HERE;

    *gain = 0;
    for (int way = 0; way < count; way++) {
        struct totals all = total(&ways[way], -1);
        double gained = all.here > 0 ? 1 - all.there / all.here : 0;

        if (gained > *gain && fits_better(&ways[way], way <= MATCH_AFTER ? time : space)) {
            *gain = gained;
            best = (enum match_way)way;
        }
    }
    return best;
}

static void judge_window(struct match *match, const struct window *window)
{
    double gain;
    enum match_way way = best_way(window->ways, MATCH_WAYS, &time_bar, &space_bar, &gain);

    match->worst_blocks = fmax(match->worst_blocks, window->blocks / (double)window->frames);
    match->worst_colours = fmax(match->worst_colours, window->colours / (double)window->frames);
    if (gain > match->gain) {
        match->gain = gain;
        match->fits = way;
    }
}

static void join(struct window *to, const struct window *from)
{
    to->frames += from->frames;
    to->blocks += from->blocks;
    to->colours += from->colours;
    for (int way = 0; way < MATCH_WAYS; way++)
        add_sums(&to->ways[way], &from->ways[way]);
}

void match_add(struct match *match, const struct match_frame *frame)
{
    struct window *window = &match->window;

    match->frames++;
    match->here += frame->here;
    match->samples += frame->samples;
    match->coloured += frame->colours >= 0;
    window->frames++;
    window->blocks += frame->blocks;
    window->colours += fmax(0, frame->colours);
    for (int way = 0; way < MATCH_WAYS; way++) {
        add_sums(&window->ways[way], &frame->ways[way]);
        add_sums(&match->all[way], &frame->ways[way]);
        if (frame->is_key)
            add_sums(&match->keys[way], &frame->ways[way]);
    }
    if (window->frames < WINDOW)
        return;
    judge_window(match, window);
    match->last = *window;
    *window = (struct window){0};
}

/* Whether all frames together change more than the key frames and are nearer to the right pictures. Then a key frame
 * that seems to show the neighbour has only lost its grain, which x264 does from crf 30 on. All frames of such clips
 * had shares of 0.06 to 0.46, those of shifted clips 0.6 and more. */
static bool is_refuted(const struct match *match, enum match_way way)
{
    return change_of(&match->all[way]) >= change_of(&match->keys[way]) && share_of(&match->all[way], -1) < 0.5;
}

/* Whether the key frames are about as near to a neighbour in time as to the right picture. */
static bool seems_unrelated(const struct match *match)
{
    for (int way = MATCH_BEFORE; way <= MATCH_AFTER; way++)
        if (match->keys[way].samples > 0 && share_of(&match->keys[way], -1) >= unrelated_share &&
            total(&match->keys[way], -1).apart > 0)
            return true;
    return false;
}

struct match_verdict match_judge(const struct match *match)
{
    struct match m = *match;
    struct match_verdict verdict = {.way = MATCH_HERE, .psnr = 99, .colours = -1};
    enum match_way keys;
    double gain;

    if (!m.frames || m.samples <= 0)
        return verdict;
    if (m.window.frames) { /* too short for a window of its own */
        join(&m.window, &m.last);
        judge_window(&m, &m.window);
    }
    keys = best_way(m.keys, MATCH_AFTER + 1, &key_bar, &key_bar, &gain);
    verdict.by_keys = gain > m.gain && !is_refuted(&m, keys);
    if (verdict.by_keys)
        verdict.way = keys;
    else if (m.gain > 0)
        verdict.way = m.fits;
    if (m.here > 0)
        verdict.psnr = fmin(99, 10 * log10(255 * 255 * m.samples / m.here));
    verdict.blocks = sqrt(m.worst_blocks);
    verdict.is_suspicious = verdict.way != MATCH_HERE || verdict.blocks > suspicious_blocks ||
                            (verdict.psnr < unrelated_psnr && seems_unrelated(&m));
    verdict.is_other = verdict.blocks > other_blocks;
    if (m.coloured)
        verdict.colours = sqrt(m.worst_colours);
    verdict.is_recoloured = verdict.colours > other_colours;
    return verdict;
}
