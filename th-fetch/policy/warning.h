/* What a resolver's warnings say about its session, its runtime and its cookies: pure functions over a table. */
#ifndef TH_FETCH_POLICY_WARNING_H
#define TH_FETCH_POLICY_WARNING_H

#include <stdbool.h>
#include <stddef.h>

#include "th-fetch/policy/policy.h"

/* One row of the table. */
struct warning {
    const char *phrase;    /* anywhere in the warning, in upper or lower case */
    const char *cause;     /* a sentence without its full stop: why formats are missing, and what to do */
    enum policy_kind kind; /* of a failure that it explains */
    bool ends_run;         /* it will be the same for all videos, and hides what is wrong with each of them */
};

/* The row for the text of a warning. NULL: it is none of the table. */
const struct warning *warning_find(const char *text);

/* The one that explains more: the row that stands first. Either may be NULL. */
const struct warning *warning_first(const struct warning *one, const struct warning *other);

/* When warning (may be NULL) explains the failure, makes the verdict `resolver` with the cause: formats that are
 * missing say nothing about the video then. One that ends the run explains each failure. */
void warning_explain(const struct warning *warning, struct verdict *verdict);

/* Copies the text of a warning without "[site] ID: " and without id. */
void warning_clean(char *out, size_t size, const char *text, const char *id);

/* The same for all warnings that differ only in numbers: replaces, in place, each number by 0. */
void warning_generalize(char *text);

#endif
