/* The records that th-fetch writes. */
#ifndef TH_FETCH_RECORD_H
#define TH_FETCH_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "th-fetch/media/probe.h"
#include "th-fetch/steps/item.h"

/* The record of a video that is in its place, downloaded now or (cached) before. New (json_decref). */
json_t *fetch_record_ok(const struct item *item, const struct probe_result *probe, bool cached);

/* The record of a cached video, with the members of known, the record of its download. New (json_decref). */
json_t *fetch_record_known(const struct item *item, const json_t *known);

/* The record `known` of a download, for a video that was discarded since. New, NULL when out of memory. */
json_t *fetch_record_discarded(const struct item *item, const json_t *known);

/* The record of a video that its page still offers. New (json_decref). */
json_t *fetch_record_checked(const struct item *item);

/* The record of a video that is not ok: failed (was_tried) or skipped. New (json_decref). */
json_t *fetch_record_not_ok(const struct item *item, const struct error *error, bool was_tried);

/* Replaces the error of such a record. *record becomes NULL when out of memory. */
void fetch_record_blame(json_t **record, const struct error *error);

#endif
