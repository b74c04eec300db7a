/* Hashes that tell names apart and spread them evenly; not for what is to withstand an attack. */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of nothing, to which bytes are added. */
#define HASH_EMPTY UINT64_C(0xCBF29CE484222325)

/* The hash with the bytes added, in one call or in several (FNV-1a). */
uint64_t hash_add(uint64_t hash, const void *bytes, size_t size);

/* Spreads what differs in the last bytes over all bits (the finalizer of MurmurHash3). */
uint64_t hash_spread(uint64_t hash);

#endif
