#include "th-fetch/transfer/transfer.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "th-fetch/transfer/response.h"
#include "th-fetch/transfer/transfer_internal.h"

enum {
    REDIRECTS_MAX = 10,
    BUFFER_BYTES = 256 * 1024,
    BUFFER_BYTES_LIMITED = 16 * 1024, /* with a rate limit: smaller writes, shorter pauses */
    LOW_SPEED = 1024,                 /* bytes a second */
    REQUESTS_WITHOUT_GAIN = 2,
    RESTARTS_MAX = 2,
    HEADER_BYTES_MAX = 1 << 20,
    GAIN_MIN = 4096 /* bytes: a request that brings fewer counts as one without gain */
};

void transfer_free(struct transfer *transfer)
{
    if (!transfer)
        return;
    if (transfer->easy)
        curl_multi_remove_handle(transfer->all->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    free(transfer);
}

static int check_length(struct transfer *transfer, int64_t bytes)
{
    int64_t max = transfer->all->settings->max_filesize;

    return bytes <= max ? 0
                        : error_set(&transfer->outcome.local, ERROR_NO_FORMAT,
                                    "the file has more than %" PRId64 " bytes (--max-filesize)", max);
}

static int check_time(struct transfer *transfer)
{
    double max = transfer->all->settings->max_time;

    return max <= 0 || clock_seconds() - transfer->began_at <= max
               ? 0
               : error_set(&transfer->outcome.local, ERROR_TIMEOUT,
                           "the download has taken more than %.0f seconds (--max-time)", max);
}

/* Compares the response with the part, and prepares the part for the body. 0, or -1 when the body is refused. */
static int start_body(struct transfer *transfer)
{
    struct response response;
    struct error *error = &transfer->outcome.local;

    transfer->has_begun = true;
    response_read(&response, transfer->easy);
    if (check_length(transfer, response.total) < 0)
        return -1;
    switch (response_check(&response, part_size(transfer->part), part_validator(transfer->part),
                           part_total(transfer->part), error)) {
    case RESPONSE_CONTINUES:
        return 0;
    case RESPONSE_STARTS_ANEW:
        return part_restart(transfer->part, response.validator[0] ? response.validator : NULL, response.total, error);
    case RESPONSE_DIFFERS:
        transfer->must_restart = true;
        return -1;
    default:
        return -1;
    }
}

/* libcurl cannot pause a file: URL; space for all of it was there at the start. */
static bool must_pause(struct transfer *transfer, size_t size)
{
    double now = clock_seconds();

    if (transfer->request.may_be_file)
        return false;
    if (!space_is_short(transfer->all->space, size) && rate_take(&transfer->all->rate, size, now))
        return false;
    transfer->is_paused = true;
    transfer->paused_at = now;
    return true;
}

static size_t write_body(char *data, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;

    (void)one; /* always 1 */
    if (!transfer->has_begun) {
        if (start_body(transfer) < 0)
            return CURL_WRITEFUNC_ERROR;
        if (!transfer->all->began(transfer->all->owner, transfer->item))
            return CURL_WRITEFUNC_ERROR;
    }
    if (check_time(transfer) < 0)
        return CURL_WRITEFUNC_ERROR;
    if (must_pause(transfer, size))
        return CURL_WRITEFUNC_PAUSE; /* curl delivers the same bytes again */
    if (check_length(transfer, part_size(transfer->part) + (int64_t)size) < 0)
        return CURL_WRITEFUNC_ERROR;
    if (part_append(transfer->part, data, size, &transfer->outcome.local) < 0)
        return CURL_WRITEFUNC_ERROR;
    console_received(transfer->all->space->console, (int64_t)size);
    return size;
}

/* libcurl keeps all headers, and does not limit trailers. */
static size_t count_header(char *data, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;

    (void)data;
    (void)one; /* always 1 */
    transfer->header_bytes += size;
    if (transfer->header_bytes <= HEADER_BYTES_MAX)
        return size;
    error_set(&transfer->outcome.local, ERROR_SERVER, "the server sends more than %d bytes of headers",
              HEADER_BYTES_MAX);
    return 0;
}

_Static_assert(sizeof((struct transfer_outcome *)0)->detail >= CURL_ERROR_SIZE, "curl writes its message there");

/* Which addresses the connections have, at both ends. */
static bool set_addresses(CURL *easy, const struct fetch_settings *settings)
{
    char interface[sizeof "host!" + INET6_ADDRSTRLEN]; /* libcurl copies it */
    long kind = settings->ipv4 ? CURL_IPRESOLVE_V4 : settings->ipv6 ? CURL_IPRESOLVE_V6 : CURL_IPRESOLVE_WHATEVER;

    if (curl_easy_setopt(easy, CURLOPT_IPRESOLVE, kind) != CURLE_OK)
        return false;
    if (!settings->source_address)
        return true;
    /* "host!": it is an address, not the name of an interface. */
    int length = snprintf(interface, sizeof interface, "host!%s", settings->source_address);

    return length < (int)sizeof interface && curl_easy_setopt(easy, CURLOPT_INTERFACE, interface) == CURLE_OK;
}

/* Options that all requests of a transfer share. */
static bool set_up(struct transfer *transfer)
{
    const struct fetch_settings *settings = transfer->all->settings;
    CURL *easy = transfer->easy;
    /* The environment variables of the curl program. */
    const char *authorities = getenv("CURL_CA_BUNDLE") ? getenv("CURL_CA_BUNDLE") : getenv("SSL_CERT_FILE");
    const char *protocols = transfer->request.may_be_file ? "http,https,file" : "http,https";
    bool ok = true;

#define SET(option, value) ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK
    SET(CURLOPT_URL, transfer->request.url);
    SET(CURLOPT_PROTOCOLS_STR, protocols);
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 1L);
    SET(CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    SET(CURLOPT_FAILONERROR, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_USERAGENT, "th-fetch/" TH_VERSION);
    SET(CURLOPT_BUFFERSIZE, (long)(settings->limit_rate > 0 ? BUFFER_BYTES_LIMITED : BUFFER_BYTES));
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(settings->connect_timeout * 1000));
    SET(CURLOPT_ERRORBUFFER, transfer->outcome.detail);
    SET(CURLOPT_WRITEFUNCTION, write_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, count_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_PREREQFUNCTION, transfer_before_request);
    SET(CURLOPT_PREREQDATA, transfer);
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_VERBOSE, settings->common.verbosity > 1 ? 1L : 0L);
    if (authorities)
        SET(CURLOPT_CAINFO, authorities);
    if (settings->proxy)
        SET(CURLOPT_PROXY, settings->proxy);
    if (settings->cookies)
        SET(CURLOPT_COOKIEFILE, settings->cookies);
    ok = ok && set_addresses(easy, settings);
    if (settings->low_speed_time > 0) {
        SET(CURLOPT_LOW_SPEED_LIMIT, settings->limit_rate > 0 ? 1L : (long)LOW_SPEED);
        SET(CURLOPT_LOW_SPEED_TIME, settings->low_speed_time < 1 ? 1L : (long)settings->low_speed_time);
    }
#undef SET
    return ok;
}

int transfer_send(struct transfer *transfer)
{
    transfer->has_begun = false;
    transfer->must_restart = false;
    transfer->header_bytes = 0;
    transfer->outcome = (struct transfer_outcome){0};
    if (!transfer_set_request(transfer) || curl_multi_add_handle(transfer->all->multi, transfer->easy) != CURLM_OK)
        return error_set(&transfer->outcome.local, ERROR_IO, "cannot set up a transfer");
    return 0;
}

struct transfer *transfer_alloc(struct transfers *all, const struct transfer_request *request, struct part *part,
                                void *item)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);

    if (!transfer)
        return NULL;
    transfer->all = all;
    transfer->part = part;
    transfer->item = item;
    transfer->began_at = clock_seconds();
    transfer->request = *request;
    transfer->easy = curl_easy_init();
    if (transfer->easy && set_up(transfer))
        return transfer;
    transfer_free(transfer);
    return NULL;
}

/* Whether the request, which ended well, brought the last bytes. */
static bool is_whole(const struct transfer *transfer)
{
    int64_t size = part_size(transfer->part), total = part_total(transfer->part);

    if (total >= 0)
        return size == total;
    /* Without a known length, the last piece is one that is not full, or the answer is 416. */
    return transfer->request.piece <= 0 || transfer->outcome.status != 206 ||
           size - transfer->start < transfer->request.piece;
}

/* Whether the request asked for a piece beyond the end of a file whose length is not known. */
static bool is_past_end(const struct transfer *transfer)
{
    return transfer->outcome.status == 416 && transfer->request.piece > 0 && transfer->has_pieces &&
           part_total(transfer->part) < 0;
}

/* Whether another request may be sent. Limits requests that bring nothing and restarts, so that no server keeps a
 * transfer busy for ever. */
static bool may_ask_again(struct transfer *transfer)
{
    struct error *error = &transfer->outcome.local;
    bool has_no_gain = part_size(transfer->part) < transfer->start + GAIN_MIN;

    transfer->requests_without_gain = has_no_gain ? transfer->requests_without_gain + 1 : 0;
    transfer->restarts += transfer->must_restart;
    if (transfer->restarts > RESTARTS_MAX)
        error_set(error, ERROR_SERVER, "the file changes with each request");
    else if (transfer->requests_without_gain >= REQUESTS_WITHOUT_GAIN)
        error_set(error, ERROR_SERVER, "the server sends less than it announces");
    else
        return true;
    return false;
}

bool transfer_continue(struct transfer *transfer)
{
    struct error *error = &transfer->outcome.local;
    struct part *part = transfer->part;
    bool is_good = transfer->outcome.curl_code == CURLE_OK && error->word == ERROR_NONE;

    if (is_past_end(transfer)) {
        transfer->outcome.curl_code = CURLE_OK;
        return false;
    }
    if (is_good && !transfer->has_begun) /* an empty body */
        is_good = start_body(transfer) == 0;
    if (is_good)
        is_good = part_flush(part, error) == 0;
    /* The file has become shorter than the part. */
    if (transfer->start > 0 && transfer->outcome.status == 416)
        transfer->must_restart = true;
    if (!is_good && !transfer->must_restart)
        return false;
    if (part_total(part) >= 0 && part_size(part) > part_total(part)) {
        part_discard(part);
        error_set(error, ERROR_BAD_MEDIA, "the server sent more than it announced");
        return false;
    }
    if ((is_good && is_whole(transfer)) || !may_ask_again(transfer) ||
        (transfer->must_restart && part_restart(part, NULL, -1, error) < 0))
        return false;
    transfer->has_pieces = is_good;
    return transfer_send(transfer) == 0;
}
