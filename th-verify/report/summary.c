#include "th-verify/report/summary.h"

#include "common/stage/record.h"

/* {"gone": 3, ...}: the error words of one status. Records without one count under "none". */
static json_t *words_of(const int64_t *words)
{
    json_t *object = json_object();

    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        if (words[word])
            record_add(&object, json_pack("{s:I}", word ? error_word_name((enum error_word)word) : "none",
                                          (json_int_t)words[word]));
    return object;
}

static json_t *outcomes_of(const struct outcome_counts *counts)
{
    const int64_t *status = counts->status;

    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:{s:o, s:o}}", "total", (json_int_t)counts->total, "ok",
                     (json_int_t)status[STATUS_OK], "failed", (json_int_t)status[STATUS_FAILED], "skipped",
                     (json_int_t)status[STATUS_SKIPPED], "cached", (json_int_t)counts->cached, "may_be_mended",
                     (json_int_t)counts->may_be_mended, "errors", "failed", words_of(counts->words[STATUS_FAILED]),
                     "skipped", words_of(counts->words[STATUS_SKIPPED]));
}

/* {"fetch": {"video": {...}}, ...}, without stages and kinds that have no records. */
static json_t *stages_of(const struct counts *counts)
{
    json_t *stages = json_object();

    for (int stage = 0; stage < STAGE_NAME_COUNT; stage++) {
        json_t *kinds = json_object();

        for (int kind = 0; kind < KIND_COUNT; kind++)
            if (counts->stages[stage][kind].total)
                record_add(&kinds, json_pack("{s:o}", record_kind_text((enum record_kind)kind),
                                             outcomes_of(&counts->stages[stage][kind])));
        if (json_object_size(kinds))
            record_add(&stages, json_pack("{s:O}", record_stage_text((enum stage_name)stage), kinds));
        json_decref(kinds);
    }
    return stages;
}

static void add_yield(json_t **object, const struct yield *yield)
{
    record_add(object, json_pack("{s:I, s:f, s:f, s:I, s:I}", "frames", (json_int_t)yield->frames, "seconds",
                                 yield->seconds, "hours", yield->seconds / 3600, "bytes", (json_int_t)yield->bytes,
                                 "without_length", (json_int_t)yield->timeless));
}

/* [{"from": 0, "below": 128, "clips": 7}, ...] */
static json_t *classes_of(const struct histogram *histogram)
{
    json_t *classes = json_array();

    for (int k = 0; k < histogram->classes; k++) {
        json_t *one = json_pack("{s:f}", "from", histogram->edges[k]);

        if (histogram->edges[k + 1] > 0)
            record_add(&one, json_pack("{s:f}", "below", histogram->edges[k + 1]));
        record_add(&one, json_pack("{s:I}", "clips", (json_int_t)histogram->count[k]));
        if (json_array_append_new(classes, one)) {
            json_decref(classes);
            return NULL;
        }
    }
    return classes;
}

static json_t *video_of(const struct video_counts *counts, const struct item_table *table)
{
    json_t *video =
        json_pack("{s:s, s:I, s:I, s:I, s:I}", "id", table->videos[counts->video].id, "clips",
                  (json_int_t)counts_video_total(counts), "ok", (json_int_t)counts->status[STATUS_OK], "failed",
                  (json_int_t)counts->status[STATUS_FAILED], "skipped", (json_int_t)counts->status[STATUS_SKIPPED]);

    add_yield(&video, &counts->yield);
    if (counts->own != ERROR_NONE)
        record_add(&video, json_pack("{s:s}", "error", error_word_name(counts->own)));
    return video;
}

/* The videos in the order of their first records. */
static json_t *videos_of(const struct counts *counts, const struct item_table *table)
{
    json_t *videos = json_array();

    for (size_t i = 0; i < counts->video_count; i++)
        if (json_array_append_new(videos, video_of(&counts->videos[i], table))) {
            json_decref(videos);
            return NULL;
        }
    return videos;
}

json_t *summary_make(const struct counts *counts, const struct item_table *table)
{
    json_t *summary = json_pack("{s:o}", "stages", stages_of(counts));
    json_t *clips = outcomes_of(&counts->clips);

    record_add(&clips, json_pack("{s:I}", "verified", (json_int_t)counts->verified));
    add_yield(&clips, &counts->yield);
    record_add(&summary, json_pack("{s:o}", "clips", clips));
    record_add(&summary,
               json_pack("{s:{s:I, s:I, s:o}}", "sizes", "known", (json_int_t)counts->sizes.total, "above_512x512",
                         (json_int_t)counts->above_512, "shorter_side", classes_of(&counts->sizes)));
    record_add(&summary, json_pack("{s:{s:I, s:o}}", "lengths", "known", (json_int_t)counts->lengths.total, "seconds",
                                   classes_of(&counts->lengths)));
    record_add(&summary,
               json_pack("{s:I, s:I, s:o}", "downloaded_bytes", (json_int_t)counts->downloaded_bytes,
                         "lower_than_listed", (json_int_t)counts->lower_videos, "videos", videos_of(counts, table)));
    return summary;
}
