#include "th-verify/report/item_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "common/hash.h"
#include "common/name.h"
#include "common/text.h"

enum {
    FIRST_SLOTS = 2048, /* a power of two */
    TEXT_MAX = 2000     /* bytes kept of a title and the like */
};

uint64_t item_table_hash(enum record_kind kind, const char *key)
{
    const unsigned char first = (unsigned char)kind;

    return hash_add(hash_add(HASH_EMPTY, &first, sizeof first), key, strlen(key));
}

void item_table_clear(struct item_table *table)
{
    for (size_t i = 0; i < table->video_count; i++) {
        free(table->videos[i].id);
        free(table->videos[i].title);
        free(table->videos[i].uploader);
        free(table->videos[i].license);
        free(table->videos[i].url);
    }
    for (size_t i = 0; i < table->message_count; i++) {
        free(table->messages[i].key);
        free(table->messages[i].text);
    }
    free(table->messages);
    free(table->videos);
    free(table->slots);
    free(table->items);
    *table = (struct item_table){0};
}

/* The slot of the item with that hash, or the free slot for it. */
static uint32_t *find_slot(const struct item_table *table, uint64_t hash)
{
    size_t mask = table->slot_count - 1, i = (size_t)hash & mask;

    while (table->slots[i] && table->items[table->slots[i] - 1].hash != hash)
        i = (i + 1) & mask;
    return &table->slots[i];
}

/* Makes room for one more item; keeps at least a third of the slots free. 0, or -1 when memory runs out. */
static int make_room(struct item_table *table)
{
    struct item *items = NULL;

    if (table->count < UINT32_MAX - 1) /* slots hold an index + 1 */
        items = array_make_room(table->items, table->count, &table->room, sizeof *items);
    if (!items)
        return -1;
    table->items = items;
    if (3 * (table->count + 1) > 2 * table->slot_count) {
        size_t slot_count = table->slot_count ? 2 * table->slot_count : FIRST_SLOTS;
        uint32_t *slots = calloc(slot_count, sizeof *slots);

        if (!slots)
            return -1;
        free(table->slots);
        table->slots = slots;
        table->slot_count = slot_count;
        for (size_t i = 0; i < table->count; i++)
            *find_slot(table, table->items[i].hash) = (uint32_t)i + 1;
    }
    return 0;
}

/* The index of the item of that kind and key, which is added when there is none; -1 when memory runs out. */
static ptrdiff_t find_item(struct item_table *table, enum record_kind kind, const char *key)
{
    uint64_t hash = item_table_hash(kind, key);
    uint32_t *slot;

    if (make_room(table))
        return -1;
    slot = find_slot(table, hash);
    if (!*slot) {
        table->items[table->count] = (struct item){.hash = hash, .kind = (uint8_t)kind, .video = UINT32_MAX};
        *slot = (uint32_t)++table->count;
    }
    return (ptrdiff_t)*slot - 1;
}

/* The index of a video, which is added when there is none; -1 when memory runs out. */
static ptrdiff_t find_video(struct item_table *table, const char *id)
{
    ptrdiff_t item = find_item(table, KIND_VIDEO, id);
    struct video *videos;

    if (item < 0 || table->items[item].video != UINT32_MAX)
        return item < 0 ? -1 : (ptrdiff_t)table->items[item].video;
    videos = array_make_room(table->videos, table->video_count, &table->video_room, sizeof *videos);
    if (!videos)
        return -1;
    table->videos = videos;
    table->videos[table->video_count] = (struct video){.id = strdup(id)};
    if (!table->videos[table->video_count].id)
        return -1;
    table->items[item].video = (uint32_t)table->video_count;
    return (ptrdiff_t)table->video_count++;
}

/* The length of text when it is cut to TEXT_MAX bytes between two characters. */
static size_t cut_length(const char *text)
{
    size_t length = 0, step;

    while (text[length] && (step = text_character(text + length)) && length + step <= TEXT_MAX)
        length += step;
    return length;
}

static int keep_text(char **place, const json_t *record, const char *name)
{
    const char *text = record_text(record, name);
    char *copy;

    if (!text || !*text)
        return 0;
    copy = strndup(text, cut_length(text));
    if (!copy)
        return -1;
    free(*place);
    *place = copy;
    return 0;
}

/* The number of that name in object; 0 when there is none, or it is not in 1..INT32_MAX. */
static int32_t small_number(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));

    return value > 0 && value <= INT32_MAX ? (int32_t)value : 0;
}

static int read_credit(struct video *video, const json_t *record)
{
    return keep_text(&video->title, record, "title") || keep_text(&video->uploader, record, "uploader") ||
                   keep_text(&video->license, record, "license") || keep_text(&video->url, record, "url")
               ? -1
               : 0;
}

static int read_video(struct video *video, const json_t *record, const struct record_head *head)
{
    double fps = json_number_value(json_object_get(record, "fps"));
    json_int_t bytes = json_integer_value(json_object_get(record, "bytes"));
    int32_t height = small_number(record, "height");

    if (fps > 0)
        video->fps = fps;
    if (head->stage == STAGE_FETCH) {
        video->bytes = bytes > 0 ? bytes : 0;
        video->is_lower = height > 0 && height < small_number(record, "listed_height");
    }
    if (head->stage == STAGE_FETCH && head->status == STATUS_OK) {
        free(video->license); /* the page may state none any more */
        video->license = NULL;
    }
    return read_credit(video, record);
}

double item_table_rate(const json_t *record, double listed)
{
    const json_t *decode = json_object_get(json_object_get(record, "checks"), "decode");
    double step = json_number_value(json_object_get(json_object_get(decode, "times"), "step"));
    double own = json_number_value(json_object_get(record, "fps"));

    if (own > 0)
        return own;
    return listed > 0 ? listed : step > 0 ? 1 / step : 0;
}

/* In th-crop's records width and height are those of the source; those of the clip are in scale or box. */
static void read_size(struct item *item, const json_t *record, enum stage_name stage)
{
    const json_t *box = json_object_get(record, "box"), *scale = json_object_get(record, "scale");
    const json_t *size = stage == STAGE_CROP && scale ? scale : record;
    bool is_box = stage == STAGE_CROP && !scale && box;

    item->width = small_number(is_box ? box : size, is_box ? "w" : "width");
    item->height = small_number(is_box ? box : size, is_box ? "h" : "height");
}

/* 1 + the highest level at which a check has passed. At the level source some clips cannot be compared. */
static uint8_t levels_of(const json_t *record)
{
    const json_t *checks = json_object_get(record, "checks");

    for (int level = LEVEL_COUNT - 1; level >= 0; level--) {
        json_t *of_level = json_object_get(checks, check_level_names[level]), *check;
        const char *name;

        json_object_foreach(of_level, name, check)
        {
            if (json_is_true(json_object_get(check, "ok")))
                return (uint8_t)(level + 1);
        }
    }
    return 0;
}

bool item_table_has_frames(const json_t *record, const struct record_head *head)
{
    bool is_seen = head->stage == STAGE_VERIFY && small_number(record, "width");

    return head->kind == KIND_CLIP && head->path &&
           (head->status == STATUS_OK || (head->status == STATUS_FAILED && is_seen));
}

static void read_facts(struct item *item, const json_t *record, const struct record_head *head)
{
    json_int_t bytes = json_integer_value(json_object_get(record, "bytes"));
    double seconds = json_number_value(json_object_get(record, "duration")), fps = item_table_rate(record, 0);

    read_size(item, record, head->stage);
    item->has_frames = item_table_has_frames(record, head);
    item->levels = levels_of(record);
    item->frames = small_number(record, "frames");
    item->bytes = bytes > 0 ? bytes : 0;
    if (head->kind == KIND_CLIP)
        seconds = fps > 0 ? item->frames / fps : 0;
    item->seconds = seconds > 0 && isfinite(seconds) ? seconds : 0;
}

/* A hash of the word and of the words of text that hold no digit and not the id, which may be NULL. */
static uint64_t hash_message(enum error_word word, const char *text, const char *id)
{
    uint64_t hash = hash_add(HASH_EMPTY, error_word_name(word), strlen(error_word_name(word)));
    char part[256];

    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t length = strcspn(text, " "), kept = length < sizeof part ? length : sizeof part - 1;

        memcpy(part, text, kept);
        part[kept] = '\0';
        if (!strpbrk(part, "0123456789") && !(id && strstr(part, id)))
            hash = hash_add(hash, part, kept + 1);
        text += length;
    }
    return hash;
}

/* Keeps the key and the message of the record. 0, or -1 when memory runs out. */
static int keep_message(struct message *message, const json_t *record)
{
    return keep_text(&message->key, record, "key") || keep_text(&message->text, record, "message");
}

/* Sets item->message to what the record of a failed item says. 0, or -1 when memory runs out. */
static int read_message(struct item_table *table, struct item *item, const json_t *record,
                        const struct record_head *head, const char *id)
{
    const char *text = record_text(record, "message");
    uint64_t hash = head->status == STATUS_FAILED && text ? hash_message(head->error, text, id) : 0;
    struct message *messages;
    size_t i = 0;

    item->message = 0;
    while (i < table->message_count && table->messages[i].hash != hash)
        i++;
    if (!hash || i == MESSAGES_MAX)
        return 0;
    item->message = (uint32_t)i + 1;
    if (i < table->message_count)
        return strcmp(head->key, table->messages[i].key) < 0 ? keep_message(&table->messages[i], record) : 0;
    messages = array_make_room(table->messages, table->message_count, &table->message_room, sizeof *messages);
    if (!messages)
        return -1;
    table->messages = messages;
    messages[table->message_count] = (struct message){.hash = hash, .word = head->error};
    return keep_message(&messages[table->message_count++], record);
}

/* The id of the item's video; NULL when the record does not name it. */
static const char *video_of(const json_t *record, const struct record_head *head)
{
    const char *id = head->kind == KIND_VIDEO ? head->key : record_text(record, "video");

    return id && !name_check_id(id, NULL) ? id : NULL;
}

const struct video *item_table_video(const struct item_table *table, const char *id)
{
    uint32_t slot = id && table->slot_count ? *find_slot(table, item_table_hash(KIND_VIDEO, id)) : 0;
    uint32_t video = slot ? table->items[slot - 1].video : UINT32_MAX;

    return video < table->video_count ? &table->videos[video] : NULL;
}

const struct outcome *item_table_outcome(const struct item *item)
{
    const struct outcome *last = NULL;

    for (int stage = STAGE_NAME_COUNT - 1; stage >= 0; stage--) {
        const struct outcome *outcome = &item->outcomes[stage];

        if (outcome->is_known && outcome->status != STATUS_SKIPPED)
            return outcome;
        if (outcome->is_known && !last)
            last = outcome;
    }
    return last;
}

enum item_table_result item_table_add(struct item_table *table, const json_t *record, const struct record_head *head,
                                      bool is_final)
{
    const char *id = video_of(record, head);
    ptrdiff_t video = id ? find_video(table, id) : 0, place = find_item(table, head->kind, head->key);
    struct outcome *outcome;
    struct item *item;

    if (video < 0 || place < 0)
        return ITEM_TABLE_FAILED;
    item = &table->items[place];
    outcome = &item->outcomes[head->stage];
    if (outcome->is_final && !is_final)
        return ITEM_TABLE_KEPT;
    *outcome = (struct outcome){.is_known = true,
                                .is_final = is_final,
                                .cached = head->cached,
                                .retry = head->retry,
                                .status = (uint8_t)head->status,
                                .error = (uint8_t)head->error};
    if (id) {
        struct video *known = &table->videos[video];

        item->video = (uint32_t)video;
        if (head->kind != KIND_CLIP && read_video(known, record, head))
            return ITEM_TABLE_FAILED;
        /* The record of a clip repeats what is known of its video. */
        if (head->kind == KIND_CLIP && !known->url && read_credit(known, record))
            return ITEM_TABLE_FAILED;
    }
    if (item_table_outcome(item) != outcome)
        return ITEM_TABLE_KEPT;
    read_facts(item, record, head);
    return read_message(table, item, record, head, id) ? ITEM_TABLE_FAILED : ITEM_TABLE_CHANGED;
}
