#include "th-crop/decode/frame_gate.h"

#include <libavutil/macros.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"

struct held_frame {
    AVFrame *frame;
    int64_t packet; /* the one it came of */
    int64_t sent;   /* packets that had been sent when it came */
    int64_t pts;    /* INT64_MAX: not known */
};

struct frame_proof {
    struct held_frame *held; /* in the order in which they are shown */
    size_t count, room;
    int64_t packets;                  /* one more than the number of the latest that was sent */
    int64_t damaged;                  /* the first packet that is; INT64_MAX: none */
    int64_t missing;                  /* the earliest time of a packet that never became a frame; INT64_MAX: none */
    int64_t pts[FRAME_PROOF_REACH];   /* of packet n, at n modulo the reach */
    bool has_come[FRAME_PROOF_REACH]; /* the frame of packet n has, at n modulo the reach */
    int reach;
    bool needs_all;
    bool is_broken, is_ended;
};

struct frame_proof *frame_proof_alloc(void)
{
    struct frame_proof *proof = calloc(1, sizeof *proof);

    if (proof)
        frame_proof_begin(proof, 0, false);
    return proof;
}

void frame_proof_free(struct frame_proof **proof)
{
    if (!*proof)
        return;
    frame_proof_begin(*proof, 0, false);
    free((*proof)->held);
    free(*proof);
    *proof = NULL;
}

void frame_proof_begin(struct frame_proof *proof, int reach, bool needs_all)
{
    while (proof->count)
        av_frame_free(&proof->held[--proof->count].frame);
    proof->packets = 0;
    proof->damaged = proof->missing = INT64_MAX;
    proof->reach = reach;
    proof->needs_all = needs_all;
    proof->is_broken = proof->is_ended = false;
}

/* Where all are needed, those of the packets from first up to end that have not become frames are damaged. */
static void note_missing(struct frame_proof *proof, int64_t first, int64_t end)
{
    for (int64_t i = FFMAX(first, 0); proof->needs_all && i < end; i++) {
        if (proof->has_come[i % FRAME_PROOF_REACH])
            continue;
        proof->damaged = FFMIN(proof->damaged, i);
        proof->missing = FFMIN(proof->missing, proof->pts[i % FRAME_PROOF_REACH]);
    }
}

void frame_proof_packet(struct frame_proof *proof, int64_t number, int64_t pts, bool is_free)
{
    note_missing(proof, proof->packets - FRAME_PROOF_REACH, number - FRAME_PROOF_REACH + 1);
    for (int64_t i = FFMAX(proof->packets, number - FRAME_PROOF_REACH + 1); i < number; i++)
        proof->has_come[i % FRAME_PROOF_REACH] = true;
    proof->has_come[number % FRAME_PROOF_REACH] = is_free;
    proof->pts[number % FRAME_PROOF_REACH] = pts; /* AV_NOPTS_VALUE is the lowest: before every frame */
    proof->packets = number + 1;
}

/* 0, or -1 when out of memory. */
static int hold(struct frame_proof *proof, AVFrame *frame, int64_t packet)
{
    struct held_frame *held = array_make_room(proof->held, proof->count, &proof->room, sizeof *held);

    if (!held)
        return -1;
    proof->held = held;
    held[proof->count] = (struct held_frame){av_frame_alloc(), packet, proof->packets,
                                             frame->pts == AV_NOPTS_VALUE ? INT64_MAX : frame->pts};
    if (!held[proof->count].frame)
        return -1;
    av_frame_move_ref(held[proof->count++].frame, frame);
    return 0;
}

int frame_proof_add(struct frame_proof *proof, AVFrame *frame, int64_t packet, bool is_damaged)
{
    if (packet < 0 || packet >= proof->packets)
        packet = proof->packets - 1;
    else if (packet >= proof->packets - FRAME_PROOF_REACH)
        proof->has_come[packet % FRAME_PROOF_REACH] = true;
    if (is_damaged && packet < proof->damaged)
        proof->damaged = packet;
    if (!proof->is_broken)
        return hold(proof, frame, packet);
    av_frame_unref(frame);
    return 0;
}

void frame_proof_break(struct frame_proof *proof)
{
    proof->is_broken = true;
    if (proof->packets - 1 < proof->damaged)
        proof->damaged = proof->packets - 1;
}

bool frame_proof_is_broken(const struct frame_proof *proof)
{
    return proof->is_broken;
}

void frame_proof_end(struct frame_proof *proof)
{
    note_missing(proof, proof->packets - FRAME_PROOF_REACH, proof->packets);
    proof->is_ended = true;
}

/* True when a frame that this one may lean on, or that is shown before it, may still come. */
static bool is_open(const struct frame_proof *proof, const struct held_frame *held)
{
    int64_t first = FFMAX(proof->packets - proof->reach, 0);

    for (int64_t i = first; !proof->is_ended && i < held->sent; i++)
        if (!proof->has_come[i % FRAME_PROOF_REACH] &&
            (i < held->packet || (proof->needs_all && proof->pts[i % FRAME_PROOF_REACH] <= held->pts)))
            return true;
    return false;
}

enum frame_proof_result frame_proof_next(struct frame_proof *proof, AVFrame *frame)
{
    if (!proof->count && !proof->is_broken)
        return proof->is_ended ? FRAME_END : FRAME_WAITS;
    if (!proof->count || proof->held[0].packet >= proof->damaged ||
        (proof->missing != INT64_MAX && proof->held[0].pts >= proof->missing))
        return FRAME_FAILED;
    if (is_open(proof, &proof->held[0]))
        return FRAME_WAITS;
    av_frame_move_ref(frame, proof->held[0].frame);
    av_frame_free(&proof->held[0].frame);
    memmove(proof->held, proof->held + 1, --proof->count * sizeof *proof->held);
    return FRAME_PROVEN;
}
