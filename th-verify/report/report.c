#include "th-verify/report/report.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/output/output_file.h"
#include "common/output/output_place.h"
#include "common/output/write_all.h"
#include "th-verify/report/clip_list.h"
#include "th-verify/report/contact_sheet.h"
#include "th-verify/report/counts.h"
#include "th-verify/report/item_table.h"
#include "th-verify/report/page.h"
#include "th-verify/report/shown_clips.h"
#include "th-verify/report/summary.h"

enum {
    LINES_AT_ONCE = 1024, /* of a manifest, before signals and children are served again */
    PAUSE_MS = 50         /* before a manifest that has nothing to read is read again */
};

struct report {
    const struct verify_settings *settings;
    struct stage *stage;
    struct manifest_reader *manifests; /* NULL: there are none, or all are read */
    struct item_table table;
    struct shown_clips shown;                               /* of records for the page */
    struct contact_sheet sheets[FAILED_SHOWN + GOOD_SHOWN]; /* of clips that failed, then of good ones */
    size_t failed_count, sheet_count, next_sheet;           /* next_sheet: the one to start next */
    int unfinished;                                         /* sheets that are being made */
    struct clip_list *list;                                 /* NULL: none is wanted, or it is written */
    bool is_listing;                                        /* the manifests are read once more, for the list */
    bool is_waiting;                                        /* for a manifest that grows */
    bool is_done;
};

/* Finds out at the beginning whether the files can be written at the end. 0, or -1 after a message. */
static int check_files(const struct verify_settings *settings, struct console *console)
{
    const char *const paths[] = {settings->summary, settings->report, settings->passed};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (paths[i] && output_place_check(paths[i])) {
            console_say(console, CONSOLE_ERROR, "cannot write %s: %s", paths[i], strerror(errno));
            return -1;
        }
    return 0;
}

struct report *report_alloc(const struct verify_settings *settings, struct stage *stage)
{
    struct report *report = calloc(1, sizeof *report);

    if (!report) {
        console_say(stage_console(stage), CONSOLE_ERROR, "out of memory");
        return NULL;
    }
    report->settings = settings;
    report->stage = stage;
    shown_clips_init(&report->shown);
    report->is_done = (!settings->summary && !settings->report && !settings->passed) || settings->common.dry_run;
    if (settings->manifests.count && !report->is_done)
        report->manifests = manifest_reader_alloc(settings->manifests.texts, settings->manifests.count);
    if (settings->passed && !report->is_done)
        report->list = clip_list_alloc(settings->passed);
    if ((settings->manifests.count && !report->is_done && !report->manifests) ||
        (settings->passed && !report->is_done && !report->list) || check_files(settings, stage_console(stage)))
        report_free(&report);
    return report;
}

void report_free(struct report **report)
{
    if (!*report)
        return;
    manifest_reader_free(&(*report)->manifests);
    clip_list_free(&(*report)->list);
    for (size_t i = 0; i < (*report)->sheet_count; i++)
        contact_sheet_clear(&(*report)->sheets[i]);
    shown_clips_clear(&(*report)->shown);
    item_table_clear(&(*report)->table);
    free(*report);
    *report = NULL;
}

/* Stops the stage after a message. */
static void give_up(struct report *report, const char *why)
{
    console_say(stage_console(report->stage), CONSOLE_ERROR, "%s", why);
    stage_stop(report->stage, EXIT_CANNOT);
    report->is_done = true;
}

void report_add(struct report *report, json_t *record, const struct record_head *head, bool is_own)
{
    enum item_table_result result;

    if (report->is_done)
        return;
    result = item_table_add(&report->table, record, head, is_own);
    if (result == ITEM_TABLE_FAILED)
        give_up(report, "out of memory");
    else if (result == ITEM_TABLE_CHANGED && report->settings->report)
        shown_clips_add(&report->shown, record, head);
}

bool report_is_due(const struct report *report)
{
    return !report->is_done;
}

int report_timeout(const struct report *report, int timeout_ms)
{
    if (report->is_done)
        return timeout_ms;
    if (report->unfinished && (report->next_sheet == report->sheet_count || jobs_full(stage_jobs(report->stage))))
        return timeout_ms;
    return report->is_waiting ? PAUSE_MS : 0;
}

/* Counts a record of a manifest, or writes its line when the manifests are read for the list. */
static void take_record(struct report *report, json_t *record, const struct record_head *head)
{
    struct error error;

    if (report->is_listing) {
        if (clip_list_write(report->list, &report->table, record, head, &error))
            give_up(report, error.message);
        return;
    }
    report_add(report, record, head, false);
    if (report->list && clip_list_note(report->list, record, head))
        give_up(report, "out of memory");
}

/* Tells of a line that is no record, the first time that it is read. */
static void say_bad_line(const struct report *report, const struct manifest_line *line, const struct error *error)
{
    if (!report->is_listing)
        stage_bad_line(report->stage, line->file, line->number, error);
}

static void take_line(struct report *report, const struct manifest_line *line)
{
    struct record_head head;
    struct error error;

    if (!line->record)
        error_set(&error, ERROR_IO, "\"%.60s\" is no record; expected a line that begins with {", line->text);
    if (!line->record || record_read_head(line->record, &head, &error))
        say_bad_line(report, line, &error);
    else
        take_record(report, line->record, &head);
}

/* Begins to read the manifests once more, for the list, which needs what they say of videos and chunks. */
static void begin_list(struct report *report)
{
    struct error error;

    report->is_listing = true;
    if (clip_list_open(report->list, &error)) {
        give_up(report, error.message);
        return;
    }
    report->manifests = manifest_reader_alloc(report->settings->manifests.texts, report->settings->manifests.count);
    if (!report->manifests)
        give_up(report, "out of memory");
}

static void end_manifests(struct report *report)
{
    struct error error;

    manifest_reader_free(&report->manifests);
    if (!report->list)
        return;
    if (!report->is_listing)
        begin_list(report);
    else if (clip_list_commit(report->list, &error))
        give_up(report, error.message);
}

/* Reads some lines of the manifests. */
static void read_manifests(struct report *report)
{
    struct manifest_line line;
    struct error error;

    report->is_waiting = false;
    for (int i = 0; i < LINES_AT_ONCE && report->manifests && !report->is_done; i++)
        switch (manifest_next(report->manifests, &line, &error)) {
        case MANIFEST_LINE:
            take_line(report, &line);
            break;
        case MANIFEST_BAD:
            say_bad_line(report, &line, &error);
            break;
        case MANIFEST_WAIT:
            report->is_waiting = true;
            return;
        case MANIFEST_END:
            end_manifests(report);
            break;
        }
}

/* Writes text to the file path, which is complete or not there. */
static int write_file(const char *path, const char *text, size_t length, struct error *error)
{
    struct output_file *file;

    if (output_file_open(&file, path, error))
        return -1;
    if (write_all(output_file_fd(file), text, length)) {
        error_set_errno(error, errno, "cannot write %s", path);
        output_file_abort(&file);
        return -1;
    }
    return output_file_commit(&file, NULL, error);
}

static int write_summary(const struct report *report, const struct counts *counts, struct error *error)
{
    json_t *summary = summary_make(counts, &report->table);
    char *text = summary ? json_dumps(summary, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) : NULL;
    int status;

    json_decref(summary);
    if (!text)
        return error_set(error, ERROR_IO, "out of memory");
    status = write_file(report->settings->summary, text, strlen(text), error);
    free(text);
    return status;
}

static void choose_clips(struct report *report)
{
    json_t *shown[FAILED_SHOWN + GOOD_SHOWN];
    size_t failed = shown_clips_failed(&report->shown, shown), good = shown_clips_good(&report->shown, shown + failed);

    for (size_t i = 0; i < failed + good; i++) {
        bool is_small = i < failed && failed > FAILED_SHOWN_IN_LARGE;

        report->sheets[i] = (struct contact_sheet){.record = shown[i],
                                                   .side = is_small ? CONTACT_SHEET_SMALL : CONTACT_SHEET_LARGE,
                                                   .unfinished = &report->unfinished};
    }
    report->failed_count = failed;
    report->sheet_count = failed + good;
}

/* A sheet whose process cannot be started remains empty. */
static void start_sheets(struct report *report)
{
    struct error error;

    while (report->next_sheet < report->sheet_count && !jobs_full(stage_jobs(report->stage))) {
        report->unfinished++;
        if (jobs_start(stage_jobs(report->stage), &contact_sheet_task, &report->sheets[report->next_sheet++], &error)) {
            console_say(stage_console(report->stage), CONSOLE_WARNING, "a picture is missing: %s", error.message);
            report->unfinished--;
        }
    }
}

/* Text that is written to memory, then to a file. */
struct draft {
    FILE *out;
    char *text;
    size_t length;
};

static int draft_open(struct draft *draft, struct error *error)
{
    draft->out = open_memstream(&draft->text, &draft->length);
    return draft->out ? 0 : error_set(error, ERROR_IO, "out of memory");
}

/* Writes the text to the file path, and frees it. 0, or -1 and error. */
static int draft_save(struct draft *draft, const char *path, struct error *error)
{
    bool is_whole = !ferror(draft->out);
    int status;

    is_whole = !fclose(draft->out) && is_whole;
    status =
        is_whole ? write_file(path, draft->text, draft->length, error) : error_set(error, ERROR_IO, "out of memory");
    free(draft->text);
    return status;
}

/* "DIR/report-missing.csv" for "DIR/report.html", in new memory (free()). NULL when out of memory. */
static char *list_path(const char *page)
{
    size_t length = strlen(page);
    char *path = NULL;

    if (length > 5 && !strcmp(page + length - 5, ".html"))
        length -= 5;
    return asprintf(&path, "%.*s-missing.csv", (int)length, page) < 0 ? NULL : path;
}

static int write_list(const struct report *report, const struct counts *counts, const char *path, struct error *error)
{
    struct draft draft;

    if (draft_open(&draft, error))
        return -1;
    page_barren_csv(draft.out, counts, &report->table);
    return draft_save(&draft, path, error);
}

static int write_page(const struct report *report, const struct counts *counts, struct error *error)
{
    char *list = list_path(report->settings->report), *folder = list ? strdup(list) : NULL;
    struct page page = {.title = report->settings->title,
                        .rerun = report->settings->rerun,
                        .advice = report->settings->advice,
                        .made = time(NULL),
                        .counts = counts,
                        .table = &report->table,
                        .failed = report->sheets,
                        .failed_count = report->failed_count,
                        .good = report->sheets + report->failed_count,
                        .good_count = report->sheet_count - report->failed_count};
    struct draft draft;
    char *real = NULL;
    int status = -1;

    if (!folder || draft_open(&draft, error)) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    page.barren_list = strrchr(list, '/') ? strrchr(list, '/') + 1 : list;
    page.folder = real = realpath(dirname(folder), NULL);
    page_write(draft.out, &page);
    status = draft_save(&draft, report->settings->report, error);
    if (!status)
        status = write_list(report, counts, list, error);
end:
    free(real);
    free(folder);
    free(list);
    return status;
}

static void write_files(struct report *report)
{
    const struct verify_settings *settings = report->settings;
    struct counts counts;
    struct error error;

    if (counts_make(&counts, &report->table))
        give_up(report, "out of memory");
    else if ((settings->summary && write_summary(report, &counts, &error)) ||
             (settings->report && write_page(report, &counts, &error)))
        give_up(report, error.message);
    counts_clear(&counts);
    report->is_done = true;
}

void report_advance(struct report *report)
{
    if (report->is_done)
        return;
    if (report->manifests) {
        read_manifests(report);
        return;
    }
    if (!report->sheet_count)
        choose_clips(report);
    start_sheets(report);
    if (report->next_sheet == report->sheet_count && !report->unfinished)
        write_files(report);
}
