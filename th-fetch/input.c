#include "th-fetch/input.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/name.h"
#include "common/stage/record.h"
#include "common/text.h"

static const char id_mark[] = "{id}";
static const char watch_page[] = "https://www.youtube.com/watch?v={id}";

enum { URL_MAX = 8192, SHOWN_BYTES = 201 /* of a URL in messages */, EXTENSION_MAX = 5 };

static bool has_scheme(const char *url, const char *scheme)
{
    size_t length = strlen(scheme);
    return strncasecmp(url, scheme, length) == 0 && strncmp(url + length, "://", 3) == 0;
}

/* Whether text begins like a URL, with letters and "://". An id cannot, because it has no `/`. */
static bool looks_like_url(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '+' || text[length] == '.' || text[length] == '-')
        length++;
    return length > 0 && strncmp(text + length, "://", 3) == 0;
}

/* Writes url without "user:password@" to shown, which may be too small for all of it, and returns shown. */
static const char *hide_password(const char *url, char *shown, size_t size)
{
    const char *mark = strstr(url, "://");
    const char *host = mark ? mark + 3 : url;
    const char *at = memrchr(host, '@', strcspn(host, "/?#"));

    snprintf(shown, size, "%.*s%s", (int)(host - url), url, at ? at + 1 : host);
    return shown;
}

static int check_url(const char *url, struct error *error)
{
    char shown[SHOWN_BYTES];

    hide_password(url, shown, sizeof shown);
    if (!has_scheme(url, "http") && !has_scheme(url, "https") && !has_scheme(url, "file"))
        return error_set(error, ERROR_BAD_ID, "'%.100s' is not a URL of http, https or file", shown);
    if (strlen(url) > URL_MAX)
        return error_set(error, ERROR_BAD_ID, "the URL '%.60s...' is longer than %d bytes", shown, URL_MAX);
    if (!text_is_one_line(url) || strchr(url, ' '))
        return error_set(error, ERROR_BAD_ID, "the URL '%.100s' holds a space or a control character", shown);
    return 0;
}

/* The template with each {id} replaced by the percent-encoded id, in new memory. NULL when out of memory. */
static char *fill_in(const char *url_template, const char *id)
{
    char *escaped = curl_easy_escape(NULL, id, 0);
    size_t marks = 0;
    for (const char *at = url_template; (at = strstr(at, id_mark)) != NULL; at += sizeof id_mark - 1)
        marks++;
    char *url = escaped ? malloc(strlen(url_template) + marks * strlen(escaped) + 1) : NULL;
    char *end = url;
    for (const char *at = url_template; url && *at != '\0';) {
        bool is_mark = strncmp(at, id_mark, sizeof id_mark - 1) == 0;
        if (is_mark)
            end = stpcpy(end, escaped);
        else
            *end++ = *at;
        at += is_mark ? sizeof id_mark - 1 : 1;
    }
    if (url)
        *end = '\0';
    curl_free(escaped);
    return url;
}

int fetch_input_check_template(const char *url_template, struct error *error)
{
    CURLU *parts = NULL;
    char *url = NULL, shown[SHOWN_BYTES];
    int result = -1;

    if (!strstr(url_template, id_mark)) {
        error_set(error, ERROR_BAD_ID, "'%s' holds no {id}", hide_password(url_template, shown, sizeof shown));
        goto end;
    }
    if (check_url(url_template, error) < 0)
        goto end;
    parts = curl_url();
    url = fill_in(url_template, "id");
    if (!parts || !url) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK) {
        error_set(error, ERROR_BAD_ID, "'%s' is not a URL", hide_password(url_template, shown, sizeof shown));
        goto end;
    }
    result = 0;
end:
    free(url);
    curl_url_cleanup(parts);
    return result;
}

/* Undoes the percent-encoding of length bytes, in new memory. NULL when they encode a NUL, or when out of memory. */
static char *decoded(const char *text, size_t length)
{
    int size = 0;
    char *plain = curl_easy_unescape(NULL, text, (int)length, &size);
    char *copy = plain && strlen(plain) == (size_t)size ? strdup(plain) : NULL;
    curl_free(plain);
    return copy;
}

/* The value of `v` in a query ("v=..&t=.."). NULL when there is none. */
static char *watch_id(const char *query)
{
    for (const char *at = query; at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL)
        if (strncmp(at, "v=", 2) == 0)
            return decoded(at + 2, strcspn(at + 2, "&#"));
    return NULL;
}

/* The last component of a path, without an extension of up to five letters or digits. */
static char *last_component(const char *path)
{
    size_t end = strlen(path);
    while (end > 0 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    size_t dot = end;
    while (dot > start && isalnum((unsigned char)path[dot - 1]))
        dot--;
    if (dot > start + 1 && dot < end && end - dot <= EXTENSION_MAX && path[dot - 1] == '.')
        end = dot - 1;
    return decoded(path + start, end - start);
}

static bool is_one_of(const char *const *list, const char *text, size_t length)
{
    for (; *list; list++)
        if (strlen(*list) == length && strncasecmp(*list, text, length) == 0)
            return true;
    return false;
}

/* The id in the path or the query (NULL: none) of a URL of YouTube, in new memory. NULL when it names no video. */
static char *youtube_id(bool is_short, const char *path, const char *query)
{
    static const char *const players[] = {"embed", "live", "shorts", "v", "e", NULL};
    static const char *const no_videos[] = {"", "videoseries", "live_stream", NULL};
    size_t length = strcspn(path + 1, "/");
    const char *second = path[1 + length] ? path + 2 + length : "";

    if (is_short || is_one_of(players, path + 1, length)) {
        const char *id = is_short ? path + 1 : second;
        size_t id_length = strcspn(id, "/&");

        return is_one_of(no_videos, id, id_length) ? NULL : decoded(id, id_length);
    }
    return is_one_of((const char *const[]){"watch", "", NULL}, path + 1, length) && !*second ? watch_id(query) : NULL;
}

/* The id that a URL names, in new memory. NULL when there is none. *is_youtube: it is one of YouTube's. */
static char *id_of_url(const char *url, bool *is_youtube)
{
    static const char *const hosts[] = {"youtube.com", "youtube-nocookie.com", "youtu.be", NULL};
    static const char *const prefixes[] = {"www.", "m.", "music.", NULL};
    CURLU *parts = curl_url();
    char *host = NULL, *path = NULL, *query = NULL, *id = NULL;

    *is_youtube = false;
    if (!parts || curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_PATH, &path, 0) != CURLUE_OK)
        goto end;
    curl_url_get(parts, CURLUPART_QUERY, &query, 0); /* it may have none */
    if (!has_scheme(url, "file") && curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        size_t prefix = strcspn(host, ".") + 1;
        const char *site = is_one_of(prefixes, host, prefix) ? host + prefix : host;

        *is_youtube = is_one_of(hosts, site, strlen(site));
        if (*is_youtube)
            id = youtube_id(strcasecmp(site, "youtu.be") == 0, path, query);
    }
    if (!*is_youtube)
        id = strcmp(path, "/watch") == 0 ? watch_id(query) : last_component(path);
end:
    curl_free(host);
    curl_free(path);
    curl_free(query);
    curl_url_cleanup(parts);
    return id;
}

/* Sets id (taken over, may be NULL) and the URL: url (NULL: none) came with the id. */
static int set_video(struct fetch_input *input, char *id, const char *url, const char *url_template,
                     struct error *error)
{
    char shown[SHOWN_BYTES];

    input->id = id;
    if (!id)
        return error_set(error, ERROR_BAD_ID, "the URL '%.100s' names no video",
                         hide_password(url ? url : "", shown, sizeof shown));
    if (name_check_id(id, error) < 0)
        return -1;
    input->is_direct = url_template || (url && has_scheme(url, "file"));
    if (url_template || !url)
        input->url = fill_in(url_template ? url_template : watch_page, id);
    else
        input->url = strdup(url);
    input->shown_url = input->url ? malloc(strlen(input->url) + 1) : NULL;
    if (!input->shown_url)
        return error_set(error, ERROR_IO, "out of memory");
    hide_password(input->url, input->shown_url, strlen(input->url) + 1);
    return 0;
}

/* The same from a URL alone. All forms of a YouTube address are the one watch page. */
static int set_url(struct fetch_input *input, const char *url, const char *url_template, struct error *error)
{
    bool is_youtube;
    char *id = id_of_url(url, &is_youtube);

    return set_video(input, id, id && is_youtube ? NULL : url, url_template, error);
}

static int read_text(struct fetch_input *input, const char *text, const char *url_template, struct error *error)
{
    size_t start = strspn(text, " \t");
    size_t end = strlen(text);
    while (end > start && (text[end - 1] == ' ' || text[end - 1] == '\t'))
        end--;
    char *word = strndup(text + start, end - start);
    int result = -1;

    if (!word)
        error_set(error, ERROR_IO, "out of memory");
    else if (!looks_like_url(word))
        result = set_video(input, strdup(word), NULL, url_template, error);
    else if (check_url(word, error) == 0)
        result = set_url(input, word, url_template, error);
    free(word);
    return result;
}

static int read_record(struct fetch_input *input, const json_t *record, const char *url_template, bool is_recheck,
                       struct error *error)
{
    struct record_head head;
    const char *url = record_text(record, "url");

    if (record_read_head(record, &head, error) < 0)
        return -1;
    input->intent = FETCH_INPUT_PASS_ON;
    if (head.stage != STAGE_FETCH || head.kind != KIND_VIDEO)
        return 0;
    if (url && check_url(url, NULL) < 0)
        url = NULL;
    input->was_here = head.status == STATUS_OK;
    if (!input->was_here || is_recheck)
        input->intent = FETCH_INPUT_GET;
    return set_video(input, strdup(head.key), url, url_template, error);
}

int fetch_input_read(struct fetch_input *input, const struct manifest_line *line, const char *url_template,
                     bool is_recheck, struct error *error)
{
    int result;

    *input = (struct fetch_input){.intent = FETCH_INPUT_GET};
    if (line->record)
        result = read_record(input, line->record, url_template, is_recheck, error);
    else
        result = read_text(input, line->text, url_template, error);
    if (result < 0)
        fetch_input_clear(input);
    return result;
}

void fetch_input_clear(struct fetch_input *input)
{
    free(input->id);
    free(input->url);
    free(input->shown_url);
    *input = (struct fetch_input){0};
}
