#include "th-verify/report/shown_clips.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

/* Takes a clip's record with that key, status, word and number of pixels across (0: it could not be opened). */
static void take(struct shown_clips *choice, const char *key, const char *status, const char *word, int width)
{
    json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:i}", "stage", "verify", "kind", "clip", "key",
                               key, "status", status, "error", word, "retry", 1, "path", "x.mp4", "width", width);
    struct record_head head;
    struct error error;

    assert_int_equal(record_read_head(record, &head, &error), 0);
    shown_clips_add(choice, record, &head);
    json_decref(record);
}

static void take_many(struct shown_clips *choice, int count, const char *word)
{
    char key[64];

    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%s_%d", word, i);
        take(choice, key, "failed", word, 64);
    }
}

static size_t count_of(json_t *const *records, size_t count, const char *word)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += !strcmp(record_text(records[i], "error"), word);
    return found;
}

static void a_rare_fault_is_not_crowded_out(void **state)
{
    struct shown_clips choice;
    json_t *chosen[FAILED_SHOWN];
    size_t count, changes = 0;

    (void)state;
    shown_clips_init(&choice);
    take_many(&choice, 5000, "frozen");
    take_many(&choice, 2, "wrong_size");
    take_many(&choice, 1000, "decode_error");
    count = shown_clips_failed(&choice, chosen);
    assert_int_equal(count, FAILED_SHOWN);
    assert_int_equal(count_of(chosen, count, "wrong_size"), 2);
    assert_int_equal(count_of(chosen, count, "frozen"), (FAILED_SHOWN - 2) / 2);
    assert_int_equal(count_of(chosen, count, "decode_error"), (FAILED_SHOWN - 2) / 2);
    for (size_t i = 1; i < count; i++)
        changes += strcmp(record_text(chosen[i - 1], "error"), record_text(chosen[i], "error")) != 0;
    assert_int_equal(changes, 2); /* those of a word stand together */
    shown_clips_clear(&choice);
    assert_int_equal(shown_clips_failed(&choice, chosen), 0);
}

static void all_are_shown_while_there_is_room(void **state)
{
    struct shown_clips choice;
    json_t *chosen[FAILED_SHOWN];

    (void)state;
    shown_clips_init(&choice);
    take_many(&choice, FAILED_SHOWN - 10, "frozen");
    take_many(&choice, 10, "wrong_size");
    assert_int_equal(shown_clips_failed(&choice, chosen), FAILED_SHOWN);
    assert_int_equal(count_of(chosen, FAILED_SHOWN, "frozen"), FAILED_SHOWN - 10);
    shown_clips_clear(&choice);
}

static void what_cannot_be_opened_is_not_shown(void **state)
{
    struct shown_clips choice;
    json_t *chosen[FAILED_SHOWN];

    (void)state;
    shown_clips_init(&choice);
    take(&choice, "a", "failed", "unreadable", 0);
    take(&choice, "b", "skipped", "gone", 0);
    take(&choice, "c", "failed", "no word of the table", 0);
    assert_int_equal(shown_clips_failed(&choice, chosen), 0);
    shown_clips_clear(&choice);
}

static void a_later_record_replaces_the_former_wherever_it_stood(void **state)
{
    struct shown_clips choice;
    json_t *chosen[FAILED_SHOWN];

    (void)state;
    shown_clips_init(&choice);
    take(&choice, "a", "failed", "unreadable", 0);
    take(&choice, "a", "failed", "frozen", 64);
    assert_int_equal(shown_clips_failed(&choice, chosen), 1);
    take(&choice, "a", "ok", "", 64);
    assert_int_equal(shown_clips_failed(&choice, chosen), 0);
    assert_int_equal(choice.good.count, 1);
    take(&choice, "a", "skipped", "gone", 0);
    assert_int_equal(choice.good.count, 0);
    shown_clips_clear(&choice);
}

static void clips_that_fail_later_leave_others_to_show(void **state)
{
    struct shown_clips choice;
    json_t *chosen[GOOD_SHOWN];
    char key[64];

    (void)state;
    shown_clips_init(&choice);
    for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < 200; i++) {
            snprintf(key, sizeof key, "clip_%d", i);
            take(&choice, key, turn && i % 3 == 0 ? "failed" : "ok", turn && i % 3 == 0 ? "frozen" : "", 64);
        }
    assert_int_equal(shown_clips_good(&choice, chosen), GOOD_SHOWN);
    for (int i = 0; i < GOOD_SHOWN; i++)
        assert_string_equal(record_text(chosen[i], "status"), "ok");
    shown_clips_clear(&choice);
}

static void the_order_of_the_records_does_not_matter(void **state)
{
    enum { CLIPS = 2 * GOOD_KEPT };
    char first[GOOD_SHOWN][64];

    (void)state;
    for (unsigned seed = 1; seed <= 50; seed++) {
        struct shown_clips choice;
        json_t *chosen[GOOD_SHOWN];
        int order[CLIPS] = {0};
        char key[64];

        srand(seed);
        for (int i = 0; i < CLIPS; i++) {
            int other = rand() % (i + 1);

            order[i] = order[other];
            order[other] = i;
        }
        shown_clips_init(&choice);
        for (int i = 0; i < CLIPS; i++) {
            snprintf(key, sizeof key, "clip_%d", order[i]);
            take(&choice, key, "ok", "", 64);
        }
        assert_int_equal(choice.good.count, GOOD_KEPT);
        for (size_t i = 1; i < choice.good.count; i++)
            assert_true(choice.good.chosen[i - 1].hash < choice.good.chosen[i].hash);
        assert_int_equal(shown_clips_good(&choice, chosen), GOOD_SHOWN);
        for (int i = 0; i < GOOD_SHOWN; i++) {
            if (seed == 1)
                snprintf(first[i], sizeof first[i], "%s", record_text(chosen[i], "key"));
            assert_string_equal(record_text(chosen[i], "key"), first[i]);
        }
        shown_clips_clear(&choice);
    }
}

static void a_clip_that_is_dropped_leaves_room(void **state)
{
    struct shown_clips choice;
    char key[64];

    (void)state;
    shown_clips_init(&choice);
    for (int i = 0; i < GOOD_KEPT; i++) {
        snprintf(key, sizeof key, "clip_%d", i);
        take(&choice, key, "ok", "", 64);
    }
    assert_int_equal(choice.good.count, GOOD_KEPT);
    take(&choice, "clip_7", "skipped", "gone", 0);
    take(&choice, "clip_7", "skipped", "gone", 0);
    take(&choice, "another", "skipped", "gone", 0);
    assert_int_equal(choice.good.count, GOOD_KEPT - 1);
    take(&choice, "new", "ok", "", 64);
    take(&choice, "newer", "ok", "", 64);
    assert_int_equal(choice.good.count, GOOD_KEPT);
    shown_clips_clear(&choice);
    assert_int_equal(choice.good.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_rare_fault_is_not_crowded_out),
                                       cmocka_unit_test(all_are_shown_while_there_is_room),
                                       cmocka_unit_test(what_cannot_be_opened_is_not_shown),
                                       cmocka_unit_test(a_later_record_replaces_the_former_wherever_it_stood),
                                       cmocka_unit_test(clips_that_fail_later_leave_others_to_show),
                                       cmocka_unit_test(the_order_of_the_records_does_not_matter),
                                       cmocka_unit_test(a_clip_that_is_dropped_leaves_room)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
