/* Writes the summary (JSON) and the page (HTML) when all clips are verified.
 *
 * Counts the records of this run, then those of other manifests, then has contact sheets of some clips made, and writes
 * the files last; each is complete or does not exist. */
#ifndef TH_VERIFY_REPORT_REPORT_H
#define TH_VERIFY_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "common/stage/record.h"
#include "common/stage/stage.h"
#include "th-verify/options.h"

struct report;

/* NULL after a message when memory runs out or a file cannot be written at its place. settings and stage must outlive
 * the report. */
struct report *report_alloc(const struct verify_settings *settings, struct stage *stage);

/* Frees and leaves NULL; takes NULL. */
void report_free(struct report **report);

/* Counts a record whose head is read. is_own: it is a verdict of this run, which no manifest's record replaces. */
void report_add(struct report *report, json_t *record, const struct record_head *head, bool is_own);

/* True until all files are written, or writing has failed. */
bool report_is_due(const struct report *report);

/* Does the next part of the work, when all clips are verified. When a file cannot be written, the stage stops. */
void report_advance(struct report *report);

/* How long the stage may wait before report_advance is called again: timeout_ms, or less. */
int report_timeout(const struct report *report, int timeout_ms);

#endif
