#include "th-fetch/policy/height.h"

#include <inttypes.h>
#include <string.h>

#include "common/number.h"

enum { HEIGHT_MAX = 100000 }; /* pixels, as for --max-height */

int height_read_limit(const char *text, struct height_limit *limit, struct error *error)
{
    *limit = (struct height_limit){.is_listed = strcmp(text, "listed") == 0};
    if (limit->is_listed || number_int(text, 1, HEIGHT_MAX, &limit->pixels))
        return 0;
    return error_set(error, ERROR_IO, "\"%.60s\" is not a height; expected a number of pixels from 1 to %d, or listed",
                     text, HEIGHT_MAX);
}

bool height_is_lower(int64_t height, int64_t listed)
{
    return height > 0 && listed > 0 && height < listed;
}

int height_check(const struct height_limit *limit, int64_t height, int64_t listed, struct error *error)
{
    if (limit->is_listed && height_is_lower(height, listed))
        return error_set(error, ERROR_LOW_QUALITY,
                         "the picture is %" PRId64 " pixels high; the tube list was made from one of %" PRId64, height,
                         listed);
    if (height_is_lower(height, limit->pixels))
        return error_set(error, ERROR_LOW_QUALITY,
                         "the picture is %" PRId64 " pixels high; --min-height asks for %" PRId64, height,
                         limit->pixels);
    return 0;
}
