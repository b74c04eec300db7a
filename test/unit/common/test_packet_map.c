/* Which frame a packet becomes, and which packets are decoded for given frames. */
#include "test/unit/unit.h"

#include <libavutil/avutil.h>
#include <string.h>

#include "common/av/packet_map.h"

/* Reads the drawing of a stream, one word a packet in decoding order: I a random access point, P a picture that others
 * reference, b one that none references, x one that is absent; then its time. */
static size_t draw(const char *drawing, struct packet_note *notes)
{
    size_t count = 0;
    char letter;
    int pts, length;

    for (; sscanf(drawing, " %c%d%n", &letter, &pts, &length) == 2; drawing += length)
        notes[count++] = (struct packet_note){
            .pts = pts, .is_absent = letter == 'x', .kind = {true, letter == 'I', letter == 'b', pts}};
    for (size_t i = 0; i < count; i++)
        if (notes[i].is_absent)
            notes[i].kind = (struct packet_kind){0};
    /* The codec counts from each random access point. */
    for (size_t i = 0, start = 0; i < count; i++) {
        if (notes[i].kind.is_random_access)
            start = i;
        notes[i].kind.order = (int)(notes[i].pts - notes[start].pts);
    }
    return count;
}

enum { MOST = 32, DELAY = 2 };

/* Two groups with a pyramid of B-frames each, and one of key frames. */
static const char groups[] = "I10 P50 P30 b20 b40  I60 P100 P80 b70 b90  I110 I120";

static void frames_are_numbered_by_time(void **state)
{
    static const uint32_t expected[] = {0, 4, 2, 1, 3, 5, 9, 7, 6, 8, 10, 11};
    struct packet_note notes[MOST];
    size_t count = draw(groups, notes);
    struct packet_map map;

    (void)state;
    assert_null(packet_map_make(&map, notes, count, DELAY));
    assert_int_equal(map.count, COUNT_OF(expected));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(map.packets[i].frame, expected[i]);
        assert_int_equal(map.packets[i].is_random_access, i == 0 || i == 5 || i >= 10);
    }
    packet_map_clear(&map);
    assert_null(map.packets);
}

/* The use of each packet: `.` skipped, `f` decoded, `R` decoded after a restart. */
static void choose(const char *drawing, const char *ranges, char *uses)
{
    struct packet_note notes[MOST];
    struct frame_range array[8];
    enum packet_use chosen[MOST];
    size_t count = draw(drawing, notes), n = 0;
    struct packet_map map;
    long first, last;
    int length;

    for (; sscanf(ranges, " %ld-%ld%n", &first, &last, &length) == 2; ranges += length)
        array[n++] = (struct frame_range){first, last};
    assert_null(packet_map_make(&map, notes, count, DELAY));
    assert_int_equal(packet_map_choose(&map, array, n, chosen), 0);
    for (size_t i = 0; i < count; i++)
        uses[i] = ".fR"[chosen[i]];
    uses[count] = '\0';
    packet_map_clear(&map);
}

static void only_what_frames_need_is_decoded(void **state)
{
    static const struct {
        const char *drawing, *ranges, *uses;
    } cases[] = {
        {groups, "0-11", "Rfffffffffff"}, /* all */
        {groups, "", "............"},     /* nothing */
        {groups, "0-0", "R..........."},  /* only the key frame */
        {groups, "1-1", "Rfff........"},  /* a B-frame with its references */
        {groups, "2-2", "Rff........."},  /* up to the picture itself */
        {groups, "3-3", "Rff.f......."},  /* not the other B-frame */
        {groups, "4-4", "Rf.........."},
        {groups, "5-5", ".....R......"},   /* a key frame in the middle */
        {groups, "6-6", ".....Rfff..."},   /* a whole group is skipped */
        {groups, "11-11", "...........R"}, /* the last */
        {groups, "0-0 11-11", "R..........R"},
        {groups, "3-5", "Rff.ff......"},     /* across groups: the packet before was decoded */
        {groups, "2-2 5-5", "Rff..R......"}, /* the packets before were not */
        {groups, "9-10", ".....Rf...R."},
        {groups, "20-30", "............"}, /* beyond the end */
        {groups, "10-30", "..........Rf"}, /* partly */
        {groups, "-5-0", "R..........."},  /* before the beginning */
        {groups, "3-2", "............"},   /* reversed */
        {"I1 P2 P3 P4", "2-2", "Rff."},    /* no B-frames */
        {"I1 b2 b3 b4", "3-3", "R..f"},    /* only B-frames after the key frame */
    };
    char uses[MOST + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        choose(cases[i].drawing, cases[i].ranges, uses);
        assert_string_equal(uses, cases[i].uses);
    }
}

static void absent_packets_count_as_frames(void **state)
{
    static const struct {
        const char *drawing, *ranges, *uses;
        const char *absent; /* x: it cannot be decoded */
    } cases[] = {
        {"I1 P3 b2 x4 x6 x5 I7 P8", "6-7", "......Rf", "...xxx.."}, /* they are skipped */
        {"I1 P3 b2 x4 x6 x5 I7 P8", "1-1", "Rff.....", "...xxx.."},
        {"I1 P3 b2 x4 x6 x5 I7 P8", "4-4", "Rf.fff..", "...xxx.."}, /* needed, too */
        {"I1 x3 b2 P4 I5 P6", "5-5", "....Rf", ".xxx.."},           /* those behind one cannot be decoded */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct packet_note notes[MOST];
        size_t count = draw(cases[i].drawing, notes);
        struct packet_map map;
        char uses[MOST + 1];

        assert_null(packet_map_make(&map, notes, count, DELAY));
        for (size_t packet = 0; packet < count; packet++)
            assert_int_equal(map.packets[packet].is_absent, cases[i].absent[packet] == 'x');
        packet_map_clear(&map);
        choose(cases[i].drawing, cases[i].ranges, uses);
        assert_string_equal(uses, cases[i].uses);
    }
}

static void a_packet_is_needed_when_it_is_decoded(void **state)
{
    static const char *const drawings[] = {groups, "I1 P2 P3 P4", "I1 b2 b3 b4"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(drawings); i++) {
        struct packet_note notes[MOST];
        size_t count = draw(drawings[i], notes);
        struct packet_map map;

        assert_null(packet_map_make(&map, notes, count, DELAY));
        for (int64_t first = -1; first <= (int64_t)count; first++)
            for (int64_t last = first - 1; last <= (int64_t)count; last++) {
                const struct frame_range range = {first, last};
                enum packet_use uses[MOST];

                assert_int_equal(packet_map_choose(&map, &range, 1, uses), 0);
                for (size_t packet = 0; packet < count; packet++)
                    assert_int_equal(packet_map_needs(&map, &range, packet), uses[packet] != PACKET_SKIP);
            }
        packet_map_clear(&map);
    }
}

static void uncertain_frame_numbers_make_no_map(void **state)
{
    static const struct {
        const char *drawing, *why;
        int delay;
    } cases[] = {
        {"", "there are no packets", DELAY},
        {"P1 P2 I3", "it does not begin with a random access point", DELAY},
        {"I3 b1 b2 P4", "it does not begin with a random access point", DELAY}, /* leading pictures */
        {"I1 P2 P2", "two packets have the same time", DELAY},
        {"I1 P4 P3 b2", "pictures are out of order by more than the stream says", 1},
        {"I1 P2 b1000 P4 P3", "pictures are out of order by more than the stream says", 0},
        {"I1 P5 P4 P3 b2", "pictures are out of order by more than the stream says", 2},
        {"I1 P4 I3 b2 I5", "times contradict the order of pictures",
         DELAY}, /* a random access point that is not closed */
        {"I1 P2", "pictures are out of order by more than the stream says", -1},
        {"I1 P2", "pictures are out of order by more than the stream says", 17},
    };
    struct packet_note notes[MOST];
    struct packet_map map;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(packet_map_make(&map, notes, draw(cases[i].drawing, notes), cases[i].delay), cases[i].why);
        assert_null(map.packets);
    }
    draw("I1 P2 P3", notes);
    notes[1].pts = AV_NOPTS_VALUE;
    assert_string_equal(packet_map_make(&map, notes, 3, DELAY), "a packet has no time");
    draw("I1 P2 P3", notes);
    notes[2].kind.is_one_picture = false;
    assert_string_equal(packet_map_make(&map, notes, 3, DELAY), "a packet is not exactly one picture");
    draw("I1 P2 P3", notes);
    notes[2].kind.order = -1; /* the codec shows it first */
    assert_string_equal(packet_map_make(&map, notes, 3, DELAY), "times contradict the order of pictures");
}

static void as_much_reordering_as_the_stream_says_is_accepted(void **state)
{
    static const struct {
        const char *drawing;
        int delay;
    } cases[] = {
        {"I1 P2 P3", 0}, {"I1 P3 b2 P5 b4", 1}, {"I1 P5 P3 b2 b4 P9 P7 b6 b8", 2}, {"I1 P5 P4 P3 b2", 3}, {"I1 P2", 16},
    };
    struct packet_note notes[MOST];
    struct packet_map map;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t count = draw(cases[i].drawing, notes);

        assert_null(packet_map_make(&map, notes, count, cases[i].delay));
        packet_map_clear(&map);
        if (cases[i].delay && cases[i].delay < 16)
            assert_non_null(packet_map_make(&map, notes, count, cases[i].delay - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_numbered_by_time),
        cmocka_unit_test(only_what_frames_need_is_decoded),
        cmocka_unit_test(absent_packets_count_as_frames),
        cmocka_unit_test(a_packet_is_needed_when_it_is_decoded),
        cmocka_unit_test(uncertain_frame_numbers_make_no_map),
        cmocka_unit_test(as_much_reordering_as_the_stream_says_is_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
