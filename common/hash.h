/* A 64 bit hash of bytes, not cryptographic. */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of no bytes: the start value. */
#define HASH_EMPTY UINT64_MAX

/* Adds bytes to hash; several calls give the same as one. The upper half is the CRC-32 with the lowest bit of each byte
 * first (zlib's, not inverted), the lower half the one with the highest bit first, both from libavutil. */
uint64_t hash_add(uint64_t hash, const void *bytes, size_t size);

#endif
