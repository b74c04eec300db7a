/* The resolver: a command whose last argument is the URL of a page, and which prints what to download as JSON
 * (answer.h). */
#ifndef TH_FETCH_SOURCE_RESOLVER_H
#define TH_FETCH_SOURCE_RESOLVER_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/stage/jobs.h"
#include "th-fetch/options.h"
#include "th-fetch/policy/policy.h"

struct resolver;

/* The command of settings->resolver, or else the private yt-dlp or that in PATH with the format, cookies and proxy, and
 * --resolver-args of the settings, which must outlive it. 0 and *resolver (resolver_free), or -1 and error. */
int resolver_alloc(struct resolver **resolver, const struct fetch_settings *settings, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void resolver_free(struct resolver **resolver);

/* 0 when the command can be run, otherwise -1 and error names it. */
int resolver_check(const struct resolver *resolver, struct error *error);

/* The command's first word. */
const char *resolver_program(const struct resolver *resolver);

/* Whether its version can be asked: it is the default one. */
bool resolver_has_version(const struct resolver *resolver);

/* In a job's child: asks for the version, and reports. 0, or -1 when nothing could be reported. */
int resolver_ask_version(const struct resolver *resolver, struct job *job);

/* In the parent: reads that report; fault is the job's (NULL: none). 0 and *version (borrowed from report, may be
 * anything), or -1 and error (resolver) when the command does not work. */
int resolver_read_version(const struct resolver *resolver, const json_t *report, const struct error *fault,
                          const char **version, struct error *error);

/* In a job's child: runs the command for page_url, without a shell, for a picture as high as the listed one (pixels; 0:
 * not known), and reports how it ended. It gives no sign of life meanwhile, so that the job's stall_timeout is the time
 * limit of the command. 0, or -1 when nothing could be reported. */
int resolver_run(const struct resolver *resolver, const char *page_url, int64_t listed_height, struct job *job);

/* In the parent: the texts of the warnings in the report, as an array (borrowed from report); NULL: there are none. */
const json_t *resolver_warnings(const json_t *report);

/* Whether it can download a format that comes in segments: the default one, unless the settings forbid it. */
bool resolver_can_download(const struct resolver *resolver);

/* What it downloads: a format of a page, into a file of that name in the folder. */
struct resolver_download {
    const char *page_url, *format;
    char *folder, *file;
};

/* In a job's child: has the command download, and reports how it ended. Its output is a sign of life. What an earlier
 * call left in the folder is continued. 0, or -1 when nothing could be reported. */
int resolver_download(const struct resolver *resolver, const struct resolver_download *download, struct job *job);

/* In the parent: reads the report. answer (borrowed from report) is NULL unless the outcome is good. */
void resolver_read_report(const json_t *report, struct resolver_outcome *outcome, json_t **answer);

#endif
