/* The pictures that a chunk's packets decode to, in the order in which they are shown. */
#ifndef TH_CROP_DECODE_PICTURES_H
#define TH_CROP_DECODE_PICTURES_H

#include <libavutil/frame.h>
#include <stdint.h>

#include "common/error.h"
#include "th-crop/decode/demux.h"

struct pictures;

/* Pictures of the packets that the feed, which stays the caller's, will give. 0 and *pictures (pictures_close), or -1
 * and error: unreadable, io. */
int pictures_open(struct pictures **pictures, struct packet_feed *feed, struct error *error);
void pictures_close(struct pictures **pictures);

/* Forgets all that was decoded: the feed begins anew. To be called after each packet_feed_choose. 0, or -1 and error.
 */
int pictures_begin(struct pictures *pictures, struct error *error);

/* The next picture; its best_effort_timestamp is in units of the stream. 1 and frame, 0 after the last one, or -1 and
 * error (unreadable, io). */
int pictures_next(struct pictures *pictures, AVFrame *frame, struct error *error);

/* The number of the first packet that is known to be damaged, by which pictures_next has failed or will; -1: none is.
 */
int64_t pictures_damaged(const struct pictures *pictures);

/* How many have been decoded since it was opened. */
int64_t pictures_decoded(const struct pictures *pictures);

#endif
