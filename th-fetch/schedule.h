/* The parent: takes lines of input, brings each video through its steps, and waits for what runs. */
#ifndef TH_FETCH_SCHEDULE_H
#define TH_FETCH_SCHEDULE_H

#include "common/stage/console.h"
#include "th-fetch/options.h"

/* Runs to the end of files (count names; stdin when 0) and returns the exit status, after messages. What is being
 * downloaded when it is stopped stays as a part. */
int fetch_schedule_run(const struct fetch_settings *settings, struct console *console, char *const *files, int count);

#endif
