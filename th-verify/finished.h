/* Tells another program, through a pipe, which videos are finished: every clip that the tube list names of them has a
 * record. th-verify(1), --finished, describes the lines. */
#ifndef TH_VERIFY_FINISHED_H
#define TH_VERIFY_FINISHED_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/stage/record.h"
#include "common/tube_list.h"

struct finished_settings {
    const char *path;
    const struct tube_list *list;
    const char *base; /* paths are written relative to it (record_path.h); NULL: as they are */
    bool keeps_ok;    /* write also the records of clips that passed, with the times of their files */
};

struct finished;

/* Opens the file at settings->path. The settings' texts and list must outlive *finished. 0 and *finished, or -1 and
 * error (io), also for a named pipe that nobody reads. */
int finished_open(struct finished **finished, const struct finished_settings *settings, struct error *error);

/* Counts a record of th-verify. With the last one of a video, writes the video's lines. Takes NULL. 0, or -1 and error
 * (io) once, when nobody reads the lines any more; later calls do nothing. */
int finished_add(struct finished *finished, const json_t *record, const struct record_head *head, struct error *error);

/* Closes the file, frees and leaves NULL; takes NULL. */
void finished_close(struct finished **finished);

#endif
