/* One stage of the pipe: the loop that th-split, th-crop and th-verify (and, with its transfers, th-fetch) share. It
 * reads the manifest, runs jobs, writes records, counts, shows progress, and stops on a signal. */
#ifndef COMMON_STAGE_STAGE_H
#define COMMON_STAGE_STAGE_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/stage/console.h"
#include "common/stage/jobs.h"
#include "common/stage/manifest.h"
#include "common/stage/options.h"
#include "common/stage/record.h"

/* Exit statuses; a signal gives 128 + its number. */
enum { EXIT_DONE = 0, EXIT_SOME_FAILED = 1, EXIT_USAGE = 2, EXIT_CANNOT = 3, EXIT_TRY_AGAIN = 75 };

struct stage;

/* What a program adds to the loop. self is the program's own. Functions that may be NULL say so. */
struct stage_program {
    enum record_kind counts; /* the kind of its items: records of it are counted for progress */
    /* Takes one line, a record or a plain one. The line is valid only during the call (json_incref to keep a record).
     */
    void (*take)(void *self, const struct manifest_line *line);
    /* Told once that no line will follow. May be NULL. */
    void (*input_ended)(void *self);
    /* Starts what can be started; called before each wait. May be NULL. */
    void (*advance)(void *self);
    /* True when take may be called: false holds the input back. NULL: as long as a job slot is free. */
    bool (*ready)(void *self);
    /* True while something is to be waited for beside input and jobs. NULL: never. */
    bool (*busy)(void *self);
    /* Waits like poll(); NULL: poll itself. For programs that have descriptors of their own to serve. */
    int (*wait)(void *self, struct pollfd *fds, size_t count, int timeout_ms);
};

/* A stage that reads files (count names; stdin when 0) and writes records to stdout. NULL after a message when it
 * cannot be set up. Ignores SIGPIPE. */
struct stage *stage_alloc(const struct stage_program *program, void *self, const struct common_settings *settings,
                          struct console *console, char *const *files, int count);

/* Kills what still runs, frees and leaves NULL; takes NULL. The program and the console stay the caller's. */
void stage_free(struct stage **stage);

/* One more folder in which children leave temporary files; it stays the caller's. At most one. */
void stage_also_writes(struct stage *stage, const char *dir);

/* Runs to the end and returns the exit status. From here on SIGINT, SIGTERM and SIGHUP are blocked (a signalfd takes
 * them; children get them back). When it was stopped or lost children, what they left in the output folder, and in the
 * one that stage_also_writes named, is swept away. */
int stage_run(struct stage *stage);

/* Owned by the stage, which runs its jobs; and the console that it was given. */
struct jobs *stage_jobs(struct stage *stage);
struct console *stage_console(struct stage *stage);

/* Starts task on item as jobs_start does. */
int stage_start(struct stage *stage, const struct job_task *task, void *item, struct error *error);

/* Writes record (stolen; NULL counts as out of memory and stops the stage) to stdout and counts it by its status. When
 * stdout is closed the stage stops. Records of other kinds than the program counts say something to the exit status
 * only; dry_run and not_selected say nothing to it. What failed is also said at CONSOLE_WARNING. */
void stage_emit(struct stage *stage, json_t *record);

/* Says what is wrong with a line ("FILE:LINE: message", without the place when number is 0) and counts it. stage is a
 * struct stage; its type is left out so that tube_list_load can call this. */
void stage_bad_line(void *stage, const char *file, long number, const struct error *error);

/* Items expected in all, for progress. */
void stage_expect(struct stage *stage, int64_t items);

/* Stops the stage: nothing more is started, children are killed; stage_run returns status. The first call counts. */
void stage_stop(struct stage *stage, int status);

#endif
