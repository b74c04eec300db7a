#include "th-verify/report/item_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

#include "test/unit/th-verify/records.h"

#define CROPPED                                                                                                        \
    RECORD("crop", "clip", "c", "ok",                                                                                  \
           ", \"video\": \"v\", \"box\": {\"x\": 0, \"y\": 0, \"w\": 64, \"h\": 48}, \"frames\": 40, \"bytes\": "      \
           "1000, \"width\": 640, \"height\": 360")
#define VERIFIED                                                                                                       \
    RECORD("verify", "clip", "c", "ok",                                                                                \
           ", \"video\": \"v\", \"frames\": 41, \"bytes\": 1001, \"width\": 62, \"height\": 46, "                      \
           "\"checks\": {\"decode\": {\"times\": {\"step\": 0.04}}}")

/* The only item of that kind. */
static const struct item *only(const struct item_table *table, enum record_kind kind)
{
    const struct item *found = NULL;

    for (size_t i = 0; i < table->count; i++)
        if (table->items[i].kind == kind) {
            assert_null(found);
            found = &table->items[i];
        }
    assert_non_null(found);
    return found;
}

static void the_last_stage_speaks_whatever_the_order(void **state)
{
    static const char *const orders[][2] = {{CROPPED, VERIFIED}, {VERIFIED, CROPPED}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct item_table table = {0};
        const struct item *clip;

        assert_int_equal(take_text(&table, orders[i][0], false), ITEM_TABLE_CHANGED);
        assert_int_equal(take_text(&table, orders[i][1], false), i ? ITEM_TABLE_KEPT : ITEM_TABLE_CHANGED);
        clip = only(&table, KIND_CLIP);
        assert_ptr_equal(item_table_outcome(clip), &clip->outcomes[STAGE_VERIFY]);
        assert_int_equal(clip->frames, 41);
        assert_int_equal(clip->bytes, 1001);
        assert_int_equal(clip->width, 62);
        assert_int_equal(clip->height, 46);
        assert_true(clip->seconds > 1.63 && clip->seconds < 1.65);
        assert_string_equal(table.videos[clip->video].id, "v");
        item_table_clear(&table);
    }
}

static void the_size_of_a_cropped_clip_is_that_of_its_box_or_of_its_scaling(void **state)
{
    static const char scaled[] = RECORD("crop", "clip", "c", "ok",
                                        ", \"box\": {\"x\": 0, \"y\": 0, \"w\": 64, \"h\": 48}, \"scale\": {\"width\": "
                                        "256, \"height\": 128}, \"fps\": 12.5, \"frames\": 25");
    struct item_table table = {0};

    (void)state;
    take_text(&table, CROPPED, false);
    assert_int_equal(only(&table, KIND_CLIP)->width, 64);
    assert_int_equal(only(&table, KIND_CLIP)->height, 48);
    take_text(&table, scaled, false);
    assert_int_equal(only(&table, KIND_CLIP)->width, 256);
    assert_int_equal(only(&table, KIND_CLIP)->height, 128);
    assert_true(only(&table, KIND_CLIP)->seconds == 2);
    item_table_clear(&table);
}

static void the_last_record_of_a_stage_counts_unless_a_final_one_stands(void **state)
{
    static const char bad[] = RECORD("verify", "clip", "c", "failed", ", \"error\": \"frozen\", \"retry\": true");
    struct item_table table = {0};
    const struct outcome *word;

    (void)state;
    take_text(&table, VERIFIED, false);
    assert_int_equal(take_text(&table, bad, false), ITEM_TABLE_CHANGED);
    word = item_table_outcome(only(&table, KIND_CLIP));
    assert_int_equal(word->status, STATUS_FAILED);
    assert_int_equal(word->error, ERROR_FROZEN);
    assert_true(word->retry);
    assert_int_equal(take_text(&table, VERIFIED, true), ITEM_TABLE_CHANGED);
    assert_int_equal(take_text(&table, bad, false), ITEM_TABLE_KEPT);
    assert_int_equal(item_table_outcome(only(&table, KIND_CLIP))->status, STATUS_OK);
    assert_int_equal(take_text(&table, bad, true), ITEM_TABLE_CHANGED);
    item_table_clear(&table);
}

static void who_tried_an_item_speaks_before_who_skipped_it(void **state)
{
    static const char failed[] = RECORD("crop", "clip", "c", "failed", ", \"error\": \"empty_box\", \"retry\": false");
    static const char skipped[] =
        RECORD("verify", "clip", "c", "skipped", ", \"error\": \"empty_box\", \"retry\": false");
    static const char *const orders[][2] = {{failed, skipped}, {skipped, failed}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct item_table table = {0};

        assert_int_equal(take_text(&table, orders[i][0], false), ITEM_TABLE_CHANGED);
        assert_int_equal(take_text(&table, orders[i][1], false), i ? ITEM_TABLE_CHANGED : ITEM_TABLE_KEPT);
        assert_int_equal(item_table_outcome(only(&table, KIND_CLIP))->status, STATUS_FAILED);
        item_table_clear(&table);
    }
}

static void a_video_is_one_item_though_clips_name_it_first(void **state)
{
    struct item_table table = {0};

    (void)state;
    assert_null(item_table_video(&table, "v"));
    take_text(&table, CROPPED, false);
    assert_null(item_table_outcome(only(&table, KIND_VIDEO)));
    take_text(&table, RECORD("split", "video", "v", "ok", ", \"fps\": 30"), false);
    take_text(&table, RECORD("fetch", "video", "v", "ok", ", \"fps\": 25, \"bytes\": 9, \"title\": \"T\\u00e4\""),
              false);
    assert_int_equal(table.count, 2);
    assert_int_equal(table.video_count, 1);
    assert_string_equal(table.videos[0].title, "T\xC3\xA4");
    assert_null(table.videos[0].uploader);
    assert_int_equal(table.videos[0].bytes, 9);
    assert_ptr_equal(item_table_video(&table, "v"), &table.videos[0]);
    assert_null(item_table_video(&table, "w"));
    assert_null(item_table_video(&table, NULL));
    assert_ptr_equal(item_table_outcome(only(&table, KIND_VIDEO)), &only(&table, KIND_VIDEO)->outcomes[STAGE_SPLIT]);
    item_table_clear(&table);
}

static void wrong_members_count_as_unknown(void **state)
{
    struct item_table table = {0};
    const struct item *clip;

    (void)state;
    take_text(
        &table,
        RECORD("verify", "clip", "c", "ok",
               ", \"video\": \"../v\", \"frames\": 1e9, \"bytes\": -5, \"width\": \"64\", \"height\": 99999999999, "
               "\"checks\": {\"decode\": {\"times\": {\"step\": -1}}}"),
        false);
    clip = only(&table, KIND_CLIP);
    assert_int_equal(clip->frames + clip->width + clip->height, 0);
    assert_int_equal(clip->bytes, 0);
    assert_true(clip->seconds == 0);
    assert_int_equal(table.video_count, 0);
    item_table_clear(&table);
}

static void the_credit_is_what_the_newest_page_says(void **state)
{
    struct item_table table = {0};
    const struct video *video;

    (void)state;
    take_text(&table,
              RECORD("crop", "clip", "c", "ok", ", \"video\": \"v\", \"url\": \"http://h/v\", \"title\": \"Old\""),
              false);
    video = item_table_video(&table, "v");
    assert_string_equal(video->url, "http://h/v");
    take_text(&table, RECORD("split", "video", "v", "ok", ", \"title\": \"New\", \"license\": \"CC\""), false);
    take_text(&table, RECORD("crop", "clip", "d", "ok", ", \"video\": \"v\", \"title\": \"Old\""), false);
    assert_string_equal(video->title, "New");
    assert_string_equal(video->license, "CC");
    take_text(&table, RECORD("fetch", "video", "v", "failed", ", \"error\": \"gone\""), false);
    assert_string_equal(video->license, "CC");
    take_text(&table, RECORD("fetch", "video", "v", "ok", ", \"title\": \"New\""), false);
    assert_null(video->license);
    item_table_clear(&table);
}

static void the_rate_of_a_clip(void **state)
{
    static const struct {
        const char *record;
        double listed, rate;
    } cases[] = {
        {"{\"fps\": 5, \"checks\": {\"decode\": {\"times\": {\"step\": 0.04}}}}", 25, 5},
        {"{\"checks\": {\"decode\": {\"times\": {\"step\": 0.05}}}}", 25, 25},
        {"{\"checks\": {\"decode\": {\"times\": {\"step\": 0.05}}}}", 0, 20},
        {"{}", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *record = json_loads(cases[i].record, 0, NULL);

        if (item_table_rate(record, cases[i].listed) != cases[i].rate)
            fail_msg("%s, listed %g: %g", cases[i].record, cases[i].listed, item_table_rate(record, cases[i].listed));
        json_decref(record);
    }
}

static void long_texts_are_cut_between_characters(void **state)
{
    struct item_table table = {0};
    char title[3001] = "x", record[4096];

    (void)state;
    for (int i = 0; i < 1000; i++)
        memcpy(title + 1 + 2 * i, "\xC3\xA4", 3);
    snprintf(record, sizeof record, RECORD("fetch", "video", "v", "ok", ", \"title\": \"%s\""), title);
    take_text(&table, record, false);
    assert_int_equal(strlen(table.videos[0].title), 1999);
    assert_memory_equal(table.videos[0].title, title, 1999);
    item_table_clear(&table);
}

static void many_items_stay_apart(void **state)
{
    struct item_table table = {0};
    char text[200];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 20000; i++) {
            snprintf(text, sizeof text, RECORD("crop", "clip", "c%d", "ok", ", \"video\": \"v%d\", \"frames\": %d"), i,
                     i / 10, i + 1);
            assert_int_equal(take_text(&table, text, false), ITEM_TABLE_CHANGED);
        }
    assert_int_equal(table.count, 22000);
    assert_int_equal(table.video_count, 2000);
    for (size_t i = 0; i < table.count; i++) {
        const struct item *item = &table.items[i];

        snprintf(text, sizeof text, "c%d", item->frames - 1);
        if (item->kind == KIND_CLIP)
            assert_int_equal(item->hash, item_table_hash(KIND_CLIP, text));
    }
    item_table_clear(&table);
}

static void the_hash_is_the_same_everywhere(void **state)
{
    (void)state;
    assert_true(item_table_hash(KIND_CLIP, "a") != item_table_hash(KIND_CHUNK, "a"));
    assert_true(item_table_hash(KIND_CLIP, "a") != item_table_hash(KIND_CLIP, "b"));
    assert_int_equal(item_table_hash(KIND_CLIP, "vid_0000_S10_E49_L0_T0_R64_B48"), 0x677E924844EACB5C);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_stage_speaks_whatever_the_order),
        cmocka_unit_test(the_size_of_a_cropped_clip_is_that_of_its_box_or_of_its_scaling),
        cmocka_unit_test(the_last_record_of_a_stage_counts_unless_a_final_one_stands),
        cmocka_unit_test(who_tried_an_item_speaks_before_who_skipped_it),
        cmocka_unit_test(a_video_is_one_item_though_clips_name_it_first),
        cmocka_unit_test(wrong_members_count_as_unknown),
        cmocka_unit_test(the_credit_is_what_the_newest_page_says),
        cmocka_unit_test(the_rate_of_a_clip),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(many_items_stay_apart),
        cmocka_unit_test(the_hash_is_the_same_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
