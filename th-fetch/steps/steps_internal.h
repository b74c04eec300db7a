/* What steps.c, which starts the steps, and steps_end.c, which takes their results, share. */
#ifndef TH_FETCH_STEPS_STEPS_INTERNAL_H
#define TH_FETCH_STEPS_STEPS_INTERNAL_H

#include "th-fetch/policy/retry.h"
#include "th-fetch/source/resolver.h"
#include "th-fetch/steps/steps.h"
#include "th-fetch/transfer/space.h"
#include "th-fetch/transfer/transfer.h"

struct steps {
    const struct fetch_settings *settings;
    struct credits *credits; /* not owned; NULL: none are kept */
    struct console *console;
    struct stage *stage;
    struct resolver *resolver;
    struct space space;
    struct transfers *transfers;
    struct retry retry;
    struct job_task look_task, resolve_task, probe_task;
    bool is_stopped; /* there is no resolver */
};

/* What each child does, and who takes its report. */
void steps_set_tasks(struct steps *steps, double resolver_timeout);

/* The video is not there, or not whole: its download is to be done, or in a dry run to be told. */
void steps_set_out(struct steps *steps, struct item *item);

/* All bytes have come. */
void steps_transferred(struct item *item);

/* A transfer_began and a transfer_done. */
void steps_transfer_began(void *self, void *context);
void steps_transfer_ended(void *self, void *context, const struct transfer_outcome *outcome);

/* The item ends as a record that is not ok. */
void steps_finish_not_ok(struct steps *steps, struct item *item, const struct error *error, bool was_tried);

/* Something on this side failed: the item is tried again from step `again` on, or ends. */
void steps_fail(struct steps *steps, struct item *item, const struct error *error, enum item_step again);

#endif
