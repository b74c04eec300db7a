#include "th-crop/encode/clip_options.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/name.h"
#include "common/output/output_file.h"

static const char file_name[] = ".th-crop.options";

enum { OPTIONS_MAX = 4096 /* bytes */ };

/* Appends " --NAME VALUE" when value is not NULL. */
static void add(FILE *text, const char *name, const char *value)
{
    if (value)
        fprintf(text, "%s--%s %s", ftell(text) ? " " : "", name, value);
}

static void add_number(FILE *text, const char *name, double value)
{
    char number[32];

    snprintf(number, sizeof number, "%.10g", value);
    add(text, name, number);
}

static void add_filter(FILE *text, const struct filter_settings *filter)
{
    char pair[48];

    if (filter->width) {
        snprintf(pair, sizeof pair, "%lldx%lld", (long long)filter->width, (long long)filter->height);
        add(text, "size", pair);
        add(text, "fit", fit_names[filter->fit]);
    }
    if (filter->fps.num) {
        snprintf(pair, sizeof pair, "%d/%d", filter->fps.num, filter->fps.den);
        add(text, "fps", pair);
    }
}

char *clip_options_text(const struct output_settings *settings)
{
    const struct encoder_settings *encoder = &settings->encoder;
    char *line = NULL;
    size_t length;
    FILE *text = open_memstream(&line, &length);

    if (!text)
        return NULL;
    add_filter(text, &settings->filter);
    if (settings->sound)
        fprintf(text, "%s--audio", ftell(text) ? " " : "");
    if (settings->trim)
        add_number(text, "trim-edges", (double)settings->trim);
    if (settings->images != IMAGES_NONE)
        add(text, "frames", image_names[settings->images]);
    else if (strcmp(encoder->encoder, crop_defaults.output.encoder.encoder) != 0)
        add(text, "encoder", encoder->encoder);
    if (encoder->crf >= 0)
        add_number(text, "crf", encoder->crf);
    add(text, "preset", encoder->preset);
    if (encoder->gop)
        add_number(text, "gop", (double)encoder->gop);
    add(text, "encoder-opts", encoder->options);
    if (fclose(text)) {
        free(line);
        return NULL;
    }
    return line;
}

/* Reads the folder's file into line, of OPTIONS_MAX bytes, and when it was written; "" and 0 when there is none. 0, or
 * -1 and error. */
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

/* True when something lies in the folder that is not hidden. */
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

static int refuse(const char *folder, const char *there, const char *wanted, struct error *error)
{
    return error_set(error, ERROR_IO,
                     "the clips in %s were made with %s, not with %s; expected another folder, or --force to make them "
                     "anew",
                     folder, *there ? there : "default options", *wanted ? wanted : "default options");
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
        status = refuse(folder, there, wanted, error);
    else if (!settings->common.dry_run)
        status = write_file(path, wanted, error) || read_file(path, there, &settings->made_since, error) ? -1 : 0;
end:
    free(path);
    free(wanted);
    return status;
}
