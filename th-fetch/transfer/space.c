#include "th-fetch/transfer/space.h"

#include <inttypes.h>
#include <math.h>
#include <sys/statvfs.h>

#include "common/clock.h"

enum { CHECK_BYTES = 1 << 19 }; /* written between two checks, at most */

void space_init(struct space *space, const char *dir, int64_t min_free, struct console *console)
{
    *space = (struct space){.dir = dir, .min_free = min_free, .console = console, .looked = -INFINITY};
}

static bool has_too_little(const struct space *space, size_t bytes)
{
    struct statvfs facts;

    /* A failure counts as enough space: the write will report what is wrong. */
    return statvfs(space->dir, &facts) == 0 &&
           (double)facts.f_bavail * (double)facts.f_frsize - (double)bytes < (double)space->min_free;
}

bool space_is_short(struct space *space, size_t bytes)
{
    double now = clock_seconds();
    bool was_short = space->is_short;

    if (space->min_free <= 0)
        return false;
    space->taken += was_short ? 0 : (int64_t)bytes;
    if (now - space->looked < SPACE_WAIT && space->taken < CHECK_BYTES)
        return was_short;
    space->looked = now;
    space->taken = 0;
    space->is_short = has_too_little(space, bytes);
    if (space->is_short && !was_short)
        console_say(space->console, CONSOLE_WARNING,
                    "less than %" PRId64 " bytes would stay free in %s; downloads wait", space->min_free, space->dir);
    else if (was_short && !space->is_short)
        console_say(space->console, CONSOLE_WARNING, "there is room in %s again; downloads go on", space->dir);
    return space->is_short;
}
