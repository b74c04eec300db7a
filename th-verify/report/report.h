/* The last act: when all clips are verified, what came out is written as a summary for programs and as a page for
 * people.
 *
 * It counts the records that flow through, and then those of other manifests; then small pictures are made of some
 * clips. Nothing is written before that, so each file is complete or it is not there. */
#ifndef TH_VERIFY_REPORT_REPORT_H
#define TH_VERIFY_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "common/stage/record.h"
#include "common/stage/stage.h"
#include "th-verify/options.h"

struct report;

/* NULL after a message when memory runs out or a file could not be written where it should be. settings and stage must
 * outlive it. */
struct report *report_alloc(const struct verify_settings *settings, struct stage *stage);

/* Frees and leaves NULL; takes NULL. */
void report_free(struct report **report);

/* Notes a record whose head is read. is_own: it is a verdict of this run, and no manifest's record replaces it. */
void report_add(struct report *report, json_t *record, const struct record_head *head, bool is_own);

/* True until all is written, or nothing can be. */
bool report_is_due(const struct report *report);

/* Does the next piece of the work, once no record will flow any more. When a file cannot be written the stage stops. */
void report_advance(struct report *report);

/* How long the stage may wait before report_advance is called again: timeout_ms, or less. */
int report_timeout(const struct report *report, int timeout_ms);

#endif
