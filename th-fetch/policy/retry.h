/* When an item may ask the source for something, and whether it may once more after a failure: policy and pace applied
 * to items. */
#ifndef TH_FETCH_POLICY_RETRY_H
#define TH_FETCH_POLICY_RETRY_H

#include <stdbool.h>

#include "common/stage/console.h"
#include "th-fetch/policy/pace.h"
#include "th-fetch/policy/policy.h"
#include "th-fetch/steps/item.h"

struct retry {
    struct console *console;
    struct pace pace;
    struct policy_limits limits;
    const struct item *tester;  /* whose requests test whether the source serves again; NULL: there is no test */
    const struct item *refused; /* for which the newest pause began; NULL: there is none, or it is through */
};

/* console must outlive it. */
void retry_init(struct retry *retry, const struct policy_limits *limits, const struct pace_limits *pace,
                struct console *console);

/* Whether the item's step may send its request now, which then counts as sent. When not, item->wake is set. */
bool retry_may_request(struct retry *retry, struct item *item);

/* What came of the item's request (end, when verdict is good): the pace learns from it. */
void retry_ended(struct retry *retry, const struct item *item, const struct verdict *verdict, enum pace_end end);

/* The item, which may be freed then, has no request to make, or none for now: it keeps nobody waiting. */
void retry_leave(struct retry *retry, const struct item *item);

/* Whether the item is tried again: then its step and time are set. Otherwise verdict is its end. */
bool retry_again(struct retry *retry, struct item *item, const struct verdict *verdict, enum item_step step);

/* True when the source has refused for so long that it is asked for nothing more. */
bool retry_has_given_up(const struct retry *retry);

#endif
