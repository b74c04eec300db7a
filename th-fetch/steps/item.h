/* One video on its way: what it is, and where it stands. */
#ifndef TH_FETCH_STEPS_ITEM_H
#define TH_FETCH_STEPS_ITEM_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "common/error.h"
#include "common/output/output_file.h"
#include "th-fetch/input.h"
#include "th-fetch/job.h"
#include "th-fetch/source/answer.h"
#include "th-fetch/transfer/part.h"

struct steps;

enum item_step {
    ITEM_LOOK,     /* probe the file that is there already */
    ITEM_RESOLVE,  /* ask the resolver what to download */
    ITEM_DOWNLOAD, /* download it */
    ITEM_PROBE,    /* look at what came */
    ITEM_DONE      /* its record is written */
};

struct item {
    struct fetch_input input;
    enum item_step step;
    bool is_running;      /* the step has been started and not ended */
    int64_t furthest;     /* bytes that the part held when the tries were last counted from 0 */
    double not_before;    /* clock_seconds() at which the step may be started */
    double wake;          /* when to look again after the step could not be started; infinity: when something happens */
    double request_start; /* clock_seconds() of the last request */
    int tries;            /* steps that failed and were tried again */
    bool resolved_again;
    bool must_restart;          /* what is left of an earlier download is not gone on with */
    struct answer *answer;      /* NULL: none yet, or none needed */
    struct part *part;          /* open during ITEM_DOWNLOAD and ITEM_PROBE */
    struct part *silent;        /* the whole video, while part is the sound that is to be joined to it */
    struct output_file *joined; /* what the two become, during ITEM_PROBE */
    struct steps *steps;        /* what it goes through; not owned */
    const char *copy_from;      /* a file of the resolver that ITEM_PROBE is to copy into the part */
    char *path;                 /* the final one */
    time_t retrieved;           /* when the download ended; 0: not known */
    time_t checked;             /* when the page was asked about a file that is there; 0: this is a download */
    struct fetch_job job;       /* of ITEM_LOOK and ITEM_PROBE */
    json_t *report;             /* of the running step's child */
};

/* Takes input over (also when it fails). NULL when out of memory. */
struct item *item_alloc(struct fetch_input *input, const char *dir);

/* Leaves NULL; takes NULL. */
void item_free(struct item **item);

/* The first step that asks for something from outside. */
enum item_step item_first_step(const struct item *item);

/* Closes what it downloads into; the parts stay. */
void item_close_parts(struct item *item);

/* Whether what it asks for is on this machine. */
bool item_is_local(const struct item *item);

#endif
