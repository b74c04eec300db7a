/* The counts as a JSON document. Pure. */
#ifndef TH_VERIFY_REPORT_SUMMARY_H
#define TH_VERIFY_REPORT_SUMMARY_H

#include <jansson.h>

#include "th-verify/report/counts.h"

/* A new object (json_decref), NULL when out of memory: "stages", "clips", "sizes", "lengths", "videos" as th-verify(1)
 * has them. */
json_t *summary_make(const struct counts *counts, const struct item_table *table);

#endif
