/* Which tubes of which chunks are to be made, and what has happened to each.
 *
 * A tube can be named by the tube list, by rows, and by clip records of former runs of th-crop and th-verify, in any
 * order. It is made once, and gets as many records as the source that names it most often asks for, usually one. The
 * plan does no input or output: its callers tell it what was read and what was recorded. */
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

/* Why tubes are not made: the status and the error of their records. */
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

    char *source;                  /* the file that a record named, NULL when none did */
    json_t *range;                 /* the chunk's place in source when that is the whole video, else NULL */
    const struct refusal *refusal; /* a record of this run says that its tubes cannot be made */
    const struct refusal *before;  /* why a former run skipped its tubes */
    bool is_listed;                /* the list's tubes are among the requests */
    bool has_arrived;              /* its ok record has been read */
    bool is_queued;
};

struct plan;

/* list may be NULL; it must outlive the plan. NULL when out of memory. */
struct plan *plan_alloc(const struct tube_list *list);

/* Frees *plan and leaves NULL; takes NULL. */
void plan_free(struct plan **plan);

/* The chunk of that name (ID_NNNN), which is added when it is new. NULL when out of memory. */
struct plan_chunk *plan_chunk(struct plan *plan, const char *name);

/* tube_request_add() for the chunk's tubes. NULL when out of memory. */
struct tube_request *plan_add_tube(struct plan *plan, struct plan_chunk *chunk, const struct tube *tube,
                                   enum plan_source source);

/* Sets the chunk's source and range, and what the clips of its video inherit, unless they are known already. All may be
 * NULL. 0, or -1 when out of memory. */
int plan_describe(struct plan_chunk *chunk, const char *source, json_t *range, json_t *lineage);

/* What the clips of the chunk inherit, NULL when nothing is known. */
const json_t *plan_lineage(const struct plan_chunk *chunk);

/* Sets why a former run skipped the chunk's tubes; the first call counts. 0, or -1 when out of memory. */
int plan_remember(struct plan *plan, struct plan_chunk *chunk, const struct error *error);

/* The chunk's ok record was read. path (may be NULL) is the chunk, or the video of which the chunk is the range. Adds
 * its listed tubes and queues it. 0, or -1 and error (io: out of memory), as the three below. */
int plan_chunk_came(struct plan *plan, struct plan_chunk *chunk, const char *path, json_t *range, json_t *lineage,
                    struct error *error);

/* The chunk's record is failed or skipped: refuses its tubes, listed or not, and queues it. */
int plan_chunk_refused(struct plan *plan, struct plan_chunk *chunk, const struct refusal *refusal, struct error *error);

/* All chunks of the video were read: refuses the listed ones that are missing with no_such_chunk, and queues them. */
int plan_video_complete(struct plan *plan, const char *id, struct error *error);

/* The video's record is failed or skipped: refuses all its chunks that were not read, also for tubes named later. */
int plan_video_refused(struct plan *plan, const char *id, const struct refusal *refusal, struct error *error);

/* The input has ended: queues every chunk that has pending tubes. */
void plan_input_ended(struct plan *plan);

/* Takes the next chunk off the queue, NULL when it is empty. The caller then starts or records its pending tubes. */
struct plan_chunk *plan_next(struct plan *plan);

/* How many chunks are queued. */
size_t plan_queued(const struct plan *plan);

/* Puts the chunk at the end of the queue if any of its tubes is pending or clashes. */
void plan_queue(struct plan *plan, struct plan_chunk *chunk);

/* The refusal of the chunk or else of its video; NULL when there is none or the chunk's ok record was read. */
const struct refusal *plan_refusal(const struct plan_chunk *chunk);

/* How many tubes of the chunk are pending or clash. */
size_t plan_pending(const struct plan_chunk *chunk);

/* How many records the tubes named so far need: the total of the progress line. */
int64_t plan_total(const struct plan *plan);

#endif
