#include "th-crop/plan/select.h"

int select_frames(const struct crop_settings *settings, const struct tube *tube, struct tube *trimmed,
                  struct error *error)
{
    int64_t trim = settings->output.trim, left = tube_frames(tube) - 2 * trim;
    struct error senseless;

    *trimmed = *tube;
    if (tube_check(tube, &senseless))
        return 0;
    if (left < 1)
        return error_set(error, ERROR_NOT_SELECTED, "of its %lld frames nothing is left without %lld at each end",
                         (long long)tube_frames(tube), (long long)trim);
    if (left < settings->min_frames)
        return error_set(error, ERROR_NOT_SELECTED, "its clip would have %lld frames, fewer than %lld", (long long)left,
                         (long long)settings->min_frames);
    trimmed->start += (int32_t)trim;
    trimmed->end -= (int32_t)trim;
    return 0;
}

int select_box(const struct crop_settings *settings, const struct box *box, struct error *error)
{
    int shorter = box->w < box->h ? box->w : box->h;

    return shorter >= settings->min_size
               ? 0
               : error_set(error, ERROR_NOT_SELECTED, "its box is %dx%d pixels, smaller than %lld", box->w, box->h,
                           (long long)settings->min_size);
}
