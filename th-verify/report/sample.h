/* A choice of records that is the same for the same items, whatever their order: those with the lowest hashes. */
#ifndef TH_VERIFY_REPORT_SAMPLE_H
#define TH_VERIFY_REPORT_SAMPLE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { SAMPLE_MAX = 300 };

struct sample {
    size_t limit; /* at most SAMPLE_MAX */
    size_t count;
    struct sampled {
        uint64_t hash;
        json_t *record;
    } chosen[SAMPLE_MAX]; /* with rising hashes */
};

/* Chooses record (its own reference is taken) in the place of one with the same hash, or if it is among the lowest. */
void sample_put(struct sample *sample, uint64_t hash, json_t *record);

/* Forgets the record of that hash, if it is there. What it had displaced does not come back. */
void sample_drop(struct sample *sample, uint64_t hash);

/* Forgets all. */
void sample_clear(struct sample *sample);

#endif
