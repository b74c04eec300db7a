/* The records that th-fetch writes. */
#ifndef TH_FETCH_RECORD_H
#define TH_FETCH_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "th-fetch/media/probe.h"
#include "th-fetch/steps/item.h"

/* The record of a video that is there: downloaded now, or (cached) before. New (json_decref). */
json_t *fetch_record_ok(const struct item *item, const struct probe_result *probe, bool cached);

/* The same of one that is there, with what known, its record when it was downloaded, said. New (json_decref). */
json_t *fetch_record_known(const struct item *item, const json_t *known);

/* The record of a video whose page still gives it. New (json_decref). */
json_t *fetch_record_checked(const struct item *item);

/* The record of one that is not; was_tried: failed, otherwise skipped. New (json_decref). */
json_t *fetch_record_not_ok(const struct item *item, const struct error *error, bool was_tried);

#endif
