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
#include "common/tube.h"
#include "common/tube_list.h"

/* Who names a tube: the list of -t, a row of the input, a record of th-crop or of th-verify. */
enum plan_source { PLAN_LIST, PLAN_ROW, PLAN_CROP, PLAN_VERIFY, PLAN_SOURCE_COUNT };

struct plan_request {
    struct tube tube;
    struct plan_request *next;         /* of the same chunk */
    uint32_t named[PLAN_SOURCE_COUNT]; /* how often each source named it */
    uint32_t recorded;                 /* records written */
    uint32_t clashes;                  /* failed records to write: it was named for a picture of another size */
    bool is_running;                   /* a job has it */
    bool is_forced;                    /* make it even if its clip exists */
    const struct refusal *before;      /* why a former run skipped it; NULL when none did */
};

/* Why tubes are not made: the status and the error of their records. */
struct refusal {
    enum record_status status; /* failed or skipped */
    struct error error;
    struct refusal *next; /* of those that the plan keeps */
};

struct plan_video {
    char *id;
    struct plan_chunk *chunks;
    const struct refusal *refusal;
    json_t *lineage; /* what the clips of its chunks inherit, NULL when nothing is known */
};

struct plan_chunk {
    char *name;
    struct plan_video *video;
    struct plan_chunk *next;          /* in the order in which they were first named */
    struct plan_chunk *next_of_video; /* the same, within its video */
    struct plan_chunk *next_queued;
    struct plan_request *requests, **requests_end; /* in the order in which they were first named */
    void *request_index;                           /* by tube: tsearch() */

    char *source;                  /* the file that a record named, NULL when none did */
    json_t *range;                 /* the chunk's place in source when that is the whole video, else NULL */
    int64_t frames;                /* of the chunk's file, as its record says; 0 when not known */
    const struct refusal *refusal; /* a record of this run says that its tubes cannot be made */
    bool is_listed;                /* the list's tubes are among the requests */
    bool has_arrived;              /* its ok record has been read */
    bool is_discarded;             /* that record says that its video was discarded */
    bool is_queued;
};

/* Read-only for the plan's callers. */
struct plan {
    const struct tube_list *list;
    void *videos, *chunk_index; /* by id, by name: tsearch() */
    struct plan_chunk *chunks, **chunks_end;
    struct plan_chunk *queue, **queue_end;
    size_t queued;            /* chunks in the queue */
    struct refusal *refusals; /* the newest first; many chunks share one */
    int64_t total;            /* records that the tubes named so far need: the total of the progress line */
};

/* list may be NULL; it must outlive the plan. NULL when out of memory. */
struct plan *plan_alloc(const struct tube_list *list);

/* Frees *plan and leaves NULL; takes NULL. */
void plan_free(struct plan **plan);

/* The chunk of that name (ID_NNNN), which is added when it is new. NULL when out of memory. */
struct plan_chunk *plan_chunk(struct plan *plan, const char *name);

/* Notes that source names the tube. Tubes that differ only in H and W have the same clip. If H and W are 0 in one, they
 * are taken from the other; if they differ otherwise, the first ones stay and `clashes` counts the others. The request
 * needs as many records as the source that names it most often asks for. NULL when out of memory. */
struct plan_request *plan_add_tube(struct plan *plan, struct plan_chunk *chunk, const struct tube *tube,
                                   enum plan_source source);

/* Sets the chunk's source and range, and what the clips of its video inherit, unless they are known already. All may be
 * NULL. 0, or -1 when out of memory. */
int plan_describe(struct plan_chunk *chunk, const char *source, json_t *range, json_t *lineage);

/* Sets why a former run skipped the tube; the last call counts. 0, or -1 when out of memory. */
int plan_remember(struct plan *plan, struct plan_request *request, const struct error *error);

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

/* Puts the chunk at the end of the queue if any of its tubes is pending or clashes. */
void plan_queue(struct plan *plan, struct plan_chunk *chunk);

/* The refusal of the chunk or else of its video; NULL when there is none or the chunk's ok record was read. */
const struct refusal *plan_refusal(const struct plan_chunk *chunk);

/* How many tubes of the chunk are pending or clash. */
size_t plan_pending(const struct plan_chunk *chunk);

/* True when the tube is to be made or recorded, and no job has it. */
bool plan_request_is_pending(const struct plan_request *request);

/* How many records are still to be written. 0 when all were written and th-verify's record came later, so that the clip
 * is made again. */
uint32_t plan_request_records(const struct plan_request *request);

/* Notes that so many records have been written. is_final: the clip was made or cannot be made, which ends is_forced;
 * false: an existing clip was passed on. */
void plan_request_recorded(struct plan_request *request, uint32_t records, bool is_final);

#endif
