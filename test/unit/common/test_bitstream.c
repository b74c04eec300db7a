/* What packets are by their headers. */
#include "test/unit/unit.h"

#include <libavcodec/avcodec.h>
#include <string.h>

#include "common/av/bitstream.h"
#include "test/unit/bytes.h"

/* The kind as a word; "" for what is not exactly one picture. */
static const char *name(const struct packet_kind *kind)
{
    if (!kind->is_one_picture)
        return kind->is_random_access || kind->is_droppable ? "wrong" : "";
    return kind->is_random_access ? "random access" : kind->is_droppable ? "droppable" : "picture";
}

static void h264_packets_are_told_apart(void **state)
{
    /* avcC with one sequence and one picture parameter set: 67 42, 68 ce. */
    static const char extradata[] = "01 42 00 1e ff e1 00 02 67 42 01 00 02 68 ce";
    static const struct {
        const char *packet, *name;
    } cases[] = {
        {"00 00 00 02 65 88", "random access"},
        {"00 00 00 02 41 9a", "picture"},
        {"00 00 00 02 01 9a", "droppable"},
        {"00 00 00 02 06 05 00 00 00 02 65 88", "random access"}, /* after a message */
        {"00 00 00 02 67 42 00 00 00 02 68 ce 00 00 00 02 65 88", "random access"},
        {"00 00 00 02 67 43 00 00 00 02 65 88", ""},                       /* another parameter set */
        {"00 00 00 02 65 88 00 00 00 02 65 40", "random access"},          /* two slices of one picture */
        {"00 00 00 02 65 88 00 00 00 02 65 88", ""},                       /* two pictures, or fields */
        {"00 00 00 02 65 40", ""},                                         /* the first slice is missing */
        {"00 00 00 02 65 88 00 00 00 02 41 40", "picture"},                /* only partly a key picture */
        {"00 00 00 02 01 88 00 00 00 02 41 40", "picture"},                /* only partly droppable */
        {"00 00 00 02 06 05", ""},                                         /* no picture */
        {"00 00 00 02 42 88", ""},                                         /* a partition of data */
        {"00 00 00 02 41 9a 00 00 00 02 74 9a", ""},                       /* a further layer */
        {"00 00 00 02 c1 9a", ""},                                         /* the forbidden bit */
        {"00 00 00 02 41 9a 00 00 00 09 41", ""},                          /* cut off */
        {"00 00 00 02 09 10 00 00 00 02 41 9a 00 00 00 01 0c", "picture"}, /* a delimiter and filler data */
        {"", ""},
    };
    uint8_t setup[64], data[64];
    size_t setup_size = bytes(extradata, setup);
    struct nal_stream nals;

    (void)state;
    assert_int_equal(bitstream_nal_init(&nals, false, setup, setup_size), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct packet_kind kind = {.is_one_picture = true, .is_droppable = true};

        bitstream_nal_kind(&nals, data, bytes(cases[i].packet, data), &kind);
        assert_string_equal(name(&kind), cases[i].name);
    }
}

/* hvcC with one parameter set, 44 01 and that byte. */
static size_t hvcc(unsigned byte, uint8_t *out)
{
    char text[128];

    sprintf(text, "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 03 01 a2 00 01 00 03 44 01 %02x",
            byte);
    return bytes(text, out);
}

static void hevc_packets_are_told_apart(void **state)
{
    static const struct {
        const char *packet, *name;
    } cases[] = {
        {"00 00 00 03 26 01 80", "random access"},                /* IDR_W_RADL */
        {"00 00 00 03 28 01 80", "random access"},                /* IDR_N_LP */
        {"00 00 00 03 28 01 c0", ""},                             /* it discards pictures that are not shown yet */
        {"00 00 00 03 2a 01 80", "picture"},                      /* CRA: leading pictures may reference earlier ones */
        {"00 00 00 03 20 01 80", ""},                             /* BLA */
        {"00 00 00 03 02 01 80", "picture"},                      /* TRAIL_R */
        {"00 00 00 03 00 01 80", "picture"},                      /* TRAIL_N */
        {"00 00 00 03 10 01 80", "picture"},                      /* RASL_N */
        {"00 00 00 03 02 09 80", ""},                             /* another layer */
        {"00 00 00 03 02 01 00", ""},                             /* the first slice is missing */
        {"00 00 00 03 02 01 80 00 00 00 03 02 01 00", "picture"}, /* two slices */
        {"00 00 00 03 02 01 80 00 00 00 03 02 01 80", ""},        /* two pictures */
        {"00 00 00 03 46 01 50 00 00 00 03 02 01 80", "picture"}, /* after a delimiter */
        {"00 00 00 03 44 01 c0 00 00 00 03 02 01 80", "picture"}, /* a known parameter set */
        {"00 00 00 03 44 01 c8 00 00 00 03 02 01 80", ""},        /* an unknown one */
        {"00 00 00 03 48 01 80 00 00 00 03 02 01 80", ""},        /* the end of a sequence */
        {"00 00 00 02 02 01", ""},
    };
    uint8_t setup[64], data[64];
    size_t setup_size = hvcc(0xc0, setup);
    struct nal_stream nals;

    (void)state;
    assert_int_equal(bitstream_nal_init(&nals, true, setup, setup_size), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct packet_kind kind = {0};

        bitstream_nal_kind(&nals, data, bytes(cases[i].packet, data), &kind);
        assert_string_equal(name(&kind), cases[i].name);
    }
}

static void hevc_streams_with_pictures_that_are_not_shown_are_not_known(void **state)
{
    uint8_t setup[64];
    struct nal_stream nals;

    (void)state;
    /* Two numbers 0 are `11`, then dependent slices, then output_flag_present_flag. */
    assert_int_equal(bitstream_nal_init(&nals, true, setup, hvcc(0xe0, setup)), 0);
    assert_int_equal(bitstream_nal_init(&nals, true, setup, hvcc(0xd0, setup)), -1);
    assert_int_equal(bitstream_nal_init(&nals, true, setup, hvcc(0xf0, setup)), -1);
    /* The number 1 is `010`. */
    assert_int_equal(bitstream_nal_init(&nals, true, setup, hvcc(0xa4, setup)), -1);
    assert_int_equal(bitstream_nal_init(&nals, true, setup, hvcc(0xa0, setup)), 0);
    assert_int_equal(bitstream_nal_init(&nals, true, setup, hvcc(0xc0, setup) - 1), -1); /* cut off */
    assert_int_equal(bitstream_nal_init(&nals, true, setup, bytes("00 00 01 44 01 c0", setup)), 0);
    assert_int_equal(bitstream_nal_init(&nals, true, setup, bytes("00 00 01 44 01 d0", setup)), -1);
}

static void vp9_packets_are_told_apart(void **state)
{
    static const struct {
        const char *packet, *name;
    } cases[] = {
        {"82 49 83 42", "random access"},             /* a key frame that is shown */
        {"80 49 83 42", ""},                          /* one that is not */
        {"86 00 40", "picture"},                      /* one that references others */
        {"84 00 40", ""},                             /* the same, not shown */
        {"88", "picture"},                            /* an earlier frame, shown once more */
        {"42 49", ""},                                /* not VP9 */
        {"b3 49", "picture"},                         /* profile 3, whose header has one bit more */
        {"b8 49", ""},                                /* that bit must be 0 */
        {"84 00 86 00 c9 02 00 02 00 c9", "picture"}, /* a hidden and a shown frame */
        {"84 86 c1 01 01 c1", "picture"},             /* the same with sizes of one byte */
        {"82 86 c1 01 01 c1", ""},                    /* two that are shown */
        {"84 82 c1 01 01 c1", "picture"},             /* a key frame after another frame */
        {"84 86 c1 01 02 c1", ""},                    /* sizes that do not add up */
        {"84 86 c1 02 00 c1", ""},                    /* an empty frame */
        {"", ""},
    };
    uint8_t data[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct packet_kind kind = {0};

        bitstream_vp9_kind(data, bytes(cases[i].packet, data), &kind);
        assert_string_equal(name(&kind), cases[i].name);
    }
}

static void other_codecs_are_not_known(void **state)
{
    AVCodecParameters *parameters = avcodec_parameters_alloc();
    AVPacket *packet = av_packet_alloc();
    struct bitstream *bitstream;

    (void)state;
    assert_non_null(parameters);
    assert_non_null(packet);
    parameters->codec_id = AV_CODEC_ID_MPEG4;
    bitstream = bitstream_alloc(parameters);
    assert_non_null(bitstream);
    assert_false(bitstream_is_known(bitstream));
    assert_false(bitstream_kind(bitstream, packet).is_one_picture);
    bitstream_free(&bitstream);
    assert_null(bitstream);
    bitstream_free(&bitstream);

    parameters->codec_id = AV_CODEC_ID_VP9;
    bitstream = bitstream_alloc(parameters);
    assert_true(bitstream_is_known(bitstream));
    assert_int_equal(av_new_packet(packet, 1), 0);
    packet->data[0] = 0x82;
    assert_true(bitstream_kind(bitstream, packet).is_one_picture);
    packet->flags = AV_PKT_FLAG_DISCARD;
    assert_false(bitstream_kind(bitstream, packet).is_one_picture);
    packet->flags = AV_PKT_FLAG_CORRUPT;
    assert_false(bitstream_kind(bitstream, packet).is_one_picture);
    packet->flags = 0;
    assert_non_null(av_packet_new_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, 1));
    assert_false(bitstream_kind(bitstream, packet).is_one_picture);
    bitstream_free(&bitstream);
    av_packet_free(&packet);
    avcodec_parameters_free(&parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h264_packets_are_told_apart),
        cmocka_unit_test(hevc_packets_are_told_apart),
        cmocka_unit_test(hevc_streams_with_pictures_that_are_not_shown_are_not_known),
        cmocka_unit_test(vp9_packets_are_told_apart),
        cmocka_unit_test(other_codecs_are_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
