#include "th-verify/finished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output/write_all.h"
#include "common/stage/record_path.h"

struct finished {
    struct finished_settings settings;
    int fd;         /* -1: closed, after an error */
    json_t *videos; /* by id: {"left": records to come, "open": whether a rerun may help, "records": those to write} */
};

int finished_open(struct finished **finished, const struct finished_settings *settings, struct error *error)
{
    struct finished *all = calloc(1, sizeof *all);
    int flags;

    *finished = NULL;
    if (!all)
        return error_set(error, ERROR_IO, "out of memory");
    all->settings = *settings;
    all->videos = json_object();
    /* Without O_NONBLOCK the open would wait for a reader of a named pipe. */
    all->fd = open(settings->path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0666);
    flags = all->fd >= 0 ? fcntl(all->fd, F_GETFL) : -1;
    if (flags < 0 || fcntl(all->fd, F_SETFL, flags & ~O_NONBLOCK) < 0 || !all->videos) {
        error_set_errno(error, errno, "cannot write '%.200s'", settings->path);
        finished_close(&all);
        return -1;
    }
    *finished = all;
    return 0;
}

void finished_close(struct finished **finished)
{
    if (!*finished)
        return;
    if ((*finished)->fd >= 0)
        close((*finished)->fd);
    json_decref((*finished)->videos);
    free(*finished);
    *finished = NULL;
}

/* The rows of the list that name clips of the video. */
static json_int_t count_rows(const struct tube_list *list, const char *id)
{
    size_t first = 0, count = tube_list_video(list, id, &first), rows = 0;

    for (size_t i = first; i < first + count; i++)
        rows += list->chunks[i].count;
    return (json_int_t)rows;
}

/* The state of the video (borrowed), new at its first record. NULL when out of memory. */
static json_t *state_of(struct finished *finished, const char *id)
{
    json_t *state = json_object_get(finished->videos, id);

    if (state)
        return state;
    state = json_pack("{s:I, s:b, s:[]}", "left", count_rows(finished->settings.list, id), "open", 0, "records");
    return json_object_set_new(finished->videos, id, state) ? NULL : state;
}

/* A copy of the record with the paths as written and the time of its file, in the form of find's %T@. New, NULL when
 * out of memory. */
static json_t *record_to_write(const struct finished *finished, const json_t *record, const struct record_head *head)
{
    json_t *copy = json_copy((json_t *)record);
    struct stat facts;
    char time[40];

    if (copy && head->path && stat(head->path, &facts) == 0) {
        snprintf(time, sizeof time, "%lld.%09ld", (long long)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
        record_add(&copy, json_pack("{s:s}", "mtime", time));
    }
    if (copy && finished->settings.base && record_path_relate(copy, finished->settings.base)) {
        json_decref(copy);
        return NULL;
    }
    return copy;
}

static int write_line(const struct finished *finished, const char *text, struct error *error)
{
    if (!text)
        return error_set(error, ERROR_IO, "out of memory");
    if (write_all(finished->fd, text, strlen(text)) || write_all(finished->fd, "\n", 1))
        return error_set_errno(error, errno, "cannot write '%.200s'", finished->settings.path);
    return 0;
}

/* Writes the records that are kept of the video, and the line that closes it. */
static int write_video(const struct finished *finished, const char *id, const json_t *state, struct error *error)
{
    const json_t *records = json_object_get(state, "records");
    bool is_open = json_is_true(json_object_get(state, "open"));
    size_t count = is_open ? 0 : json_array_size(records);
    int status = 0;
    char *line;

    for (size_t i = 0; !status && i < count; i++) {
        line = json_dumps(json_array_get(records, i), 0);
        status = write_line(finished, line, error);
        free(line);
    }
    if (status)
        return status;
    if (asprintf(&line, "%s\t%s", is_open ? "open" : "settled", id) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    status = write_line(finished, line, error);
    free(line);
    return status;
}

/* Adds the record to its video. 0, or -1 when out of memory. */
static int count_record(const struct finished *finished, json_t *state, const json_t *record,
                        const struct record_head *head)
{
    bool is_kept = head->status == STATUS_OK ? finished->settings.keeps_ok : !head->retry;

    if (head->status != STATUS_OK && head->retry && json_object_set_new(state, "open", json_true()))
        return -1;
    if (is_kept && json_array_append_new(json_object_get(state, "records"), record_to_write(finished, record, head)))
        return -1;
    return json_object_set_new(state, "left", json_integer(json_integer_value(json_object_get(state, "left")) - 1));
}

int finished_add(struct finished *finished, const json_t *record, const struct record_head *head, struct error *error)
{
    const char *id = record_text(record, "video");
    json_t *state;
    int status = 0;

    if (!finished || finished->fd < 0 || !id || head->kind != KIND_CLIP)
        return 0;
    state = state_of(finished, id);
    if (!state || count_record(finished, state, record, head))
        status = error_set(error, ERROR_IO, "out of memory");
    else if (json_integer_value(json_object_get(state, "left")) == 0) {
        status = write_video(finished, id, state, error);
        json_array_clear(json_object_get(state, "records"));
    }
    if (status) {
        close(finished->fd);
        finished->fd = -1;
    }
    return status;
}
