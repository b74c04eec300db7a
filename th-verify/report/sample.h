/* A sample of records: those with the lowest hashes, so that their order does not matter. */
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

/* Adds record (takes a reference) if its hash is among the lowest; replaces one with the same hash. */
void sample_put(struct sample *sample, uint64_t hash, json_t *record);

/* Removes the record of that hash, if there is one. A record that it displaced does not return. */
void sample_drop(struct sample *sample, uint64_t hash);

/* Forgets all. */
void sample_clear(struct sample *sample);

#endif
