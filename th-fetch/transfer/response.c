#include "th-fetch/transfer/response.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Reads a number, and moves *text past its digits. */
static bool read_digits(const char **text, int64_t *number)
{
    char *end;
    if (!isdigit((unsigned char)**text))
        return false;
    errno = 0;
    *number = strtoll(*text, &end, 10);
    *text = end;
    return errno == 0;
}

bool response_read_range(const char *text, int64_t *first, int64_t *total)
{
    int64_t last;
    if (strncasecmp(text, "bytes", 5) != 0 || (text[5] != ' ' && text[5] != '='))
        return false;
    text += 6;
    text += strspn(text, " ");
    if (!read_digits(&text, first) || *text++ != '-' || !read_digits(&text, &last) || *text++ != '/')
        return false;
    if (strcmp(text, "*") == 0)
        *total = -1;
    else if (!read_digits(&text, total) || *text != '\0' || last >= *total)
        return false;
    return last >= *first;
}

static const char *header(CURL *easy, const char *name)
{
    struct curl_header *found;
    return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK ? found->value : NULL;
}

bool response_is_validator(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return length > 0 && length < RESPONSE_VALIDATOR_BYTES;
}

static void read_validator(struct response *response, CURL *easy)
{
    const char *etag = header(easy, "ETag");
    const char *date = header(easy, "Last-Modified");
    /* A weak ETag promises no equal bytes (RFC 9110, 13.1.5). */
    if (etag && strncmp(etag, "W/", 2) != 0 && response_is_validator(etag))
        memcpy(response->validator, etag, strlen(etag) + 1);
    else if (date && response_is_validator(date))
        memcpy(response->validator, date, strlen(date) + 1);
}

void response_read(struct response *response, CURL *easy)
{
    curl_off_t length = -1;
    *response = (struct response){.first = -1, .total = -1};
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
    if (response->status == 0)
        return;
    const char *encoding = header(easy, "Content-Encoding");
    response->is_encoded = encoding && *encoding != '\0' && strcasecmp(encoding, "identity") != 0;
    const char *range = header(easy, "Content-Range");
    if (response->status == 206 && (!range || !response_read_range(range, &response->first, &response->total)))
        response->first = -1;
    if (response->status == 200 && curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK)
        response->total = length;
    read_validator(response, easy);
}

static enum response_fit check_partial(const struct response *response, int64_t size, int64_t first,
                                       const char *validator, int64_t total, struct error *error)
{
    if (response->first != first) {
        error_set(error, ERROR_SERVER, "the server sent bytes from %" PRId64 "; expected bytes from %" PRId64,
                  response->first, first);
        return RESPONSE_UNUSABLE;
    }
    if (size == 0)
        return RESPONSE_STARTS_ANEW;
    bool same_total = total < 0 || response->total < 0 || response->total == total;
    bool same_validator = !validator || response->validator[0] == '\0' || strcmp(response->validator, validator) == 0;
    return same_total && same_validator ? RESPONSE_CONTINUES : RESPONSE_DIFFERS;
}

enum response_fit response_check(const struct response *response, int64_t size, int64_t first, const char *validator,
                                 int64_t total, struct error *error)
{
    if (response->is_encoded) {
        error_set(error, ERROR_BAD_MEDIA, "the server sent the file compressed without being asked");
        return RESPONSE_UNUSABLE;
    }
    if (response->status == 206)
        return check_partial(response, size, first, validator, total, error);
    if (response->status == 200 || response->status == 0)
        return RESPONSE_STARTS_ANEW;
    error_set(error, ERROR_SERVER, "the server answered with status %ld; expected 200 or 206", response->status);
    return RESPONSE_UNUSABLE;
}
