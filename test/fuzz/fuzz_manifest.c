/* Any bytes as a manifest: a record that is understood must be the same after it was written and read again. */
#include <jansson.h>
#include <string.h>

#include "common/name.h"
#include "common/stage/manifest.h"
#include "common/stage/record.h"
#include "test/fuzz/fuzz.h"

/* Reads the next line; the whole file is there already, so it never waits. */
static enum manifest_result next(struct manifest_reader *reader, struct manifest_line *line, struct error *error)
{
    enum manifest_result result = manifest_next(reader, line, error);

    MUST(result != MANIFEST_WAIT || manifest_reader_fd(reader) >= 0);
    return result;
}

/* Writes record as a manifest and reads it back. Compares texts, because numbers are written with 15 digits. */
static void try_writing(const json_t *record)
{
    char path[32], *files[] = {path};
    char *text = json_dumps(record, JSON_REAL_PRECISION(15));
    int fd = fuzz_file(NULL, 0, path);
    struct manifest_reader *reader = manifest_reader_alloc(files, 1);
    struct manifest_line line;
    struct error error;
    char *again;

    MUST(text && reader && manifest_write(fd, -1, record, &error) == WRITE_DONE);
    /* The largest numbers would be rounded up to ones that cannot be read. */
    if (!strstr(text, "e+308")) {
        MUST(next(reader, &line, &error) == MANIFEST_LINE);
        MUST(line.record && line.number == 1);
        again = json_dumps(line.record, JSON_REAL_PRECISION(15));
        MUST(again && !strcmp(text, again));
        free(again);
        MUST(next(reader, &line, &error) == MANIFEST_END);
    }
    manifest_reader_free(&reader);
    free(text);
    close(fd);
}

/* A new record with that head must be read as that head. */
static void try_head(const struct record_head *head)
{
    struct error error = {.word = head->error};
    json_t *record = head->status == STATUS_OK
                         ? record_ok(head->stage, head->kind, head->key, head->path, head->cached)
                         : record_not_ok(head->stage, head->kind, head->key, head->status, &error);
    struct record_head again;

    MUST(record && !name_check(head->key, &error));
    MUST(!record_read_head(record, &again, &error));
    MUST(again.stage == head->stage && again.kind == head->kind && again.status == head->status);
    MUST(!strcmp(again.key, head->key));
    if (head->status == STATUS_OK) {
        MUST(again.cached == head->cached && !again.path == !head->path);
        MUST(!head->path || !strcmp(again.path, head->path));
    } else {
        MUST(again.error == head->error);
    }
    json_decref(record);
}

static void try_tube(const json_t *record)
{
    struct tube tube, again;
    struct error error;
    json_t *made;

    if (record_get_tube(record, &tube, &error)) {
        MUST(error.word == ERROR_BAD_TUBE && *error.message);
        return;
    }
    made = json_pack("{s:o}", "tube", record_from_tube(&tube));
    MUST(made && !record_get_tube(made, &again, &error));
    MUST(!memcmp(&tube, &again, sizeof tube));
    json_decref(made);
}

static void try_record(const json_t *record)
{
    struct record_head head;
    struct error error = {0};

    MUST(json_is_object(record));
    if (!record_read_head(record, &head, &error))
        try_head(&head);
    else
        MUST(error.word != ERROR_NONE && *error.message);
    try_tube(record);
    try_writing(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32], *files[] = {path};
    int fd = fuzz_file(data, size, path);
    struct manifest_reader *reader = manifest_reader_alloc(files, 1);
    struct manifest_line line;
    struct error error;
    enum manifest_result result;
    long number = 0;

    MUST(reader);
    while ((result = next(reader, &line, &error)) != MANIFEST_END) {
        if (result == MANIFEST_WAIT)
            continue;
        if (result == MANIFEST_BAD && !line.number) { /* the file is not text */
            MUST(!number && error.word == ERROR_IO && next(reader, &line, &error) == MANIFEST_END);
            break;
        }
        MUST(line.number > number && (size_t)line.number <= size);
        number = line.number;
        if (result == MANIFEST_BAD)
            MUST(error.word != ERROR_NONE && *error.message);
        else if (line.record)
            try_record(line.record);
        else
            MUST(*line.text && *line.text != '#' && !strchr(line.text, '\n'));
    }
    manifest_reader_free(&reader);
    close(fd);
    return 0;
}
