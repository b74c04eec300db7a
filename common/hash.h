/* Hashes that tell names apart and spread them evenly; not for what is to withstand an attack. */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of nothing, to which bytes are added. */
#define HASH_EMPTY UINT64_MAX

/* The hash with the bytes added, in one call or in several: libavutil's CRC-32 of bits in either order, the one that
 * begins with the lowest bit of each byte in the upper half. */
uint64_t hash_add(uint64_t hash, const void *bytes, size_t size);

#endif
