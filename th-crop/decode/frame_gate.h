/* Holds decoded frames back until nothing that they may reference can still turn out to be damaged.
 *
 * A picture references pictures that were decoded before it, and some of these are shown after it: a B picture comes
 * out of the decoder before the P picture behind it. A frame is ready when every frame that was decoded before it has
 * come out undamaged. */
#ifndef TH_CROP_DECODE_FRAME_GATE_H
#define TH_CROP_DECODE_FRAME_GATE_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

/* The longest reorder window, in packets: a frame comes out at most this many packets after its own. H.264 and H.265
 * hold back at most 16 pictures, each of them two packets where fields come alone, and the longest groups between two P
 * pictures have 32. A packet without a frame after that many packets has none. */
enum { FRAME_GATE_WINDOW = 64 };

enum frame_gate_result {
    FRAME_READY,
    FRAME_WAITS, /* more packets must be decoded first */
    FRAME_END,   /* there are no more frames */
    FRAME_FAILED /* the next frame references something damaged, or may do so */
};

struct frame_gate;

/* NULL when out of memory. */
struct frame_gate *frame_gate_alloc(void);

/* Frees and leaves NULL; takes NULL. */
void frame_gate_free(struct frame_gate **gate);

/* Forgets everything. window: 0 to FRAME_GATE_WINDOW packets. With 0 no frame is held back: right where pictures are
 * shown in decoding order, or where damage is known before a frame comes out.
 *
 * needs_all: a packet that never becomes a frame counts as damaged. Its frame is missing, so the numbers of all frames
 * shown after it are wrong. A frame is then ready only when those of all packets with earlier times (frame->pts) have
 * come. Needs a window above 0. */
void frame_gate_begin(struct frame_gate *gate, int window, bool needs_all);

/* Call it before a packet is sent to the decoder. number: from 0, rising; packets that are left out are not sent. pts:
 * its time, or AV_NOPTS_VALUE. is_free: it need not become a frame, and no frame that is ready later references it. */
void frame_gate_packet(struct frame_gate *gate, int64_t number, int64_t pts, bool is_free);

/* Moves in a frame that was decoded from packet number `packet`; -1 when that is not known: the last one is assumed. 0,
 * or -1 when out of memory. */
int frame_gate_add(struct frame_gate *gate, AVFrame *frame, int64_t packet, bool is_damaged);

/* The last packet does not decode, or nothing can be read after it. Frames that are added from here on may have wrong
 * numbers: they are not returned, but tell which packets have frames and which are damaged. */
void frame_gate_break(struct frame_gate *gate);

bool frame_gate_is_broken(const struct frame_gate *gate);

/* No more frames will be added. */
void frame_gate_end(struct frame_gate *gate);

/* Moves the next frame into frame when it is ready (FRAME_READY). */
enum frame_gate_result frame_gate_next(struct frame_gate *gate, AVFrame *frame);

#endif
