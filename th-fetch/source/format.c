#include "th-fetch/source/format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The formats that the data set was made from, the best first. Each is followed by the filter `plain` and by the limit
 * to the height. Sound can be added to the video-only ones. */
static const struct {
    const char *choice;
    bool is_video_only;
} default_formats[] = {{"bestvideo[ext=mp4][vcodec^=avc1]", true},
                       {"bestvideo[ext=mp4]", true},
                       {"best[ext=mp4]", false},
                       {"best", false}};

/* Formats that come in segments, which are no plain download, are chosen when there is no other, or none as high as the
 * list asks for. */
static const char plain[] = "[protocol^=http][protocol!*=dash]";

/* No small pictures that software has enlarged to the height of large ones. */
static const char original[] = "[format_id!$=-sr]";

/* m4a first: AAC is the usual sound of mp4. */
static const char *const sounds[] = {"bestaudio[ext=m4a]", "bestaudio"};

/* Adds all choices to yt-dlp's --format, each with the filter: plain, or "", and for pictures of at least min_height
 * pixels (0: any). The choice of the video is the same with and without sound. */
static void add_choices(FILE *stream, const struct fetch_settings *settings, const char *filter, int64_t min_height)
{
    char limit[96];
    int length = snprintf(limit, sizeof limit, "%s", original);

    if (settings->max_height > 0)
        length +=
            snprintf(limit + length, sizeof limit - (size_t)length, "[height<=%" PRId64 "]", settings->max_height);
    if (min_height > 0)
        snprintf(limit + length, sizeof limit - (size_t)length, "[height>=%" PRId64 "]", min_height);
    for (size_t i = 0; i < sizeof default_formats / sizeof *default_formats; i++) {
        const char *choice = default_formats[i].choice;

        for (size_t k = 0; settings->audio && default_formats[i].is_video_only && k < sizeof sounds / sizeof *sounds;
             k++)
            fprintf(stream, "%s%s%s+%s%s/", choice, filter, limit, sounds[k], filter);
        fprintf(stream, "%s%s%s%s", choice, filter, limit, strcmp(choice, "best") == 0 ? "" : "/");
    }
}

char *format_choose(const struct fetch_settings *settings, int64_t listed_height)
{
    bool is_possible = settings->max_height == 0 || listed_height <= settings->max_height;
    char *format = NULL;
    size_t length;
    FILE *stream = open_memstream(&format, &length);

    if (!stream)
        return NULL;
    if (listed_height > 0 && is_possible && !settings->no_segmented) {
        add_choices(stream, settings, plain, listed_height);
        fputc('/', stream);
        add_choices(stream, settings, "", listed_height);
        fputc('/', stream);
    }
    add_choices(stream, settings, plain, 0);
    if (!settings->no_segmented) {
        fputc('/', stream);
        add_choices(stream, settings, "", 0);
    }
    if (fclose(stream) == 0)
        return format;
    free(format);
    return NULL;
}
