/* When an item may send a request, and whether it is tried again after a failure: policy and pace applied to items. */
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
    const struct item *tester;  /* sends requests to test whether the source serves again; NULL: there is no test */
    const struct item *refused; /* its refusal began the newest pause; NULL: there is none, or it has ended */
    bool has_advised;           /* a message has said what to do about pauses */
};

/* console must outlive it. */
void retry_init(struct retry *retry, const struct policy_limits *limits, const struct pace_limits *pace,
                struct console *console);

/* Whether the item's step may send its request now; then it counts as sent. When not, item->wake is set. */
bool retry_may_request(struct retry *retry, struct item *item);

/* Tells the pace how the item's request ended (with end when verdict is good). */
void retry_ended(struct retry *retry, const struct item *item, const struct verdict *verdict, enum pace_end end);

/* The item sends no request now, and may be freed: if it was the tester, another item may be. */
void retry_leave(struct retry *retry, const struct item *item);

/* Whether the item is tried again; then its step and time are set. */
bool retry_again(struct retry *retry, struct item *item, const struct verdict *verdict, enum item_step step);

/* True when no more requests are sent to the source, because it has refused too often. */
bool retry_has_given_up(const struct retry *retry);

#endif
