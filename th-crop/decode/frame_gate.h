/* Frames that came out of a decoder, held back until nothing that they can lean on may still turn out to be damaged.
 *
 * A picture leans on pictures that were decoded before it, and some of them are shown after it: a B picture comes out
 * before the P picture behind it. A frame is proven when every frame that was decoded before it has come out whole. */
#ifndef TH_CROP_DECODE_FRAME_GATE_H
#define TH_CROP_DECODE_FRAME_GATE_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

/* How many packets after its own a frame comes out at the latest: 16 pictures are the most that H.264 and H.265 hold
 * back, each of them two packets where fields come alone, and 32 stand in the longest groups between two P pictures. A
 * packet without a frame after that many is one that has none. */
enum { FRAME_GATE_WINDOW = 64 };

enum frame_gate_result {
    FRAME_PROVEN,
    FRAME_WAITS, /* more must be decoded */
    FRAME_END,   /* there is none */
    FRAME_FAILED /* the next one leans on something damaged, or may */
};

struct frame_gate;

/* NULL when out of memory. */
struct frame_gate *frame_gate_alloc(void);
void frame_gate_free(struct frame_gate **gate);

/* Forgets everything. window: 0 where pictures are shown as they are decoded, or where damage is known before a frame
 * comes out: none is held back then; up to FRAME_GATE_WINDOW.
 *
 * needs_all: a packet that never becomes a frame is damaged, and shifts the numbers of the frames that are shown after
 * it. So a frame is given only when those of all packets with earlier times (frame->pts) have come. window must not be
 * 0. */
void frame_gate_begin(struct frame_gate *gate, int window, bool needs_all);

/* A packet is sent to the decoder. number: rising, from 0; one that is left out is never sent. pts: AV_NOPTS_VALUE
 * where not known. is_free: it need not become a frame, and nothing that is proven later leans on it. */
void frame_gate_packet(struct frame_gate *gate, int64_t number, int64_t pts, bool is_free);

/* Takes what frame holds, which came of the packet of that number; -1: it is not known of which, of the latest then. 0,
 * or -1 when out of memory. */
int frame_gate_add(struct frame_gate *gate, AVFrame *frame, int64_t packet, bool is_damaged);

/* The latest packet does not decode, or nothing can be read after it. Frames that come from here on may have wrong
 * numbers: they are not given. */
void frame_gate_break(struct frame_gate *gate);

bool frame_gate_is_broken(const struct frame_gate *gate);

/* No more frames will come. */
void frame_gate_end(struct frame_gate *gate);

/* Moves the next frame into frame when it is proven. */
enum frame_gate_result frame_gate_next(struct frame_gate *gate, AVFrame *frame);

#endif
