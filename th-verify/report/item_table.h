/* A table of all videos, chunks and clips, with the last record of each stage about each.
 *
 * Records may come in any order and more than once; one of the same stage, kind and key replaces the one before. An
 * item takes about 70 bytes. Items are distinguished by a hash of 64 bits. */
#ifndef TH_VERIFY_REPORT_ITEM_TABLE_H
#define TH_VERIFY_REPORT_ITEM_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/record.h"
#include "th-verify/check.h"

/* The last record of one stage about an item. */
struct outcome {
    bool is_known, is_final, cached, retry;
    uint8_t status; /* enum record_status */
    uint8_t error;  /* enum error_word */
};

struct item {
    uint64_t hash;
    struct outcome outcomes[STAGE_NAME_COUNT];
    uint8_t kind;          /* enum record_kind */
    bool has_frames;       /* by item_table_has_frames */
    uint8_t levels;        /* the highest level of th-verify that the clip has passed: 1 + enum level, 0: none */
    uint32_t video;        /* index in table->videos of its video */
    uint32_t message;      /* 1 + index in table->messages of what a failed item says; 0: it is not kept */
    int32_t frames;        /* from here on: 0 when not known */
    int32_t width, height; /* pixels */
    double seconds;        /* how long the clip or chunk is */
    int64_t bytes;         /* of the file */
};

/* A video. Texts are owned, NULL when not known, and cut to 2,000 bytes. */
struct video {
    char *id, *title, *uploader, *license, *url;
    double fps;    /* frames a second, 0 when not known */
    int64_t bytes; /* of the downloaded file, 0 when not known */
    bool is_lower; /* than the picture that the tube list was made from */
};

enum { MESSAGES_MAX = 256 };

/* A message of failed items. Messages that differ only in numbers and in the name of the video are one. */
struct message {
    uint64_t hash;
    enum error_word word;
    char *key, *text; /* of the item with the first key of those that say it; owned */
};

struct item_table {
    struct item *items;
    size_t count, room;
    uint32_t *slots; /* hash table: index of an item + 1, 0: free; the size is a power of two */
    size_t slot_count;
    struct video *videos;
    size_t video_count, video_room;
    struct message *messages; /* at most MESSAGES_MAX */
    size_t message_count, message_room;
};

enum item_table_result {
    ITEM_TABLE_FAILED = -1, /* out of memory */
    ITEM_TABLE_KEPT,        /* the item keeps the outcome that it had */
    ITEM_TABLE_CHANGED      /* the record is now the outcome of its item */
};

/* Adds the record, whose head is read. is_final: later records that are not final do not replace it. */
enum item_table_result item_table_add(struct item_table *table, const json_t *record, const struct record_head *head,
                                      bool is_final);

/* True when frames of the clip can be shown: it is ok, or th-verify failed it but could open its video. */
bool item_table_has_frames(const json_t *record, const struct record_head *head);

/* The outcome of an item: that of the last stage that did not skip it, or of the last stage that did. NULL when there
 * is none. */
const struct outcome *item_table_outcome(const struct item *item);

/* The video of that id; NULL when no record has named it, or id is NULL. */
const struct video *item_table_video(const struct item_table *table, const char *id);

/* The frames a second of a clip: what its own record says, or else `listed` of its chunk or video (0: not known), or
 * else what its times show. 0 when not known. */
double item_table_rate(const json_t *record, double listed);

/* A hash of an item, the same on every machine. */
uint64_t item_table_hash(enum record_kind kind, const char *key);

/* Frees what table owns and makes it empty. */
void item_table_clear(struct item_table *table);

#endif
