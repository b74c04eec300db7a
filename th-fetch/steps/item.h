/* One video: what was asked for, and the state of its step. */
#ifndef TH_FETCH_STEPS_ITEM_H
#define TH_FETCH_STEPS_ITEM_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "common/error.h"
#include "common/output/byte_ranges.h"
#include "common/output/output_file.h"
#include "th-fetch/input.h"
#include "th-fetch/job.h"
#include "th-fetch/policy/streak.h"
#include "th-fetch/source/answer.h"
#include "th-fetch/source/resolver.h"
#include "th-fetch/transfer/part.h"

struct steps;

enum item_step {
    ITEM_LOOK,     /* probe the file that is there already */
    ITEM_RESOLVE,  /* ask the resolver what to download */
    ITEM_DOWNLOAD, /* download it */
    ITEM_NEEDED,   /* find out what to download next, with --needed */
    ITEM_SEGMENTS, /* have the resolver download what comes in segments */
    ITEM_PROBE,    /* check the file, and name it */
    ITEM_DONE      /* its record is written */
};

struct item {
    struct fetch_input input;
    enum item_step step;
    enum streak_source source; /* of its last request */
    bool is_running;           /* the step has started and not ended */
    int64_t furthest;          /* bytes of the part when tries was last set to 0 */
    double not_before;         /* clock_seconds() before which the step does not start */
    double wake;               /* when to try to start the step again; infinity: when something has ended */
    double request_start;      /* clock_seconds() of the last request */
    int tries;                 /* steps that failed and were tried again */
    bool resolved_again;
    bool is_guest;                     /* its page is asked at a guest's pace */
    bool is_asking;                    /* the guest's pace counts it as running */
    bool is_early;                     /* its download has waited, or waits, until the server gives it */
    bool is_held;                      /* its next failure is held back: the source may be to blame */
    bool lacks_room;                   /* its transfer was ended because its length was more than there is room for */
    bool must_restart;                 /* the part of an earlier download is emptied first */
    bool is_sound_alone;               /* silent, and only its sound is downloaded */
    bool must_copy;                    /* the resolver's own file is on another file system */
    bool is_going_on;                  /* a download of this run has brought parts, and others are wanted */
    struct answer *answer;             /* NULL: none yet, or none needed */
    struct part *part;                 /* open during ITEM_DOWNLOAD and ITEM_PROBE */
    struct part *video_part;           /* the complete part of the video, while part is its sound */
    json_t *silent;                    /* the record of the video that is there without sound; NULL: not so */
    struct output_file *joined;        /* the joined file, during ITEM_PROBE */
    struct steps *steps;               /* not owned */
    struct probe_result own_file;      /* what the probe found in it, before it is copied */
    double weighed;                    /* clock_seconds() when its segments were last counted for --max-disk */
    struct resolver_download segments; /* of ITEM_SEGMENTS; owns folder and file */
    char *path;                        /* DIR/ID.mp4 */
    char *needed_path;                 /* DIR/ID.mp4.needed, the video of which parts are downloaded */
    struct byte_ranges wanted;         /* of it, to be downloaded next */
    char *whole;                       /* with --needed: why all of the video is downloaded; NULL: it is not */
    int64_t listed_height;             /* pixels of the picture that the tube list was made from; 0: not known */
    time_t retrieved;                  /* when the download ended; 0: not known */
    time_t checked;       /* with --recheck: when the page was asked about the video; 0: this is a download */
    struct fetch_job job; /* of ITEM_LOOK and ITEM_PROBE */
    json_t *report;       /* of the running step's child */
};

/* Takes input over (also when it fails). NULL when out of memory. */
struct item *item_alloc(struct fetch_input *input, const char *dir);

/* Leaves NULL; takes NULL. */
void item_free(struct item **item);

/* From now on all of the video is downloaded, because `why` (copied). */
void item_need_whole(struct item *item, const char *why);

/* The first step of a download. */
enum item_step item_first_step(const struct item *item);

/* The stream that is being downloaded: the video, or its sound. All 0 when no resolver was asked. */
const struct answer_media *item_media(const struct item *item);

/* What the part of that stream becomes (part.h). */
struct part_name item_part_name(const struct item *item, const char *dir);

/* Closes its parts, which stay on the disk, and drops the joined file. */
void item_close_parts(struct item *item);

/* Whether it waits until its page may be asked at a guest's pace. It takes no room then, because others need not wait.
 */
bool item_waits_as_guest(const struct item *item);

/* Whether DIR/ID.mp4 is a symbolic link. */
bool item_is_link(const struct item *item);

/* Frees what it owns of segments, and makes it empty. */
void item_clear_segments(struct item *item);

/* Whether its URL is a file on this machine. */
bool item_is_local(const struct item *item);

#endif
