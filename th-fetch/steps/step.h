/* The table of steps: what each of them is, and what they share. For the files of this folder. */
#ifndef TH_FETCH_STEPS_STEP_H
#define TH_FETCH_STEPS_STEP_H

#include "common/tube_list.h"
#include "th-fetch/policy/guest.h"
#include "th-fetch/policy/height.h"
#include "th-fetch/policy/retry.h"
#include "th-fetch/policy/room.h"
#include "th-fetch/policy/streak.h"
#include "th-fetch/sidecar/credits.h"
#include "th-fetch/source/resolver.h"
#include "th-fetch/steps/steps.h"
#include "th-fetch/transfer/space.h"
#include "th-fetch/transfer/transfer.h"

enum step_start {
    STEP_STARTED,
    STEP_WAITS, /* for item->wake, or for another item; or item->step has changed */
    STEP_FAILED /* error says why */
};

/* One step. Its end sets item->step to what comes next. */
struct step {
    bool asks_source; /* sends requests, unless the item is a file of this machine */
    /* Starts the step, or prepares its job. NULL: there is nothing to prepare. */
    enum step_start (*start)(struct steps *steps, struct item *item, struct error *error);
    /* The job of the step: work, order and serve (jobs.h), with the item. Without work the step runs no job. */
    struct job_task job;
    /* The job has ended, its report is item->report. fault is NULL when it ended well. */
    void (*ended)(struct steps *steps, struct item *item, const struct error *fault);
};

extern const struct step step_look, step_resolve, step_download, step_needed, step_segments, step_probe;

enum { STEP_COUNT = ITEM_DONE };

enum version_state { VERSION_UNKNOWN, VERSION_ASKED, VERSION_KNOWN };

struct steps {
    const struct fetch_settings *settings;
    struct credits *credits; /* NULL: none are kept */
    struct console *console;
    struct stage *stage;
    struct resolver *resolver;
    const struct tube_list *tubes; /* with --needed; otherwise NULL */
    struct height_limit min_height;
    struct space space;
    struct room room;
    struct transfers *transfers;
    struct retry retry;
    struct guest guest;
    struct streak streaks[STREAK_SOURCES];
    bool is_told[STREAK_SOURCES];         /* a message has said that the source is to blame */
    struct held *held[STREAK_SOURCES];    /* records that wait for what follows (blame.c) */
    struct error stopped[STREAK_SOURCES]; /* why the source is asked no more; ERROR_NONE: it is asked */
    struct job_task jobs[STEP_COUNT];
    bool is_stopped; /* there is no resolver, or no archive */
    json_t *warned;  /* its members are the warnings that were shown */
    struct {         /* the question for the resolver's version */
        enum version_state state;
        struct job_task job;
        json_t *report;
    } version;
};

/* Prepares the question for the resolver's version. */
void step_version_init(struct steps *steps);

/* STEP_STARTED when the version has been asked for, or cannot be asked for. Otherwise asks (STEP_WAITS), or fails as a
 * step's start does. A resolver that does not work stops the run. */
enum step_start step_version_ask(struct steps *steps, struct error *error);

/* A transfer_began and a transfer_done, with struct steps as owner. */
bool step_download_began(void *steps, void *item);
void step_download_ended(void *steps, void *item, const struct transfer_outcome *outcome);

/* All bytes of the video, or of its sound, have come: sets the next step. */
void steps_downloaded(struct item *item);

/* Ends the item when the video was discarded after its clips had passed, with its kept record. False: it was not. */
bool step_look_discarded(struct steps *steps, struct item *item);

/* Whether there is room for a video that is there: it makes work, and perhaps chunks. To be called for all such videos
 * in the order of the list, before others may take the room. */
bool steps_count_file(struct steps *steps, struct item *item);

/* What is needed of the video is known now: it counts with that (--max-disk), and no longer with all of it. */
void steps_set_room(struct steps *steps, const struct item *item);

/* Whether there is room (--max-disk) for the video, whose next stream has size bytes; 0: not known, then the part may
 * know. False: it waits for others to be finished. */
bool steps_take_room(struct steps *steps, struct item *item, int64_t size);

/* Has a running download whose length is not known count with what has come. */
void steps_grow(struct steps *steps, struct item *item);

/* The video is not there, or not whole: sets the first step of its download, or finishes the item when the options
 * forbid it. */
void steps_begin_download(struct steps *steps, struct item *item);

/* Whether the sound is to be downloaded of a video that is there, and that has this record. */
bool steps_want_sound(const struct steps *steps, const struct item *item, bool has_sound, const json_t *record);

/* Sets the first step of that download. record (stolen) is written when there is no sound to be had. */
void steps_begin_sound(struct steps *steps, struct item *item, json_t *record);

/* The record (new) of a silent video whose sound cannot be had, for a reason that will not change. NULL: the item is no
 * such video. */
json_t *steps_silent_record(const struct item *item, const struct error *error);

/* Writes such a record (NULL: out of memory) to the index, so that later runs do not ask for the sound again. */
void steps_keep_silent(struct steps *steps, const json_t *record);

/* Whether only what the tubes need is downloaded of the video. */
bool steps_want_parts(const struct steps *steps, const struct item *item);

/* Ends the item with its record (stolen; NULL: out of memory). */
void steps_finish(struct steps *steps, struct item *item, json_t *record);

/* The same for a video that goes on to the next stage, and so counts until it is finished there (--max-disk). */
void steps_finish_kept(struct steps *steps, struct item *item, json_t *record);

/* The same for a video that is in its place: removes the parts that other runs may have left. */
void steps_finish_video(struct steps *steps, struct item *item, json_t *record);

/* Ends the item with a record that is not ok. */
void steps_finish_not_ok(struct steps *steps, struct item *item, const struct error *error, bool was_tried);

/* The resolver has ended, or could not be started: another page may be asked at a guest's pace. */
void steps_leave_guest(struct steps *steps, struct item *item);

/* A step has failed: tries the item again from step `again` on, at the time that the policy says, or ends it. */
void steps_retry(struct steps *steps, struct item *item, const struct verdict *verdict, enum item_step again);

/* The same after an error of this side. */
void steps_fail(struct steps *steps, struct item *item, const struct error *error, enum item_step again);

/* Counts the end of a request among those of other videos, before the pace is told. Changes the verdict when the
 * source is to blame, and not the video. has_answer: the source has told something about the video. */
void steps_judge(struct steps *steps, struct item *item, enum streak_source source, bool has_answer,
                 struct verdict *verdict);

/* Ends the item whose record steps_judge has held back. */
void steps_hold(struct steps *steps, struct item *item, const struct error *error);

/* Frees the records that are held. */
void steps_drop_held(struct steps *steps);

/* Why no request of the item is sent any more; NULL: it may be sent. */
const struct error *steps_stopped(const struct steps *steps, const struct item *item);

#endif
