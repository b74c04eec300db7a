/* Which measurements fail a clip, and with which error word. */
#include "test/unit/unit.h"

#include <string.h>

#include "th-verify/check.h"

static int64_t ticks[40];

/* A good clip of 40 frames. */
static struct evidence good(void)
{
    struct evidence evidence = {
        .tube = {.height = 48, .width = 64, .start = 10, .end = 49, .right = 64, .bottom = 48},
        .container = {.bytes = 4000, .video_streams = 1, .frames = 40, .width = 64, .height = 48, .has_start = true},
        .size = {SIZE_FROM_BOX, {0, 0, 64, 48}},
        .is_decoded = true,
        .decoded = {.frames = 40, .ticks = ticks, .time_base = {1, 25}, .resized = -1, .front = 2, .moved = 30},
        .times = {.median = 1, .longest = 1},
        .match = {.way = MATCH_HERE},
    };

    return evidence;
}

/* Runs the checks; *ok is the verdict of that level and check when level is not NULL. */
static enum error_word judge(const struct evidence *evidence, const char *level, const char *check, bool *ok)
{
    struct error failure;
    json_t *checks;

    assert_int_equal(check_all(evidence, &checks, &failure), 0);
    if (level)
        *ok = json_is_true(json_object_get(json_object_get(json_object_get(checks, level), check), "ok"));
    json_decref(checks);
    return failure.word;
}

static void test_a_good_clip_passes(void **state)
{
    struct evidence evidence = good();

    (void)state;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_NONE);
    evidence.is_decoded = false;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_NONE);
}

/* Each case damages a good clip in one way. */
#define CASES(X)                                                                                                       \
    X("container", "file", UNREADABLE, evidence.fault.word = ERROR_UNREADABLE)                                         \
    X("container", "file", MISSING, evidence.fault.word = ERROR_MISSING)                                               \
    X("container", "streams", UNREADABLE, evidence.container.video_streams = 2)                                        \
    X("container", "streams", UNREADABLE, evidence.container.other_streams = 1)                                        \
    X("container", "streams", UNREADABLE,                                                                              \
      (evidence.container.video_streams = 0, evidence.container.video = -1, evidence.is_decoded = false))              \
    X("decode", "pictures", DECODE_ERROR, evidence.decoded.fault.word = ERROR_DECODE_ERROR)                            \
    X("decode", "pictures", DECODE_ERROR, evidence.decoded.frames = 39)                                                \
    X("container", "size", WRONG_SIZE, evidence.container.width = 62)                                                  \
    X("container", "size", WRONG_SIZE, evidence.size.box.h = 46)                                                       \
    X("container", "size", WRONG_SIZE, (evidence.size.origin = SIZE_FROM_RATIO, evidence.container.width = 32))        \
    X("container", "turn", DIFFERS_FROM_SOURCE, evidence.container.is_turned = true)                                   \
    X("decode", "size", WRONG_SIZE, evidence.decoded.resized = 7)                                                      \
    X("container", "frames", FRAME_COUNT, (evidence.container.frames = 39, evidence.decoded.frames = 39))              \
    X("decode", "frames", FRAME_COUNT, (evidence.container.frames = 41, evidence.decoded.frames = 41))                 \
    X("decode", "still", FROZEN, (evidence.decoded.moved = 0, evidence.stillness = SOURCE_MOVING))                     \
    X("decode", "still", FROZEN, (evidence.decoded.moved = DECODED_SAME_PICTURE, evidence.stillness = SOURCE_MOVING))  \
    X("source", "match", DIFFERS_FROM_SOURCE, (evidence.is_compared = true, evidence.match.way = MATCH_AFTER))         \
    X("source", "match", DIFFERS_FROM_SOURCE, (evidence.is_compared = true, evidence.match.is_other = true))           \
    X("source", "match", DIFFERS_FROM_SOURCE, (evidence.is_compared = true, evidence.match.is_recoloured = true))      \
    X("source", "match", DIFFERS_FROM_SOURCE, (evidence.is_compared = true, evidence.place.is_found = true))           \
    X("source", "match", DIFFERS_FROM_SOURCE, evidence.chunk_frames = 40)                                              \
    X("container", "start", BAD_TIMES, evidence.container.start = 0.04)                                                \
    X("source", "speed", BAD_TIMES,                                                                                    \
      (evidence.is_compared = true, evidence.compared = 40, evidence.chunk_lasts = 39 / 50.0))                         \
    X("decode", "times", BAD_TIMES, evidence.times.first = 1)                                                          \
    X("decode", "times", BAD_TIMES, evidence.times.first = AV_NOPTS_VALUE)                                             \
    X("decode", "times", BAD_TIMES, evidence.times.backward = 3)                                                       \
    X("decode", "times", BAD_TIMES, evidence.times.gaps = 1)

static void test_each_damage_has_its_word(void **state)
{
    struct evidence evidence;
    bool ok;

    (void)state;
#define X(level, check, word, damage)                                                                                  \
    evidence = good();                                                                                                 \
    damage;                                                                                                            \
    assert_string_equal(error_word_name(judge(&evidence, level, check, &ok)), error_word_name(ERROR_##word));          \
    assert_false(ok);
    CASES(X)
#undef X
}

static void test_a_damaged_chunk_fails_no_clip(void **state)
{
    struct evidence evidence = good();
    bool ok;

    (void)state;
    evidence.is_compared = evidence.is_chunk_damaged = true;
    assert_int_equal(judge(&evidence, "source", "match", &ok), ERROR_NONE);
    assert_true(ok);
    evidence.match.way = MATCH_AFTER;
    assert_int_equal(judge(&evidence, "source", "match", &ok), ERROR_NONE);
    assert_false(ok);
}

static void test_a_clip_lasts_as_long_as_in_its_chunk(void **state)
{
    static const struct {
        double chunk_lasts; /* the clip: 39 steps */
        bool passes;
    } cases[] = {{39, true}, {39.4, true}, {38.6, true}, {40, false}, {38, false}, {78, false}, {0, true}};
    struct evidence evidence = good();

    (void)state;
    for (int i = 0; i < 40; i++)
        ticks[i] = i;
    evidence.is_compared = true;
    evidence.compared = 40;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        evidence.chunk_lasts = cases[i].chunk_lasts / 25;
        assert_int_equal(judge(&evidence, NULL, NULL, NULL), cases[i].passes ? ERROR_NONE : ERROR_BAD_TIMES);
    }
}

static void test_the_most_telling_fault_is_named(void **state)
{
    struct evidence evidence = good();

    (void)state;
    evidence.times.gaps = 1;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_BAD_TIMES);
    evidence.decoded.moved = 0;
    evidence.stillness = SOURCE_MOVING;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_FROZEN);
    evidence.container.frames = evidence.decoded.frames = 41;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_FRAME_COUNT);
    evidence.size.box.w = 2;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_WRONG_SIZE);
    evidence.decoded.fault.word = ERROR_DECODE_ERROR;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_DECODE_ERROR);
    evidence.container.other_streams = 1;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_UNREADABLE);
}

static void test_short_clips_are_frozen_only_when_nothing_moves(void **state)
{
    static const struct {
        int frames;
        double moved;
        bool is_frozen;
    } cases[] = {{1, 0, false}, {2, 0, true}, {24, 0, true}, {24, 0.01, false}, {25, 0.01, true}, {25, 2.6, false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct evidence evidence = good();

        evidence.tube.end = evidence.tube.start + cases[i].frames - 1;
        evidence.container.frames = evidence.decoded.frames = cases[i].frames;
        evidence.decoded.moved = cases[i].moved;
        evidence.stillness = SOURCE_MOVING;
        assert_int_equal(judge(&evidence, NULL, NULL, NULL), cases[i].is_frozen ? ERROR_FROZEN : ERROR_NONE);
    }
}

static void test_missing_values_of_the_container_are_no_fault(void **state)
{
    struct evidence evidence = good();

    (void)state;
    evidence.container.frames = 0;
    evidence.container.has_start = false;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_NONE);
}

static void test_a_still_source_makes_a_still_clip(void **state)
{
    struct evidence evidence = good();

    (void)state;
    evidence.decoded.moved = 1;
    evidence.stillness = SOURCE_STILL;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_NONE);
    evidence.stillness = STILLNESS_UNKNOWN; /* a still drawing looks like a frozen clip */
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_NONE);
    evidence.stillness = SOURCE_MOVING;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_FROZEN);
}

static void test_gaps_of_the_source_are_no_fault(void **state)
{
    struct evidence evidence = good();

    (void)state;
    evidence.times.gaps = 2;
    evidence.gaps_in_source = true;
    assert_int_equal(judge(&evidence, NULL, NULL, NULL), ERROR_NONE);
}

static void test_a_first_picture_in_front_is_told_from_other_surplus(void **state)
{
    struct evidence evidence = good();
    struct error failure;
    json_t *checks;

    (void)state;
    evidence.container.frames = evidence.decoded.frames = 50;
    for (int64_t front = 1; front < 20; front++) {
        evidence.decoded.front = front;
        assert_int_equal(check_all(&evidence, &checks, &failure), 0);
        json_decref(checks);
        assert_int_equal(failure.word, ERROR_FRAME_COUNT);
        assert_int_equal(strstr(failure.message, "repeated 10 times") != NULL, front > 10);
    }
}

static void test_a_displacement_is_told_in_frames_and_pixels(void **state)
{
    static const struct {
        struct displacement place;
        const char *message;
    } cases[] = {
        {{true, 1, 0, 0}, "the clip is 1 frame late: it shows frames 11 to 50 of the chunk, not 10 to 49"},
        {{true, -7, 0, 0}, "the clip is 7 frames early: it shows frames 3 to 42 of the chunk, not 10 to 49"},
        {{true, 0, 2, 0}, "the clip was taken beside its box of the chunk: 2 pixels to the right"},
        {{true, 0, -2, 6}, "the clip was taken beside its box of the chunk: 2 pixels to the left and 6 pixels below"},
        {{true, 0, 0, -4}, "the clip was taken beside its box of the chunk: 4 pixels above"},
        {{false, 0, 0, 0}, "the clip shows other pictures than its box of the chunk"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct evidence evidence = good();
        struct error failure;
        json_t *checks;

        evidence.is_compared = true;
        evidence.match.is_other = true;
        evidence.place = cases[i].place;
        assert_int_equal(check_all(&evidence, &checks, &failure), 0);
        assert_string_equal(failure.message, cases[i].message);
        json_decref(checks);
    }
}

static void test_a_clip_whose_chunk_is_not_there_is_not_failed(void **state)
{
    struct evidence evidence = good();
    struct error failure;
    json_t *checks, *match;

    (void)state;
    evidence.uncompared = "its chunk is not at hand";
    assert_int_equal(check_all(&evidence, &checks, &failure), 0);
    assert_int_equal(failure.word, ERROR_NONE);
    match = json_object_get(json_object_get(checks, "source"), "match");
    assert_true(json_is_null(json_object_get(match, "ok")));
    assert_string_equal(json_string_value(json_object_get(match, "why")), "its chunk is not at hand");
    json_decref(checks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_clip_passes),
        cmocka_unit_test(test_each_damage_has_its_word),
        cmocka_unit_test(test_a_damaged_chunk_fails_no_clip),
        cmocka_unit_test(test_a_clip_lasts_as_long_as_in_its_chunk),
        cmocka_unit_test(test_the_most_telling_fault_is_named),
        cmocka_unit_test(test_short_clips_are_frozen_only_when_nothing_moves),
        cmocka_unit_test(test_missing_values_of_the_container_are_no_fault),
        cmocka_unit_test(test_a_still_source_makes_a_still_clip),
        cmocka_unit_test(test_gaps_of_the_source_are_no_fault),
        cmocka_unit_test(test_a_first_picture_in_front_is_told_from_other_surplus),
        cmocka_unit_test(test_a_displacement_is_told_in_frames_and_pixels),
        cmocka_unit_test(test_a_clip_whose_chunk_is_not_there_is_not_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
