/* remake_chunks DIR < records: for each of th-split's records with a range, writes the chunk to DIR/KEY.mp4 and prints
 * its key and how many bytes of files were read for it. */
#include <jansson.h>
#include <libavutil/log.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cut/chunk_file.h"
#include "common/name.h"
#include "common/stage/record.h"

/* What this process has read so far, in bytes. */
static long long bytes_read(void)
{
    FILE *file = fopen("/proc/self/io", "re");
    char line[64] = "";
    char *text = file ? fgets(line, sizeof line, file) : NULL;

    if (file)
        fclose(file);
    return text ? strtoll(line + sizeof "rchar:" - 1, NULL, 10) : 0;
}

static int copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "re"), *out = fopen(to, "we");
    char bytes[1 << 16];
    size_t count;
    int status = in && out ? 0 : -1;

    while (!status && (count = fread(bytes, 1, sizeof bytes, in)) > 0)
        status = fwrite(bytes, 1, count, out) == count ? 0 : -1;
    if (in && ferror(in))
        status = -1;
    if (in)
        fclose(in);
    if (out && fclose(out))
        status = -1;
    return status;
}

static int remake(const json_t *record, const char *dir, struct error *error)
{
    const char *key = record_text(record, "key"), *source = record_text(record, "source");
    long long before = bytes_read();
    struct chunk_range range;
    struct chunk_file *file;
    char *path = name_path(dir, key, ".mp4");
    int status = -1;

    if (!path || !source) {
        error_set(error, ERROR_IO, "out of memory, or the record names no source");
        goto end;
    }
    if (chunk_range_from_json(&range, json_object_get(record, "range"), error) ||
        chunk_file_open(&file, source, &range, NULL, error))
        goto end;
    printf("%s %lld\n", key, bytes_read() - before);
    status = copy(chunk_file_path(file), path) ? error_set(error, ERROR_IO, "cannot write %s", path) : 0;
    chunk_file_close(&file);
end:
    free(path);
    return status;
}

int main(int argc, char **argv)
{
    json_t *record;
    int status = EXIT_SUCCESS;

    if (argc != 2)
        return EXIT_FAILURE;
    av_log_set_level(AV_LOG_QUIET);
    while ((record = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL))) {
        struct error error;

        if (json_object_get(record, "range") && remake(record, argv[1], &error)) {
            fprintf(stderr, "%s\n", error.message);
            status = EXIT_FAILURE;
        }
        json_decref(record);
    }
    return status;
}
