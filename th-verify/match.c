#include "th-verify/match.h"

#include <math.h>

/* Let d be the difference of the picture beside to the right one, and n that of the clip's to the right one. The share
 * of d in n, <n,d>/<d,d> = (here - there + apart) / (2 apart), is 0 for a right picture with whatever noise is
 * independent of d, 1 for the one beside, and 1/2 when the encoder kept nothing that tells the two apart. It is the
 * least-squares estimate of the shift, so the frames' sums may be added up.
 *
 * Where it was measured: x264, presets ultrafast to medium, crf 18 to 40, on fourteen kinds of footage (drawings, cuts,
 * zooms, noise, gradients, cellular automata, film) of 96x96 pixels. Right clips had at most 0.56 in their key frames
 * and 0.51 (time) or 0.79 (space: the banding of a gradient, where the pictures differ less than the encoder's noise)
 * in their windows; shifted ones, where there is anything to see, 0.72 and more. */

/* What evidence must be to count. */
struct bar {
    double change; /* apart / noise: below it the pictures differ too little for the noise */
    double share;
};

/* Key frames are coded on their own. All others lean on those before them, so that in slow scenes an encoder shows an
 * old picture by right: hence the higher bar. */
static const struct bar key_bar = {0.05, 0.65}, time_bar = {0.5, 0.75}, space_bar = {1.0, 0.75};

enum { WINDOW = 16 /* frames: a slip in the middle of a clip is not drowned in the rest */ };

/* The noise of an encoder is alike within a transform block; so many samples count as one. */
static const double samples_alike = 64;
/* Standard deviations by which the share must be above what noise makes by chance. */
static const double sigmas = 4;
/* The mean square of rounding to 8 bits. */
static const double rounding = 1.0 / 12;

/* Levels by which the means of blocks differ: x264 reaches 3.9 at crf 35, and 11 at crf 51. */
static const double suspicious_blocks = 4.5, other_blocks = 12;
/* Between two pictures that have nothing to do with it a clip lies in the middle. So it does where the encoder dropped
 * what is noise; but few videos are noise to less than this, in dB. */
static const double unrelated_share = 0.4, unrelated_psnr = 30;

static double share_of(const struct match_sums *sums)
{
    return (sums->here - sums->there + sums->apart) / (2 * sums->apart);
}

/* Whether the picture beside fits better. pixels: samples of one frame; the noise of frames that follow each other is
 * the same noise, so more of them do not make it surer. */
static bool fits_better(const struct match_sums *sums, double pixels, const struct bar *bar)
{
    double floor = rounding * sums->samples, share;

    if (sums->apart <= 0 || sums->samples <= 0)
        return false;
    share = share_of(sums);
    return share >= bar->share && sums->apart >= bar->change * (fmin(sums->here, sums->there) + floor) &&
           share * sqrt(sums->apart / (sums->here + floor) * pixels / samples_alike) >= sigmas;
}

static void add_sums(struct match_sums *to, const struct match_sums *from)
{
    to->here += from->here;
    to->there += from->there;
    to->apart += from->apart;
    to->samples += from->samples;
}

/* The best of the ways that pass their bar; *gain is the part of the difference that it explains. */
static enum match_way best_way(const struct match_sums *ways, double pixels, int count, const struct bar *time,
                               const struct bar *space, double *gain)
{
    enum match_way best = MATCH_HERE;

    *gain = 0;
    for (int way = 0; way < count; way++) {
        double here = ways[way].here, gained = here > 0 ? 1 - ways[way].there / here : 0;

        if (gained > *gain && fits_better(&ways[way], pixels, way <= MATCH_AFTER ? time : space)) {
            *gain = gained;
            best = (enum match_way)way;
        }
    }
    return best;
}

static void judge_window(struct match *match, const struct window *window)
{
    double pixels = match->samples / (double)match->frames, gain;
    enum match_way way = best_way(window->ways, pixels, MATCH_WAYS, &time_bar, &space_bar, &gain);

    match->worst_blocks = fmax(match->worst_blocks, window->blocks / (double)window->frames);
    if (gain > match->gain) {
        match->gain = gain;
        match->fits = way;
    }
}

static void join(struct window *to, const struct window *from)
{
    to->frames += from->frames;
    to->blocks += from->blocks;
    for (int way = 0; way < MATCH_WAYS; way++)
        add_sums(&to->ways[way], &from->ways[way]);
}

void match_add(struct match *match, const struct match_frame *frame)
{
    struct window *window = &match->window;

    match->frames++;
    match->here += frame->here;
    match->samples += frame->samples;
    match->blocks += frame->blocks;
    window->frames++;
    window->blocks += frame->blocks;
    for (int way = 0; way < MATCH_WAYS; way++) {
        add_sums(&window->ways[way], &frame->ways[way]);
        if (frame->is_key)
            add_sums(&match->keys[way], &frame->ways[way]);
    }
    if (window->frames < WINDOW)
        return;
    judge_window(match, window);
    match->last = *window;
    *window = (struct window){0};
}

/* Whether a key frame seems to be as near to one beside as to the right picture. */
static bool seems_unrelated(const struct match *match)
{
    for (int way = MATCH_BEFORE; way <= MATCH_AFTER; way++)
        if (match->keys[way].apart > 0 && share_of(&match->keys[way]) >= unrelated_share)
            return true;
    return false;
}

const char *match_way_name(enum match_way way)
{
    static const char *const names[] = {
        [MATCH_BEFORE] = "those of the frame before",
        [MATCH_AFTER] = "those of the frame after",
        [MATCH_LEFT] = "those to the left",
        [MATCH_RIGHT] = "those to the right",
        [MATCH_ABOVE] = "those above",
        [MATCH_BELOW] = "those below",
        [MATCH_HERE] = "",
    };

    return names[way];
}

struct match_verdict match_judge(const struct match *match)
{
    struct match m = *match;
    struct match_verdict verdict = {.way = MATCH_HERE, .psnr = 99};
    enum match_way keys;
    double gain;

    if (!m.frames || m.samples <= 0)
        return verdict;
    if (m.window.frames) { /* too short for a window of its own */
        join(&m.window, &m.last);
        judge_window(&m, &m.window);
    }
    keys = best_way(m.keys, m.samples / (double)m.frames, MATCH_AFTER + 1, &key_bar, &key_bar, &gain);
    verdict.by_keys = gain > m.gain;
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
    return verdict;
}
