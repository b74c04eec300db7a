#include "th-fetch/transfer/rate.h"

/* Seconds for which unused allowance is kept: longer than a pause of the network, too short for a burst. */
static const double kept_for = 0.25;

void rate_init(struct rate *rate, int64_t limit, double now)
{
    *rate = (struct rate){.limit = limit, .allowance = (double)limit * kept_for, .counted = now};
}

static double allowance_at(const struct rate *rate, double now)
{
    double most = (double)rate->limit * kept_for;
    double allowance = rate->allowance + (now - rate->counted) * (double)rate->limit;

    return allowance < most ? allowance : most;
}

bool rate_take(struct rate *rate, size_t bytes, double now)
{
    if (rate->limit <= 0)
        return true;
    rate->allowance = allowance_at(rate, now);
    rate->counted = now;
    if (rate->allowance <= 0)
        return false;
    rate->allowance -= (double)bytes;
    return true;
}

double rate_wait(const struct rate *rate, double now)
{
    double allowance = rate->limit > 0 ? allowance_at(rate, now) : 1;

    /* Until there is 1 byte, because rate_take needs more than 0. */
    return allowance > 0 ? 0 : (1 - allowance) / (double)rate->limit;
}
