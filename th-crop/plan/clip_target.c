#include "th-crop/plan/clip_target.h"

#include <dirent.h>
#include <errno.h>
#include <libavutil/bprint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/av/media.h"
#include "common/name.h"
#include "common/output/output_file.h"

char *clip_target_path(const char *dir, const struct output_settings *settings, const char *chunk,
                       const struct tube *tube)
{
    char name[NAME_CLIP_MAX + 1];

    tube_clip_name(chunk, tube, name);
    return name_path(dir, name, settings->images == IMAGES_NONE ? ".mp4" : "");
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

bool clip_target_lacks_new_sound(const char *path, const char *source)
{
    struct stat clip, chunk;

    return !stat(path, &clip) && !stat(source, &chunk) && clip.st_mtim.tv_sec <= chunk.st_mtim.tv_sec &&
           clip_target_has_sound(source);
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

static const char file_name[] = ".th-crop.options";

int clip_target_options(const struct output_settings *settings, char text[CLIP_OPTIONS_MAX])
{
    const struct encoder_settings *encoder = &settings->encoder;
    const struct filter_settings *filter = &settings->filter;
    AVBPrint line;

    av_bprint_init_for_buffer(&line, text, CLIP_OPTIONS_MAX);
    if (filter->width)
        av_bprintf(&line, "--size %lldx%lld --fit %s ", (long long)filter->width, (long long)filter->height,
                   fit_names[filter->fit]);
    if (filter->fps.num)
        av_bprintf(&line, "--fps %d/%d ", filter->fps.num, filter->fps.den);
    if (filter->format)
        av_bprintf(&line, "--pix-fmt %s ", filter->format);
    if (settings->sound)
        av_bprintf(&line, "--audio ");
    if (settings->trim)
        av_bprintf(&line, "--trim-edges %lld ", (long long)settings->trim);
    if (settings->images != IMAGES_NONE)
        av_bprintf(&line, "--frames %s ", image_names[settings->images]);
    else if (strcmp(encoder->encoder, crop_defaults.output.encoder.encoder) != 0)
        av_bprintf(&line, "--encoder %s ", encoder->encoder);
    if (encoder->crf >= 0)
        av_bprintf(&line, "--crf %.10g ", encoder->crf);
    if (encoder->preset)
        av_bprintf(&line, "--preset %s ", encoder->preset);
    if (encoder->gop)
        av_bprintf(&line, "--gop %lld ", (long long)encoder->gop);
    if (encoder->options)
        av_bprintf(&line, "--encoder-opts %s ", encoder->options);
    if (!av_bprint_is_complete(&line))
        return -1;
    text[line.len ? line.len - 1 : 0] = '\0'; /* without the last space */
    return 0;
}

/* Reads the folder's file into line, of CLIP_OPTIONS_MAX bytes, and its time of modification; "" and 0 when there is
 * none. The time is 0 when it is not that of the file's second line: a copy has lost it, and those of the clips. 0, or
 * -1 and error. */
static int read_file(const char *path, char *line, struct timespec *written, struct error *error)
{
    FILE *file = output_file_read_notes(path);
    struct stat facts;
    size_t length;
    const char *time;
    int status = 0;

    *line = '\0';
    *written = (struct timespec){0};
    if (!file)
        return errno == ENOENT ? 0 : error_set_errno(error, errno, "cannot read %s", path);
    length = fread(line, 1, CLIP_OPTIONS_MAX - 1, file);
    line[length] = '\0';
    time = strchr(line, '\n');
    if (ferror(file) || fstat(fileno(file), &facts))
        status = error_set_errno(error, errno, "cannot read %s", path);
    else if (!time || !time[1] || strtoll(time + 1, NULL, 10) == facts.st_mtim.tv_sec)
        *written = facts.st_mtim;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return status;
}

/* Writes line, and a second one with the file's time of modification. 0, or -1 and errno. */
static int write_lines(int fd, const char *line)
{
    struct stat facts;

    return dprintf(fd, "%s\n", line) < 0 || fstat(fd, &facts) ||
                   dprintf(fd, "%lld\n", (long long)facts.st_mtim.tv_sec) < 0 ||
                   futimens(fd, (const struct timespec[]){facts.st_mtim, facts.st_mtim})
               ? -1
               : 0;
}

static int write_file(const char *path, const char *line, struct error *error)
{
    struct output_file *file;

    if (output_file_open(&file, path, error))
        return -1;
    if (write_lines(output_file_fd(file), line)) {
        error_set_errno(error, errno, "cannot write %s", path);
        output_file_abort(&file);
        return -1;
    }
    return output_file_commit(&file, NULL, error);
}

/* True when the folder has an entry that is not hidden. */
static bool holds_clips(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry = NULL;

    while (dir && (entry = readdir(dir)) && entry->d_name[0] == '.')
        ;
    if (dir)
        closedir(dir);
    return entry;
}

int clip_target_check_options(struct crop_settings *settings, struct error *error)
{
    const char *folder = settings->common.output;
    char *path = name_path(folder, file_name, ""), wanted[CLIP_OPTIONS_MAX], there[CLIP_OPTIONS_MAX] = "";
    int status = -1;

    if (!path || clip_target_options(&settings->output, wanted))
        error_set(error, ERROR_IO, path ? "the options are too long" : "out of memory");
    else
        status = read_file(path, there, &settings->made_since, error);
    if (status || !strcmp(there, wanted))
        goto end;
    if (holds_clips(folder) && !settings->common.force)
        status = error_set(error, ERROR_IO,
                           "the clips in %s were made with %s, not with %s; expected another folder, or --force to "
                           "make them anew",
                           folder, *there ? there : "default options", *wanted ? wanted : "default options");
    else if (!settings->common.dry_run)
        status = write_file(path, wanted, error) || read_file(path, there, &settings->made_since, error) ? -1 : 0;
end:
    free(path);
    return status;
}
