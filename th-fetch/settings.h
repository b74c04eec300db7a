/* What the command line sets. */
#ifndef TH_FETCH_SETTINGS_H
#define TH_FETCH_SETTINGS_H

#include <stdint.h>

#include "common/options.h"

/* UNSET: any, but cc with --recheck. */
enum license_choice { LICENSE_UNSET = -1, LICENSE_CC, LICENSE_ANY };

struct fetch_settings {
    struct common_settings common; /* first, as options_read wants it */
    const char *url_template;      /* NULL: the resolver is asked */
    const char *resolver;          /* NULL: yt-dlp */
    double resolver_timeout;       /* seconds */
    const char *proxy, *cookies;   /* NULL: none */
    int64_t limit_rate;            /* bytes a second, 0: no limit */
    double connect_timeout, low_speed_time;
    int64_t retries;
    double retry_delay;
    double sleep_interval, max_sleep_interval;
    double pause;
    int64_t max_pauses;
    const char *shard; /* NULL: all ids */
    const char *tubes; /* NULL: all videos */
    int64_t min_size, min_frames;
    int64_t max_height;   /* 0: any */
    const char *format;   /* yt-dlp's; NULL: the default's */
    int64_t min_free;     /* bytes */
    int64_t max_filesize; /* bytes */
    int license;          /* enum license_choice */
    bool recheck;
    bool no_hash;
    bool audio;              /* the best sound, too */
    const char *attribution; /* the file of credits; NULL: none */
};

#endif
