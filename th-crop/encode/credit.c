#include "th-crop/encode/credit.h"

#include <libavutil/avstring.h>
#include <libavutil/error.h>
#include <string.h>

/* The names that the muxer of mp4 files knows, and the members of the records. */
static const struct {
    const char *key, *member;
} texts[] = {{"title", "title"}, {"artist", "uploader"}, {"comment", "url"}, {"copyright", "license"}};

int credit_add(AVDictionary **metadata, const struct clip_origin *origin, const struct tube *tube)
{
    int result = 0;
    bool has_any = false;
    char *row;

    for (size_t i = 0; result >= 0 && i < sizeof texts / sizeof *texts; i++) {
        const char *text = origin->lineage ? record_text(origin->lineage, texts[i].member) : NULL;

        /* Where a file lay on this machine is no source page, and nobody else's business. */
        if (text && !strcmp(texts[i].member, "url") && !av_strstart(text, "https://", NULL) &&
            !av_strstart(text, "http://", NULL))
            text = NULL;
        has_any |= text != NULL;
        if (text)
            result = av_dict_set(metadata, texts[i].key, text, 0);
    }
    if (result < 0 || !has_any)
        return result;
    row = av_asprintf("%s, %d, %d, %d, %d, %d, %d, %d, %d", origin->chunk, tube->height, tube->width, tube->start,
                      tube->end, tube->left, tube->top, tube->right, tube->bottom);
    return row ? av_dict_set(metadata, "description", row, AV_DICT_DONT_STRDUP_VAL) : AVERROR(ENOMEM);
}
