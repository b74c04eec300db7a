#include "th-fetch/source/answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

enum {
    URL_BYTES = 64 * 1024, /* signed media URLs have a few thousand */
    TEXT_BYTES = 8 * 1024,
    HEADER_BYTES = 8 * 1024,
    HEADERS_MAX = 64,
    PIECE_MIN = 64 * 1024,
    PIECE_MAX = 1 << 30,
    HEIGHT_MAX = 100000 /* pixels */
};

#define SIZE_MOST (INT64_C(1) << 50) /* bytes of a stream that an answer may tell of */

static const char *const kept_members[] = {"_type",
                                           "path",
                                           "url",
                                           "requested_formats",
                                           "protocol",
                                           "http_headers",
                                           "format_id",
                                           "downloader_options",
                                           "vcodec",
                                           "acodec",
                                           "has_drm",
                                           "live_status",
                                           "title",
                                           "uploader",
                                           "license",
                                           "upload_date",
                                           "available_at",
                                           "height",
                                           "filesize",
                                           "filesize_approx",
                                           NULL};

/* Headers that the transfer sets itself, or that belong to one connection. */
static const char *const own_headers[] = {
    "accept-encoding",     "connection", "content-length",    "expect",  "host", "if-range",
    "proxy-authorization", "range",      "transfer-encoding", "upgrade", "te",   NULL};

json_t *answer_trim(const json_t *object)
{
    json_t *trimmed = json_object();
    for (const char *const *name = kept_members; trimmed && *name; name++) {
        json_t *value = json_object_get(object, *name);
        if (value && json_object_set(trimmed, *name, value) < 0) {
            json_decref(trimmed);
            trimmed = NULL;
        }
    }
    json_t *formats = json_object_get(trimmed, "requested_formats");
    json_t *list = json_is_array(formats) ? json_array() : NULL;
    size_t index;
    json_t *format;
    json_array_foreach(formats, index, format)
    {
        if (json_array_append_new(list, json_is_object(format) ? answer_trim(format) : json_null()) < 0)
            break;
    }
    if (list && json_object_set_new(trimmed, "requested_formats", list) < 0) {
        json_decref(trimmed);
        trimmed = NULL;
    }
    return trimmed;
}

/* The text of a member; NULL when it is missing, no text, empty or longer than max. */
static const char *text_of(const json_t *object, const char *name, size_t max)
{
    const json_t *value = json_object_get(object, name);
    size_t length = json_string_length(value);
    return length > 0 && length <= max ? json_string_value(value) : NULL;
}

/* The same without control characters: it becomes a tag of clips, and a part of messages. */
static const char *plain_text_of(const json_t *object, const char *name)
{
    const char *text = text_of(object, name, TEXT_BYTES);
    char *plain = text ? strdup(text) : NULL;

    if (plain)
        text_make_plain(plain);
    if (!plain || json_string_set(json_object_get(object, name), plain) < 0)
        text = NULL;
    free(plain);
    return text ? text_of(object, name, TEXT_BYTES) : NULL;
}

static bool starts_with(const char *text, const char *start)
{
    return strncasecmp(text, start, strlen(start)) == 0;
}

static int read_url(struct answer_media *media, const json_t *format, struct error *error)
{
    media->url = text_of(format, "url", URL_BYTES);
    if (!media->url)
        return error_set(error, ERROR_RESOLVER, "the resolver's answer holds no usable url");
    if (!text_is_one_line(media->url) || strchr(media->url, ' '))
        return error_set(error, ERROR_RESOLVER, "the resolver's url holds a space or a control character");
    if (!starts_with(media->url, "http://") && !starts_with(media->url, "https://"))
        return error_set(error, ERROR_NO_FORMAT, "the resolver's url is '%.40s...'; expected http or https",
                         media->url);
    return 0;
}

/* The protocol of a format that is no plain download; NULL when it is one. */
static const char *segments_of(const json_t *format)
{
    const char *protocol = text_of(format, "protocol", TEXT_BYTES);
    bool is_plain = !protocol || strcmp(protocol, "http") == 0 || strcmp(protocol, "https") == 0;

    return is_plain ? NULL : protocol;
}

static bool is_own_header(const char *name)
{
    for (const char *const *own = own_headers; *own; own++)
        if (strcasecmp(name, *own) == 0)
            return true;
    return false;
}

/* A header's name is a token (RFC 9110, 5.6.2). */
static bool is_token(const char *name)
{
    for (const char *at = name; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && !strchr("!#$%&'*+-.^_`|~", *at))
            return false;
    return *name != '\0';
}

/* Sets *line to "Name: value" in new memory, or to NULL when the header is left out. */
static int read_header(char **line, const char *name, const json_t *value, struct error *error)
{
    *line = NULL;
    const char *text = json_string_value(value);
    if (!is_token(name) || !text || !text_is_one_line(text))
        return error_set(error, ERROR_RESOLVER, "the resolver's header '%.40s' is not valid", name);
    if (strlen(name) + strlen(text) > HEADER_BYTES)
        return error_set(error, ERROR_RESOLVER, "the resolver's header '%.40s' is too long", name);
    if (*text == '\0' || is_own_header(name))
        return 0;
    if (asprintf(line, "%s: %s", name, text) < 0) {
        *line = NULL;
        return error_set(error, ERROR_IO, "out of memory");
    }
    return 0;
}

static int read_headers(struct answer_media *media, const json_t *format, struct error *error)
{
    json_t *headers = json_object_get(format, "http_headers");
    if (headers && !json_is_object(headers) && !json_is_null(headers))
        return error_set(error, ERROR_RESOLVER, "the resolver's http_headers are not an object");
    size_t count = json_object_size(headers);
    if (count > HEADERS_MAX)
        return error_set(error, ERROR_RESOLVER, "the resolver gives %zu headers; expected at most %d", count,
                         HEADERS_MAX);
    media->headers = calloc(count + 1, sizeof *media->headers);
    if (!media->headers)
        return error_set(error, ERROR_IO, "out of memory");
    size_t used = 0;
    const char *name;
    json_t *value;
    json_object_foreach(headers, name, value)
    {
        if (read_header(&media->headers[used], name, value, error) < 0)
            return -1;
        used += media->headers[used] != NULL;
    }
    return 0;
}

static int64_t read_piece(const json_t *format)
{
    double bytes = json_number_value(json_object_get(json_object_get(format, "downloader_options"), "http_chunk_size"));

    return bytes >= PIECE_MIN && bytes <= PIECE_MAX ? (int64_t)bytes : 0;
}

/* The later of available_at and the member of that name. */
static double read_available_at(const json_t *object, double available_at)
{
    double value = json_number_value(json_object_get(object, "available_at"));
    return value > available_at ? value : available_at;
}

static int64_t read_height(const json_t *format)
{
    double height = json_number_value(json_object_get(format, "height"));

    return height >= 1 && height <= HEIGHT_MAX ? (int64_t)height : 0;
}

/* Whether the format's codec of that name is "none". */
static bool is_none(const json_t *format, const char *name)
{
    const char *codec = json_string_value(json_object_get(format, name));

    return codec && strcmp(codec, "none") == 0;
}

static int64_t read_size(const json_t *format)
{
    double exact = json_number_value(json_object_get(format, "filesize"));
    double bytes = exact >= 1 ? exact : json_number_value(json_object_get(format, "filesize_approx"));

    return bytes >= 1 && bytes < (double)SIZE_MOST ? (int64_t)bytes : 0;
}

static int read_media(struct answer_media *media, const json_t *format, struct error *error)
{
    if (json_is_true(json_object_get(format, "has_drm")))
        return error_set(error, ERROR_NO_FORMAT, "the format is protected against copying");
    media->segments = segments_of(format);
    if (!media->segments && (read_url(media, format, error) < 0 || read_headers(media, format, error) < 0))
        return -1;
    media->format = text_of(format, "format_id", TEXT_BYTES);
    if (media->segments && !media->format)
        return error_set(error, ERROR_NO_FORMAT, "the format comes over '%.40s', and has no name", media->segments);
    media->height = read_height(format);
    media->is_silent = is_none(format, "acodec");
    media->piece = read_piece(format);
    media->size = read_size(format);
    return 0;
}

/* The object that describes the video stream: the first of requested_formats that holds video, or the answer itself. */
static const json_t *find_video(const json_t *json, struct error *error)
{
    json_t *formats = json_object_get(json, "requested_formats");
    if (!json_is_array(formats))
        return json;
    size_t index;
    json_t *format;
    json_array_foreach(formats, index, format)
    {
        if (json_is_object(format) && !is_none(format, "vcodec"))
            return format;
    }
    error_set(error, ERROR_NO_FORMAT, "none of the resolver's formats holds video");
    return NULL;
}

static int check_kind(const json_t *json, struct error *error)
{
    if (!json_is_object(json))
        return error_set(error, ERROR_RESOLVER, "the resolver's answer is not a JSON object");
    const char *type = text_of(json, "_type", TEXT_BYTES);
    if (type && strcmp(type, "video") != 0)
        return error_set(error, ERROR_NO_FORMAT, "the page is a '%.40s', not one video", type);
    const char *live = text_of(json, "live_status", TEXT_BYTES);
    if (live && (strcmp(live, "is_live") == 0 || strcmp(live, "is_upcoming") == 0))
        return error_set(error, ERROR_RESOLVER, "the video is %s; it can be downloaded when it is over",
                         strcmp(live, "is_live") == 0 ? "live at the moment" : "not yet shown");
    if (live && strcmp(live, "post_live") == 0)
        return error_set(error, ERROR_RESOLVER,
                         "the video has just been live; it can be downloaded when it is processed");
    return 0;
}

static bool is_date(const char *text)
{
    return text && strlen(text) == 8 && strspn(text, "0123456789") == 8;
}

static int read_path(struct answer *answer, struct error *error)
{
    const json_t *path = json_object_get(answer->json, "path");
    if (!path)
        return 0;
    answer->path = text_of(answer->json, "path", TEXT_BYTES);
    return answer->path ? 0 : error_set(error, ERROR_RESOLVER, "the resolver's path is not the name of a file");
}

int answer_read(struct answer **out, json_t *json, struct error *error)
{
    int result = -1;
    struct answer *answer = calloc(1, sizeof *answer);

    *out = NULL;
    if (!answer)
        return error_set(error, ERROR_IO, "out of memory");
    answer->json = json_incref(json);
    if (check_kind(json, error) < 0 || read_path(answer, error) < 0)
        goto end;
    if (!answer->path) {
        const json_t *video = find_video(json, error);
        if (!video || read_media(&answer->media, video, error) < 0)
            goto end;
        answer->available_at = read_available_at(video, read_available_at(json, 0));
    }
    if (!answer->media.format)
        answer->media.format = text_of(json, "format_id", TEXT_BYTES);
    answer->title = plain_text_of(json, "title");
    answer->uploader = plain_text_of(json, "uploader");
    answer->license = plain_text_of(json, "license");
    answer->upload_date = text_of(json, "upload_date", TEXT_BYTES);
    if (!is_date(answer->upload_date))
        answer->upload_date = NULL;
    *out = answer;
    answer = NULL;
    result = 0;
end:
    answer_free(&answer);
    return result;
}

int answer_read_audio(struct answer *answer, struct error *error)
{
    json_t *formats = json_object_get(answer->json, "requested_formats");
    size_t index;
    json_t *format;

    if (answer->path)
        return 0;
    json_array_foreach(formats, index, format)
    {
        bool has_sound = json_is_string(json_object_get(format, "acodec")) && !is_none(format, "acodec");

        if (is_none(format, "vcodec") && has_sound) {
            answer->available_at = read_available_at(format, answer->available_at);
            return read_media(&answer->audio, format, error);
        }
    }
    return 0;
}

int answer_check_plain(const struct answer *answer, struct error *error)
{
    const char *segments = answer->media.segments ? answer->media.segments : answer->audio.segments;

    if (!segments)
        return 0;
    return error_set(error, ERROR_NO_FORMAT, "the format comes over '%.40s'; expected http or https", segments);
}

bool answer_is_upscaled(const struct answer *answer)
{
    const char *format = answer->media.format, *end = format ? strrchr(format, '-') : NULL;

    return end && strcmp(end, "-sr") == 0;
}

static void free_headers(char **headers)
{
    for (char **header = headers; header && *header; header++)
        free(*header);
    free(headers);
}

void answer_free(struct answer **answer)
{
    if (!*answer)
        return;
    free_headers((*answer)->media.headers);
    free_headers((*answer)->audio.headers);
    json_decref((*answer)->json);
    free(*answer);
    *answer = NULL;
}
