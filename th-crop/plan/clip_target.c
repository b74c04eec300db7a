#include "th-crop/plan/clip_target.h"

#include <dirent.h>
#include <sys/stat.h>

#include "common/av/media.h"
#include "common/name.h"

char *clip_target_path(const struct crop_settings *settings, const char *chunk, const struct tube *tube)
{
    char name[NAME_CLIP_MAX + 1];

    tube_clip_name(chunk, tube, name);
    return name_path(settings->common.output, name, settings->output.images == IMAGES_NONE ? ".mp4" : "");
}

/* Sums the sizes of the files in a folder. 0, or -1 when it cannot be read. */
static int sum_sizes(const char *path, int64_t *bytes)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    struct stat status;

    *bytes = 0;
    if (!dir)
        return -1;
    while ((entry = readdir(dir)))
        if (!fstatat(dirfd(dir), entry->d_name, &status, 0) && S_ISREG(status.st_mode))
            *bytes += status.st_size;
    closedir(dir);
    return 0;
}

bool clip_target_exists(const struct crop_settings *settings, const char *path, int64_t *bytes)
{
    const struct timespec *since = &settings->made_since;
    struct stat status;

    if (stat(path, &status) || status.st_mtim.tv_sec < since->tv_sec ||
        (status.st_mtim.tv_sec == since->tv_sec && status.st_mtim.tv_nsec < since->tv_nsec))
        return false;
    *bytes = status.st_size;
    return settings->output.images == IMAGES_NONE ? S_ISREG(status.st_mode)
                                                  : S_ISDIR(status.st_mode) && !sum_sizes(path, bytes);
}

bool clip_target_has_sound(const char *path)
{
    AVFormatContext *format = NULL;
    struct error error;
    bool has_sound =
        !media_open(&format, path, &error) && av_find_best_stream(format, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0) >= 0;

    avformat_close_input(&format);
    return has_sound;
}

int64_t clip_target_frames(const struct output_settings *settings, const struct tube *tube)
{
    return settings->filter.fps.num ? -1 : tube_frames(tube) - 2 * settings->trim;
}

int clip_target_trim(const struct crop_settings *settings, const struct tube *tube, struct tube *trimmed,
                     struct error *error)
{
    int64_t trim = settings->output.trim, left = tube_frames(tube) - 2 * trim;
    struct error ignored;

    *trimmed = *tube;
    if (tube_check(tube, &ignored))
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

int clip_target_check_box(const struct crop_settings *settings, const struct box *box, struct error *error)
{
    int shorter = box->w < box->h ? box->w : box->h;

    return shorter >= settings->min_size
               ? 0
               : error_set(error, ERROR_NOT_SELECTED, "its box is %dx%d pixels, smaller than %lld", box->w, box->h,
                           (long long)settings->min_size);
}
