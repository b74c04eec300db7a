#include "th-fetch/policy/version.h"

#include <stddef.h>

enum { DAY = 24 * 60 * 60 /* seconds */ };

int version_age(const char *version, time_t now)
{
    struct tm date = {0};
    const char *end = strptime(version, "%Y.%m.%d", &date);

    if (!end || end - version != 10)
        return -1;
    time_t made = timegm(&date);

    return now > made ? (int)((now - made) / DAY) : 0;
}
