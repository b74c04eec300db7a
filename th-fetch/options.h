/* The command line of th-fetch. */
#ifndef TH_FETCH_OPTIONS_H
#define TH_FETCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/options.h"

/* UNSET: any, but cc with --recheck. */
enum license_choice { LICENSE_UNSET = -1, LICENSE_CC, LICENSE_ANY };

struct fetch_settings {
    struct common_settings common; /* first, as options_read requires */
    const char *url_template;      /* NULL: the resolver is asked */
    const char *resolver;          /* NULL: yt-dlp */
    const char *resolver_args;     /* more words for yt-dlp; NULL: none */
    double resolver_timeout;       /* seconds */
    const char *proxy, *cookies;   /* NULL: none */
    bool ipv4, ipv6;               /* only addresses of that kind; not both */
    const char *source_address;    /* of this machine, from which connections are made; NULL: any */
    int64_t limit_rate;            /* bytes a second, 0: no limit */
    double connect_timeout;        /* seconds */
    double low_speed_time;         /* seconds, 0: never */
    double max_time;               /* seconds of one download, 0: any */
    int64_t retries;               /* of one video */
    double retry_delay;            /* seconds before the first retry */
    double sleep_interval;         /* seconds between the starts of videos, at least; -1: not given */
    double max_sleep_interval;     /* seconds, at most; ignored when it is less */
    int64_t parallel_runs;         /* runs at the same time that share the pace; this one is one of them */
    double pause;                  /* seconds of the first pause */
    int64_t max_pauses;            /* in a row */
    const char *shard;             /* NULL: all ids */
    const char *tubes;             /* file of the tube list; NULL: all videos */
    int64_t min_size, min_frames;  /* of a tube: pixels of the shorter side, frames; 0: any */
    const char *heights;           /* file of the tube list whose heights are told; NULL: that of tubes */
    const char *min_height;        /* of the picture; NULL: any */
    int64_t max_height;            /* pixels, 0: any */
    const char *format;            /* yt-dlp's --format; NULL: the default resolver's */
    bool no_segmented;             /* refuse formats that come in segments */
    int64_t min_free;              /* bytes that stay free on the disk; 0: any */
    int64_t max_disk;              /* bytes of the videos that are not finished; 0: any */
    const char *finished;          /* the file that tells which videos are; NULL: none */
    int64_t max_filesize;          /* bytes */
    int license;                   /* enum license_choice */
    bool recheck;                  /* ask about videos, download nothing */
    bool no_hash;                  /* no sha256 in the records */
    bool needed;                   /* download only the parts of a video that its tubes need */
    bool audio;                    /* download the best sound, too */
    const char *attribution;       /* the file of credits; NULL: none */
};

extern const struct program fetch_program;
extern const struct fetch_settings fetch_defaults;

/* Whether a video is refused whose page gives no Creative Commons licence. */
bool fetch_options_want_cc(const struct fetch_settings *settings);

/* Whether pages of YouTube are asked at a guest's pace (policy/guest.h): by the default resolver, unless the user has
 * said how fast. */
bool fetch_options_are_polite(const struct fetch_settings *settings);

/* Writes to text the names of the options given that a command of --resolver does not get, "--cookies, --proxy". ""
 * when there are none. */
void fetch_options_not_passed(const struct fetch_settings *settings, char *text, size_t size);

/* 0, or -1 and error (bad_id) when options contradict each other, or a value is not valid. */
int fetch_options_check(const struct fetch_settings *settings, struct error *error);

#endif
