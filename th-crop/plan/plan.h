/* What th-crop has to do: which tubes are wanted of which chunk, and what has become of each.
 *
 * A tube can be named by the tube list, by plain rows, and by clip records of former runs of th-crop and th-verify, in
 * any order. It is one piece of work all the same, and gets as many records as the source that names it most often asks
 * for: once as a rule. The plan knows no files, processes or records; it is told what came and what was recorded. */
#ifndef TH_CROP_PLAN_PLAN_H
#define TH_CROP_PLAN_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/record.h"
#include "common/tube_list.h"
#include "th-crop/plan/tube_request.h"

/* Why tubes are not made: what becomes the status and the error of their records. */
struct refusal {
    enum record_status status; /* failed or skipped */
    struct error error;
};

struct plan_video;

struct plan_chunk {
    char *name;
    struct plan_video *video;
    struct plan_chunk *next;          /* in the order in which they were first named */
    struct plan_chunk *next_of_video; /* the same, within its video */
    struct plan_chunk *next_queued;
    struct tube_request_set requests;

    char *source;                  /* path of its file as a record said, NULL when none did */
    json_t *range;                 /* where it stands in the video that source then is; NULL: source is its own */
    const struct refusal *refusal; /* its tubes cannot be made, a record of this run says */
    const struct refusal *before;  /* why its tubes were skipped in a former run */
    bool is_listed;                /* the list's rows are among the requests */
    bool has_arrived;              /* its ok record has come */
    bool is_queued;
};

struct plan;

/* list may be NULL; it must outlive the plan. NULL when out of memory. */
struct plan *plan_alloc(const struct tube_list *list);

/* Frees *plan and leaves NULL; takes NULL. */
void plan_free(struct plan **plan);

/* The chunk of that name (of the form ID_NNNN), made when it is new. NULL when out of memory. */
struct plan_chunk *plan_chunk(struct plan *plan, const char *name);

/* tube_request_add() for the chunk's tubes. NULL when out of memory. */
struct tube_request *plan_add_tube(struct plan *plan, struct plan_chunk *chunk, const struct tube *tube,
                                   enum plan_source source);

/* Where the chunk's file is (or the video, and the range in it), and the source page and licence that the clips of its
 * video inherit, if that is not known yet; all may be NULL. 0, or -1 when out of memory. */
int plan_describe(struct plan_chunk *chunk, const char *source, json_t *range, json_t *lineage);

/* What the clips of the chunk inherit; NULL when nothing is known. */
const json_t *plan_lineage(const struct plan_chunk *chunk);

/* Why the chunk's tubes were skipped in a former run; the first reason holds. 0, or -1 when out of memory. */
int plan_remember(struct plan *plan, struct plan_chunk *chunk, const struct error *error);

/* The chunk's ok record has come, at path or at range of the video path (either may be NULL): its listed tubes are
 * named, and it is queued. 0, or -1 when out of memory (error io). */
int plan_chunk_came(struct plan *plan, struct plan_chunk *chunk, const char *path, json_t *range, json_t *lineage,
                    struct error *error);

/* The chunk's record says that it cannot be had: its tubes, listed or not, are refused, and it is queued. */
int plan_chunk_refused(struct plan *plan, struct plan_chunk *chunk, const struct refusal *refusal, struct error *error);

/* The video is complete: listed chunks of it that have not come are refused with no_such_chunk and queued. */
int plan_video_complete(struct plan *plan, const char *id, struct error *error);

/* The video cannot be had: all its chunks that have not come, and tubes that are named later, are refused. */
int plan_video_refused(struct plan *plan, const char *id, const struct refusal *refusal, struct error *error);

/* No more will be named: every chunk that has something pending is queued. */
void plan_input_ended(struct plan *plan);

/* Takes the next chunk off the queue, NULL when it is empty. Its pending tubes are then to be started or recorded. */
struct plan_chunk *plan_next(struct plan *plan);

/* How many chunks are queued. */
size_t plan_queued(const struct plan *plan);

/* Puts the chunk at the end of the queue if anything of it is pending. */
void plan_queue(struct plan *plan, struct plan_chunk *chunk);

/* The refusal that a record of this run gave for the chunk or its video; NULL when there is none, or the chunk has
 * come. */
const struct refusal *plan_refusal(const struct plan_chunk *chunk);

/* How many tubes of the chunk are pending or clash. */
size_t plan_pending(const struct plan_chunk *chunk);

/* Tubes named so far, counted as records: what progress calls the total. */
int64_t plan_total(const struct plan *plan);

#endif
