/* The resolver: a command that is given a page's URL as its last argument and prints what there is to download, as JSON
 * (answer.h). */
#ifndef TH_FETCH_SOURCE_RESOLVER_H
#define TH_FETCH_SOURCE_RESOLVER_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/stage/jobs.h"
#include "th-fetch/policy/outcome.h"

struct resolver;

struct resolver_options {
    const char *command; /* words split at white space; NULL: the private yt-dlp or that in PATH, with options */
    const char *cookies; /* handed to yt-dlp; a command of the user's names its own */
    const char *proxy;   /* the same */
    const char *format;  /* the same; NULL: the best that the data set's makers took */
    bool audio;          /* the best sound, too */
    int64_t max_height;  /* the same; pixels, 0: any */
};

/* 0 and *resolver (resolver_free), or -1 and error when out of memory. */
int resolver_alloc(struct resolver **resolver, const struct resolver_options *options, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void resolver_free(struct resolver **resolver);

/* 0 when the command is there to be run, otherwise -1 and error names it. */
int resolver_check(const struct resolver *resolver, struct error *error);

/* In a job's child: runs the command for page_url, without a shell, and reports how it ended. It gives no sign of life
 * meanwhile: the job's watchdog is the time that the command has. 0, or -1 when nothing could be reported. */
int resolver_run(const struct resolver *resolver, const char *page_url, struct job *job);

/* In the parent: takes the report apart. answer (borrowed from report) is NULL unless the outcome is good. */
void resolver_read_report(const json_t *report, struct resolver_outcome *outcome, json_t **answer);

#endif
