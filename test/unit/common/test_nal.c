/* NAL units, found in packets and extradata. */
#include "test/unit/unit.h"

#include <string.h>

#include "common/av/nal.h"
#include "test/unit/bytes.h"

/* The units of a packet as their first bytes, `!` where it is broken. */
static void walk(const char *packet, int length_size, char *out)
{
    uint8_t data[64];
    size_t size = bytes(packet, data);
    struct nal_walk walk = {data, data + size, length_size};
    enum nal_result result;
    struct nal nal;

    while ((result = nal_next(&walk, &nal)) == NAL_UNIT)
        out += sprintf(out, "%02x:%zu ", nal.data[0], nal.size);
    strcpy(out, result == NAL_BROKEN ? "!" : "");
}

static void units_are_found_by_length_or_start_code(void **state)
{
    static const struct {
        const char *packet;
        int length_size;
        const char *units;
    } cases[] = {
        {"", 4, ""},
        {"", 0, ""},
        {"00 00 00 02 41 9a", 4, "41:2 "},
        {"00 00 00 02 41 9a 00 00 00 01 0c", 4, "41:2 0c:1 "},
        {"00 02 41 9a", 2, "41:2 "},
        {"02 41 9a", 1, "41:2 "},
        {"00 00 00 03 41 9a", 4, "!"}, /* longer than what is there */
        {"00 00 00 00", 4, "!"},       /* empty */
        {"00 00 00", 4, "!"},
        {"ff ff ff ff 41", 4, "!"},
        {"00 00 00 02 41 9a 00", 4, "41:2 !"},
        {"00 00 01 41 9a", 0, "41:2 "},
        {"00 00 00 01 09 10 00 00 01 41 9a 00 00", 0, "09:2 41:2 "},
        {"41 9a", 0, "!"},    /* no start code */
        {"00 00 01", 0, "!"}, /* nothing after it */
        {"00 00 01 00 00", 0, "!"},
    };
    char units[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        walk(cases[i].packet, cases[i].length_size, units);
        assert_string_equal(units, cases[i].units);
    }
}

static void extradata_says_how_units_are_separated(void **state)
{
    static const struct {
        bool is_hevc;
        const char *extradata;
        int length_size;
    } cases[] = {
        {false, "01 64 00 1e ff e1 00", 4},
        {false, "01 64 00 1e fd e1 00", 2},
        {false, "00 00 00 01 67", 0},
        {false, "00 00 01 67", 0},
        {false, "", -1},
        {false, "01 64 00", -1},
        {false, "02 64 00 1e ff e1 00", -1},
        {true, "01 64 00 1e ff e1 00", -1},
        {true, "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 03 00", 4},
    };
    uint8_t data[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t size = bytes(cases[i].extradata, data);

        assert_int_equal(nal_length_size(cases[i].is_hevc, data, size), cases[i].length_size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_found_by_length_or_start_code),
        cmocka_unit_test(extradata_says_how_units_are_separated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
