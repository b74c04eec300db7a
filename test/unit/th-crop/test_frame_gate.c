/* Which frames are given while others may still turn out to be damaged. */
#include "test/unit/unit.h"

#include "th-crop/decode/frame_gate.h"

static int64_t time_of(const char *times, int64_t packet)
{
    return times && times[packet] != '-' ? times[packet] - '0' : AV_NOPTS_VALUE;
}

/* Appends the numbers of the frames that are given now; returns what the next one is. */
static enum frame_gate_result take_proven(struct frame_gate *gate, AVFrame *frame, char **given)
{
    enum frame_gate_result result;

    for (; (result = frame_gate_next(gate, frame)) == FRAME_PROVEN; av_frame_unref(frame))
        *(*given)++ = (char)frame->quality;
    return result;
}

/* Does what each letter of events says: p sends a packet, f one that nothing leans on, - leaves one out; a digit is the
 * frame that comes of the packet of that number, after x a damaged one; ? a frame of an unknown packet; b: the latest
 * packet does not decode; t: frames are taken; e: the end. Writes the numbers of the frames that are given into given,
 * and last what the next one is: Waits, End, Failed. times: where all are needed, the time of each packet as a digit, -
 * where not known; NULL where all are not needed. */
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
            take_proven(gate, frame, &given);
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
    result = take_proven(gate, frame, &given);
    *given++ = results[result];
    *given = 0;
    av_frame_free(&frame);
    frame_gate_free(&gate);
    assert_null(gate);
}

static void frames_wait_for_those_that_were_decoded_before(void **state)
{
    static const struct {
        const char *events, *given;
    } cases[] = {
        {"", "W"},
        {"e", "E"},
        {"p0", "0W"},
        {"p0p1p2e", "012E"},
        {"p0pp2", "0W"},          /* a B picture, of which the P picture behind it has not come */
        {"p0pp2p3", "0W"},        /* a second one */
        {"p0pp2p31", "0231W"},    /* and the P picture */
        {"p0pp2p31pp5", "0231W"}, /* the next P picture has not come */
        {"p0pp2e", "02E"},        /* it never does */
        {"fp1", "1W"},            /* what leads a chunk may stay away */
        {"p0-p2", "02W"},         /* so may what is not decoded */
        {"p0p--p4", "0W"},
        {"p0p?", "0?W"}, /* taken for the latest: 1 */
        {"p0pp?", "0W"},
        /* Damage costs what was decoded after it. */
        {"px0", "F"},
        {"p0pp2p3x1", "0F"},
        {"p0ppx21", "0F"},
        {"p0pppp32x41", "032F"}, /* packets 0 4 2 1 3 in the order of showing, 3 damaged */
        {"p0pppp3x241", "0F"},
        /* A packet that does not decode, and what comes of those before it: it is not given, but tells of damage. */
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

static void without_reach_none_waits(void **state)
{
    static const char *const cases[][2] = {{"p0pp2", "02W"}, {"p0ppx2", "0F"}, {"p0ppb", "0F"}, {"p0pp21e", "021E"}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char given[16];

        play(cases[i][0], 0, NULL, given);
        assert_string_equal(given, cases[i][1]);
    }
    (void)state;
}

/* A frame that does not come shifts the numbers of those that are shown after it. */
static void where_all_are_needed_a_missing_frame_is_damage(void **state)
{
    static const struct {
        const char *events, *times, *given;
    } cases[] = {
        {"p0p1p2e", "012", "012E"},
        {"p0pp2p31e", "0312", "0231E"},
        {"p0pp2p3", "0312", "0W"},    /* 1 may still turn out to be damaged */
        {"p0pp1p", "0213", "0W"},     /* 2 is shown before 1 */
        {"p0pp1e", "021", "0F"},      /* and was lost */
        {"p0pp1e", "012", "01E"},     /* it is shown after 1 */
        {"p0pp2e", "012", "0F"},      /* 1 was lost */
        {"fp1p2e", "012", "12E"},     /* what leads a chunk may stay away */
        {"p0p1pb", "012", "01F"},     /* a packet that does not decode */
        {"p0pp2pb1e", "0314", "02F"}, /* what is shown before it and was decoded before it is given */
        {"p0pp2pbe", "0314", "0F"},
        {"p0p?e", "01", "0F"}, /* not known of which packet */
        /* Where times are not known, each packet that was sent before a frame came may be shown before it. */
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

/* Frames behind a missing one fail as soon as it is too late for it to come. */
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

/* A packet that never becomes a frame does not hold back the others for ever. */
static void the_wait_has_an_end(void **state)
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
        while (frame_gate_next(gate, frame) == FRAME_PROVEN)
            assert_int_equal(frame->pts, given++);
        assert_int_equal(given, i + 1);
    }
    av_frame_free(&frame);
    frame_gate_free(&gate);
    (void)state;
}

/* More packets are left out than are remembered. */
static void long_gaps_hold_back_nothing(void **state)
{
    struct frame_gate *gate = frame_gate_alloc();
    AVFrame *frame = av_frame_alloc();

    frame_gate_begin(gate, FRAME_GATE_WINDOW, false);
    for (int64_t i = 0; i < 4 * FRAME_GATE_WINDOW; i += FRAME_GATE_WINDOW - 1 + i % 3) {
        frame_gate_packet(gate, i, i, false);
        frame->pts = i;
        assert_int_equal(frame_gate_add(gate, frame, i, false), 0);
        assert_int_equal(frame_gate_next(gate, frame), FRAME_PROVEN);
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
        cmocka_unit_test(frames_wait_for_those_that_were_decoded_before),
        cmocka_unit_test(without_reach_none_waits),
        cmocka_unit_test(where_all_are_needed_a_missing_frame_is_damage),
        cmocka_unit_test(a_missing_frame_is_noticed_before_the_end),
        cmocka_unit_test(the_wait_has_an_end),
        cmocka_unit_test(long_gaps_hold_back_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
