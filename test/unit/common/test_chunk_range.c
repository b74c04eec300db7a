/* Ranges as JSON and in addresses, and the GOP lists that they are made from. */
#include "test/unit/unit.h"

#include <libavutil/avutil.h>
#include <stdlib.h>
#include <string.h>

#include "common/cut/chunk_range.h"
#include "common/cut/gop_list.h"

static const struct chunk_range sample = {.source = {123456789012, 1700000000123456789},
                                          .seconds = 60,
                                          .number = 7,
                                          .frames = 1801,
                                          .has_sum = true,
                                          .sum = UINT64_C(0xFEDCBA9876543210),
                                          .key_dts = -1024,
                                          .from = 420066667,
                                          .to = 480133333};

static void assert_same(const struct chunk_range *a, const struct chunk_range *b)
{
    assert_true(file_stamp_equal(&a->source, &b->source));
    assert_true(a->seconds == b->seconds);
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->frames, b->frames);
    assert_int_equal(a->has_sum, b->has_sum);
    assert_true(a->sum == b->sum);
    assert_int_equal(a->key_dts, b->key_dts);
    assert_int_equal(a->from, b->from);
    assert_int_equal(a->to, b->to);
}

static void a_range_survives_writing_and_reading(void **state)
{
    struct chunk_range last = sample, plain = sample;
    const struct chunk_range *const ranges[] = {&sample, &last, &plain};

    (void)state;
    last.to = INT64_MAX;
    plain = (struct chunk_range){
        .source = sample.source, .seconds = 0.1, .frames = 1, .key_dts = AV_NOPTS_VALUE, .to = INT64_MAX};
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        json_t *json = chunk_range_to_json(ranges[i]);
        struct chunk_range back;
        struct error error;

        assert_non_null(json);
        assert_int_equal(chunk_range_from_json(&back, json, &error), 0);
        assert_same(ranges[i], &back);
        json_decref(json);
    }
}

static void values_out_of_range_are_refused(void **state)
{
    static const char *const changes[] = {
        "{\"size\": -1}",       "{\"size\": \"1\"}", "{\"seconds\": 0}",
        "{\"seconds\": 86401}", "{\"chunk\": -1}",   "{\"chunk\": 1e99}",
        "{\"frames\": 0}",      "{\"frames\": -5}",  "{\"sum\": \"123\"}",
        "{\"sum\": 7}",         "{\"from\": -1}",    "{\"to\": 1}",
        "{\"key_dts\": \"x\"}", "{\"mtime\": null}", "{\"chunk\": 9999999999999}",
    };
    struct chunk_range range;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        json_t *json = chunk_range_to_json(&sample), *change = json_loads(changes[i], 0, NULL);

        assert_non_null(change);
        assert_int_equal(json_object_update(json, change), 0);
        error = (struct error){0};
        assert_int_equal(chunk_range_from_json(&range, json, &error), -1);
        assert_int_equal(error.word, ERROR_IO);
        json_decref(change);
        json_decref(json);
    }
    assert_int_equal(chunk_range_from_json(&range, NULL, &error), -1);
}

static void an_address_holds_path_and_range(void **state)
{
    static const char *const paths[] = {"a.mp4", "/x/}: y.mp4", "range:{}:odd.mp4", ""};
    struct chunk_range back;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        char *address = chunk_range_address(paths[i], &sample);

        assert_string_equal(chunk_range_path(address), paths[i]);
        assert_int_equal(chunk_range_from_address(address, &back, &error), 1);
        assert_same(&sample, &back);
        free(address);
    }
    for (size_t i = 0; i < 2; i++) {
        char *address = chunk_range_address(paths[i], NULL);

        assert_string_equal(address, paths[i]);
        assert_string_equal(chunk_range_path(address), paths[i]);
        assert_int_equal(chunk_range_from_address(address, &back, &error), 0);
        free(address);
    }
}

/* Adds one packet per letter, 10 ticks apart: K and k are key packets, lower case is not fed to the muxer. */
static void note(struct gop_list *list, const char *flags)
{
    AVPacket *packet = av_packet_alloc();

    for (; *flags; flags++) {
        packet->pts = packet->dts = 10 * list->packets;
        packet->duration = 10;
        packet->flags = strchr("Kk", *flags) ? AV_PKT_FLAG_KEY : 0;
        assert_int_equal(gop_list_note(list, packet, packet->dts + 1000, *flags < 'a'), 0);
    }
    av_packet_free(&packet);
}

static void chunks_are_made_of_groups(void **state)
{
    struct gop_list all = {0}, sparse = {0};
    int64_t frames;
    struct gop chunk;

    (void)state;
    note(&all, "KPPKPPKPKPP");
    note(&sparse, "KPpKppKpKpp");
    assert_int_equal(all.count, 4);
    assert_int_equal(gop_list_cut(&all, 6) | gop_list_cut(&all, 8), 0);
    assert_int_equal(gop_list_cut(&sparse, 3) | gop_list_cut(&sparse, 4), 0);
    assert_false(all.is_unsure || sparse.is_unsure);
    for (size_t i = 0; i < 3; i++) {
        static const int64_t firsts[] = {0, 6, 8, 11};
        struct gop other = gop_list_chunk(&sparse, i, &frames);

        chunk = gop_list_chunk(&all, i, &frames);
        assert_int_equal(chunk.first, firsts[i]);
        assert_int_equal(frames, firsts[i + 1] - firsts[i]);
        assert_int_equal(chunk.start, 10 * firsts[i]);
        assert_int_equal(chunk.end, 10 * firsts[i + 1]);
        assert_int_equal(chunk.source_dts, chunk.start + 1000);
        assert_true(chunk.sum == other.sum);
    }
    assert_true(gop_list_chunk(&all, 0, &frames).sum != gop_list_chunk(&all, 1, &frames).sum);
    gop_list_clear(&all);
    gop_list_clear(&sparse);
}

static void a_cut_within_a_group_gives_no_sum(void **state)
{
    struct gop_list list = {0};
    int64_t frames;

    (void)state;
    note(&list, "KPPKPP");
    assert_int_equal(gop_list_cut(&list, 4), 0);
    assert_true(list.is_unsure);
    assert_int_equal(gop_list_cut(&list, 9), 0);
    gop_list_chunk(&list, 2, &frames);
    assert_int_equal(frames, 0);
    gop_list_clear(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_survives_writing_and_reading), cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(an_address_holds_path_and_range),      cmocka_unit_test(chunks_are_made_of_groups),
        cmocka_unit_test(a_cut_within_a_group_gives_no_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
