#include "common/hash.h"

#include <libavutil/crc.h>

uint64_t hash_add(uint64_t hash, const void *bytes, size_t size)
{
    uint32_t high = av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), (uint32_t)(hash >> 32), bytes, size);
    uint32_t low = av_crc(av_crc_get_table(AV_CRC_32_IEEE), (uint32_t)hash, bytes, size);

    return (uint64_t)high << 32 | low;
}
