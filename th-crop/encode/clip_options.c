#include "th-crop/encode/clip_options.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/name.h"
#include "common/output/output_file.h"

static const char file_name[] = ".th-crop.options";

enum { OPTIONS_MAX = 4096 /* bytes */ };

/* Appends a space, unless text is empty, and the option. */
static void add(FILE *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(FILE *text, const char *format, ...)
{
    va_list arguments;

    if (ftell(text))
        fputc(' ', text);
    va_start(arguments, format);
    vfprintf(text, format, arguments);
    va_end(arguments);
}

char *clip_options_text(const struct output_settings *settings)
{
    const struct encoder_settings *encoder = &settings->encoder;
    const struct filter_settings *filter = &settings->filter;
    char *line = NULL;
    size_t length;
    FILE *text = open_memstream(&line, &length);

    if (!text)
        return NULL;
    if (filter->width)
        add(text, "--size %lldx%lld --fit %s", (long long)filter->width, (long long)filter->height,
            fit_names[filter->fit]);
    if (filter->fps.num)
        add(text, "--fps %d/%d", filter->fps.num, filter->fps.den);
    if (settings->sound)
        add(text, "--audio");
    if (settings->trim)
        add(text, "--trim-edges %lld", (long long)settings->trim);
    if (settings->images != IMAGES_NONE)
        add(text, "--frames %s", image_names[settings->images]);
    else if (strcmp(encoder->encoder, crop_defaults.output.encoder.encoder) != 0)
        add(text, "--encoder %s", encoder->encoder);
    if (encoder->crf >= 0)
        add(text, "--crf %.10g", encoder->crf);
    if (encoder->preset)
        add(text, "--preset %s", encoder->preset);
    if (encoder->gop)
        add(text, "--gop %lld", (long long)encoder->gop);
    if (encoder->options)
        add(text, "--encoder-opts %s", encoder->options);
    if (fclose(text)) {
        free(line);
        return NULL;
    }
    return line;
}

/* Reads the folder's file into line, of OPTIONS_MAX bytes, and its time of modification; "" and 0 when there is none.
 * 0, or -1 and error. */
static int read_file(const char *path, char *line, struct timespec *written, struct error *error)
{
    FILE *file = fopen(path, "re");
    struct stat facts;
    size_t length;
    int status = 0;

    *line = '\0';
    *written = (struct timespec){0};
    if (!file)
        return errno == ENOENT ? 0 : error_set_errno(error, errno, "cannot read %s", path);
    length = fread(line, 1, OPTIONS_MAX - 1, file);
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (ferror(file) || fstat(fileno(file), &facts))
        status = error_set_errno(error, errno, "cannot read %s", path);
    else
        *written = facts.st_mtim;
    fclose(file);
    return status;
}

static int write_file(const char *path, const char *line, struct error *error)
{
    struct output_file *file;

    if (output_file_open(&file, path, error))
        return -1;
    if (dprintf(output_file_fd(file), "%s\n", line) < 0) {
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

int clip_options_check(struct crop_settings *settings, struct error *error)
{
    const char *folder = settings->common.output;
    char *path = name_path(folder, file_name, ""), *wanted = clip_options_text(&settings->output);
    char there[OPTIONS_MAX] = "";
    int status = -1;

    if (!path || !wanted || strlen(wanted) >= OPTIONS_MAX - 1)
        error_set(error, ERROR_IO, path && wanted ? "the options are too long" : "out of memory");
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
    free(wanted);
    return status;
}
