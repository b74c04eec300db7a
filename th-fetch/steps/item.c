#include "th-fetch/steps/item.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cut/partial_file.h"
#include "common/name.h"

struct item *item_alloc(struct fetch_input *input, const char *dir)
{
    struct item *item = calloc(1, sizeof *item);

    if (!item) {
        fetch_input_clear(input);
        return NULL;
    }
    item->input = *input;
    *input = (struct fetch_input){0};
    item->path = name_path(dir, item->input.id, ".mp4");
    item->needed_path = name_path(dir, item->input.id, PARTIAL_FILE_SUFFIX);
    if (!item->path || !item->needed_path)
        item_free(&item);
    return item;
}

void item_free(struct item **item)
{
    if (!*item)
        return;
    item_close_parts(*item);
    answer_free(&(*item)->answer);
    json_decref((*item)->report);
    json_decref((*item)->silent);
    fetch_input_clear(&(*item)->input);
    item_clear_segments(*item);
    free((*item)->path);
    free((*item)->needed_path);
    free((*item)->whole);
    byte_ranges_clear(&(*item)->wanted);
    free(*item);
    *item = NULL;
}

void item_need_whole(struct item *item, const char *why)
{
    char *copy = strdup(why);

    if (!copy)
        return;
    free(item->whole);
    item->whole = copy;
}

void item_clear_segments(struct item *item)
{
    free(item->segments.folder);
    free(item->segments.file);
    item->segments = (struct resolver_download){0};
}

static bool gets_sound(const struct item *item)
{
    return item->video_part || item->is_sound_alone;
}

const struct answer_media *item_media(const struct item *item)
{
    static const struct answer_media none;

    if (!item->answer)
        return &none;
    return gets_sound(item) ? &item->answer->audio : &item->answer->media;
}

struct part_name item_part_name(const struct item *item, const char *dir)
{
    return (struct part_name){dir, item->input.id, gets_sound(item) ? ".m4a" : ".mp4"};
}

void item_close_parts(struct item *item)
{
    output_file_abort(&item->joined);
    part_close(&item->part);
    part_close(&item->video_part);
}

enum item_step item_first_step(const struct item *item)
{
    return item->input.is_direct ? ITEM_DOWNLOAD : ITEM_RESOLVE;
}

bool item_waits_as_guest(const struct item *item)
{
    return item->is_guest && item->step == ITEM_RESOLVE && !item->is_running;
}

bool item_is_link(const struct item *item)
{
    struct stat facts;

    return lstat(item->path, &facts) == 0 && S_ISLNK(facts.st_mode);
}

bool item_is_local(const struct item *item)
{
    return strncasecmp(item->input.url, "file:", 5) == 0;
}
