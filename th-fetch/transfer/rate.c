#include "th-fetch/transfer/rate.h"

/* What is not used is kept for so long, seconds: enough for the pauses of a network, too short for a burst. */
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

    /* A little later than exactly 0, for rate_take wants something to be there. */
    return allowance > 0 ? 0 : (1 - allowance) / (double)rate->limit;
}
