/* The main loop that all stages of the pipe share: reads the manifest, runs jobs, writes records, counts them, shows
 * progress, and stops on a signal. */
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

/* What a program adds to the loop. self is its own pointer. */
struct stage_program {
    enum record_kind counts; /* the kind of records that progress counts */
    /* Handles one line, a record or plain text. The line is valid during the call only (json_incref to keep a record).
     */
    void (*take)(void *self, const struct manifest_line *line);
    /* Called once after the last line. May be NULL. */
    void (*input_ended)(void *self);
    /* Starts work that can be started; called before each wait. May be NULL. */
    void (*advance)(void *self);
    /* Whether take may be called; false delays the input. NULL: while a job slot is free. */
    bool (*ready)(void *self);
    /* Whether there is anything to wait for besides input and jobs. NULL: never. */
    bool (*busy)(void *self);
    /* Waits like poll(), for programs with more descriptors. NULL: poll() itself. */
    int (*wait)(void *self, struct pollfd *fds, size_t count, int timeout_ms);
};

/* A stage that reads files (count names; stdin when 0) and writes records to stdout. Ignores SIGPIPE from
 * here on. NULL after a message when it cannot be set up. */
struct stage *stage_alloc(const struct stage_program *program, void *self, const struct common_settings *settings,
                          struct console *console, char *const *files, int count);

/* Kills running jobs, frees and leaves NULL; takes NULL. program and console stay the caller's. */
void stage_free(struct stage **stage);

/* Names one more folder, besides the output folder, in which children write temporary files; dir stays the caller's. */
void stage_also_writes(struct stage *stage, const char *dir);

/* Runs to the end and returns the exit status. Blocks SIGINT, SIGTERM and SIGHUP and reads them from a signalfd;
 * children unblock them. When it was stopped or lost children, removes their temporary files from the output folder and
 * the one named to stage_also_writes. */
int stage_run(struct stage *stage);

/* The stage's job pool, owned by the stage, and the console that it was given. */
struct jobs *stage_jobs(struct stage *stage);
struct console *stage_console(struct stage *stage);

/* Writes record (stolen; NULL counts as out of memory and stops the stage) to stdout and counts it by its status. When
 * stdout is closed the stage stops. Records of other kinds than the program counts affect the exit status only; dry_run
 * and not_selected do not affect it. Failures are also printed at CONSOLE_WARNING. */
void stage_emit(struct stage *stage, json_t *record);

/* Prints what is wrong with a line ("FILE:LINE: message", without the place when number is 0) and counts it. stage is a
 * struct stage; its type is left out so that tube_list_load can call this. */
void stage_bad_line(void *stage, const char *file, long number, const struct error *error);

/* Sets the total number of items, for progress; a larger --total goes before it. */
void stage_expect(struct stage *stage, int64_t items);

/* Stops the stage: children are killed, and stage_run returns status. Later calls have no effect. */
void stage_stop(struct stage *stage, int status);

#endif
