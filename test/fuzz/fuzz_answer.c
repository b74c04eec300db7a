/* Any bytes as a resolver's answer: no text of it may inject a header line, an option or a path. */
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "common/name.h"
#include "test/fuzz/fuzz.h"
#include "th-fetch/sidecar/csv.h"
#include "th-fetch/source/answer.h"
#include "th-fetch/source/json_text.h"
#include "th-fetch/source/license.h"

static bool is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

/* "Name: value" on one line, and not a header that the transfer sets itself. */
static void try_header(const char *header)
{
    static const char *const own[] = {
        "host:", "range:", "if-range:", "content-length:", "transfer-encoding:", "accept-encoding:", "connection:"};
    const char *colon = strchr(header, ':');

    MUST(is_one_line(header) && colon && colon > header && colon[1] == ' ' && colon[2]);
    for (const char *at = header; at < colon; at++)
        MUST(isgraph((unsigned char)*at));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        MUST(strncasecmp(header, own[i], strlen(own[i])) != 0);
}

static void try_media(const struct answer_media *media)
{
    if (media->segments) { /* the resolver downloads the format of that name */
        MUST(media->format && *media->format);
        return;
    }
    MUST(media->url && media->headers);
    MUST(!strncasecmp(media->url, "http://", 7) || !strncasecmp(media->url, "https://", 8));
    MUST(is_one_line(media->url) && !strchr(media->url, ' '));
    MUST(media->piece == 0 || media->piece >= 65536);
    for (char **header = media->headers; *header; header++)
        try_header(*header);
}

/* The credit is one row without formulas, and its first field can be read back. */
static void try_credit(const struct answer *answer)
{
    const char *const fields[] = {answer->title, answer->uploader, answer->license};
    char version[LICENSE_VERSION_BYTES];
    char *row = csv_row(fields, 3);

    MUST(row && strchr(row, '\n') == row + strlen(row) - 1);
    MUST(row[0] == '"' && !strchr("=+-@", row[1]));
    char *first = csv_first_field(row);
    MUST(first && (!answer->title || strlen(first) <= strlen(answer->title)));
    char *again = csv_row((const char *const[]){first, answer->uploader, answer->license}, 3);
    MUST(again && strcmp(row, again) == 0);
    license_version(answer->license ? answer->license : "", version);
    MUST(strlen(version) == 0 || strlen(version) == 3);
    free(again);
    free(first);
    free(row);
}

static void try_answer(json_t *json)
{
    struct answer *answer;
    struct error error = {0};

    if (answer_read(&answer, json, &error) < 0) {
        MUST(!answer && error.word != ERROR_NONE && *error.message && is_one_line(error.message));
        return;
    }
    if (!answer->path)
        try_media(&answer->media);
    if (answer_read_audio(answer, &error) == 0 && answer->audio.url)
        try_media(&answer->audio);
    MUST(!answer->upload_date || strspn(answer->upload_date, "0123456789") == 8);
    try_credit(answer);
    answer_free(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1); /* not NULL when size is 0 */

    MUST(text);
    memcpy(text, data, size);
    json_t *json = json_text_parse(text, size, NULL);

    if (json_is_object(json)) {
        json_t *trimmed = answer_trim(json);

        MUST(trimmed);
        try_answer(trimmed);
        json_decref(trimmed);
    }
    json_decref(json);
    free(text);
    return 0;
}
