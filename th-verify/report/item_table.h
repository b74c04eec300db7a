/* What the records of all stages say of each video, chunk and clip: the last word of each stage on it.
 *
 * Records may come in any order and more than once; one of the same stage, kind and key replaces the one before. An
 * item takes about 70 bytes, so half a million clips are cheap. Items are told apart by 64 bits of hash. */
#ifndef TH_VERIFY_REPORT_ITEM_TABLE_H
#define TH_VERIFY_REPORT_ITEM_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/record.h"
#include "th-verify/check.h"

/* What one stage says of an item. */
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
    uint8_t levels;        /* of th-verify that have proven the clip: 1 + enum level, 0: none */
    uint32_t video;        /* where it comes from: index in table->videos */
    int32_t frames;        /* this and what follows: 0 when not known */
    int32_t width, height; /* pixels */
    double seconds;        /* how long the clip or chunk is */
    int64_t bytes;         /* of the file */
};

/* What is known of a video beside its outcome. Texts are NULL when not known, and cut when very long. */
struct video {
    char *id, *title, *uploader, *url;
    double fps;    /* frames a second, 0 when not known */
    int64_t bytes; /* of the downloaded file, 0 when not known */
};

struct item_table {
    struct item *items;
    size_t count, room;
    uint32_t *slots; /* index of an item + 1, 0 is free; as many as a power of two */
    size_t slot_count;
    struct video *videos;
    size_t video_count, video_room;
};

enum item_table_result {
    ITEM_TABLE_FAILED = -1, /* out of memory */
    ITEM_TABLE_KEPT,        /* the record adds nothing to what stands already */
    ITEM_TABLE_CHANGED      /* it is now the word on its item */
};

/* Notes the record, whose head is read. is_final: records that come later and are not final do not replace it. */
enum item_table_result item_table_add(struct item_table *table, const json_t *record, const struct record_head *head,
                                      bool is_final);

/* Is there a file of the clip of which frames can be shown: one that is ok, or one that th-verify failed but could open
 * as video? */
bool item_table_has_frames(const json_t *record, const struct record_head *head);

/* The word on an item: what the last stage says that tried it, or where none has, the last one that knows of it. NULL
 * when none does. */
const struct outcome *item_table_outcome(const struct item *item);

/* The video of that id; NULL when no record has named it, or id is NULL. */
const struct video *item_table_video(const struct item_table *table, const char *id);

/* The same number for the same item on every machine; evenly spread. */
uint64_t item_table_hash(enum record_kind kind, const char *key);

/* Frees what table owns and makes it empty. */
void item_table_clear(struct item_table *table);

#endif
