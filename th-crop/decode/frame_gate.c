#include "th-crop/decode/frame_gate.h"

#include <libavutil/macros.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"

struct held_frame {
    AVFrame *frame;
    int64_t packet; /* number of the packet that it was decoded from */
    int64_t sent;   /* frame_gate.packets when it came */
    int64_t pts;    /* INT64_MAX when not known: after every packet */
};

struct frame_gate {
    struct held_frame *held; /* in the order in which they are shown */
    size_t count, room;
    int64_t packets; /* one more than the number of the last packet sent */
    int64_t damaged; /* number of the first damaged packet; INT64_MAX: none */
    int64_t missing; /* earliest time of a packet that never became a frame; INT64_MAX: none */
    /* Of packet n, at index n % FRAME_GATE_WINDOW: */
    int64_t pts[FRAME_GATE_WINDOW]; /* AV_NOPTS_VALUE, the lowest number, when not known: before every frame */
    bool has_come[FRAME_GATE_WINDOW];
    int window;
    bool needs_all;
    bool is_broken, is_ended;
};

struct frame_gate *frame_gate_alloc(void)
{
    struct frame_gate *gate = calloc(1, sizeof *gate);

    if (gate)
        frame_gate_begin(gate, 0, false);
    return gate;
}

void frame_gate_free(struct frame_gate **gate)
{
    if (!*gate)
        return;
    frame_gate_begin(*gate, 0, false);
    free((*gate)->held);
    free(*gate);
    *gate = NULL;
}

void frame_gate_begin(struct frame_gate *gate, int window, bool needs_all)
{
    while (gate->count)
        av_frame_free(&gate->held[--gate->count].frame);
    gate->packets = 0;
    gate->damaged = gate->missing = INT64_MAX;
    gate->window = window;
    gate->needs_all = needs_all;
    gate->is_broken = gate->is_ended = false;
}

/* Where all frames are needed: packets from first up to end, not included, that have no frame by now are damaged. */
static void note_missing(struct frame_gate *gate, int64_t first, int64_t end)
{
    for (int64_t i = FFMAX(first, 0); gate->needs_all && i < end; i++) {
        if (gate->has_come[i % FRAME_GATE_WINDOW])
            continue;
        gate->damaged = FFMIN(gate->damaged, i);
        gate->missing = FFMIN(gate->missing, gate->pts[i % FRAME_GATE_WINDOW]);
    }
}

void frame_gate_packet(struct frame_gate *gate, int64_t number, int64_t pts, bool is_free)
{
    note_missing(gate, gate->packets - FRAME_GATE_WINDOW, number - FRAME_GATE_WINDOW + 1);
    for (int64_t i = FFMAX(gate->packets, number - FRAME_GATE_WINDOW + 1); i < number; i++)
        gate->has_come[i % FRAME_GATE_WINDOW] = true;
    gate->has_come[number % FRAME_GATE_WINDOW] = is_free;
    gate->pts[number % FRAME_GATE_WINDOW] = pts;
    gate->packets = number + 1;
}

int frame_gate_add(struct frame_gate *gate, AVFrame *frame, int64_t packet, bool is_damaged)
{
    int64_t pts = frame->pts == AV_NOPTS_VALUE ? INT64_MAX : frame->pts;
    struct held_frame *held;

    if (packet < 0 || packet >= gate->packets)
        packet = gate->packets - 1;
    else if (packet >= gate->packets - FRAME_GATE_WINDOW)
        gate->has_come[packet % FRAME_GATE_WINDOW] = true;
    if (is_damaged && packet < gate->damaged)
        gate->damaged = packet;
    if (gate->is_broken) {
        av_frame_unref(frame);
        return 0;
    }
    held = array_make_room(gate->held, gate->count, &gate->room, sizeof *held);
    if (!held)
        return -1;
    gate->held = held;
    held[gate->count] = (struct held_frame){av_frame_alloc(), packet, gate->packets, pts};
    if (!held[gate->count].frame)
        return -1;
    av_frame_move_ref(held[gate->count++].frame, frame);
    return 0;
}

void frame_gate_break(struct frame_gate *gate)
{
    gate->is_broken = true;
    if (gate->packets - 1 < gate->damaged)
        gate->damaged = gate->packets - 1;
}

bool frame_gate_is_broken(const struct frame_gate *gate)
{
    return gate->is_broken;
}

void frame_gate_end(struct frame_gate *gate)
{
    note_missing(gate, gate->packets - FRAME_GATE_WINDOW, gate->packets);
    gate->is_ended = true;
}

/* Whether a frame that this one may reference, or, where all are needed, one that is shown before it may still come. */
static bool must_wait(const struct frame_gate *gate, const struct held_frame *held)
{
    int64_t first = FFMAX(gate->packets - gate->window, 0);

    for (int64_t i = first; !gate->is_ended && i < held->sent; i++)
        if (!gate->has_come[i % FRAME_GATE_WINDOW] &&
            (i < held->packet || (gate->needs_all && gate->pts[i % FRAME_GATE_WINDOW] <= held->pts)))
            return true;
    return false;
}

enum frame_gate_result frame_gate_next(struct frame_gate *gate, AVFrame *frame)
{
    if (!gate->count && !gate->is_broken)
        return gate->is_ended ? FRAME_END : FRAME_WAITS;
    if (!gate->count || gate->held[0].packet >= gate->damaged ||
        (gate->missing != INT64_MAX && gate->held[0].pts >= gate->missing))
        return FRAME_FAILED;
    if (must_wait(gate, &gate->held[0]))
        return FRAME_WAITS;
    av_frame_move_ref(frame, gate->held[0].frame);
    av_frame_free(&gate->held[0].frame);
    memmove(gate->held, gate->held + 1, --gate->count * sizeof *gate->held);
    return FRAME_READY;
}
