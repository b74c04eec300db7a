/* Which frames are ready while others may still turn out to be damaged. */
#include "test/unit/unit.h"

#include "th-crop/decode/frame_gate.h"

static int64_t time_of(const char *times, int64_t packet)
{
    return times && times[packet] != '-' ? times[packet] - '0' : AV_NOPTS_VALUE;
}

/* Appends the numbers of the frames that are ready; returns what the next one is. */
static enum frame_gate_result take_ready(struct frame_gate *gate, AVFrame *frame, char **given)
{
    enum frame_gate_result result;

    for (; (result = frame_gate_next(gate, frame)) == FRAME_READY; av_frame_unref(frame))
        *(*given)++ = (char)frame->quality;
    return result;
}

/* Plays events, one letter each: p a packet is sent, f one that is free, - one is left out; a digit is the frame of the
 * packet of that number, after x a damaged one; ? a frame of an unknown packet; b the last packet does not decode; t
 * ready frames are taken; e the end. Writes the numbers of the frames that are ready into given, and then what the next
 * one is: Waits, End, Failed. times: one digit a packet, - where not known, where all frames are needed; otherwise
 * NULL. */
static void play(const char *events, int window, const char *times, char *given)
{
    static const char results[] = {[FRAME_WAITS] = 'W', [FRAME_END] = 'E', [FRAME_FAILED] = 'F'};
    struct frame_gate *gate = frame_gate_alloc();
    AVFrame *frame = av_frame_alloc();
    enum frame_gate_result result;
    int64_t sent = 0;

    assert_non_null(gate);
    assert_non_null(frame);
    frame_gate_begin(gate, window, times != NULL);
    for (bool is_damaged = false; *events; is_damaged = *events++ == 'x') {
        switch (*events) {
        case 'x':
            break;
        case 'p':
        case 'f':
            frame_gate_packet(gate, sent, time_of(times, sent), *events == 'f');
            sent++;
            break;
        case '-':
            sent++;
            break;
        case 't':
            take_ready(gate, frame, &given);
            break;
        case 'b':
            frame_gate_break(gate);
            break;
        case 'e':
            frame_gate_end(gate);
            break;
        default:
            frame->pts = *events == '?' ? AV_NOPTS_VALUE : time_of(times, *events - '0');
            frame->quality = *events;
            assert_int_equal(frame_gate_add(gate, frame, *events == '?' ? -1 : *events - '0', is_damaged), 0);
        }
    }
    result = take_ready(gate, frame, &given);
    *given++ = results[result];
    *given = 0;
    av_frame_free(&frame);
    frame_gate_free(&gate);
    assert_null(gate);
}

static void frames_wait_for_those_decoded_before(void **state)
{
    static const struct {
        const char *events, *given;
    } cases[] = {
        {"", "W"},
        {"e", "E"},
        {"p0", "0W"},
        {"p0p1p2e", "012E"},
        {"p0pp2", "0W"},          /* a B picture; the P picture behind it has not come */
        {"p0pp2p3", "0W"},        /* a second one */
        {"p0pp2p31", "0231W"},    /* and the P picture */
        {"p0pp2p31pp5", "0231W"}, /* the next P picture has not come */
        {"p0pp2e", "02E"},        /* it never does */
        {"fp1", "1W"},            /* a free packet needs no frame */
        {"p0-p2", "02W"},         /* nor does one that is left out */
        {"p0p--p4", "0W"},
        {"p0p?", "0?W"}, /* assumed to be of the last one: 1 */
        {"p0pp?", "0W"},
        /* Damage costs the frames decoded after it. */
        {"px0", "F"},
        {"p0pp2p3x1", "0F"},
        {"p0ppx21", "0F"},
        {"p0pppp32x41", "032F"}, /* shown in the order 0 3 2 4 1, 4 damaged */
        {"p0pppp3x241", "0F"},
        /* Frames that come after a packet that does not decode are not given, but tell of damage. */
        {"pb", "F"},
        {"p0b", "F"},
        {"p0pb", "0F"},
        {"p0pppp3b21e", "03F"},
        {"p0pppp3bx21e", "0F"},
        {"p0pppp3b2", "0W"},
        {"p0pppp3be", "03F"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char given[16];

        play(cases[i].events, FRAME_GATE_WINDOW, NULL, given);
        assert_string_equal(given, cases[i].given);
    }
    (void)state;
}

static void without_a_window_no_frame_waits(void **state)
{
    static const char *const cases[][2] = {{"p0pp2", "02W"}, {"p0ppx2", "0F"}, {"p0ppb", "0F"}, {"p0pp21e", "021E"}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char given[16];

        play(cases[i][0], 0, NULL, given);
        assert_string_equal(given, cases[i][1]);
    }
    (void)state;
}

/* A missing frame shifts the numbers of those shown after it. */
static void a_missing_frame_is_damage_where_all_are_needed(void **state)
{
    static const struct {
        const char *events, *times, *given;
    } cases[] = {
        {"p0p1p2e", "012", "012E"},
        {"p0pp2p31e", "0312", "0231E"},
        {"p0pp2p3", "0312", "0W"},    /* 1 may still turn out to be damaged */
        {"p0pp1p", "0213", "0W"},     /* 2 is shown before 1 */
        {"p0pp1e", "021", "0F"},      /* and is missing */
        {"p0pp1e", "012", "01E"},     /* it is shown after 1 */
        {"p0pp2e", "012", "0F"},      /* 1 is missing */
        {"fp1p2e", "012", "12E"},     /* a free packet needs no frame */
        {"p0p1pb", "012", "01F"},     /* a packet that does not decode */
        {"p0pp2pb1e", "0314", "02F"}, /* 2 was decoded and is shown before it */
        {"p0pp2pbe", "0314", "0F"},
        {"p0p?e", "01", "0F"}, /* not known of which packet */
        /* Without times each packet that was sent before a frame came may be shown before it. */
        {"p0p1p2e", "---", "012E"},
        {"p0tpp1p", "----", "0W"},
        {"p0tpp1e", "---", "0F"},
        {"p0p1tpe", "---", "01E"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char given[16];

        play(cases[i].events, FRAME_GATE_WINDOW, cases[i].times, given);
        assert_string_equal(given, cases[i].given);
    }
    (void)state;
}

/* Frames behind a missing one fail once the window has passed. */
static void a_missing_frame_is_noticed_before_the_end(void **state)
{
    struct frame_gate *gate = frame_gate_alloc();
    AVFrame *frame = av_frame_alloc();

    frame_gate_begin(gate, FRAME_GATE_WINDOW, true);
    frame_gate_packet(gate, 0, 0, false);
    for (int64_t i = 1; i <= FRAME_GATE_WINDOW; i++) {
        assert_int_equal(frame_gate_next(gate, frame), FRAME_WAITS);
        frame_gate_packet(gate, i, i, false);
        frame->pts = i;
        assert_int_equal(frame_gate_add(gate, frame, i, false), 0);
    }
    assert_int_equal(frame_gate_next(gate, frame), FRAME_FAILED);
    av_frame_free(&frame);
    frame_gate_free(&gate);
    (void)state;
}

/* A packet that never becomes a frame does not hold back the others forever. */
static void frames_wait_no_longer_than_the_window(void **state)
{
    struct frame_gate *gate = frame_gate_alloc();
    AVFrame *frame = av_frame_alloc();
    int64_t given = 1;

    frame_gate_begin(gate, FRAME_GATE_WINDOW, false);
    frame_gate_packet(gate, 0, 0, false);
    for (int64_t i = 1; i < 3 * FRAME_GATE_WINDOW; i++) {
        frame_gate_packet(gate, i, i, false);
        frame->pts = i;
        assert_int_equal(frame_gate_add(gate, frame, i, false), 0);
        if (i < FRAME_GATE_WINDOW) {
            assert_int_equal(frame_gate_next(gate, frame), FRAME_WAITS);
            continue;
        }
        while (frame_gate_next(gate, frame) == FRAME_READY)
            assert_int_equal(frame->pts, given++);
        assert_int_equal(given, i + 1);
    }
    av_frame_free(&frame);
    frame_gate_free(&gate);
    (void)state;
}

/* Gaps longer than the window. */
static void packets_left_out_hold_nothing_back(void **state)
{
    struct frame_gate *gate = frame_gate_alloc();
    AVFrame *frame = av_frame_alloc();

    frame_gate_begin(gate, FRAME_GATE_WINDOW, false);
    for (int64_t i = 0; i < 4 * FRAME_GATE_WINDOW; i += FRAME_GATE_WINDOW - 1 + i % 3) {
        frame_gate_packet(gate, i, i, false);
        frame->pts = i;
        assert_int_equal(frame_gate_add(gate, frame, i, false), 0);
        assert_int_equal(frame_gate_next(gate, frame), FRAME_READY);
        assert_int_equal(frame->pts, i);
        assert_int_equal(frame_gate_next(gate, frame), FRAME_WAITS);
    }
    av_frame_free(&frame);
    frame_gate_free(&gate);
    (void)state;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_wait_for_those_decoded_before),
        cmocka_unit_test(without_a_window_no_frame_waits),
        cmocka_unit_test(a_missing_frame_is_damage_where_all_are_needed),
        cmocka_unit_test(a_missing_frame_is_noticed_before_the_end),
        cmocka_unit_test(frames_wait_no_longer_than_the_window),
        cmocka_unit_test(packets_left_out_hold_nothing_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
