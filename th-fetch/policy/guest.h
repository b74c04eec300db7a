/* How fast YouTube's pages are asked, whatever the number of processors: as a guest may, about 300 an hour. `now` is
 * seconds on any monotonic clock. */
#ifndef TH_FETCH_POLICY_GUEST_H
#define TH_FETCH_POLICY_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUEST_GAP = 12 /* seconds between starts of all runs */, GUEST_AT_ONCE = 2 /* pages asked at a time */ };

struct guest {
    double gap;  /* seconds between starts */
    double next; /* the earliest next start */
    int running; /* pages that are being asked */
};

/* `runs` runs ask from one address at the same time, and together keep the pace. This one's first start is at `first`,
 * at the earliest. */
void guest_init(struct guest *guest, int64_t runs, double first);

/* Whether url is a page of YouTube. */
bool guest_is_youtube(const char *url);

/* Whether a page may be asked now. When not, *wake is when to ask again (infinity: when a running one has ended). */
bool guest_may_start(const struct guest *guest, double now, double *wake);

void guest_started(struct guest *guest, double now);

void guest_ended(struct guest *guest);

/* Writes what so many pages, gap seconds apart, take, such as "about 10 h" or "about 6 min". */
void guest_duration(size_t pages, double gap, char *out, size_t size);

#endif
