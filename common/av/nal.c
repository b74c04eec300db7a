#include "common/av/nal.h"

/* The configuration records of ISO/IEC 14496-15: offsets of lengthSizeMinusOne and of hvcC's arrays of units. */
enum { AVCC_LENGTH_AT = 4, AVCC_SIZE_MIN = 7, HVCC_LENGTH_AT = 21, HVCC_ARRAYS_AT = 22, HVCC_SIZE_MIN = 23 };

static bool is_start_code(const uint8_t *data, size_t size)
{
    return size >= 3 && data[0] == 0 && data[1] == 0 && data[2] == 1;
}

int nal_length_size(bool is_hevc, const uint8_t *extradata, size_t size)
{
    size_t least = is_hevc ? HVCC_SIZE_MIN : AVCC_SIZE_MIN;

    if (is_start_code(extradata, size) || (size && extradata[0] == 0 && is_start_code(extradata + 1, size - 1)))
        return 0;
    if (size < least || extradata[0] != 1)
        return -1;
    return (extradata[is_hevc ? HVCC_LENGTH_AT : AVCC_LENGTH_AT] & 3) + 1;
}

static enum nal_result next_by_length(struct nal_walk *walk, struct nal *nal)
{
    size_t left = (size_t)(walk->end - walk->next), size = 0;

    if (!left)
        return NAL_END;
    if (left <= (size_t)walk->length_size)
        return NAL_BROKEN;
    for (int i = 0; i < walk->length_size; i++)
        size = size << 8 | *walk->next++;
    if (!size || size > left - (size_t)walk->length_size)
        return NAL_BROKEN;
    *nal = (struct nal){walk->next, size};
    walk->next += size;
    return NAL_UNIT;
}

static enum nal_result next_by_start_code(struct nal_walk *walk, struct nal *nal)
{
    const uint8_t *at = walk->next, *end = walk->end, *last;

    while (at < end && *at == 0 && !is_start_code(at, (size_t)(end - at)))
        at++;
    if (at == end)
        return NAL_END;
    if (!is_start_code(at, (size_t)(end - at)))
        return NAL_BROKEN;
    nal->data = at + 3;
    for (at = nal->data; at < end && !is_start_code(at, (size_t)(end - at)); at++)
        ;
    walk->next = at;
    for (last = at; last > nal->data && last[-1] == 0; last--)
        ;
    nal->size = (size_t)(last - nal->data);
    return nal->size ? NAL_UNIT : NAL_BROKEN;
}

enum nal_result nal_next(struct nal_walk *walk, struct nal *nal)
{
    return walk->length_size ? next_by_length(walk, nal) : next_by_start_code(walk, nal);
}

/* hvcC: the number of arrays; of each array one byte for the type, two for the number of units, then the units behind
 * two bytes of length each. */
static bool hvcc_all(const uint8_t *data, size_t size, bool (*accept)(const struct nal *nal))
{
    struct nal_walk walk = {data + HVCC_ARRAYS_AT + 1, data + size, 2};
    struct nal nal;

    for (int arrays = data[HVCC_ARRAYS_AT]; arrays; arrays--) {
        int count;

        if (walk.end - walk.next < 3)
            return false;
        count = walk.next[1] << 8 | walk.next[2];
        for (walk.next += 3; count; count--)
            if (nal_next(&walk, &nal) != NAL_UNIT || !accept(&nal))
                return false;
    }
    return true;
}

bool nal_hevc_extradata_all(const uint8_t *extradata, size_t size, bool (*accept)(const struct nal *nal))
{
    struct nal_walk walk = {extradata, extradata + size, 0};
    enum nal_result result;
    struct nal nal;

    if (nal_length_size(true, extradata, size) > 0)
        return hvcc_all(extradata, size, accept);
    while ((result = nal_next(&walk, &nal)) == NAL_UNIT)
        if (!accept(&nal))
            return false;
    return result == NAL_END;
}
