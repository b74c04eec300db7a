#include "common/cut/skim_file.h"

#include <string.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

enum { SIZE = 8192, KNOWN = 2048 };

/* Puts a unit of that type and length, behind its length of length_size bytes, at place. The place behind it. */
static size_t put(uint8_t *packet, size_t place, int length_size, size_t length, int type)
{
    for (int i = 0; i < length_size; i++)
        packet[place + (size_t)i] = (uint8_t)(length >> (8 * (length_size - 1 - i)));
    place += (size_t)length_size;
    packet[place] = (uint8_t)(0x60 | type);
    return place + length;
}

enum { SLICE = 1, PARTITION = 2, IDR = 5, SEI = 6, DELIMITER = 9 };

static void a_slice_near_the_beginning_suffices(void **state)
{
    static const int types[] = {SLICE, IDR};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        for (int length_size = 2; length_size <= 4; length_size++) {
            uint8_t packet[SIZE] = {0};
            size_t place = put(packet, 0, length_size, 2, DELIMITER);

            place = put(packet, place, length_size, 40, SEI);
            put(packet, place, length_size, SIZE - place - (size_t)length_size, types[i]);
            assert_true(skim_file_suffices(packet, KNOWN, SIZE, length_size));
        }
}

static void a_slice_that_begins_too_late_does_not_suffice(void **state)
{
    size_t last = 0;

    (void)state;
    for (size_t before = 1; before < KNOWN + 100; before++) {
        uint8_t packet[SIZE] = {0};
        size_t place = put(packet, 0, 4, before, SEI);

        put(packet, place, 4, SIZE - place - 4, SLICE);
        if (skim_file_suffices(packet, KNOWN, SIZE, 4))
            last = place + 4;
    }
    /* The parser looks at the first 1000 bytes of a slice. */
    assert_in_range(last, 1, KNOWN - 1000);
    assert_true(last > KNOWN / 4);
}

static void a_packet_without_slices_does_not_suffice(void **state)
{
    uint8_t packet[SIZE] = {0};
    size_t place = 0;

    (void)state;
    assert_false(skim_file_suffices(packet, KNOWN, SIZE, 4)); /* a length of 0 */
    put(packet, 0, 4, SIZE - 3, SLICE);                       /* longer than the packet */
    assert_false(skim_file_suffices(packet, KNOWN, SIZE, 4));
    put(packet, 0, 4, SIZE - 4, PARTITION);
    assert_false(skim_file_suffices(packet, KNOWN, SIZE, 4));
    put(packet, 0, 4, UINT32_MAX, SEI);
    assert_false(skim_file_suffices(packet, KNOWN, SIZE, 4));
    while (place + 20 < SIZE)
        place = put(packet, place, 4, 10, SEI);
    assert_false(skim_file_suffices(packet, KNOWN, SIZE, 4));
}

static void only_known_bytes_are_read(void **state)
{
    (void)state;
    for (size_t known = 0; known < 64; known++) {
        /* The sanitizers see a look beyond its end. */
        uint8_t *head = test_calloc(known + 1, 1);

        for (size_t place = 0; place + 5 <= known; place += 5)
            put(head, place, 4, 1, SEI);
        assert_false(skim_file_suffices(head, known, SIZE, 4));
        test_free(head);
    }
}

static void a_file_is_read_as_it_is(void **state)
{
    char bytes[100000];
    uint8_t got[sizeof bytes];
    struct skim_file *file;
    struct error error;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + i / 1000);
    assert_int_equal(skim_file_open(&file, scratch_file("bytes", bytes, sizeof bytes), &error), 0);
    assert_int_equal(avio_size(skim_file_avio(file)), sizeof bytes);
    assert_int_equal(avio_read(skim_file_avio(file), got, sizeof got), sizeof bytes);
    assert_memory_equal(got, bytes, sizeof bytes);
    assert_int_equal(avio_read(skim_file_avio(file), got, 1), AVERROR_EOF);
    assert_int_equal(avio_seek(skim_file_avio(file), 70001, SEEK_SET), 70001);
    assert_int_equal(avio_read(skim_file_avio(file), got, 5000), 5000);
    assert_memory_equal(got, bytes + 70001, 5000);
    skim_file_close(&file);
    assert_null(file);
    skim_file_close(&file);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
    struct skim_file *file;
    struct error error;

    (void)state;
    assert_int_equal(skim_file_open(&file, scratch_path("none"), &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_null(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_slice_near_the_beginning_suffices),
                                       cmocka_unit_test(a_slice_that_begins_too_late_does_not_suffice),
                                       cmocka_unit_test(a_packet_without_slices_does_not_suffice),
                                       cmocka_unit_test(only_known_bytes_are_read),
                                       cmocka_unit_test(a_file_is_read_as_it_is),
                                       cmocka_unit_test(a_file_that_is_not_there_is_an_error)};

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
